// The playground's controls: switches and buttons for what the outside world does.
import { $, h, say, wide } from "./elements.js";
import { stick } from "./scrolling.js";
import { post } from "./socket.js";
import { world } from "./world.js";

export function drawControls() {
  const focused = document.activeElement?.dataset?.control;
  $("control-list").replaceChildren(...world.controls.map((control) => {
    const hint = `hint-${control.name}`;
    const about = { "data-control": control.name, type: "button", "aria-describedby": control.hint ? hint : null };
    const node = control.kind === "toggle"
      ? h("button", { ...about, class: "switch", role: "switch", "aria-checked": String(Boolean(control.value)), onclick: () => {
        if (post({ type: "control", name: control.name, value: !control.value })) { control.value = !control.value; drawControls(); }
      } }, h("span", {}, control.label), h("i", { "aria-hidden": "true" }))
      : h("button", { ...about, class: "text-button", onclick: (event) => {
        if (!post({ type: "control", name: control.name, value: true })) return;
        const button = event.currentTarget;
        button.setAttribute("aria-busy", "true");
        setTimeout(() => button.removeAttribute("aria-busy"), 30000);
        if (control.hint) say(`${control.label}: ${control.hint}`);
      } }, control.label);
    return h("div", { class: "control" }, node, control.hint ? h("p", { id: hint }, control.hint) : null);
  }));
  if (focused) $("control-list").querySelector(`[data-control="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

export function showControls(open, { focus = false } = {}) {
  const overlay = open && !wide.matches;
  $("controls").hidden = !open;
  $("scrim").hidden = !overlay;
  for (const node of [document.querySelector(".list"), $("talk")]) node.inert = overlay;
  $("controls-button").setAttribute("aria-expanded", String(open));
  if (focus) (open ? $("controls-close") : $("controls-button")).focus();
  stick();
}

export function closeControls() {
  remember("closed");
  showControls(false, { focus: true });
}
function remember(value) { try { localStorage.setItem("paperboy-controls", value); } catch { /* a private window forgets */ } }
export function remembered() { try { return localStorage.getItem("paperboy-controls"); } catch { return null; } }
$("controls-button").addEventListener("click", () => {
  if (!$("controls").hidden) return closeControls();
  remember("open");
  showControls(true, { focus: true });
});
$("controls-close").addEventListener("click", closeControls);
$("scrim").addEventListener("click", closeControls);
wide.addEventListener("change", () => showControls(wide.matches && remembered() !== "closed"));

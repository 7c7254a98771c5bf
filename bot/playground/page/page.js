// The page: what the window hears, and the start.
import { closeMenu, drawList } from "./chats.js";
import { closeCommands, closeOffers } from "./composer.js";
import { closeControls, remembered, showControls } from "./controls.js";
import { drawJump, drawTalk, route, seen } from "./conversation.js";
import { $, calm, wide } from "./elements.js";
import { receive } from "./receive.js";
import { atBottom, stick } from "./scrolling.js";
import { hurry, listen } from "./socket.js";
import { view } from "./world.js";

$("log").addEventListener("scroll", () => {
  view.pinned = atBottom();
  const before = view.read.get(view.chat);
  seen();
  if (before !== view.read.get(view.chat)) drawList();
  drawJump();
}, { passive: true });
new ResizeObserver(stick).observe($("log"));
$("jump").addEventListener("click", () => {
  $("log").scrollTo({ top: $("log").scrollHeight, behavior: calm.matches ? "auto" : "smooth" });
  $("log").focus({ preventScroll: true });
});
$("log").addEventListener("click", (event) => {
  const row = event.target.closest(".message");
  for (const other of $("log").querySelectorAll(".touched")) if (other !== row) other.classList.remove("touched");
  if (!event.target.closest("a, button, .quote, code, [role=button]")) row?.classList.toggle("touched");
});
$("back").addEventListener("click", () => { history.pushState(null, "", "#"); route(); });
addEventListener("popstate", route);
addEventListener("online", hurry);
document.addEventListener("visibilitychange", () => { if (!document.hidden) { hurry(); seen(); drawList(); } });
document.addEventListener("click", (event) => {
  if (!event.target.closest(".menu")) closeMenu();
  if (!event.target.closest("#commands, #offers, #menu-button, #composer")) { closeCommands(); closeOffers(); }
});
document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") {
    if (!closeMenu() && !$("controls").hidden && !wide.matches) closeControls();
    return;
  }
  const idle = document.activeElement === document.body || document.activeElement === $("log");
  if (idle && event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey && !$("composer-form").hidden) $("composer").focus();
});

showControls(wide.matches && remembered() !== "closed");
drawTalk();
listen(receive);

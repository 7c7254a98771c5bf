// Building blocks of the page: elements, icons, addresses that may become links, notices.

export const $ = (id) => document.getElementById(id);
export const calm = matchMedia("(prefers-reduced-motion: reduce)");
export const wide = matchMedia("(min-width: 1180px)");

/** Build an element; strings among the children become text, never markup. */
export function h(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

const LINKABLE = new Set(["http:", "https:", "mailto:", "tg:"]);

/** The address as the browser would open it, or null where it may not become a link. */
export function linkable(address) {
  try {
    const url = new URL(String(address));
    return LINKABLE.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A file of this very server, or null: the page fetches from nowhere else. */
export function ownFile(address) {
  try {
    const url = new URL(String(address), location.href);
    return url.origin === location.origin ? url.href : null;
  } catch {
    return null;
  }
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say("Copied");
  } catch {
    say("The browser did not allow copying", { bad: true });
  }
}

let toastTimer = 0;
export function say(text, { bad = false } = {}) {
  const toast = $("toast");
  toast.hidePopover();
  toast.textContent = text;
  toast.classList.toggle("bad", bad);
  toast.showPopover(); // shown last, it also lies above an open dialog
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => toast.hidePopover(), Math.min(9000, 2600 + text.length * 40));
}

export function showAlert(text, address) {
  const [words, link, button] = $("alert").children;
  words.textContent = text;
  const href = address && linkable(address);
  link.hidden = !href;
  if (href) { link.href = href; link.textContent = href; } else link.removeAttribute("href");
  if (!$("alert").open) $("alert").showModal();
  button.focus();
}

// Formatted text: message entities as DOM nodes.
import { copy, h, icon } from "./elements.js";
import { anchor } from "./links.js";
import { sendText } from "./sending.js";
import { current, view } from "./world.js";

const BLOCKS = new Set(["blockquote", "expandable_blockquote", "pre"]);
const ORDER = ["blockquote", "expandable_blockquote", "pre", "spoiler", "text_link", "url", "text_mention", "bold", "italic", "underline", "strikethrough", "code"];
const SIMPLE = { bold: "strong", italic: "em", underline: "u", strikethrough: "s" };
const byPlace = (a, b) => a.start - b.start || b.end - a.end || a.rank - b.rank;

/** Telegram's text and entities (UTF-16 units, like JavaScript's strings) as nodes. */
export function formatted(text, entities, key) {
  let pieces = [];
  (entities ?? []).slice(0, 1000).forEach((entity, index) => {
    const start = Math.max(0, Number(entity.offset));
    const end = Math.min(text.length, Number(entity.offset) + Number(entity.length));
    const rank = ORDER.indexOf(entity.type) < 0 ? ORDER.length : ORDER.indexOf(entity.type);
    if (start < end) pieces.push({ ...entity, start, end, rank, key: `${key}:${index}` });
  });
  const edges = pieces.filter((piece) => BLOCKS.has(piece.type)).flatMap((piece) => [piece.start, piece.end]).sort((a, b) => a - b);
  pieces = pieces.flatMap((piece) => {
    if (BLOCKS.has(piece.type)) return [piece];
    const cuts = [piece.start, ...edges.filter((edge) => edge > piece.start && edge < piece.end), piece.end];
    return cuts.slice(1).map((end, place) => ({ ...piece, start: cuts[place], end })).filter((part) => part.start < part.end);
  });
  const fragment = document.createDocumentFragment();
  fill(fragment, text, 0, text.length, pieces.sort(byPlace), { blockEnd: -1 });
  return fragment;
}

function fill(parent, text, start, end, pieces, state) {
  let at = start;
  let rest = pieces;
  const plain = (to) => {
    // A quote or a code block is a line of its own already: its newline would show twice.
    const from = at === state.blockEnd && text[at] === "\n" ? at + 1 : at;
    if (from < to) parent.append(text.slice(from, to));
  };
  while (rest.length) {
    const [piece, ...others] = rest;
    if (piece.start > at) plain(piece.start);
    const inner = [];
    const later = [];
    for (const other of others) {
      if (other.start >= piece.end) later.push(other);
      else if (other.end <= piece.end) inner.push(other);
      else {
        inner.push({ ...other, end: piece.end });
        later.push({ ...other, start: piece.end });
      }
    }
    const [node, content] = wrapped(piece, text.slice(piece.start, piece.end));
    at = piece.start;
    fill(content, text, piece.start, piece.end, inner, state);
    parent.append(node);
    at = piece.end;
    if (BLOCKS.has(piece.type)) state.blockEnd = piece.end;
    rest = later.sort(byPlace);
  }
  if (at < end) plain(end);
}

/** The node for one entity, and the node that its content goes into. */
function wrapped(piece, content) {
  const same = (node) => [node, node];
  switch (piece.type) {
    case "bold": case "italic": case "underline": case "strikethrough":
      return same(h(SIMPLE[piece.type]));
    case "code":
      return same(h("code", { title: "Click to copy", onclick: () => copy(content) }));
    case "pre": {
      const code = h("code", { dir: "ltr" });
      return [h("div", { class: "pre" },
        h("header", {}, h("span", {}, piece.language || "code"), h("button", { class: "copy", type: "button", onclick: () => copy(content) }, "Copy")),
        h("pre", { tabindex: "0" }, code)), code];
    }
    case "text_link": return same(anchor(piece.url));
    case "url": return same(anchor(/^[a-z][a-z0-9+.-]*:/i.test(content) && !/^[\w-]+(\.[\w-]+)+:\d/.test(content) ? content : `https://${content}`));
    case "email": return same(anchor(`mailto:${content}`));
    case "bot_command":
      return same(h("button", { class: "command", type: "button", onclick: () => current() && sendText(current(), content) }));
    case "mention": case "text_mention": case "hashtag": case "cashtag": case "phone_number": case "bank_card_number":
      return same(h("span", { class: "link-like" }));
    case "spoiler": return spoiler(piece.key);
    case "blockquote": return same(h("blockquote", { class: "quote" }));
    case "expandable_blockquote": return expandable(piece.key);
    default: return same(h("span"));
  }
}

function spoiler(key) {
  const words = h("span");
  const node = h("span", { class: "spoiler" }, words);
  if (view.opened.has(key)) return [node, words];
  const reveal = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    if (node.getAttribute("role") !== "button") return;
    event.preventDefault();
    view.opened.add(key);
    for (const name of ["role", "tabindex"]) node.removeAttribute(name);
    hint.remove();
    words.removeAttribute("aria-hidden");
  };
  const hint = h("span", { class: "unseen" }, "Hidden text: press to reveal");
  node.prepend(hint);
  words.setAttribute("aria-hidden", "true");
  node.setAttribute("role", "button");
  node.setAttribute("tabindex", "0");
  node.addEventListener("click", reveal);
  node.addEventListener("keydown", reveal);
  return [node, words];
}

function expandable(key) {
  const body = h("div", { class: "quote-text" });
  const more = h("button", { class: "quote-more", type: "button", "aria-label": "Show all of the quote" }, icon("down"));
  const node = h("blockquote", { class: "quote expandable" }, body, more);
  const fold = (open) => {
    node.classList.toggle("folded", !open);
    more.setAttribute("aria-expanded", String(open));
  };
  const turn = () => {
    const open = node.classList.contains("folded");
    if (open) view.opened.add(key); else view.opened.delete(key);
    fold(open);
    if (!open) node.scrollIntoView({ block: "nearest" });
  };
  more.addEventListener("click", turn);
  node.addEventListener("click", (event) => {
    if (event.target.closest("a, button, code, [role=button]") || !getSelection().isCollapsed) return;
    if (node.classList.contains("folded")) turn();
  });
  fold(view.opened.has(key));
  quotes.observe(body);
  return [node, body];
}

// A short quote has nothing to unfold: its chevron goes once the width is known.
const quotes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (!target.isConnected) { quotes.unobserve(target); continue; }
    const quote = target.parentElement;
    if (!quote.classList.contains("folded")) continue;
    const short = target.scrollHeight <= target.clientHeight + 1;
    quote.querySelector(".quote-more").hidden = short;
    quote.style.cursor = short ? "auto" : "";
  }
});

// HTML of rich messages as DOM nodes: an allow-list of elements.
import { h } from "./elements.js";
import { anchor } from "./links.js";
import { characters } from "./markdown.js";

const RICH = new Set("b strong i em u s del ins code pre p br h1 h2 h3 h4 h5 h6 ul ol li blockquote details summary table thead tbody tfoot tr th td caption sub sup hr mark small kbd figure figcaption".split(" "));
const VOID = new Set(["br", "hr", "img", "input", "link", "meta"]);
const SILENT = /<(script|style|template|iframe|title|textarea|svg)\b[^]*?(?:<\/\1\s*>|$)|<!--[^]*?(?:-->|$)/gi;
const TAG = /<(\/?)([a-z][a-z0-9-]*)((?:\s+[^\s"'<>\/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*)\s*\/?>/gi;

const MATHML = "http://www.w3.org/1998/Math/MathML";
const DRAWN = new Set("math mrow mi mn mo mtext mspace mstyle mtable mtr mtd msub msup msubsup munder mover munderover mfrac msqrt mroot".split(" "));
const DETAILS_OF_MATH = new Set("mathvariant stretchy fence accent accentunder movablelimits largeop displaystyle form scriptlevel linethickness width display".split(" "));

/**
 * A rich message's HTML, rebuilt from a short list of harmless elements; the browser parses none of it.
 * `formulas` are trees of MathML by their TeX; `press` makes the next button of the message.
 */
export function harmless(source, formulas = {}, press = null) {
  const fragment = document.createDocumentFragment();
  const open = [{ tag: "", node: fragment }];
  const text = source.replace(SILENT, "");
  let at = 0;
  for (const found of text.matchAll(TAG)) {
    open.at(-1).node.append(characters(text.slice(at, found.index)));
    at = found.index + found[0].length;
    const tag = found[2].toLowerCase();
    if (found[1]) {
      const place = open.findLastIndex((one) => one.tag === tag);
      if (place > 0) open.length = place;
      continue;
    }
    const attributes = new Map([...found[3].matchAll(/([^\s"'<>\/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g)]
      .map(([, name, ...values]) => [name.toLowerCase(), characters(values.find((value) => value !== undefined) ?? "")]));
    const node = harmlessNode(tag, attributes);
    if (node) open.at(-1).node.append(tag === "table" ? h("div", { class: "table", role: "group", "aria-label": "Table", tabindex: "0" }, node) : node);
    if (!VOID.has(tag) && open.length < 60) open.push({ tag, node: node ?? open.at(-1).node });
  }
  open.at(-1).node.append(characters(text.slice(at)));
  draw(fragment, formulas);
  if (press) for (const node of fragment.querySelectorAll(".rich-button")) node.replaceWith(press());
  return fragment;
}

/** Draw the formulas of which there are trees, by their TeX, with dollars around it or without. */
export function draw(parent, formulas) {
  for (const node of parent.querySelectorAll(".math")) {
    const tex = node.textContent.replace(/^(\${1,2})(.*)\1$/s, "$2");
    const lines = Object.hasOwn(formulas, tex) ? formulas[tex] : null;
    if (!lines) continue;
    node.dataset.tex = node.textContent;
    node.replaceChildren(...lines.map((line) => drawn(line, 0)));
  }
}

/** A formula as the server read it, element by element. */
function drawn(tree, depth) {
  if (typeof tree === "string") return document.createTextNode(tree);
  const [name, attributes, children] = tree;
  const node = document.createElementNS(MATHML, DRAWN.has(name) && depth < 60 ? name : "mtext");
  for (const [key, value] of Object.entries(attributes)) if (DETAILS_OF_MATH.has(key)) node.setAttribute(key, String(value));
  node.append(...children.map((child) => drawn(child, depth + 1)));
  return node;
}

function harmlessNode(tag, attributes) {
  if (tag === "a") return anchor(attributes.get("href") ?? "");
  if (tag === "img") return h("em", {}, attributes.get("alt") ?? "");
  if (tag === "tg-math" || tag === "tg-math-block") return h("span", { class: tag === "tg-math" ? "math" : "math display", dir: "ltr" });
  if (tag === "tg-button-row") return h("div", { class: "keyboard-row" });
  if (tag === "tg-button") return h("span", { class: "rich-button" });
  if (!RICH.has(tag)) return null;
  const node = h(tag);
  for (const name of ["colspan", "rowspan", "start"]) if (/^\d{1,3}$/.test(attributes.get(name) ?? "")) node.setAttribute(name, attributes.get(name));
  if (tag === "details" && attributes.has("open")) node.setAttribute("open", "");
  return node;
}

// Markdown documents as DOM nodes, read the way GitHub reads them.
import { h } from "./elements.js";
import { anchor } from "./links.js";

const PUNCTUATION = /[!-/:-@[-`{-~]/;
const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0", hellip: "…", mdash: "—", ndash: "–", vert: "|" };
const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^\s`]*)[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
const RULE = /^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])([ \t]+|$)/;
const DELIMITERS = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const REACH = 4000; // how far a bracket or backtick may be from its other half

/** Markdown as nodes: the digest's own form and what is near it; all else is shown as it stands. */
export function markdown(source) {
  const fragment = document.createDocumentFragment();
  const lines = source.replace(/\r\n?/g, "\n").replace(/^\ufeff/, "").split("\n");
  let first = 0;
  if (lines[0] === "---") {
    const last = lines.indexOf("---", 1);
    if (last > 0 && last < 60) first = last + 1; // front matter is for a site's builder, not for readers
  }
  blocks(fragment, lines.slice(first), 0);
  return fragment;
}

function startsBlock(line, next) {
  return FENCE.test(line) || HEADING.test(line) || RULE.test(line) || /^ {0,3}>/.test(line) || /^ {0,3}([-*+]|1[.)])[ \t]+\S/.test(line) || isTable(line, next);
}

function isTable(line, next) {
  return next !== undefined && line.includes("|") && next.includes("-") && DELIMITERS.test(next) && cellsOf(line).length === cellsOf(next).length;
}

function blocks(parent, lines, depth) {
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    if (!line.trim()) { at += 1; continue; }
    if (depth > 16) { parent.append(h("p", {}, lines.slice(at).join("\n"))); return; }
    const fence = FENCE.exec(line);
    const heading = HEADING.exec(line);
    if (fence) {
      const close = new RegExp(`^ {0,3}${fence[1][0]}{${fence[1].length},}[ \\t]*$`);
      let end = at + 1;
      while (end < lines.length && !close.test(lines[end])) end += 1;
      parent.append(h("div", { class: "pre" }, h("pre", { tabindex: "0" }, lines.slice(at + 1, end).join("\n"))));
      at = end + 1;
    } else if (heading) {
      const node = h(`h${heading[1].length}`);
      inline(node, heading[2] ?? "");
      parent.append(node);
      at += 1;
    } else if (RULE.test(line)) {
      parent.append(h("hr"));
      at += 1;
    } else if (/^ {0,3}>/.test(line)) {
      let end = at;
      while (end < lines.length && lines[end].trim() && (/^ {0,3}>/.test(lines[end]) || !startsBlock(lines[end], lines[end + 1]))) end += 1;
      const node = h("blockquote");
      blocks(node, lines.slice(at, end).map((one) => one.replace(/^ {0,3}> ?/, "")), depth + 1);
      parent.append(node);
      at = end;
    } else if (ITEM.test(line)) {
      at = list(parent, lines, at, depth);
    } else if (isTable(line, lines[at + 1])) {
      at = table(parent, lines, at);
    } else if (/^ {4}/.test(line)) {
      let end = at;
      while (end < lines.length && (/^ {4}/.test(lines[end]) || !lines[end].trim())) end += 1;
      parent.append(h("div", { class: "pre" }, h("pre", { tabindex: "0" }, lines.slice(at, end).map((one) => one.slice(4)).join("\n").trimEnd())));
      at = end;
    } else {
      let end = at + 1;
      while (end < lines.length && lines[end].trim() && !startsBlock(lines[end], lines[end + 1]) && !/^ {0,3}(=+|-+)[ \t]*$/.test(lines[end])) end += 1;
      const under = end < lines.length ? /^ {0,3}(=+|-+)[ \t]*$/.exec(lines[end]) : null;
      const node = h(under ? (under[1][0] === "=" ? "h1" : "h2") : "p");
      inline(node, lines.slice(at, end).map((one) => one.trimStart()).join("\n").trimEnd());
      if (node.childNodes.length) parent.append(node);
      at = under ? end + 1 : end;
    }
  }
}

function list(parent, lines, at, depth) {
  const ordered = /\d/.test(ITEM.exec(lines[at])[2]);
  const kind = ITEM.exec(lines[at])[2].slice(-1);
  const node = h(ordered ? "ol" : "ul", ordered ? { start: String(parseInt(ITEM.exec(lines[at])[2], 10)) } : {});
  while (at < lines.length) {
    const marker = ITEM.exec(lines[at]);
    if (!marker || marker[2].slice(-1) !== kind || RULE.test(lines[at])) break;
    const indent = marker[0].length;
    const body = [lines[at].slice(indent)];
    let loose = false;
    at += 1;
    while (at < lines.length) {
      const line = lines[at];
      if (!line.trim()) {
        if (at + 1 < lines.length && /^\s/.test(lines[at + 1]) && lines[at + 1].search(/\S/) >= Math.min(indent, 2)) { body.push(""); loose = true; at += 1; continue; }
        break;
      }
      const spaces = line.search(/\S/);
      if (spaces >= indent) body.push(line.slice(indent));
      else if (spaces >= 2 && ITEM.test(line.trimStart())) body.push(line.trimStart());
      else if (startsBlock(line, lines[at + 1]) || ITEM.test(line)) break;
      else body.push(line.trimStart());
      at += 1;
    }
    const item = h("li");
    const task = /^\[([ xX])\]\s+/.exec(body[0]);
    if (task) body[0] = body[0].slice(task[0].length);
    blocks(item, body, depth + 1);
    if (!loose && item.firstElementChild?.tagName === "P") item.firstElementChild.replaceWith(...item.firstElementChild.childNodes);
    if (task) item.prepend(task[1] === " " ? "☐ " : "☑ ");
    node.append(item);
    let next = at;
    while (next < lines.length && !lines[next].trim()) next += 1;
    if (next > at && next < lines.length && ITEM.test(lines[next])) at = next;
  }
  parent.append(node);
  return at;
}

/** A row's cells: `\|` is a pipe in a cell, every other escape is the cell's own business. */
function cellsOf(line) {
  const cells = [""];
  const row = line.trim();
  for (let at = row.startsWith("|") ? 1 : 0; at < row.length; at += 1) {
    if (row[at] === "\\" && row[at + 1] === "|") { cells[cells.length - 1] += "|"; at += 1; }
    else if (row[at] === "\\" && PUNCTUATION.test(row[at + 1] ?? "")) { cells[cells.length - 1] += row[at] + row[at + 1]; at += 1; }
    else if (row[at] === "|") cells.push("");
    else cells[cells.length - 1] += row[at];
  }
  if (cells.length > 1 && cells.at(-1) === "" && row.endsWith("|")) cells.pop();
  return cells.map((cell) => cell.trim());
}

function table(parent, lines, at) {
  const heads = cellsOf(lines[at]);
  const aligns = cellsOf(lines[at + 1]).map((mark) => mark.endsWith(":") ? (mark.startsWith(":") ? "center" : "right") : null);
  const rows = [];
  for (at += 2; at < lines.length && lines[at].trim() && !startsBlock(lines[at]); at += 1) rows.push(cellsOf(lines[at]));
  const kinds = heads.map((_, column) => {
    const lengths = rows.map((row) => (row[column] ?? "").replace(/\]\([^)]*\)/g, "]").length);
    const mean = lengths.reduce((sum, length) => sum + length, 0) / (lengths.length || 1);
    if (mean > 140) return "prose";
    if (mean > 28) return "wording";
    return Math.max(0, ...lengths) <= 18 ? "tight" : null;
  });
  const cell = (tag, text, column) => {
    const node = h(tag, { class: kinds[column], role: tag === "th" ? "columnheader" : "cell", scope: tag === "th" ? "col" : null });
    if (aligns[column]) node.style.textAlign = aligns[column];
    inline(node, text);
    if (tag === "td" && /^(null|none|-|–|—)?$/i.test(node.textContent)) node.classList.add("nothing");
    return node;
  };
  const body = rows.map((row) => h("tr", { role: "row" }, heads.map((_, column) => cell("td", row[column] ?? "", column))));
  const node = h("table", { role: "table", class: kinds.includes("prose") ? "cards" : null },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads.map((text, column) => cell("th", text, column)))),
    h("tbody", { role: "rowgroup" }, body));
  parent.append(h("div", { class: "table", role: "group", "aria-label": "Table", tabindex: "0" }, node));
  return at;
}

/** The place of the bracket that closes the one at `open`, or -1. */
function closing(text, open, left, right) {
  let depth = 0;
  const limit = Math.min(text.length, open + REACH);
  for (let at = open; at < limit; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "`") {
      const run = /^`+/.exec(text.slice(at, at + 40))[0];
      const end = text.slice(at + run.length, limit).search(new RegExp(`(?<!\`)${run}(?!\`)`));
      at += run.length - 1 + (end < 0 ? 0 : end + run.length);
    } else if (text[at] === left) depth += 1;
    else if (text[at] === right && --depth === 0) return at;
  }
  return -1;
}

/** Character references, and no more of HTML than that. */
export function characters(text) {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{2,8}));/gi, (whole, decimal, hex, name) => {
    if (name) return NAMED[name.toLowerCase()] ?? whole;
    const point = decimal ? parseInt(decimal, 10) : parseInt(hex, 16);
    return point > 0 && point < 0x110000 && (point < 0xd800 || point > 0xdfff) ? String.fromCodePoint(point) : "\ufffd";
  });
}

const unescapeText = (text) => text.replace(/\\([!-/:-@[-`{-~])|&#?\w+;/g, (whole, mark) => mark ?? characters(whole));

/** Inline Markdown into `parent`; emphasis is resolved as CommonMark does, links and code first. */
function inline(parent, text, depth = 0) {
  const pieces = []; // nodes and {mark, count, opens, closes}
  let run = "";
  const flush = () => { if (run) pieces.push(document.createTextNode(run)); run = ""; };
  const node = (one, length) => { flush(); pieces.push(one); at += length; };
  let at = 0;
  while (at < text.length) {
    const char = text[at];
    const rest = () => text.slice(at, at + REACH);
    if (char === "\\" && PUNCTUATION.test(text[at + 1] ?? "")) { run += text[at + 1]; at += 2; continue; }
    if (char === "\\" && text[at + 1] === "\n") { node(h("br"), 2); continue; }
    if (char === "\n") {
      if (/ {2,}$/.test(run)) { run = run.trimEnd(); node(h("br"), 1); } else { run += "\n"; at += 1; }
      continue;
    }
    if (char === "`") {
      const ticks = /^`+/.exec(rest())[0];
      const found = new RegExp(`^${ticks}(?!\`)([^]*?[^\`])${ticks}(?!\`)`).exec(rest());
      if (found) {
        const inside = found[1].replace(/\n/g, " ");
        node(h("code", { dir: "ltr" }, /^ .*[^ ].* $/.test(inside) ? inside.slice(1, -1) : inside), found[0].length);
      } else { run += ticks; at += ticks.length; }
      continue;
    }
    if (char === "$") {
      const quoted = /^\$`([^`]+)`\$/.exec(rest()); // GitHub's other form, for formulas that Markdown would damage
      if (quoted) { node(h("span", { class: "math", dir: "ltr" }, `$${quoted[1]}$`), quoted[0].length); continue; }
      const found = /^\$\$([^$]+)\$\$/.exec(rest()) ?? /^\$(?![\s$])((?:\\[^]|[^$\\])*?)\$(?!\d)/.exec(rest());
      if (found && !/\s$/.test(found[1])) {
        node(h("span", { class: found[0].startsWith("$$") ? "math display" : "math", dir: "ltr" }, found[0]), found[0].length);
        continue;
      }
    }
    if (char === "&") {
      const found = /^&(?:#\d{1,7}|#x[0-9a-f]{1,6}|\w{2,8});/i.exec(rest());
      if (found) { run += characters(found[0]); at += found[0].length; continue; }
    }
    if (char === "<") {
      const found = /^<([a-z][a-z0-9+.-]{1,31}:[^\s<>]*)>/i.exec(rest());
      if (found) { node(anchor(found[1], found[1]), found[0].length); continue; }
      const line = /^<br\s*\/?>/i.exec(rest());
      if (line) { node(h("br"), line[0].length); continue; }
      const named = /^<a (?:id|name)="([\w-]*)"><\/a>/.exec(rest());
      if (named) { node(h("span", { "data-anchor": named[1], hidden: true }), named[0].length); continue; }
      const here = /^<wbr\s*\/?>/i.exec(rest());
      if (here) { node(h("wbr"), here[0].length); continue; }
      const hidden = /^<!--[^]*?-->/.exec(rest());
      if (hidden) { at += hidden[0].length; continue; }
    }
    if (char === "[" || char === "!" && text[at + 1] === "[") {
      const open = char === "!" ? at + 1 : at;
      const end = depth < 12 ? closing(text, open, "[", "]") : -1;
      const close = end > 0 && text[end + 1] === "(" ? closing(text, end + 1, "(", ")") : -1;
      if (close > 0) {
        const target = /^\s*(?:<([^<>\n]*)>|(\S*))(?:\s+(?:"[^]*"|'[^]*'))?\s*$/.exec(text.slice(end + 2, close));
        if (target) {
          const address = unescapeText(target[1] ?? target[2] ?? "");
          const link = address.startsWith("#") ? sectionLink(address.slice(1)) : anchor(address);
          inline(link, text.slice(open + 1, end) || address, depth + 1);
          node(link, close + 1 - at);
          continue;
        }
      }
    }
    if (char === "h" && !/\w/.test(text[at - 1] ?? "")) {
      const found = /^https?:\/\/[^\s<>"`\\|^{}*\u0080-\uffff]+/.exec(rest());
      if (found) {
        let address = found[0].replace(/[.,;:!?'_~]+$/, "");
        while (address.endsWith(")") && address.split(")").length > address.split("(").length) address = address.slice(0, -1).replace(/[.,;:!?]+$/, "");
        node(anchor(address, address), address.length);
        continue;
      }
    }
    if (char === "*" || char === "_" || char === "~" && text[at + 1] === "~") {
      let count = 1;
      while (text[at + count] === char) count += 1;
      const before = text[at - 1] ?? " ";
      const after = text[at + count] ?? " ";
      const space = /\s/;
      const mark = /[\p{P}\p{S}]/u;
      const left = !space.test(after) && (!mark.test(after) || space.test(before) || mark.test(before));
      const right = !space.test(before) && (!mark.test(before) || space.test(after) || mark.test(after));
      flush();
      pieces.push({ mark: char, count, text: char.repeat(count),
        opens: char === "_" ? left && (!right || mark.test(before)) : left,
        closes: char === "_" ? right && (!left || mark.test(after)) : right });
      at += count;
      continue;
    }
    run += char;
    at += 1;
  }
  flush();
  parent.append(...emphasised(pieces));
}

function emphasised(pieces) {
  const budget = 400; // a line of nothing but asterisks stays a line of asterisks
  let marks = pieces.filter((piece) => piece.mark).length;
  for (let close = 0; close < pieces.length && marks < budget; close += 1) {
    const closer = pieces[close];
    if (!closer.mark || !closer.closes) continue;
    let open = close - 1;
    while (open >= 0) {
      const one = pieces[open];
      const odd = one.mark && (one.closes || closer.opens) && (one.count + closer.count) % 3 === 0 && (one.count % 3 || closer.count % 3);
      if (one.mark === closer.mark && one.opens && !odd && (closer.mark !== "~" || one.count === closer.count)) break;
      open -= 1;
    }
    if (open < 0) continue;
    const opener = pieces[open];
    const used = closer.mark === "~" ? closer.count : Math.min(2, opener.count, closer.count);
    const inner = pieces.slice(open + 1, close).map((piece) => piece.mark ? document.createTextNode(piece.mark.repeat(piece.count)) : piece);
    const wrapper = h(closer.mark === "~" ? "s" : used === 2 ? "strong" : "em", {}, inner);
    opener.count -= used;
    closer.count -= used;
    const kept = [...(opener.count ? [opener] : []), wrapper, ...(closer.count ? [closer] : [])];
    pieces.splice(open, close - open + 1, ...kept);
    close = open + kept.length - (closer.count ? 2 : 1);
    marks = pieces.filter((piece) => piece.mark).length;
  }
  return pieces.map((piece) => piece.mark ? document.createTextNode(piece.mark.repeat(piece.count)) : piece);
}

const slug = (text) => text.trim().toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");

function sectionLink(name) {
  let wanted = name;
  try { wanted = decodeURIComponent(name); } catch { /* a stray percent sign is part of the name */ }
  return h("a", { href: "#", onclick: (event) => {
    event.preventDefault();
    const root = event.target.closest(".markdown");
    const anchored = root?.querySelector(`[data-anchor="${CSS.escape(wanted)}"]`)?.parentElement;
    const spot = anchored && !anchored.textContent ? anchored.nextElementSibling : anchored;
    const headings = [...(root?.querySelectorAll("h1,h2,h3,h4,h5,h6") ?? [])];
    (spot ?? headings.find((one) => slug(one.textContent) === slug(wanted)))?.scrollIntoView();
  } });
}

// The viewer of documents and pictures.
import { $, calm, h } from "./elements.js";
import { fileSize, languageOf } from "./formats.js";
import { markdown } from "./markdown.js";
import { draw } from "./rich_html.js";

const shownFile = { text: "", formulas: {}, markdown: false, source: false };

export async function openDocument(file, href) {
  const viewer = $("viewer");
  $("viewer-title").textContent = file.name;
  $("viewer-about").textContent = fileSize(Number(file.size) || 0);
  $("viewer-download").href = href;
  $("viewer-download").setAttribute("download", file.name);
  $("viewer-download").hidden = false;
  $("viewer-source").hidden = true;
  $("viewer-sections").hidden = true;
  document.querySelector(".viewer-body").classList.remove("with-sections");
  $("viewer-content").replaceChildren(h("p", {}, "Opening…"));
  if (!viewer.open) viewer.showModal();
  $("viewer-content").focus();
  try {
    const answer = await fetch(href, { signal: AbortSignal.timeout(20000) });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    shownFile.text = await answer.text();
  } catch (error) {
    $("viewer-content").replaceChildren(h("p", {}, `The file could not be opened: ${error.message}.`));
    return;
  }
  shownFile.formulas = {};
  shownFile.markdown = /\.(md|markdown)$/i.test(file.name);
  shownFile.source = !shownFile.markdown;
  drawFile();
  if (shownFile.markdown) await drawFormulas(href);
}

/** Draw the document's formulas, as GitHub does; without them its TeX is there to be read. */
async function drawFormulas(href) {
  const { text } = shownFile;
  try {
    const answer = await fetch(`${href}/formulas`, { signal: AbortSignal.timeout(20000) });
    const formulas = answer.ok ? await answer.json() : {};
    if (shownFile.text !== text) return; // another one was opened meanwhile
    shownFile.formulas = formulas;
    draw($("viewer-content"), formulas);
  } catch { /* the page says itself that the playground is gone */ }
}

function drawFile() {
  const content = $("viewer-content");
  const { text, source } = shownFile;
  $("viewer-source").hidden = !shownFile.markdown;
  $("viewer-source").setAttribute("aria-pressed", String(source));
  content.setAttribute("lang", languageOf(text, null));
  if (source) content.replaceChildren(h("pre", { class: "source", dir: "auto" }, text));
  else {
    content.replaceChildren(h("div", { class: "markdown", dir: "auto" }, markdown(text)));
    draw(content, shownFile.formulas);
  }
  content.scrollTop = 0;
  drawSections(source ? [] : [...content.querySelectorAll(".markdown > h2")]);
}

function drawSections(headings) {
  const nav = $("viewer-sections");
  nav.hidden = headings.length < 2;
  document.querySelector(".viewer-body").classList.toggle("with-sections", !nav.hidden);
  nav.replaceChildren(h("ul", {}, headings.map((heading) => {
    let rows = 0;
    for (let node = heading.nextElementSibling; node && node.tagName !== "H2"; node = node.nextElementSibling) rows += node.querySelectorAll("tbody tr").length;
    return h("li", {}, h("button", { type: "button", onclick: () => heading.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth" }) }, h("span", { dir: "auto" }, heading.textContent), rows ? h("small", {}, String(rows)) : null));
  })));
  markSection();
}

function markSection() {
  const nav = $("viewer-sections");
  if (nav.hidden) return;
  const content = $("viewer-content");
  const headings = [...content.querySelectorAll(".markdown > h2")];
  const line = content.getBoundingClientRect().top + 90;
  const end = content.scrollTop + content.clientHeight >= content.scrollHeight - 4;
  const place = end && content.scrollTop > 0 ? headings.length - 1 : Math.max(0, headings.findLastIndex((heading) => heading.getBoundingClientRect().top <= line));
  [...nav.querySelectorAll("button")].forEach((button, index) => {
    if (index !== place) return button.removeAttribute("aria-current");
    if (button.getAttribute("aria-current")) return;
    button.setAttribute("aria-current", "true");
    nav.scrollTo({ left: button.offsetLeft - 60, top: button.offsetTop - nav.clientHeight / 2 });
  });
}
$("viewer-content").addEventListener("scroll", markSection, { passive: true });
$("viewer-source").addEventListener("click", () => { shownFile.source = !shownFile.source; drawFile(); });
$("viewer-close").addEventListener("click", () => $("viewer").close());

export function openPicture(href) {
  $("viewer-title").textContent = "Picture";
  $("viewer-about").textContent = "";
  $("viewer-download").href = href;
  $("viewer-download").setAttribute("download", "");
  $("viewer-source").hidden = true;
  $("viewer-content").replaceChildren(h("img", { src: href, alt: "Picture" }));
  drawSections([]);
  $("viewer").showModal();
}
for (const dialog of document.querySelectorAll("dialog")) dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
$("alert").querySelector("button").addEventListener("click", () => $("alert").close());

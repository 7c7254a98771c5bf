"use strict";
const [search, topic, original, found, nothing] =
  ["search", "topic", "original", "found", "nothing"].map(id => document.getElementById(id));
const articles = [...document.querySelectorAll("article")].map(article => ({
  article, topics: article.dataset.topics.split(" "), text: plain(article.textContent),
}));
const days = [...document.querySelectorAll("section")];

// Letters of formulas are found as they are typed: 𝐱 is x.
function plain(text) {
  return text.normalize("NFKC").toLowerCase();
}

function sift() {
  const words = plain(search.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { article, topics, text } of articles) {
    article.hidden = !(!topic.value || topics.includes(topic.value)) || !words.every(word => text.includes(word));
    shown += !article.hidden;
  }
  for (const day of days) day.hidden = !day.querySelector("article:not([hidden])");
  nothing.hidden = shown > 0 || articles.length === 0;
  found.textContent = words.length || topic.value ? `${shown} / ${articles.length}` : "";
}

function turn() {
  for (const text of document.querySelectorAll(".translated")) text.hidden = original.checked;
  for (const text of document.querySelectorAll(".original")) text.hidden = !original.checked;
}

// The filters stand in the address, so that what is seen can be kept as a bookmark and sent.
function remember() {
  const chosen = new URLSearchParams();
  if (search.value) chosen.set("q", search.value);
  if (topic.value) chosen.set("topic", topic.value);
  if (original.checked) chosen.set("original", "1");
  history.replaceState(null, "", `#${chosen}`);
}

function recall() {
  const chosen = new URLSearchParams(location.hash.slice(1));
  search.value = chosen.get("q") ?? "";
  topic.value = chosen.get("topic") ?? location.hash.slice(1);
  if (topic.selectedIndex < 0) topic.value = "";
  original.checked = chosen.get("original") === "1";
  sift();
  turn();
}

search.addEventListener("input", () => { sift(); remember(); });
topic.addEventListener("change", () => { sift(); remember(); });
original.addEventListener("change", () => { turn(); remember(); });
document.querySelector("form").addEventListener("submit", event => event.preventDefault());
document.getElementById("everything").addEventListener("click", () => {
  search.value = topic.value = "";
  sift();
  remember();
  search.focus();
});
addEventListener("hashchange", () => { recall(); scrollTo(0, 0); });
recall();

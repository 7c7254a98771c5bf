"use strict";
const search = document.getElementById("search");
const topic = document.getElementById("topic");
const original = document.getElementById("original");
const found = document.getElementById("found");
const sections = [...document.querySelectorAll("section")].map(section => ({
  section,
  articles: [...section.querySelectorAll("article")].map(
    article => ({ article, text: plain(article.textContent) })),
}));

// Letters of formulas are found as they are typed: 𝐱 is x.
function plain(text) {
  return text.normalize("NFKC").toLowerCase();
}

function sift() {
  const words = plain(search.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { section, articles } of sections) {
    const wanted = !topic.value || section.dataset.topic === topic.value;
    let any = 0;
    for (const { article, text } of articles) {
      article.hidden = !words.every(word => text.includes(word));
      any += !article.hidden;
    }
    section.hidden = !wanted || (words.length > 0 && any === 0);
    if (wanted) shown += any;
  }
  found.textContent = words.length || topic.value ? String(shown) : "";
}

function turn() {
  for (const text of document.querySelectorAll(".translated")) text.hidden = original.checked;
  for (const text of document.querySelectorAll(".original")) text.hidden = !original.checked;
}

search.addEventListener("input", sift);
topic.addEventListener("change", sift);
original.addEventListener("change", turn);
document.querySelector("form").addEventListener("submit", event => event.preventDefault());
sift();
turn();

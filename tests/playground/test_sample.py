"""The feed that the playground ships, and its translations."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from itertools import chain
from xml.etree import ElementTree as ET

import pytest

from bot.query.matcher import matching
from bot.query.parser import parse
from bot.query.presets import PRESETS
from bot.translation.checks.validation import check
from storage.models import Paper
from tests.material import real_rows

FEEDS = files("bot.playground") / "feeds"
ATOM = "{http://www.w3.org/2005/Atom}"
LANGUAGES = ("zh-CN", "es", "de", "fr", "ja")
"""Every paper is in these."""

TOPICS = {
    "multimodal": ("multi-modal", "multimodal", "MLLM", "VQA", "vision-language"),
    "object pose": ("6D object pose", "6DoF pose estimation", "object pose estimation"),
    "NeRF": ("NeRF", "neural radiance field"),
    "classification": (
        "image classification",
        "classification",
        "object detection",
        "recognition",
        "segmentation",
        "super-resolution",
        "object tracking",
    ),
    "compression": (
        "network architecture search",
        "NAS",
        "pruning",
        "quantization",
        "distillation",
    ),
    "OCR": ("OCR", "optical character recognition"),
    "generative": (
        "diffusion model",
        "GAN",
        "VAE",
        "generative adversarial network",
        "generative model",
    ),
    "LLM": ("LLM", "large language model"),
    "transformer": ("transformer", "attention", "self-attention", "cross-attention"),
    "splatting": ("3D Gaussian splatting", "Gaussian splatting", "3DGS"),
    "learning": (
        "zero-shot",
        "few-shot",
        "semi-supervised",
        "unsupervised",
        "continual learning",
        "incremental learning",
        "contrastive learning",
    ),
}

FORMULA = re.compile(r"\$[^$]+\$")
URL = re.compile(r"https?://[\w./~#?=&%+-]*[\w/]")
FACT = re.compile(rf"{FORMULA.pattern}|{URL.pattern}")
"""Nobody's own words: borrowed as they are."""
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
NAME = re.compile(r"\w*[A-Za-z]\w*(?:[A-Z\d]\w*)", re.ASCII)
"""Words with a capital or a digit inside: names of models, data sets, units, dimensions."""


@dataclass(frozen=True)
class Entry:
    """One paper as the feed has it."""

    id: str
    title: str
    summary: str
    published: str
    updated: str
    categories: tuple[str, ...]


def _child(entry: ET.Element, name: str) -> str:
    text = entry.findtext(ATOM + name)
    assert text, f"{name} is missing"
    return text


@cache
def entries() -> tuple[Entry, ...]:
    root = ET.fromstring((FEEDS / "sample.xml").read_bytes())  # noqa: S314 - our own file
    return tuple(
        Entry(
            id=_child(entry, "id"),
            title=_child(entry, "title"),
            summary=_child(entry, "summary"),
            published=_child(entry, "published"),
            updated=_child(entry, "updated"),
            categories=tuple(c.attrib["term"] for c in entry.iter(ATOM + "category")),
        )
        for entry in root.iter(ATOM + "entry")
    )


@cache
def translations() -> dict[str, dict[str, list[str]]]:
    loaded: dict[str, dict[str, list[str]]] = json.loads(
        (FEEDS / "translations.json").read_text(encoding="utf-8")
    )
    return loaded


def paper_id(entry: Entry) -> str:
    return re.sub(r"v\d+$", "", entry.id.removeprefix("http://arxiv.org/abs/"))


def sentence_pairs() -> Iterator[tuple[str, str, str]]:
    """Yield language, English sentence, its translation."""
    for languages in translations().values():
        for language, sentences in languages.items():
            if language != "en":
                for english, translated in zip(languages["en"], sentences, strict=True):
                    yield language, english, translated


def must_survive(text: str) -> Counter[str]:
    """Count what every translation has to carry over unchanged."""
    kept = Counter(chain(FORMULA.findall(text), URL.findall(text)))
    plain = URL.sub(" ", FORMULA.sub(" ", text))
    return kept + Counter(NUMBER.findall(plain)) + Counter(NAME.findall(plain))


def test_ids_are_whole_and_no_paper_stands_in_the_feed_twice() -> None:
    ids = [entry.id for entry in entries()]
    assert all(re.fullmatch(r"http://arxiv\.org/abs/\d{4}\.\d{5}v[1-9]", each) for each in ids)
    assert len({paper_id(entry) for entry in entries()}) == len(ids) >= 60


def test_the_newest_paper_comes_first_and_none_is_revised_before_it_appeared() -> None:
    published = [entry.published for entry in entries()]
    assert published == sorted(published, reverse=True)
    assert all(entry.published <= entry.updated for entry in entries())
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", moment) for moment in published)


def test_the_sample_has_what_real_feeds_have() -> None:
    titles = [entry.title for entry in entries()]
    summaries = [entry.summary for entry in entries()]
    assert any("$" in title for title in titles)
    assert any("&" in title for title in titles)
    assert sum("$" in summary for summary in summaries) >= 12
    assert sum("https://github.com/" in summary for summary in summaries) >= 8
    assert any(entry.id.endswith("v2") for entry in entries())


def test_every_paper_is_translated_and_the_english_is_the_feed_s() -> None:
    ours = translations()
    assert list(ours) == [paper_id(entry) for entry in entries()]
    for entry in entries():
        assert " ".join(ours[paper_id(entry)]["en"]) == entry.summary


def test_every_translation_has_a_sentence_for_each_english_one() -> None:
    known = set().union(*translations().values())
    assert known >= {"en", *LANGUAGES}
    for name, languages in translations().items():
        lengths = {language: len(sentences) for language, sentences in languages.items()}
        assert set(lengths) == known, name
        assert len(set(lengths.values())) == 1, (name, lengths)


def test_formulas_urls_numbers_and_names_survive_every_translation() -> None:
    lost = [
        (language, missing, translated)
        for language, english, translated in sentence_pairs()
        if (missing := must_survive(english) - must_survive(translated))
    ]
    assert not lost


@pytest.mark.parametrize(
    "language",
    [*LANGUAGES[:2], *(pytest.param(one, marks=pytest.mark.slow) for one in LANGUAGES[2:])],
)
def test_every_translation_is_one_that_the_bot_accepts(language: str) -> None:
    between = "" if language in {"zh-CN", "ja"} else " "
    for languages in translations().values():
        check(" ".join(languages["en"]), between.join(languages[language]), language=language)


def test_chinese_is_chinese() -> None:
    for name, languages in translations().items():
        text = URL.sub("", FORMULA.sub("", " ".join(languages["zh-CN"])))
        letters = [each for each in text if each.isalpha()]
        han = sum("\u4e00" <= each <= "\u9fff" for each in letters)
        assert han > 0.6 * len(letters), name


def test_chinese_punctuation_is_full_width_and_latin_words_stand_apart() -> None:
    for languages in translations().values():
        for sentence in languages["zh-CN"]:
            text = URL.sub("U", FORMULA.sub("F", sentence))
            assert not re.search(r"[\u4e00-\u9fff][,.;:?!()]", text), sentence
            assert not re.search(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9%][\u4e00-\u9fff]", text), (
                sentence
            )
            assert not re.search(r"\b[a-z]+ [a-z]+ [a-z]+\b", text), sentence


@pytest.mark.parametrize("topic", TOPICS)
def test_every_seed_topic_finds_ten_papers(topic: str) -> None:
    words = "|".join(re.escape(word) for word in TOPICS[topic])
    found = re.compile(rf"\b(?:{words})s?\b", re.IGNORECASE)
    matching = [entry for entry in entries() if found.search(f"{entry.title} {entry.summary}")]
    assert len(matching) >= 10


def test_every_ready_made_topic_fills_a_section_of_the_digest() -> None:
    papers = [
        Paper(
            id=paper_id(entry),
            title=entry.title,
            abstract=entry.summary,
            categories=list(entry.categories),
            published_at=datetime.fromisoformat(entry.published),
            updated_at=datetime.fromisoformat(entry.updated),
        )
        for entry in entries()
    ]
    found = matching(papers, {topic.key: parse(topic.query) for topic in PRESETS})
    assert {key: len(ids) for key, ids in found.items() if len(ids) < 10} == {}
    assert set(found) == {topic.key for topic in PRESETS}


def test_some_papers_stand_in_three_topics_and_some_in_none() -> None:
    counts = Counter[str]()
    for words in TOPICS.values():
        found = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})s?\b", re.IGNORECASE)
        counts.update(
            entry.id for entry in entries() if found.search(f"{entry.title} {entry.summary}")
        )
    assert sum(count >= 3 for count in counts.values()) >= 5
    assert sum(entry.id not in counts for entry in entries()) >= 4


def test_famous_papers_are_there_by_their_ids_with_every_translation() -> None:
    famous = json.loads((FEEDS / "famous.json").read_text(encoding="utf-8"))
    assert {"1706.03762", "1512.03385", "hep-th/9711200"} <= set(famous["translations"])
    assert [paper["id"] for paper in famous["papers"]] == list(famous["translations"])
    for paper in famous["papers"]:
        languages = famous["translations"][paper["id"]]
        assert paper["abstract"] == " ".join(languages["en"])
        for language in LANGUAGES:
            between = "" if language in {"zh-CN", "ja"} else " "
            check(paper["abstract"], between.join(languages[language]), language=language)
            assert len(languages[language]) == len(languages["en"])


def _runs(text: str, length: int) -> set[tuple[str, ...]]:
    pieces = FACT.split(text.lower())
    return {
        tuple(words[start : start + length])
        for words in (re.findall(r"\w+", piece) for piece in pieces)
        for start in range(len(words) - length + 1)
    }


def test_no_summary_borrows_eight_words_in_a_row_from_the_authors() -> None:
    originals = {row["id"]: row for row in real_rows()}
    famous = json.loads((FEEDS / "famous.json").read_text(encoding="utf-8"))["papers"]
    for paper in famous:
        if known := originals.get(paper["id"]):
            assert not _runs(paper["abstract"], 8) & _runs(known["abstract"], 8), paper["id"]
    for entry in entries():
        original = originals[paper_id(entry)]
        assert entry.title == " ".join(original["title"].split())
        assert entry.published.startswith(original["published"][:10])
        shared = _runs(entry.summary, 8) & _runs(original["abstract"], 8)
        assert not shared, entry.id

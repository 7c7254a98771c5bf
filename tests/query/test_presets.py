"""The ready-made topics, on real papers where they are at hand."""

import pytest

from bot.query.matcher import matching
from bot.query.parser import normalise, parse
from bot.query.presets import PRESETS, Preset
from storage.models import Paper
from tests.material import real_rows, shared_data

SECTIONS = [
    "多模态",
    "6DOF Object Pose",
    "nerf",
    "分类/检测/识别/分割",
    "模型压缩/优化",
    "OCR",
    "生成模型",
    "LLM",
    "Transformer",
    "3DGS",
    "各类学习方式",
]


def _each() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("topic", PRESETS, ids=[topic.key for topic in PRESETS])


def test_there_are_the_sections_of_the_page_in_its_order() -> None:
    assert [topic.labels()["zh_CN"] for topic in PRESETS] == SECTIONS


def test_the_page_itself_has_them() -> None:
    page = shared_data("seed_digest.md").read_text(encoding="utf-8")
    sections = [line[3:] for line in page.splitlines() if line.startswith("## ")]
    assert sections[1:] == SECTIONS


def test_keys_are_short_and_differ() -> None:
    keys = [topic.key for topic in PRESETS]
    assert len(set(keys)) == len(keys)
    assert all(key.isascii() and key.isalnum() and len(key) <= 16 for key in keys)


@_each()
def test_each_is_an_ordinary_query(topic: Preset) -> None:
    query = parse(topic.query)
    assert parse(normalise(query)) == query
    assert set(topic.labels()) >= {"en", "zh_CN"}


def test_they_are_different_topics() -> None:
    assert len({normalise(parse(topic.query)) for topic in PRESETS}) == len(PRESETS)


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("multimodal", "Benchmarking Multi-modal MLLMs"),
        ("multimodal", "A vision-and-language view: vision-language models"),
        ("pose", "Category-level 6D object pose estimation"),
        ("pose", "6-DoF pose estimation of objects"),
        ("nerf", "Neural Radiance Fields in the Dark"),
        ("recognition", "Open-vocabulary object detection"),
        ("recognition", "Image super-resolution, fast"),
        ("compression", "Zero-cost NAS"),
        ("compression", "Quantizing and pruning"),
        ("ocr", "OCR hinders RAG"),
        ("generative", "Consistency of diffusion models"),
        ("generative", "Training GANs"),
        ("llm", "Aligning LLMs"),
        ("transformer", "Vision Transformers need registers"),
        ("gaussians", "3DGS for avatars"),
        ("gaussians", "Gaussian Splatting SLAM"),
        ("learning", "Few-shot classification"),
    ],
)
def test_they_find_what_they_are_for(key: str, title: str) -> None:
    assert key in _topics_of(title)


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("generative", "Organizing elegant organs"),
        ("ocr", "Democratic language models, a Socratic dialogue"),
        ("compression", "Gymnasium: a personas dataset"),
        ("transformer", "Transformations that received attention"),
        ("llm", "The Bellman equation for fulfillment"),
        ("recognition", "Recognition of a need for segmentation of markets"),
        ("learning", "Learning to learn"),
    ],
)
def test_they_do_not_find_what_merely_looks_like_it(key: str, title: str) -> None:
    assert key not in _topics_of(title)


def _topics_of(title: str) -> set[str]:
    paper = Paper(id="1", title=title, abstract="", authors=[], categories=[])
    found = matching([paper], {topic.key: parse(topic.query) for topic in PRESETS})
    return {key for key, ids in found.items() if ids}


def test_each_finds_real_papers() -> None:
    papers = [
        Paper(
            id=each["id"],
            title=each["title"],
            abstract=each["abstract"],
            authors=each["authors"],
            categories=each["categories"],
        )
        for each in real_rows()
    ]
    found = matching(papers, {topic.key: parse(topic.query) for topic in PRESETS})
    for key, ids in found.items():
        assert 10 <= len(ids) <= len(papers) * 0.6, key

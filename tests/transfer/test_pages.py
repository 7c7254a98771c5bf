"""Topics from the files that people move over with."""

import contextlib
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.query.parser import parse
from bot.query.presets import PRESETS
from bot.transfer.pages import Look, PageFileError, read_page
from tests.hostile import hostile_text
from tests.material import shared_data

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in pairwise("abcdefghi")
)

CV_ARXIV_DAILY = """\
base_url: "https://arxiv.example/api/"
show_authors: True
max_results: 10
keywords:
    "SLAM":
        filters: ["SLAM"]
    "SFM":
        filters: ["SFM", "Structure from Motion"]
    "Visual Localization":
        filters: ["Visual Localization","Camera Re-localisation"]
"""


def test_the_page_that_people_know_becomes_the_eleven_ready_made_topics() -> None:
    page = read_page("seed_digest.md", shared_data("seed_digest.md").read_bytes())
    assert len(page.topics) == 11
    assert page.unknown == ()
    assert [entry.label for entry in page.topics][:3] == ["多模态", "6DOF Object Pose", "nerf"]
    assert [parse(entry.query) for entry in page.topics] == [parse(one.query) for one in PRESETS]


def test_the_settings_of_cv_arxiv_daily_become_topics_that_find_one_of_their_filters() -> None:
    page = read_page("config.yaml", CV_ARXIV_DAILY.encode())
    assert [(entry.label, parse(entry.query)) for entry in page.topics] == [
        ("SLAM", parse("SLAM")),
        ("SFM", parse('SFM OR "Structure from Motion"')),
        ("Visual Localization", parse('"Visual Localization" OR "Camera Re-localisation"')),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.toml", "[topics]\nSplats = 'NeRF | 3DGS'\n[page]\nlanguage = 'es'\npapers = 5\n"),
        ("a.yaml", "topics:\n  Splats: NeRF | 3DGS\npage: {language: es, papers: 5}\n"),
        (
            "a.toml",
            (
                "topic = [{label = 'Splats', query = 'NeRF | 3DGS', cap = 3}]\n"
                "[page]\nlanguage = 'es'\npapers = 5\n"
            ),
        ),
    ],
)
def test_a_list_names_topics_and_how_the_page_shall_look(name: str, content: str) -> None:
    page = read_page(name, content.encode())
    [entry] = page.topics
    assert (entry.label, parse(entry.query)) == ("Splats", parse("NeRF | 3DGS"))
    assert page.look == Look(language="es", papers=5)


def test_headings_without_a_query_are_named_and_the_same_query_counts_once() -> None:
    table = "\n\n|Date|Title|\n|---|---|\n|a|b|\n\n"
    headings = ("图像分割", "nerf", "NeRF", "Image Matching")
    text = "## Updated on 2024\n> x\n\n" + "".join(f"## {one}{table}" for one in headings)
    page = read_page("README.md", text.encode())
    assert page.unknown == ("图像分割",)
    assert [entry.label for entry in page.topics] == ["nerf", "Image Matching"]
    assert parse(page.topics[1].query) == parse('"Image Matching"')


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", "x", "is none of .md, .toml, .yaml and .yml"),
        ("a.md", "# nothing", "has no heading with a table below it"),
        ("a.toml", "x = ", "can't be read: Invalid value"),
        ("a.yaml", "a: [", "can't be read: while parsing"),
        (
            "a.yaml",
            "!!python/object/apply:os.system [x]",
            "can't be read: tag:yaml.org,2002:python",
        ),
        ("a.yaml", "topics: {x: !!bool y}", "can't be read: tag:yaml.org,2002:bool is not"),
        ("a.yaml", "topics: {x: !!timestamp y}", "can't be read: tag:yaml.org,2002:timestamp"),
        ("a.yaml", f"x: 1{':1' * 700}.5", "can't be read: int too large"),
        ("a.yaml", f"x: {'1:' * 90_000}1", "can't be read: a value is longer than 1500"),
        ("a.yaml", "x: " + "[" * 190_000, "can't be read: it is nested more than 10 deep"),
        ("a.yaml", "- " * 90_000, "can't be read: it is nested more than 10 deep"),
        ("a.toml", "x." * 90_000 + "y = 1", "can't be read: line 1 is longer than 1500"),
        ("a.yaml", "- a", "has no list of topics"),
        ("a.yaml", "a: b", "names no topic"),
        ("a.yaml", "topics: {x: 'nerf ('}", "x: "),
        ("a.yaml", "topics: {x: 5}", "x: is no query"),
        ("a.yaml", "keywords: {x: {}}", "x: has no filters"),
        ("a.toml", "[[topic]]\nlabel = 'x'", "topic 1: has no query"),
        ("a.yaml", "topics: {x: y}\npage: {papers: 0}", "page.papers: is no number from 1 to 500"),
        ("a.yaml", "topics: {x: y}\npage: {papers: true}", "page.papers: is no number"),
        ("a.yaml", "topics: {x: y}\npage: {author: true}", "page.author: is none of language,"),
        ("a.yaml", "topics: {x: y}\npage: {contents: 1}", "page.contents: is no bool"),
        ("a.yaml", b"\xff", "is not UTF-8"),
        ("a.yaml", "#" * 300_000, "is too large"),
        ("a.yaml", BOMB, "can't be read: aliases are not understood here"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(name: str, content: str | bytes, reason: str) -> None:
    began = time.process_time()
    with pytest.raises(PageFileError) as raised:
        read_page(name, content if isinstance(content, bytes) else content.encode())
    assert str(raised.value).startswith(reason)
    assert time.process_time() - began < 2, "some of these took minutes, or gigabytes"


def test_a_page_of_a_megabyte_is_read_by_either_of_its_names() -> None:
    text = "## nerf\n\n|a|\n|-|\n" + "|b|\n" * 250_000
    for name in ("a.md", "a.markdown"):
        assert [entry.label for entry in read_page(name, text.encode()).topics] == ["nerf"]


@pytest.mark.parametrize(
    "text",
    [
        "# <" * 300_000,
        "# " + "<" * 900_000 + "\n|-|\n",
        "# a" + " #" * 400_000 + "\n|-|\n",
        "# a\n|" + "-" * 900_000 + "\n",
        "# a\n" + "\n" * 900_000 + "# b\n" + "|:- |" * 100_000,
        "# a\n|-" * 100_000,
    ],
)
def test_a_page_is_read_in_a_time_that_grows_with_its_length(text: str) -> None:
    began = time.process_time()
    with contextlib.suppress(PageFileError):
        read_page("a.md", text.encode())
    assert time.process_time() - began < 2


@given(st.sampled_from(["a.md", "a.toml", "a.yaml"]), hostile_text(30) | st.text())
def test_any_file_gives_topics_that_parse_or_one_reason(name: str, text: str) -> None:
    try:
        page = read_page(name, text.encode("utf-8", "surrogatepass"))
    except PageFileError:
        return
    for entry in page.topics:
        parse(entry.query)

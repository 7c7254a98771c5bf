import re
import time
from datetime import UTC, datetime

import arxiv
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv import feed
from bot.arxiv.feed import read
from bot.arxiv.xml_document import DocumentError
from bot.playground.arxiv.stand_in import FakeArxiv
from tests.material import shared_data

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"'
    ' xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
    "<opensearch:totalResults>{total}</opensearch:totalResults>"
)


def entry(**changes: str) -> str:
    parts = {
        "id": "http://arxiv.org/abs/2505.00001v1",
        "title": "A title",
        "summary": "An abstract.",
        "published": "2025-05-01T10:00:00Z",
        "updated": "2025-05-02T10:00:00Z",
        **changes,
    }
    return "<entry>" + "".join(f"<{n}>{v}</{n}>" for n, v in parts.items()) + "</entry>"


def whole(*entries: str) -> bytes:
    return (HEAD.format(total=len(entries)) + "".join(entries) + "</feed>").encode()


SAMPLE = FakeArxiv(
    [
        {
            "id": f"2505.{number:05}",
            "version": 2,
            "title": "On $x < y$ & 张量",
            "abstract": "We study\nit.",
            "authors": ["A", "B"],
            "categories": ["cs.CV", "I.5.3; I.2.10"],
            "published": "2025-05-01",
        }
        for number in range(5)
    ]
).answer({"search_query": "cat:cs.CV"})


@given(st.binary(max_size=300))
def test_whatever_comes_is_a_feed_or_a_feed_error(body: bytes) -> None:
    with pytest.raises(DocumentError):
        read(body)


@given(st.integers(1, len(SAMPLE.strip()) - 1))
def test_a_feed_cut_off_anywhere_is_no_feed(length: int) -> None:
    with pytest.raises(DocumentError):
        read(SAMPLE.strip()[:length].encode())


@given(st.text(max_size=40))
def test_no_text_in_an_entry_costs_another_entry(text: str) -> None:
    good = entry(id="http://arxiv.org/abs/2505.00002v1")
    if "<" in text:  # else it might close the feed or open another entry
        text = text.replace("<", "< ")
    answer = read(whole(entry(title=text or "x"), good))
    assert b"2505.00002" in answer.body
    assert answer.entries == 2
    assert answer.sound in {1, 2}


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ""},
        {"id": "http://arxiv.org/abs/"},
        {"id": "http://arxiv.org/abs/" + "a" * 40 + "/0101001v1"},
        {"id": "http://example.org/abs/2505.00001v1"},
        {"id": "http://arxiv.org/abs/2505.00001v1/../.."},
        {"title": " \n "},
        {"summary": ""},
        {"published": "yesterday"},
        {"published": ""},
        {"updated": "2025-13-01T00:00:00Z"},
        {"updated": "0001-01-01T00:00:00+23:59"},
        {"title": "a < b"},
        {"title": "&nbsp;"},
        {"title": "&#xD800;"},
    ],
)
def test_an_unusable_entry_is_counted_but_not_kept(changes: dict[str, str]) -> None:
    answer = read(whole(entry(**changes), entry(id="http://arxiv.org/abs/2505.00002v1")))
    assert (answer.total, answer.entries, answer.sound) == (2, 2, 1)
    assert b"2505.00002" in answer.body


@pytest.mark.parametrize("dirt", ["\x00", "\x0b", "\x1f", "\ufffe", "&#11;", "&#x1F;", "&#0;"])
def test_control_characters_cost_no_paper(dirt: str) -> None:
    answer = read(whole(entry(title=f"A{dirt} title")))
    assert answer.sound == 1
    assert b"A title" in answer.body


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "cut off"),
        (b"<html><body>Rate exceeded.</body></html>", "instead of a feed"),
        (b'<rss version="2.0"/>', "instead of a feed"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"/>', "totalResults"),
        (HEAD.format(total="many").encode() + b"</feed>", "totalResults"),
        (HEAD.format(total="9" * 5000).encode() + b"</feed>", "totalResults"),
        (HEAD.format(total=-1).encode() + b"</feed>", "totalResults"),
    ],
)
def test_what_is_no_answer_of_the_api_is_named(body: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        read(body)


def bomb(levels: int) -> str:
    entities = ['<!ENTITY a0 "lol">']
    entities += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, levels)]
    return f"<!DOCTYPE feed [{''.join(entities)}]>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-7"])
def test_an_entity_bomb_is_refused_before_it_goes_off(encoding: str) -> None:
    text = whole(entry(title="&a29;")).decode()
    text = text.replace("?><feed", f"?>{bomb(30)}<feed").replace("UTF-8", encoding)
    began = time.thread_time()
    with pytest.raises(DocumentError):
        read(text.encode(encoding))
    assert time.thread_time() - began < 1


def test_a_file_of_this_machine_is_never_read_in() -> None:
    doctype = '<!DOCTYPE feed [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    text = whole(entry(title="&a;")).decode().replace("?><feed", f"?>{doctype}<feed")
    with pytest.raises(DocumentError, match="type"):
        read(text.encode())


def test_the_error_entry_is_a_complaint_and_no_paper() -> None:
    error = entry(
        id="https://arxiv.org/api/errors#incorrect_id_format_for_abc",
        title="Error",
        summary="incorrect id  format for abc",
        published="",
    )
    answer = read(whole(error))
    assert (answer.error, answer.sound) == ("incorrect id format for abc", 0)


def result(**changes: object) -> object:
    return arxiv.Result(
        **{
            "entry_id": "http://arxiv.org/abs/2505.00001v2",
            "title": "A  title",
            "summary": " An\n abstract.",
            "published": datetime(2025, 5, 1, tzinfo=UTC),
            "updated": datetime(2025, 5, 2, tzinfo=UTC),
            "primary_category": "cs.CV",
            "categories": ["cs.AI", "cs.CV"],
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("address", "id_", "version"),
    [
        ("http://arxiv.org/abs/2505.00001v12", "2505.00001", 12),
        ("https://arxiv.org/abs/0704.0001", "0704.0001", 1),
        ("http://arxiv.org/abs/hep-ex/0406020v1", "hep-ex/0406020", 1),
        ("http://arxiv.org/abs/astro-ph/0601001v3", "astro-ph/0601001", 3),
        ("http://arxiv.org/abs/math.GT/0309136v1", "math.GT/0309136", 1),
    ],
)
def test_an_id_loses_its_version(address: str, id_: str, version: int) -> None:
    paper = feed.to_paper(result(entry_id=address))
    assert (paper.id, paper.version) == (id_, version)


@pytest.mark.parametrize(
    ("primary", "categories", "expected"),
    [
        ("cs.CV", ["cs.AI", "cs.CV", "cs.AI"], ["cs.CV", "cs.AI"]),
        ("cs.CV", ["I.5.3; I.2.10", "cs.CV"], ["cs.CV", "I.5.3; I.2.10"]),
        ("", ["68T07", "cs.LG"], ["cs.LG", "68T07"]),
        ("I.2.7", ["I.2.7", "hep-th"], ["hep-th", "I.2.7"]),
        ("cond-mat.mtrl-sci", [], ["cond-mat.mtrl-sci"]),
        ("", [], []),
    ],
)
def test_the_primary_category_comes_first_and_a_class_never(
    primary: str, categories: list[str], expected: list[str]
) -> None:
    paper = feed.to_paper(result(primary_category=primary, categories=categories))
    assert paper.categories == expected


def test_text_comes_in_one_line_with_its_tex_and_without_control_characters() -> None:
    paper = feed.to_paper(
        result(
            title="On\n  $O(n\\log n)$ \x07\u202etricks",
            summary="We prove\n\n$\\alpha <\tβ$.\x9f  Code: https://github.com/a/b.",
            comment="  3\npages ",
            journal_ref=" ",
            doi=None,
            authors=[arxiv.Result.Author("Ada\n Lovelace"), arxiv.Result.Author(" ")],
        )
    )
    assert paper.title == "On $O(n\\log n)$ tricks"
    assert paper.abstract == "We prove $\\alpha < β$. Code: https://github.com/a/b."
    assert (paper.comment, paper.journal_ref, paper.doi) == ("3 pages", None, None)
    assert paper.authors == ["Ada Lovelace"]
    assert paper.code_url == "https://github.com/a/b"


def test_what_no_paper_has_so_much_of_is_cut_off() -> None:
    said = result(
        title="a " * 200_000,
        summary="b " * 200_000,
        comment="c " * 200_000,
        journal_ref="d" * 200_000,
        doi="e" * 200_000,
        authors=[arxiv.Result.Author("f" * 200_000)] * 9_000,
        categories=["g" * 200_000] + [f"cs.{number}" for number in range(200)],
    )
    paper = feed.to_paper(said)
    lengths = (paper.title, paper.abstract, paper.comment, paper.journal_ref, paper.doi)
    assert [len(text or "") for text in lengths] == [999, 9_999, 4_999, 1_000, 300]
    assert len(paper.authors) == 6_000
    assert len(paper.authors[0]) == 200
    assert len(paper.categories) <= 50
    assert max(map(len, paper.categories)) == 50


def test_text_that_was_encoded_twice_is_mended() -> None:
    twice = "Florian Kroiß, À propos de ω-张量 «quoted»".encode().decode("latin-1")
    answer = read(whole(entry(title=twice), entry(title="Ã© and Â° are meant, Kroiß")))
    assert "Kroiß, À propos de ω-张量 «quoted»" in answer.body.decode()
    assert "Ã© and Â° are meant, Kroiß" in answer.body.decode()


def test_what_xml_allows_nowhere_costs_no_entry_that_was_encoded_twice() -> None:
    twice = "Kroiß \uffff\ufffe and friends".encode().decode("latin-1")
    answer = read(whole(entry(title=twice)))
    assert (answer.sound, answer.entries) == (1, 1)
    assert "Kroiß  and friends" in answer.body.decode()


def test_a_withdrawn_paper_is_a_paper() -> None:
    text = "This paper has been withdrawn by the author."
    paper = feed.to_paper(result(summary=text, comment=text))
    assert paper.abstract == paper.comment == text


def test_every_entry_of_a_large_recorded_page_is_sound() -> None:
    (file,) = shared_data("atom").glob("arxivpy__q_testing_s0_m100*.xml")
    answer = read(file.read_bytes())
    assert (answer.entries, answer.sound, answer.total) == (100, 100, 214881)
    assert not re.search(rb"<!DOCTYPE", answer.body)

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv.xml_document import DocumentError, read
from tests.seldom import seldom


def document(*entries: str, tail: str = "") -> bytes:
    return f"<list><head/>{''.join(entries)}{tail}</list>".encode()


def texts(body: bytes) -> tuple[list[str], int]:
    _, root, spoilt = read(body, root="list", entry="entry")
    return ["".join(entry.itertext()) for entry in root.findall("entry")], spoilt


def test_a_whole_document_is_read_as_it_is() -> None:
    assert texts(document("<entry>a</entry>", "<entry>b</entry>")) == (["a", "b"], 0)


@pytest.mark.parametrize(
    "bad",
    [
        "<entry>1 < 2</entry>",
        "<entry>&nbsp;</entry>",
        "<entry>x",
        "<entry>" + "<b>" * 50_000 + "</b>" * 50_000 + "</entry>",
    ],
    ids=["sign", "entity", "open", "deep"],
)
def test_an_ill_formed_entry_costs_itself_only(bad: str) -> None:
    body = document("<entry>a</entry>", bad, "<entry>b</entry>", tail="<token>t</token>")
    assert texts(body) == (["a", "b"], 1)
    _, root, _ = read(body, root="list", entry="entry")
    assert root.findtext("token") == "t"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<list>",
        b"<list><entry>a</entry>",
        b"<list><entry>a</entry><entry>1 < 2</list>",
        b"<list><x><entry>1 < 2</entry></list>",
        b'<!DOCTYPE list [<!ENTITY a "aaaa">]><list><entry>&a;</entry></list>',
        b'<!DOCTYPE list SYSTEM "file:///etc/passwd"><list/>',
    ],
)
def test_what_is_cut_off_or_of_another_kind_is_refused(body: bytes) -> None:
    with pytest.raises(DocumentError):
        texts(body)


@pytest.mark.parametrize(
    "body",
    seldom(
        [
            b"<list>" + b"<entry " * 200_000 + b"</list>",
            b"<list>" + b"<entry>" * 200_000 + b"</list>",
            b"<list>" + b"<entry><</entry>" * 20_000 + b"</list>",
            b"<list>" + b"<x>" * 200_000 + b"<entry><</entry></list>",
            b"<list><!--" + b"x" * 9_000 + b"-->" + b"<entry><</entry>" * 9_999 + b"</list>",
            b"<list><!--" + b"x" * 9_000 + b"-->" + b"<entry ></entry>" * 80_000 + b"<</list>",
            b"<list " * 100_000 + b"><entry><</entry></list>",
        ]
    ),
)
def test_no_document_takes_long(body: bytes) -> None:
    began = time.perf_counter()
    with contextlib.suppress(DocumentError):
        texts(body)
    assert time.perf_counter() - began < 5


@given(st.binary(max_size=200))
def test_whatever_comes_is_a_document_or_an_error(body: bytes) -> None:
    with contextlib.suppress(DocumentError):
        read(body, root="list", entry="entry")

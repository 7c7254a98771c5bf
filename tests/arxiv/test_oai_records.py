import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv.oai_records import read
from bot.arxiv.xml_document import DocumentError
from storage.models import Paper

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" \n'
    '         xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
    "    <responseDate>2026-11-24T04:00:00Z</responseDate>\n"
    "<request verb='ListRecords'>http://oaipmh.arxiv.org/oai</request>\n"
)
RAW = {
    "id": "2611.00001",
    "submitter": "Ada Lovelace",
    "title": "On $\\alpha$-divergence\n  and Schr\\\"odinger's cat",
    "authors": 'Ada Lovelace (London), J.-P. Serre and Kurt G\\"odel',
    "categories": "cs.CV stat.ML cs.AI",
    "comments": "12 pages. Our code: https://github.com/ada/cat",
    "journal-ref": "J. Cats 1 (2026)",
    "doi": "10.1000/182",
    "license": "http://creativecommons.org/licenses/by/4.0/",
    "abstract": "  We study\nthe cat of R\\'enyi.\n",
}
ONE = ("Mon, 23 Nov 2026 17:59:59 GMT",)


def header(paper_id: str, *, deleted: bool = False) -> str:
    status = ' status="deleted"' if deleted else ""
    return (
        f"<header{status}><identifier>oai:arXiv.org:{paper_id}</identifier>"
        "<datestamp>2026-11-24</datestamp><setSpec>cs:cs:CV</setSpec></header>"
    )


def record(versions: Sequence[str] = ONE, **changes: str) -> str:
    raw = RAW | {name.replace("_", "-"): value for name, value in changes.items()}
    fields = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in raw.items() if text)
    history = "".join(
        f'<version version="v{number}"><date>{moment}</date><size>9kb</size></version>'
        for number, moment in enumerate(versions, start=1)
    )
    return (
        f"<record>{header(raw['id'])}<metadata>"
        f'<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/">{history}{fields}</arXivRaw>'
        "</metadata></record>"
    )


def records(*each: str, token: str = "") -> bytes:
    inner = f"<ListRecords>{''.join(each)}{token}</ListRecords>"
    return f"{HEAD}{inner}\n</OAI-PMH>".encode()


def only(body: bytes) -> Paper:
    (paper,) = read(body, verb="ListRecords").papers
    return paper


def test_a_record_is_a_paper_with_its_licence() -> None:
    paper = only(records(record()))
    assert (
        paper.model_dump()
        == Paper(
            id="2611.00001",
            version=1,
            title="On $α$-divergence and Schrödinger's cat",
            abstract="We study the cat of Rényi.",
            authors=["Ada Lovelace", "J. -P. Serre", "Kurt Gödel"],
            categories=["cs.CV", "stat.ML", "cs.AI"],
            comment="12 pages. Our code: https://github.com/ada/cat",
            journal_ref="J. Cats 1 (2026)",
            doi="10.1000/182",
            code_url="https://github.com/ada/cat",
            withdrawn=False,
            published_at=datetime(2026, 11, 23, 17, 59, 59, tzinfo=UTC),
            updated_at=datetime(2026, 11, 23, 17, 59, 59, tzinfo=UTC),
            licence="http://creativecommons.org/licenses/by/4.0/",
        ).model_dump()
    )


def test_a_paper_is_dated_by_its_first_and_its_newest_version() -> None:
    dates = [f"Tue, {day} Nov 2026 08:00:00 GMT" for day in (3, 10, 17)]
    paper = only(records(record(dates)))
    assert paper.version == 3
    assert paper.published_at == datetime(2026, 11, 3, 8, tzinfo=UTC)
    assert paper.updated_at == datetime(2026, 11, 17, 8, tzinfo=UTC)


def test_what_a_record_does_not_say_is_not_known() -> None:
    paper = only(records(record(comments="", journal_ref="", doi="", license="")))
    assert (paper.comment, paper.journal_ref, paper.doi) == (None, None, None)
    assert (paper.licence, paper.code_url) == (None, None)


def test_a_withdrawn_paper_is_known_by_its_comment() -> None:
    assert only(records(record(comments="This paper has been withdrawn by the authors"))).withdrawn


def test_old_ids_are_ids() -> None:
    assert only(records(record(id="hep-th/9901001"))).id == "hep-th/9901001"


def test_deleted_records_are_left_out() -> None:
    gone = f"<record>{header('2611.00002', deleted=True)}</record>"
    answer = read(records(gone, record()), verb="ListRecords")
    assert answer.ids == [paper.id for paper in answer.papers] == ["2611.00001"]


@pytest.mark.parametrize(
    "bad",
    [
        record(title=" ").replace("2611.00001", "2611.00002"),
        record(abstract="").replace("2611.00001", "2611.00002"),
        record(versions=()).replace("2611.00001", "2611.00002"),
        record(versions=("yesterday",)).replace("2611.00001", "2611.00002"),
        record(versions=("Mon, 23 Nov 1666 17:59:59 GMT",)).replace("2611.00001", "2611.00002"),
        record(versions=("Mon, 99 Nov 2026 17:59:59 GMT",)).replace("2611.00001", "2611.00002"),
        record().replace('"v1"', '"vI"').replace("2611.00001", "2611.00002"),
        record().replace("OAI/arXivRaw/", "OAI/arXiv/").replace("2611.00001", "2611.00002"),
        f"<record>{header('2611.00002')}</record>",
    ],
)
def test_an_unusable_record_costs_itself_only_and_is_named(bad: str) -> None:
    answer = read(records(bad, record()), verb="ListRecords")
    assert [paper.id for paper in answer.papers] == ["2611.00001"]
    assert answer.ids == ["2611.00002", "2611.00001"]


@pytest.mark.parametrize(
    "bad",
    [
        record().replace("<title>", "<title>0 < 1, "),
        record().replace("oai:arXiv.org:", "oai:bioRxiv.org:"),
        record().replace("oai:arXiv.org:2611.00001", f"oai:arXiv.org:{'a' * 40}/0101001"),
        "<record/>",
    ],
)
def test_a_record_without_a_name_costs_itself_only(bad: str) -> None:
    answer = read(records(bad, record(id="2611.00003")), verb="ListRecords")
    assert [paper.id for paper in answer.papers] == answer.ids == ["2611.00003"]


@pytest.mark.parametrize(
    ("element", "token"),
    [
        ("", None),
        ("<resumptionToken/>", None),
        ("<resumptionToken expirationDate='2026-11-25T00:00:00Z'>a%3Db</resumptionToken>", "a%3Db"),
    ],
)
def test_a_token_says_that_there_is_more(element: str, token: str | None) -> None:
    assert read(records(record(), token=element), verb="ListRecords").token == token


def test_headers_bring_ids_alone() -> None:
    body = records(header("2611.00001"), header("2611.00002", deleted=True))
    answer = read(body.replace(b"ListRecords>", b"ListIdentifiers>"), verb="ListIdentifiers")
    assert (answer.ids, answer.papers) == (["2611.00001"], [])


def test_an_error_is_told_by_its_name() -> None:
    body = f"{HEAD}<error code='badArgument'>The request\n includes</error></OAI-PMH>".encode()
    answer = read(body, verb="ListRecords")
    assert (answer.error, answer.message) == ("badArgument", "The request includes")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Be back soon.</body></html>",
        b"<OAI-PMH/>",
        f"{HEAD}</OAI-PMH>".encode(),
        records(),
        records(record())[:-12],
        records(record(), token=f"<resumptionToken>{'a' * 3000}</resumptionToken>"),
        records(record()).replace(b"ListRecords>", b"GetRecord>"),
        records(record()).replace(b"<OAI-PMH", b'<!DOCTYPE a [<!ENTITY b "c">]><OAI-PMH'),
    ],
)
def test_what_is_no_whole_answer_is_refused(body: bytes) -> None:
    with pytest.raises(DocumentError):
        read(body, verb="ListRecords")


@given(st.binary(max_size=300))
def test_whatever_comes_is_an_answer_or_an_error(body: bytes) -> None:
    with pytest.raises(DocumentError):
        read(body, verb="ListRecords")


WHOLE = records(record(), record(id="2611.00002"))


@given(st.integers(1, len(WHOLE) - 1))
def test_an_answer_cut_off_anywhere_is_no_answer(length: int) -> None:
    with pytest.raises(DocumentError):
        read(WHOLE[:length], verb="ListRecords")


FIELDS = st.sampled_from([name for name in RAW if name != "id"])


@given(st.dictionaries(FIELDS, st.text(max_size=40)), st.lists(st.text(max_size=30), max_size=3))
def test_no_text_in_a_record_costs_another_record(texts: dict[str, str], dates: list[str]) -> None:
    odd = record([escape(text) for text in dates or ONE], **texts)
    answer = read(records(odd, record(id="2611.00002")), verb="ListRecords")
    assert answer.ids == ["2611.00001", "2611.00002"]
    for paper in answer.papers:
        assert paper.title == " ".join(paper.title.split())
        assert paper.published_at.utcoffset() == timedelta(0)


def test_a_page_of_2500_records_is_read_in_seconds() -> None:
    body = records(*(record(id=f"2611.{number:05}") for number in range(2_500)))
    began = time.perf_counter()
    assert len(read(body, verb="ListRecords").papers) == 2_500
    assert time.perf_counter() - began < 10


def test_what_no_paper_has_so_much_of_is_cut_off() -> None:
    paper = only(
        records(
            record(
                title="a" * 300_000,
                abstract="b" * 300_000,
                comments="c" * 300_000,
                authors="Ada Lovelace, " * 50_000,
                license="d" * 300_000,
            )
        )
    )
    lengths = (paper.title, paper.abstract, paper.comment, paper.licence)
    assert [len(text or "") for text in lengths] == [1_000, 10_000, 5_000, 300]
    assert len(paper.authors) == 6_000

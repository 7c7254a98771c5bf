"""Messages that Telegram cannot refuse, with every paper in them once."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.i18n import catalogues, texts
from bot.render.push_message import PushMessage, new_papers, preview, push_messages, shown_length
from bot.tex.to_unicode import to_text
from bot.translation.paper_view import Because, PaperView
from tests.few_examples import few_examples
from tests.hostile import hostile_text
from tests.seldom import seldom

_ = texts("en")
Make = Callable[..., PaperView]
with_fixture = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
few_hostile = settings(with_fixture, max_examples=few_examples.max_examples)


class Telegram(HTMLParser):
    """Reads HTML as strictly as the Bot API does, and counts as it does."""

    def __init__(self, message: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""
        self.links: list[str] = []
        self.quotes: list[str] = []
        self.entities = 0
        assert not re.search(r"&(?!(?:lt|gt|amp|quot|#\d+);)", message)
        assert not re.search(r"<(?!/?(?:a|b|code|i|blockquote)\b)", message)
        self.feed(message)
        self.close()
        assert not self.open
        assert self.text.strip()
        assert len(self.text.encode("utf-16-le")) // 2 <= 4_096
        assert len(message.encode()) <= 32_768
        assert self.entities <= 100

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"a", "b", "code", "i", "blockquote"}
        assert tag not in self.open
        assert [name for name, _value in attrs] == {
            "a": ["href"],
            "blockquote": ["expandable"],
        }.get(tag, [])
        if tag == "a":
            self.links.append(attrs[0][1] or "")
        if tag == "blockquote":
            self.quotes.append("")
        self.open.append(tag)
        self.entities += 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if "blockquote" in self.open:
            self.quotes[-1] += data


def check(messages: list[PushMessage], papers: list[PaperView]) -> list[Telegram]:
    read = [Telegram(message.html) for message in messages]
    assert [key for message in messages for key in message.paper_ids] == [p.id for p in papers]
    assert all(len(message.paper_ids) <= 8 for message in messages)
    for message, seen in zip(messages, read, strict=True):
        assert shown_length(message.html) == len(seen.text.encode("utf-16-le")) // 2
    return read


@pytest.mark.parametrize("every", [30, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("language", catalogues())
def test_every_real_paper_arrives_once_and_in_order(
    language: str, every: int, real_papers: list[PaperView]
) -> None:
    wording = texts(language)
    some = real_papers[::every]
    for start in range(0, len(some), 10):
        papers = some[start : start + 10]
        messages = push_messages(
            papers, _=wording, header=new_papers(10, wording), first=1, language="zh-CN"
        )
        read = check(messages, papers)
        quotes = [quote for seen in read for quote in seen.quotes]
        assert quotes == [to_text(paper.abstract) for paper in papers]
        assert not re.search(r"(?<!\$)\{\w+\}", messages[0].html.split("\n")[0])


@few_hostile
@given(st.data())
def test_hostile_papers_arrive_once_and_in_order(make_paper: Make, data: st.DataObject) -> None:
    text = hostile_text()
    count = data.draw(st.integers(1, 10))
    papers = [
        make_paper(
            f"2406.{number:05}",
            title=data.draw(text),
            abstract=data.draw(text) * data.draw(st.sampled_from([1, 1, 5, 30])),
            authors=tuple(data.draw(st.lists(hostile_text(5), max_size=5))),
            labels=tuple(data.draw(st.lists(hostile_text(5), max_size=6))),
            abs_url=data.draw(st.just(f"https://arxiv.org/abs/{number}") | text),
            code_url=data.draw(st.none() | text),
            translated=data.draw(st.booleans()),
        )
        for number in range(count)
    ]
    messages = push_messages(
        papers, _=_, header=new_papers(count, _), footer="<i>bye</i>", first=98, language="zh-CN"
    )
    check(messages, papers)


def test_a_paper_reads_well(make_paper: Make) -> None:
    paper = make_paper(
        title="Learning $x^2$ & more",
        authors=("Ada Lovelace", "Alan Turing", 'Kurt G\\"odel'),
        labels=("<nerf>", "多模态"),
        code_url="https://github.com/a/b?c=1&d=2",
    )
    [message] = push_messages([paper], _=_, header=new_papers(1, _))
    assert message.html == (
        "☀️ <b>1 new paper</b>\n\n"
        '<b><a href="https://arxiv.org/abs/2406.11840">Learning x² &amp; more</a></b>\n'
        "Ada Lovelace, Alan Turing, Kurt Gödel · Jun\u00a017,\u00a02024 · "
        "<b>&lt;nerf&gt;</b>, <b>多模态</b>\n"
        "<blockquote expandable>An abstract.</blockquote>\n"
        '<a href="https://arxiv.org/abs/2406.11840">Abstract</a> · '
        '<a href="https://arxiv.org/pdf/2406.11840">PDF</a> · '
        '<a href="https://github.com/a/b?c=1&amp;d=2">Code</a>'
    )


def test_thousands_of_authors_are_counted(make_paper: Make) -> None:
    paper = make_paper(authors=tuple(f"Author {number}" for number in range(3_303)))
    [message] = push_messages([paper], _=_)
    assert "Author 0, Author 1 et al. (3,303 authors) · " in message.html


def test_labels_that_do_not_fit_are_counted(make_paper: Make) -> None:
    [message] = push_messages([make_paper(labels=tuple("abcdef"))], _=_)
    assert "<b>a</b>, <b>b</b>, <b>c</b>, <b>d</b> +2" in message.html


def test_a_cut_abstract_says_so_and_links(make_paper: Make) -> None:
    [message] = push_messages([make_paper(abstract="some words " * 900)], _=_)
    [quote] = Telegram(message.html).quotes
    assert re.fullmatch(r"(some words )+some( words)?… Read on at arXiv", quote)
    assert len(quote) > 3_500


@pytest.mark.parametrize(
    "whole",
    seldom(["👩‍👩‍👧‍👦", "🇩🇪", "👍🏽", "e\u0301\u0302", "नि", "각", r"$\alpha_i\leq 10$", "𝔸"]),
)
def test_a_cut_leaves_characters_and_formulas_whole(make_paper: Make, whole: str) -> None:
    unit = to_text(whole)
    for shift in range(6):
        paper = make_paper(abstract="中" * shift + whole * 4_200)
        [message] = push_messages([paper], _=_)
        [quote] = Telegram(message.html).quotes
        kept, ending = quote.rsplit("…", 1)
        assert ending == " Read on at arXiv"
        assert kept.startswith("中" * shift + unit)
        assert kept[shift:].replace(unit, "") == ""


def test_a_cut_leaves_words_and_addresses_whole(make_paper: Make) -> None:
    address = "https://example.org/" + "path/" * 30
    for shift in range(40):
        paper = make_paper(abstract="x" * shift + " " + f"word {address} " * 60)
        [quote] = Telegram(push_messages([paper], _=_)[0].html).quotes
        assert quote.rsplit("…", 1)[0].rsplit(" ", 1)[-1] in {"word", address}


def test_a_header_stands_on_the_first_message_and_a_footer_on_the_last(make_paper: Make) -> None:
    papers = [make_paper(f"2406.{number:05}", abstract="word " * 300) for number in range(9)]
    messages = push_messages(papers, _=_, header="Hello", footer="Bye")
    check(messages, papers)
    assert len(messages) > 2
    assert messages[0].html.startswith("Hello\n\n")
    assert messages[-1].html.endswith("</a>\n\nBye")
    for message in messages[1:]:
        assert "Hello" not in message.html
    for message in messages[:-1]:
        assert "Bye" not in message.html


def test_papers_are_numbered_through_all_messages(make_paper: Make) -> None:
    papers = [make_paper(f"2406.{number:05}") for number in range(10)]
    messages = push_messages(papers, _=_, header="Hello", first=4)
    assert [message.first for message in messages] == [4, 12]
    blocks = [block for message in messages for block in message.html.split("\n\n")]
    assert [block.partition("<")[0] for block in blocks] == [
        "Hello",
        *(f"{n}. " for n in range(4, 14)),
    ]


def test_short_papers_share_a_message_up_to_eight(make_paper: Make) -> None:
    papers = [make_paper(f"2406.{number:05}") for number in range(10)]
    messages = push_messages(papers, _=_)
    assert [len(message.paper_ids) for message in messages] == [8, 2]


def test_a_missing_translation_is_noted_once_a_message(make_paper: Make) -> None:
    note = "Some abstracts are shown in English"
    english = [make_paper(f"2406.{number:05}") for number in range(3)]
    chinese = [make_paper("2406.1", translated=True)]
    assert push_messages(english, _=_, language="zh-CN")[0].html.count(note) == 1
    assert push_messages(chinese, _=_, language="zh-CN")[0].html.count(note) == 0
    assert push_messages(english, _=_, language="en")[0].html.count(note) == 0


def test_no_papers_are_no_message() -> None:
    assert push_messages([], _=_, header="Hello") == []


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://a.b/\ud800", "https://"])
def test_an_address_that_is_none_is_no_link(make_paper: Make, address: str) -> None:
    paper = make_paper(code_url=address, pdf_url="")
    [message] = push_messages([paper], _=_)
    assert Telegram(message.html).links == ["https://arxiv.org/abs/2406.11840"] * 2


@pytest.mark.parametrize("shown", [0, 1, 5])
def test_a_preview_has_lines_and_at_most_three_examples(make_paper: Make, shown: int) -> None:
    lines = ["<i>one</i>", "two"]
    html = preview("<nerf>", lines, [make_paper(title="A & B")] * shown, _)
    read = Telegram(html)
    assert html.startswith("<b>&lt;nerf&gt;</b>\n<i>one</i>\ntwo")
    assert len(read.links) == min(shown, 3)
    example = '\n\n• <b><a href="https://arxiv.org/abs/2406.11840">A &amp; B</a></b> · Jun 17, 2024'
    assert html.count(example) == min(shown, 3)


def test_a_paper_is_the_same_text_for_all_and_what_is_the_chats_own_stays_its_own(
    make_paper: Make,
) -> None:
    def shown(language: str, number: int = 0, **own: object) -> str:
        papers = [make_paper(abstract="We found it.", **own)]
        [message] = push_messages(papers, _=texts(language), header="<b>News</b>", first=number)
        return message.html

    robots, cats = shown("en", labels=("robots",)), shown("en", labels=("cats",), number=3)
    saved = shown("en", labels=("cats",), because=Because("An old paper"))
    assert "<b>robots</b>" in robots
    assert "cats" not in robots
    assert cats.replace("<b>cats</b>", "<b>robots</b>").replace("3. ", "") == robots
    given = shown("en", because=Because("An old paper", given=True))
    assert "💡 Because you saved “An old paper”" in saved
    assert "💡 Close to “An old paper”, given as an example" in given
    assert "An old paper" not in shown("en", labels=("cats",))
    assert "摘要" in shown("zh_CN")
    assert "摘要" not in shown("en")


def test_a_new_version_of_a_paper_is_rendered_anew(make_paper: Make) -> None:
    for word in ("found", "lost"):
        [message] = push_messages([make_paper(abstract=f"We {word} it.")], _=_)
        assert word in message.html

"""Brief messages: ten papers in one, thirty in two, each with what it brings, and all of them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import catalogues, texts
from bot.render.brief import brief_messages
from bot.render.push_message import PushMessage, new_papers, shown_length
from bot.tex.to_unicode import to_text
from bot.translation.key_sentence import shown
from bot.translation.paper_view import Because, PaperView
from tests.hostile import hostile_text
from tests.render.test_push_message import Telegram, few_hostile

Make = Callable[..., PaperView]
_ = texts("en")


def check(messages: Sequence[PushMessage], papers: Sequence[PaperView]) -> None:
    assert [one for message in messages for one in message.paper_ids] == [one.id for one in papers]
    for message in messages:
        seen = Telegram(message.html)
        assert len(seen.text.encode("utf-16-le")) // 2 == shown_length(message.html) <= 4096
        assert seen.entities <= 100


@pytest.mark.parametrize("language", catalogues())
@pytest.mark.parametrize(("count", "expected"), [(3, [3]), (10, [10]), (15, [15]), (30, [15, 15])])
def test_real_papers_share_one_message_or_two(
    real_papers: list[PaperView], language: str, count: int, expected: list[int]
) -> None:
    some = [
        replace(paper, key_sentence=shown(paper.title, paper.abstract))
        for paper in real_papers[:300]
    ]
    for start in range(0, len(some), count):
        papers = some[start : start + count]
        messages = brief_messages(papers, _=texts(language), header=new_papers(count, _))
        assert [len(message.paper_ids) for message in messages] == expected
        check(messages, papers)


def test_a_paper_is_a_number_a_title_what_it_brings_and_whom_to_ask(make_paper: Make) -> None:
    papers = [
        make_paper(
            "2406.1", title="On $x^2$ & more", key_sentence="A <net> for $x^2$.",
            authors=("Ada Lovelace", "Alan Turing"), labels=("Vision", "nerf"),
        ),
        make_paper("2406.2", abstract="No key at all.", authors=("Ada Lovelace",), withdrawn=True),
        make_paper("2406.3", authors=(), because=Because("An older one")),
    ]  # fmt: skip
    [message] = brief_messages(papers, _=_, header="Hello", footer="Bye", first=9)
    assert re.sub(r"https://[^\"]*", "…", message.html).split("\n\n") == [
        "Hello",
        (
            '9. <b><a href="…">On x² &amp; more</a></b>\nA &lt;net&gt; for x².\n'
            "<i>Ada Lovelace et al. · Vision, nerf</i>"
        ),
        (
            '10. <b><a href="…">A Title</a></b>\nNo key at all.\n'
            "⚠️ <b>Withdrawn</b> · <i>Ada Lovelace</i>"
        ),
        (
            f'11. <b><a href="…">A Title</a></b>\n{to_text(papers[2].abstract)}\n'
            "💡 Because you saved “An older one”"
        ),
        "Bye",
    ]
    assert message.first == 9


def test_long_lines_share_the_room_and_short_ones_leave_theirs(make_paper: Make) -> None:
    long, short = "many words of a line " * 20, "A short line."
    papers = [make_paper(f"2406.{n:05}", key_sentence=short if n % 5 else long) for n in range(15)]
    [message] = brief_messages(papers, _=_)
    lines = [block.split("\n")[1] for block in message.html.split("\n\n")]
    assert lines.count(short) == 12
    assert {len(line) > 200 and line.endswith("…") for line in lines if line != short} == {True}
    everywhere = [make_paper(f"2406.{n:05}", key_sentence=long) for n in range(15)]
    assert len(brief_messages(everywhere, _=_)) == 1


@few_hostile
@given(st.data())
def test_hostile_papers_arrive_once_and_in_order(make_paper: Make, data: st.DataObject) -> None:
    text = hostile_text()
    papers = [
        make_paper(
            f"2406.{number:05}",
            title=data.draw(text) * data.draw(st.sampled_from([1, 30])),
            abstract=data.draw(text),
            key_sentence=data.draw(text) * data.draw(st.sampled_from([1, 5, 30])),
            authors=tuple(data.draw(st.lists(hostile_text(5), max_size=5))),
            labels=tuple(data.draw(st.lists(hostile_text(5), max_size=6))),
            translated=data.draw(st.booleans()),
        )
        for number in range(data.draw(st.integers(1, 20)))
    ]
    messages = brief_messages(papers, _=_, header="Hello", footer="Bye", language="zh-CN")
    check(messages, papers)


def test_no_papers_are_no_message() -> None:
    assert brief_messages([], _=_, header="Hello") == []

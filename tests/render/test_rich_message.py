"""Rich messages: what Telegram takes, whatever papers hold, and nothing that crashes an app."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.i18n import catalogues, texts
from bot.playground.telegram.rich_mode import check_rich_html, rich_buttons
from bot.render.push_message import PushMessage, new_papers, push_messages
from bot.render.rich_message import as_rich, sample
from bot.telegram.routes import SHOW_PAPER
from bot.translation.paper_view import Because, PaperView
from tests.hostile import hostile_text

_ = texts("en")


def rich(papers: Sequence[PaperView]) -> list[str]:
    """Return the rich forms of a push; what is too long for one has none."""
    return [one.rich for one in pushed(papers) if one.rich is not None]


def pushed(papers: Sequence[PaperView]) -> list[PushMessage]:
    header = new_papers(len(papers), _)
    return as_rich(push_messages(papers, _=_, header=header, footer="3 more: /digest"), papers, _)


def check(message: str) -> None:
    check_rich_html(message)
    for folded in re.findall(r"<details>.*?</details>", message, re.DOTALL):
        assert "tg-math" not in folded, "Telegram Desktop 6.9.1 crashes on it"


def test_formulas_are_handed_to_telegram_as_they_were_written(
    make_paper: Callable[..., PaperView],
) -> None:
    (message,) = rich(
        [make_paper(title=r"An $x^2$", key_sentence=r"For $\alpha < \frac{1}{2}$ it is.")]
    )
    check(message)
    assert "An <tg-math>x^2</tg-math>" in message
    assert r"<b>For <tg-math>\alpha &lt; \frac{1}{2}</tg-math> it is.</b>" in message


def test_what_a_paper_brings_stands_in_bold_above_what_is_folded(
    make_paper: Callable[..., PaperView],
) -> None:
    (message,) = rich([make_paper(abstract="Plain.", key_sentence="A <net> for $\\frac1n$.")])
    key = r"<p><b>A &lt;net&gt; for <tg-math>\frac1n</tg-math>.</b></p>"
    assert f"{key}<details>" in message


def test_an_abstract_is_folded_away_below_who_wrote_it(
    make_paper: Callable[..., PaperView],
) -> None:
    (message,) = rich([make_paper(abstract=r"Plain <words> & $\frac{1}{2}$.")])
    check(message)
    (summary, folded) = re.findall(
        r"<details><summary>(.*?)</summary>(.*?)</details>", message, re.DOTALL
    )[0]
    assert summary.startswith("Ada Lovelace · ")
    assert folded.startswith("<p>Plain &lt;words&gt; &amp; 1/2.</p><p><a href=")


@pytest.mark.parametrize(("count", "rows"), [(1, [1]), (5, [5]), (6, [3, 3]), (10, [5, 5])])
def test_a_morning_is_one_message_with_its_numbers_as_buttons(
    make_paper: Callable[..., PaperView], count: int, rows: list[int]
) -> None:
    papers = [make_paper(f"2406.{n:05}", title=f"Title {n}") for n in range(count)]
    (message,) = pushed(papers)
    assert message.rich is not None
    check(message.rich)
    assert message.paper_ids == tuple(one.id for one in papers)
    assert re.findall(r"<h4>(\d+)\. ", message.rich) == [str(n) for n in range(1, count + 1)]
    buttons = rich_buttons(message.rich)
    assert [len(row) for row in buttons] == rows
    assert [(one["text"], one["callback_data"]) for row in buttons for one in row] == [
        (str(n), SHOW_PAPER.data(one.id)) for n, one in enumerate(papers, 1)
    ]
    assert message.rich.count("3 more: /digest") == 1


def test_a_long_push_is_few_messages_and_each_has_what_comes_instead(
    make_paper: Callable[..., PaperView],
) -> None:
    papers = [make_paper(f"2406.{n:05}", abstract="A word. " * 200) for n in range(30)]
    messages = pushed(papers)
    assert len(messages) == 3, "of 1,600 characters each"
    assert [one for message in messages for one in message.paper_ids] == [one.id for one in papers]
    for message in messages:
        assert message.rich is not None
        check(message.rich)
        plain = [one for instead in message.instead for one in instead.paper_ids]
        assert tuple(plain) == message.paper_ids
        assert all(one.html and one.rich is None for one in message.instead)
    numbers = re.findall(r"<h4>(\d+)\. ", "".join(one.rich or "" for one in messages))
    assert numbers == [str(n) for n in range(1, 31)], "numbered through the push"


@pytest.mark.parametrize("tex", [r"\mymacro{x}", "x % y", "n", "^{2}", r"\href{https://a.b}{x}"])
def test_a_formula_that_not_every_app_may_draw_is_written_as_text(
    make_paper: Callable[..., PaperView], tex: str
) -> None:
    (message,) = rich([make_paper(key_sentence=f"We let ${tex}$ be.")])
    check(message)
    assert "tg-math" not in message


def test_all_that_a_push_says_is_in_it(make_paper: Callable[..., PaperView]) -> None:
    (message,) = rich(
        [make_paper(labels=("NeRF",), because=Because("Older"), code_url="https://a.b/c")]
    )
    check(message)
    for part in ("1 new paper", "A Title", "Ada Lovelace", "NeRF", "Because you saved", "PDF"):
        assert part in message
    assert "3 more: /digest" in message


@pytest.mark.parametrize("every", [10, pytest.param(1, marks=pytest.mark.slow)])
def test_telegram_takes_every_real_paper(every: int, real_papers: list[PaperView]) -> None:
    some = real_papers[::every]
    shown = 0
    for start in range(0, len(some), 10):
        for message in rich(some[start : start + 10]):
            check(message)
            shown += 1
    assert shown == -(-len(some) // 10), "ten papers are one message, whichever they are"


@settings(max_examples=60)
@given(st.data())
def test_telegram_takes_whatever_papers_hold(data: st.DataObject) -> None:
    text = hostile_text()
    paper = PaperView(
        id="2406.11840",
        version=1,
        title=data.draw(text),
        abstract=data.draw(text),
        authors=(data.draw(text),),
        categories=("cs.CV",),
        published_at=datetime(2024, 6, 17, tzinfo=UTC),
        abs_url=data.draw(st.just("https://arxiv.org/abs/1") | text),
        pdf_url="https://arxiv.org/pdf/1",
        key_sentence=data.draw(text),
        labels=(data.draw(text),),
    )
    for message in rich([paper]):
        check(message)


@pytest.mark.parametrize("language", catalogues())
def test_the_sample_shows_what_pushes_are_made_of(language: str) -> None:
    shown = sample(texts(language))
    check(shown)
    assert shown.count("<tg-math>") == 2
    assert "<details>" in shown


def test_what_is_too_long_has_no_rich_form(make_paper: Callable[..., PaperView]) -> None:
    papers = [make_paper(f"2406.{n:05}", abstract="x^2 &&&& " * 2000) for n in range(8)]
    assert all(len(one) < 32_768 for one in rich(papers))
    assert all(one.html or one.instead for one in pushed(papers))

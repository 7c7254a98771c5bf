"""Rich messages: what Telegram takes, whatever papers hold, and nothing that crashes an app."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.i18n import catalogues, texts
from bot.playground.telegram.rich_mode import check_rich_html
from bot.render.push_message import new_papers, push_messages
from bot.render.rich_message import as_rich, sample
from bot.translation.paper_view import PaperView
from tests.hostile import hostile_text

_ = texts("en")


def rich(papers: Sequence[PaperView]) -> list[str]:
    """Return the rich forms of a push; those too long for one have none."""
    messages = push_messages(papers, _=_, header=new_papers(len(papers), _), more=3)
    shown = [as_rich(message, papers, _).rich for message in messages]
    return [one for one in shown if one is not None]


def check(message: str) -> None:
    check_rich_html(message)
    for folded in re.findall(r"<details>.*?</details>", message, re.DOTALL):
        assert "tg-math" not in folded, "Telegram Desktop 6.9.1 crashes on it"


def test_formulas_are_handed_to_telegram_as_they_were_written(
    make_paper: Callable[..., PaperView],
) -> None:
    (message,) = rich(
        [make_paper(title=r"An $x^2$", abstract=r"For $\alpha < \frac{1}{2}$ it is.")]
    )
    check(message)
    assert "An <tg-math>x^2</tg-math>" in message
    assert r"For <tg-math>\alpha &lt; \frac{1}{2}</tg-math> it is." in message
    assert "<details>" not in message


def test_what_a_paper_brings_stands_in_bold_above_what_is_folded(
    make_paper: Callable[..., PaperView],
) -> None:
    (message,) = rich([make_paper(abstract="Plain.", key_sentence="A <net> for $\\frac1n$.")])
    key = r"<p><b>A &lt;net&gt; for <tg-math>\frac1n</tg-math>.</b></p>"
    assert f"{key}<details>" in message


def test_an_abstract_without_formulas_is_folded_away(make_paper: Callable[..., PaperView]) -> None:
    (message,) = rich([make_paper(abstract="Plain <words> & such.")])
    check(message)
    assert "<details><summary>Abstract</summary><p>Plain &lt;words&gt; &amp; such.</p>" in message


@pytest.mark.parametrize("tex", [r"\mymacro{x}", "x % y", "n", "^{2}", r"\href{https://a.b}{x}"])
def test_a_formula_that_not_every_app_may_draw_is_written_as_text(
    make_paper: Callable[..., PaperView], tex: str
) -> None:
    (message,) = rich([make_paper(abstract=f"We let ${tex}$ be.")])
    check(message)
    assert "tg-math" not in message


def test_all_that_a_push_says_is_in_it(make_paper: Callable[..., PaperView]) -> None:
    (message,) = rich([make_paper(labels=("NeRF",), because="Older", code_url="https://a.b/c")])
    check(message)
    for part in ("1 new paper", "A Title", "Ada Lovelace", "NeRF", "Because you saved", "PDF"):
        assert part in message
    assert "3 more: /digest" in message


def test_telegram_takes_every_real_paper(real_papers: list[PaperView]) -> None:
    shown = 0
    for start in range(0, len(real_papers), 8):
        for message in rich(real_papers[start : start + 8]):
            check(message)
            shown += 1
    assert shown >= len(real_papers) / 8


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
    message = push_messages(papers, _=_)[0]
    assert all(len(one) < 32_768 for one in rich(papers))
    assert message.html

"""One paper as a card: never refused, whatever the paper and the note hold."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.i18n import catalogues, texts
from bot.render.paper_card import Marks, buttons, card
from bot.render.push_message import shown_length
from bot.translation.paper_view import PaperView

Make = Callable[..., PaperView]

MOST_SHOWN, MOST_DATA, MOST_COPIED = 4096, 64, 256


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(max_size=600), abstract=st.text(max_size=6_000), note=st.text(max_size=900))
@pytest.mark.parametrize("language", catalogues())
def test_a_card_fits_whatever_it_holds(
    make_paper: Make, language: str, title: str, abstract: str, note: str
) -> None:
    paper = make_paper(title=title, abstract=abstract, translated=True, engine="libre")
    html = card(paper, texts(language), language="zh-CN", note=note or None)
    assert shown_length(html) <= MOST_SHOWN


@pytest.mark.parametrize("original", [None, True, False])
@pytest.mark.parametrize("marks", [Marks(), Marks(saved=True, passed=True, note="x")])
def test_buttons_keep_to_telegram_s_limits(
    make_paper: Make,
    original: bool | None,  # noqa: FBT001 - a column of the table
    marks: Marks,
) -> None:
    paper = make_paper(id="cond-mat/0601001", code_url="https://github.com/a/b")
    for bibtex in ("@misc{a}", "x" * 300):
        keyboard = buttons(paper, texts("en"), marks=marks, bibtex=bibtex, original=original)
        for row in keyboard.inline_keyboard:
            for button in row:
                told: dict[str, Any] = button.to_dict()
                assert len(told.get("callback_data", "").encode()) <= MOST_DATA
                assert len(told.get("copy_text", {}).get("text", "")) <= MOST_COPIED


def test_an_address_that_is_none_makes_no_button(make_paper: Make) -> None:
    paper = make_paper(code_url="javascript:alert(1)")
    keyboard = buttons(paper, texts("en"), marks=Marks(), bibtex="x", original=None)
    assert [button.text for button in keyboard.inline_keyboard[0]] == ["📄 PDF"]

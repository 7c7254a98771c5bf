"""An AI summary as messages show it: labelled, with what it cites, and never refused."""

import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.i18n import catalogues, texts
from bot.playground.telegram.html_mode import parse_html
from bot.playground.telegram.rich_mode import check_rich_html
from bot.render.ai_summary import in_full
from bot.render.paper_card import card
from bot.render.push_message import push_messages, shown_length
from bot.render.rich_message import as_rich
from bot.translation.paper_view import PaperView
from bot.translation.summary import FIELDS, Claim, Summary
from tests.hostile import hostile_text

Make = Callable[..., PaperView]

SUMMARY = Summary(
    "qwen3-8b",
    (
        Claim("tldr", r"A <net> of $\frac{1}{2}$.", ("We present <it>.",)),
        Claim("result", "It works.", ("Works.",)),
    ),
)


def test_the_claim_takes_the_key_sentence_s_place_below_its_label(make_paper: Make) -> None:
    paper = make_paper(key_sentence="The key.", summary=SUMMARY)
    [message] = push_messages([paper], _=texts("en"))
    fold = re.findall(r"<blockquote expandable>(.*?)</blockquote>", message.html, re.DOTALL)[0]
    assert fold == (
        "<i>🤖 AI summary · qwen3-8b</i>\n<b>A &lt;net&gt; of 1/2.</b>\n“We present &lt;it&gt;.”"
        "\n\nAn abstract."
    )
    [rich] = as_rich([message], [paper], texts("en"))
    assert rich.rich is not None
    check_rich_html(rich.rich)
    assert "<i>🤖 AI summary · qwen3-8b</i><br><b>A &lt;net&gt; of <tg-math>" in rich.rich
    assert "</summary><p>“We present &lt;it&gt;.”</p><p>An abstract.</p>" in rich.rich
    assert "The key." not in message.html + rich.rich


def test_where_the_claim_was_left_away_the_key_sentence_stands_in(make_paper: Make) -> None:
    others = Summary("m", SUMMARY.claims[1:])
    paper = make_paper(key_sentence="The key.", summary=others)
    [message] = push_messages([paper], _=texts("en"))
    assert "<b>The key.</b>" in message.html
    assert "🤖" not in message.html


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.tuples(*[hostile_text()] * 4))
@pytest.mark.parametrize("language", catalogues())
def test_telegram_takes_whatever_a_model_says(
    make_paper: Make, language: str, hostile: tuple[str, ...]
) -> None:
    model, said, cited, title = hostile
    claims = tuple(Claim(field, said[:300], (cited, cited)) for field in FIELDS)
    summary = Summary(model, claims)
    paper = make_paper(summary=summary, translated=True, engine="llm", title=title)
    _ = texts(language)
    for html in (card(paper, _, language="zh-CN"), in_full(paper, summary, _)):
        parse_html(html)
        assert shown_length(html) <= 4096
    [rich] = as_rich(push_messages([paper], _=_), [paper], _)
    check_rich_html(rich.rich or "")

"""What a topic is called that somebody wrote."""

import pytest

from bot.conversation.topic_preview import NAMELESS, label_for


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("gaussian  splatting\n", "gaussian splatting"),
        ("a\x00b \ud83d c", "ab c"),
        ("\u200b\u2060", NAMELESS),
        ("\u3164\u2800", NAMELESS),
        ("\u202e\u00ad", NAMELESS),
        ("🔭", "🔭"),
        ("x" * 70, "x" * 59 + "…"),
    ],
)
def test_a_name_that_nobody_could_see_is_none(words: str, label: str) -> None:
    assert label_for(words) == label

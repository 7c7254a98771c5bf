"""What a message says, wherever it says it."""

from datetime import UTC, datetime

import pytest
from telegram import Chat, Message, MessageEntity

from bot.arxiv.ids import ids_in
from bot.telegram.message_text import hidden_links, said_in

LINK = "https://arxiv.org/abs/2406.11840"
HIDDEN = (MessageEntity(MessageEntity.TEXT_LINK, 0, 4, url=LINK),)
BOLD = (MessageEntity(MessageEntity.BOLD, 0, 4),)


def message(**content: object) -> Message:
    return Message(1, datetime(2026, 11, 28, tzinfo=UTC), Chat(1, Chat.PRIVATE), **content)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "said",
    [
        message(text=f"look {LINK}"),
        message(text="here it is", entities=HIDDEN),
        message(caption=f"a figure of {LINK}"),
        message(caption="here it is", caption_entities=HIDDEN),
    ],
)
def test_a_paper_is_found_wherever_it_is_named(said: Message) -> None:
    assert ids_in(said_in(said)) == ["2406.11840"]


def test_what_names_none_says_its_words_alone() -> None:
    bold = message(text="bold words", entities=BOLD)
    assert said_in(bold) == "bold words"
    assert hidden_links(bold) == []
    assert said_in(message()) == ""

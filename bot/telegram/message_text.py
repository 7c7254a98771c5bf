"""Message text: all that a message says, also in a caption and in links hidden behind words."""

from telegram import Message


def said_in(message: Message) -> str:
    """Return a message's words, or its caption, and the addresses behind them."""
    words = message.text or message.caption or ""
    return "\n".join([words, *hidden_links(message)])


def hidden_links(message: Message) -> list[str]:
    """Return the addresses that words of a message lead to."""
    entities = message.entities or message.caption_entities or ()
    return [entity.url for entity in entities if entity.url]

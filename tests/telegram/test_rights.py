"""Rights that a group's admins keep from the bot, in the words of Telegram's servers."""

import pytest
from telegram.error import BadRequest

from bot.telegram.rights import lacks_rights, lacks_rights_for_files


@pytest.mark.parametrize(
    ("said", "rights", "files"),
    [
        ("Not enough rights to send documents to the chat", True, True),
        ("Not enough rights to send photos to the chat", True, True),
        ("Not enough rights to send media messages to the chat", True, True),
        ("Not enough rights to send animations to the chat", True, True),
        ("CHAT_SEND_DOCS_FORBIDDEN", True, True),
        ("CHAT_SEND_MEDIA_FORBIDDEN", True, True),
        ("CHAT_SEND_PHOTOS_FORBIDDEN", True, True),
        ("Not enough rights to send text messages to the chat", True, False),
        ("Have no rights to send a message", True, False),
        ("CHAT_SEND_PLAIN_FORBIDDEN", True, False),
        ("CHAT_WRITE_FORBIDDEN", True, False),
        ("CHAT_RESTRICTED", True, False),
        ("Need administrator rights in the channel chat", True, False),
        ("Not enough rights to manage pinned messages in the chat", False, False),
        ("Message is not modified", False, False),
    ],
)
def test_what_is_missing(said: str, rights: bool, files: bool) -> None:  # noqa: FBT001 - a table
    error = BadRequest(said)
    assert lacks_rights(error) is rights
    assert lacks_rights_for_files(error) is files

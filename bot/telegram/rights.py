"""Rights: what Telegram says where a group lets its bot send no files, or nothing at all.

https://github.com/tdlib/td: `not enough rights to send documents to the chat` and its kin for
photos, text and others; Telegram's servers say the same as `CHAT_SEND_DOCS_FORBIDDEN`.
"""

import re

from telegram.error import BadRequest

_MISSING = re.compile(
    r"(?:not enough|have no) rights to send (?P<what>[a-z ]*)"
    r"|chat_(?:send_(?P<code>[a-z]+)|write)_forbidden|chat_restricted|need administrator rights",
    re.IGNORECASE,
)
_WORDS = ("", "a message", "text messages", "plain", "messages")


def lacks_rights(error: BadRequest) -> bool:
    """Tell whether Telegram refused for want of a right that the group's admins can give."""
    return _MISSING.search(error.message) is not None


def lacks_rights_for_files(error: BadRequest) -> bool:
    """Tell whether files, pictures or other media are refused, while words may be sent."""
    found = _MISSING.search(error.message)
    if found is None:
        return False
    what = (found["what"] or found["code"] or "").removesuffix(" to the chat")
    return what.strip().lower() not in _WORDS

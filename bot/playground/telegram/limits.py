"""What Telegram refuses for its size or shape: texts, commands, files.

https://core.telegram.org/bots/api; the texts of the refusals are the server's own.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from bot.playground.telegram.entities import (
    FormattedText,
    formatted,
    given_entities,
    utf16_length,
)
from bot.playground.telegram.html_mode import parse_html
from bot.playground.telegram.parameters import ApiCall, Upload
from bot.playground.telegram.refusal import Refusal
from bot.playground.telegram.rich_mode import check_rich_html
from bot.playground.telegram.world import Json

TEXT_LENGTH: Final = 4_096
CAPTION_LENGTH: Final = 1_024
RAW_BYTES: Final = 32_768
"""Before parsing."""
RICH_LENGTH: Final = 32_768
ANSWER_LENGTH: Final = 200
COMMANDS: Final = 100
DESCRIPTION_LENGTH: Final = 256
DOCUMENT_BYTES: Final = 50 * 1024 * 1024

_COMMAND: Final = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE: Final = re.compile(r"[a-z]{2}")


def text_of(call: ApiCall, name: str, entities: str, most: int) -> FormattedText:
    """Return a text or caption parsed as the request asks, within its limit.

    Raises Refusal where Telegram would not send it.
    """
    raw = call.text(name)
    is_caption = name == "caption"
    if not raw and not is_caption:
        raise Refusal(400, "Bad Request: message text is empty")
    try:
        size = len(raw.encode())
    except UnicodeEncodeError:
        raise Refusal(400, "Bad Request: strings must be encoded in UTF-8") from None
    if size > RAW_BYTES:
        raise Refusal(400, "Bad Request: text is too long")
    mode = call.text("parse_mode").lower()
    if mode == "html":
        plain, parsed = parse_html(raw)
    elif mode in {"", "none"}:
        plain, parsed = raw, given_entities(call.params.get(entities, []))
    elif mode in {"markdown", "markdownv2"}:
        raise Refusal(
            400, "Bad Request: can't parse entities: this fake server for Telegram reads HTML only"
        )
    else:
        raise Refusal(400, "Bad Request: unsupported parse_mode")
    result = formatted(plain, parsed, may_be_empty=is_caption)
    if utf16_length(result.text) > most:
        what = "message caption" if is_caption else "message"
        raise Refusal(400, f"Bad Request: {what} is too long")
    return result


def check_commands(commands: object) -> list[Json]:
    """Return the menu of commands. Raises Refusal where one is not allowed."""
    if not isinstance(commands, list):
        raise Refusal(400, "Bad Request: expected an Array of BotCommand")
    if len(commands) > COMMANDS:
        raise Refusal(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
    checked = []
    for item in commands:
        if not isinstance(item, Mapping):
            raise Refusal(400, "Bad Request: can't parse BotCommand: expected an Object")
        command = str(item.get("command", "")).removeprefix("/")
        description = str(item.get("description", ""))
        if not _COMMAND.fullmatch(command):
            raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
        if not 1 <= len(description) <= DESCRIPTION_LENGTH:
            raise Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        checked.append({"command": command, "description": description})
    if len({item["command"] for item in checked}) < len(checked):
        raise Refusal(400, "Bad Request: BOT_COMMAND_DUPLICATE")
    return checked


def language_code(call: ApiCall) -> str:
    """Return the two-letter language that a menu or description is for, `""` for everybody.

    Raises Refusal for anything else, such as `zh-CN`.
    """
    code = call.text("language_code")
    if code and not _LANGUAGE.fullmatch(code):
        raise Refusal(400, "Bad Request: invalid language code specified")
    return code


def check_rich_message(content: object) -> Json:
    """Return an InputRichMessage. Raises Refusal where it has not exactly one form of text."""
    if not isinstance(content, Mapping):
        raise Refusal(400, "Bad Request: rich message must be an Object")
    forms: Sequence[str] = [form for form in ("html", "markdown") if content.get(form)]
    if len(forms) != 1:
        raise Refusal(400, "Bad Request: exactly one of the fields html and markdown must be used")
    text = content[forms[0]]
    if not isinstance(text, str) or not text.strip():
        raise Refusal(400, "Bad Request: message text is empty")
    if forms[0] == "markdown" and len(text) > RICH_LENGTH:
        raise Refusal(400, "Bad Request: message is too long")
    if forms[0] == "html":
        check_rich_html(text)
    return dict(content)


def check_size(upload: Upload) -> None:
    """Raise Refusal for a file that is empty or over 50 MB."""
    if not upload.content:
        raise Refusal(400, "Bad Request: file must be non-empty")
    if len(upload.content) > DOCUMENT_BYTES:
        raise Refusal(413, "Request Entity Too Large")

"""The answer to what somebody typed behind the bot's name, in whatever chat.

https://core.telegram.org/bots/api#inline-mode; the texts of the refusals are the server's own.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from bot.playground.telegram.account import Account, InlineAnswer, InlineResult
from bot.playground.telegram.entities import FormattedText, checked_url, utf16_length
from bot.playground.telegram.keyboards import reply_markup
from bot.playground.telegram.limits import TEXT_LENGTH, text_of
from bot.playground.telegram.method import Method, method
from bot.playground.telegram.parameters import ApiCall
from bot.playground.telegram.refusal import Refusal
from bot.playground.telegram.world import Json

_RESULTS: Final = 50
_BYTES: Final = 64
"""Of a result's id, and of the offset to go on from."""
_CACHE_SECONDS: Final = 300
_KINDS_WORDS = """
    article audio contact document game gif location mpeg4_gif photo sticker venue video voice
    """
_KINDS: Final = frozenset(_KINDS_WORDS.split())
_ARTICLE_WORDS = """
    type id title input_message_content reply_markup url description thumbnail_url thumbnail_width
    thumbnail_height
    """
_ARTICLE: Final = frozenset(_ARTICLE_WORDS.split())
_CONTENT: Final = frozenset({"message_text", "parse_mode", "entities", "link_preview_options"})
_START: Final = re.compile(r"[A-Za-z0-9_-]*")


def _answer_inline_query(account: Account, call: ApiCall) -> bool:
    results = call.params.get("results")
    if not isinstance(results, list):
        raise Refusal(400, "Bad Request: can't parse inline query results JSON object")
    if len(results) > _RESULTS:
        raise Refusal(400, "Bad Request: too many inline query results specified")
    read = tuple(_result(item) for item in results)
    if len({result.id for result in read}) < len(read):
        raise Refusal(400, "Bad Request: RESULT_ID_DUPLICATE")
    next_offset = call.text("next_offset")
    if len(next_offset.encode()) > _BYTES:
        raise Refusal(400, "Bad Request: NEXT_OFFSET_INVALID")
    seconds = call.integer("cache_time", _CACHE_SECONDS)
    if seconds < 0:
        # Telegram takes it for its own default; here it is a mistake that must be seen.
        raise Refusal(400, 'Bad Request: parameter "cache_time" must not be negative')
    account.answer_inline(
        call.text("inline_query_id"),
        InlineAnswer(read, _button(call.params.get("button")), next_offset),
        seconds=seconds,
        personal=call.flag("is_personal"),
    )
    return True


def _result(item: object) -> InlineResult:
    if not isinstance(item, Mapping):
        raise _unparsable(problem="expected an Object")
    kind = str(item.get("type", "")).lower()
    if kind not in _KINDS:
        raise _unparsable(problem=f'type "{kind}" is unsupported for the inline query result')
    if kind != "article":
        raise _unparsable(problem="this fake server for Telegram shows articles only")
    result_id, title = _names(item)
    _check_fields(item, _ARTICLE)
    for name in ("url", "thumbnail_url"):
        if name in item and checked_url(str(item[name])) is None:
            raise Refusal(400, "Bad Request: WEBDOCUMENT_URL_INVALID")
    keyboard, other = reply_markup(_part({"reply_markup": item.get("reply_markup")}))
    if other is not None:
        raise Refusal(400, "Bad Request: inline keyboard expected")
    text = _text(item.get("input_message_content"))
    return InlineResult(result_id, title, str(item.get("description", "")), text, keyboard)


def _names(item: Mapping[str, Any]) -> tuple[str, str]:
    result_id, title = item.get("id"), item.get("title")
    if not isinstance(result_id, str):
        raise _unparsable(problem='Field "id" must be of type String')
    if not 1 <= len(result_id.encode()) <= _BYTES:
        raise Refusal(400, f"Bad Request: RESULT_ID_{'INVALID' if result_id else 'EMPTY'}")
    if not isinstance(title, str) or not title.strip():
        raise Refusal(400, "Bad Request: ARTICLE_TITLE_EMPTY")
    return result_id, title


def _text(content: object) -> FormattedText:
    if not isinstance(content, Mapping):
        raise _unparsable(problem="input message content is not specified")
    _check_fields(content, _CONTENT)
    text = text_of(_part(content), "message_text", "entities", 8 * TEXT_LENGTH)
    if utf16_length(text.text) > TEXT_LENGTH:
        raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
    return text


def _button(button: Any) -> Json | None:
    """Read what stands above the results: a way into the private chat."""
    if button is None:
        return None
    text = button.get("text") if isinstance(button, Mapping) else None
    if not isinstance(text, str) or not text.strip():
        raise _unparsable(problem="a button needs a text")
    ways = [name for name in ("web_app", "start_parameter") if name in button]
    if len(ways) != 1:
        raise _unparsable(problem="exactly one of web_app and start_parameter must be used")
    start = str(button.get("start_parameter", "app"))
    if not start:
        raise Refusal(400, "Bad Request: can't use empty start_parameter")
    if len(start) > _BYTES:
        raise Refusal(400, "Bad Request: too long start_parameter specified")
    if not _START.fullmatch(start):
        raise Refusal(400, "Bad Request: unallowed characters in start_parameter are used")
    return dict(button)


def _check_fields(item: Mapping[str, Any], known: frozenset[str]) -> None:
    if unknown := set(item) - known:
        raise _unparsable(problem=f'Field "{min(unknown)}" is unknown')


def _part(params: Mapping[str, Any]) -> ApiCall:
    return ApiCall("answerInlineQuery", dict(params), dict(params))


def _unparsable(problem: str) -> Refusal:
    return Refusal(400, f"Bad Request: can't parse inline query result: {problem}")


METHODS: Final[dict[str, Method]] = {
    "answerInlineQuery": method(
        _answer_inline_query,
        "inline_query_id results cache_time is_personal next_offset button",
    ),
}
"""Names as the Bot API spells them."""

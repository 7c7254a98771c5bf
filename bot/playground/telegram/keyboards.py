"""Inline keyboards and other reply markup: which buttons Telegram takes.

https://core.telegram.org/bots/api#inlinekeyboardbutton
"""

from collections.abc import Mapping
from typing import Any, Final

from bot.playground.telegram.entities import checked_url
from bot.playground.telegram.parameters import ApiCall
from bot.playground.telegram.refusal import Refusal
from bot.playground.telegram.world import Json

DATA_BYTES: Final = 64
COPY_LENGTH: Final = 256
BUTTONS: Final = 100

_ACTIONS: Final = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
_DECORATION: Final = ("text", "style", "icon_custom_emoji_id")
_STYLES: Final = ("danger", "success", "primary")
_OTHER_MARKUPS: Final = ("keyboard", "remove_keyboard", "force_reply")


def reply_markup(call: ApiCall) -> tuple[list[list[Json]], Json | None]:
    """Return the inline keyboard without empty rows, and whatever markup there is instead.

    Raises Refusal where it is neither, or where a button is wrong.
    """
    markup = call.params.get("reply_markup")
    if markup is None or markup == "":
        return [], None
    if not isinstance(markup, Mapping):
        raise Refusal(400, "Bad Request: object expected as reply markup")
    if "inline_keyboard" in markup:
        return _inline_keyboard(markup["inline_keyboard"]), None
    if not any(name in markup for name in _OTHER_MARKUPS):
        raise Refusal(400, "Bad Request: can't parse reply keyboard markup JSON object")
    return [], dict(markup)


def _inline_keyboard(rows: object) -> list[list[Json]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise Refusal(400, 'Bad Request: field "inline_keyboard" must be an Array of Arrays')
    checked = [[_button(button) for button in row] for row in rows]
    if sum(len(row) for row in checked) > BUTTONS:
        raise Refusal(400, "Bad Request: reply markup is too long")
    return [row for row in checked if row]


def _button(button: object) -> Json:
    if not isinstance(button, Mapping):
        raise _unparsable(problem="expected an Object")
    problem: str | None = None
    text = button.get("text")
    if not isinstance(text, str) or not text.strip():
        problem = 'Field "text" must be of type String'
    elif unknown := set(button) - {*_ACTIONS, *_DECORATION}:
        problem = f'Field "{min(unknown)}" is unknown'
    elif button.get("style", "primary") not in _STYLES:
        problem = "Unknown style specified"
    else:
        actions = [name for name in _ACTIONS if name in button]
        if not actions:
            problem = "Text buttons are unallowed in the inline keyboard"
        elif len(actions) > 1:
            problem = "Exactly one of the optional fields must be used"
    if problem is not None:
        raise _unparsable(problem)
    _check_action(button)
    return dict(button)


def _check_action(button: Mapping[str, Any]) -> None:
    if "callback_data" in button:
        data = button["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode()) <= DATA_BYTES:
            raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
    if "url" in button and checked_url(str(button["url"])) is None:
        problem = f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL"
        raise Refusal(400, f"Bad Request: {problem}")
    if "copy_text" in button:
        copied = button["copy_text"]
        text = copied.get("text") if isinstance(copied, Mapping) else None
        if not isinstance(text, str) or not 1 <= len(text) <= COPY_LENGTH:
            raise Refusal(400, "Bad Request: BUTTON_COPY_TEXT_INVALID")


def _unparsable(problem: str) -> Refusal:
    return Refusal(400, f"Bad Request: can't parse inline keyboard button: {problem}")

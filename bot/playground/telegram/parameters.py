"""A request's parameters as they arrive, and as the methods want them.

They come as a query, a form, multipart or JSON, and in the first three everything is a string:
https://core.telegram.org/bots/api#making-requests
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot.playground.telegram.refusal import Refusal
from bot.playground.telegram.world import Json

_INTEGERS_WORDS = """
    cache_time direct_messages_topic_id draft_id limit max_connections message_id message_thread_id
    offset timeout user_id video_start_timestamp
    """
_INTEGERS: Final = frozenset(_INTEGERS_WORDS.split())
_BOOLEANS_WORDS = """
    allow_paid_broadcast disable_content_type_detection disable_notification drop_pending_updates
    has_spoiler is_big is_personal protect_content return_bots show_alert show_caption_above_media
    """
_BOOLEANS: Final = frozenset(_BOOLEANS_WORDS.split())
_OBJECTS_WORDS = """
    allowed_updates button caption_entities commands entities link_preview_options menu_button
    message_ids reaction reply_markup reply_parameters results rich_message scope
    suggested_post_parameters
    """
_OBJECTS: Final = frozenset(_OBJECTS_WORDS.split())
_CHATS: Final = frozenset({"chat_id", "from_chat_id"})


@dataclass(frozen=True, slots=True)
class Upload:
    """A file part of a multipart request."""

    name: str
    mime: str
    content: bytes = field(repr=False)


@dataclass(slots=True)
class ApiCall:
    """One request to the Bot API and what became of it."""

    method: str
    """The name as the Bot API spells it, such as `sendMessage`."""
    params: Json
    """Decoded: numbers, booleans and nested objects are such, everything else is a string."""
    raw: Json
    """As they travelled: strings everywhere, except in a JSON body."""
    files: Mapping[str, Upload] = field(default_factory=dict)
    at: float = 0.0
    """By the fake server's clock."""
    result: Any = None
    error: Json | None = None
    """The answer's body, where it has `ok: false`."""
    fault: bool = False
    """Whether a planned fault struck it."""
    unknown: tuple[str, ...] = ()
    """Parameters that this method does not have."""

    @property
    def ok(self) -> bool:
        """Whether the request did what it asked for, as far as it was answered."""
        return self.error is None and not self.fault

    @property
    def chat_id(self) -> int | None:
        """The chat that it is about, where it names one by number."""
        chat_id = self.params.get("chat_id")
        return chat_id if isinstance(chat_id, int) else None

    def text(self, name: str) -> str:
        """Return a string, `""` where it is absent."""
        value = self.params.get(name, "")
        return value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str, default: int = 0) -> int:
        """Return a number, the default where it is absent."""
        value = self.params.get(name, default)
        return value if isinstance(value, int) else default

    def flag(self, name: str) -> bool:
        """Return whether a boolean is present and true."""
        return self.params.get(name) is True

    def upload(self, name: str) -> Upload | None:
        """Return the file given for a parameter, directly or as `attach://part`."""
        part = self.text(name).removeprefix("attach://") if name in self.params else name
        return self.files.get(part)


def decoded(raw: Mapping[str, Any]) -> Json:
    """Return the parameters with their types.

    Raises Refusal where one is not of its type.
    """
    return {name: _decode(name, value) for name, value in raw.items() if value is not None}


def query_id(text: str) -> int | str:
    """Return a chat_id as a number, or the `@username` that it is."""
    try:
        return int(text)
    except ValueError:
        return text


def _decode(name: str, value: Any) -> Any:
    if name in _CHATS:
        return query_id(value) if isinstance(value, str) else value
    if name in _INTEGERS:
        return _integer(name, value)
    if name in _BOOLEANS:
        return _boolean(name, value)
    if name in _OBJECTS and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            kind = name.replace("_", " ")
            raise Refusal(400, f"Bad Request: can't parse {kind} JSON object") from None
    return value


def _integer(name: str, value: Any) -> int:
    # Telegram takes a wrong number for 0 and goes on; here it is a mistake that must be seen.
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise Refusal(400, f'Bad Request: parameter "{name}" must be an Integer')
    try:
        return int(value)
    except ValueError:
        raise Refusal(400, f'Bad Request: parameter "{name}" must be an Integer') from None


def _boolean(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "yes", "1", "false", "no", "0"}:
        return value.lower() in {"true", "yes", "1"}
    raise Refusal(400, f'Bad Request: parameter "{name}" must be a Boolean')

"""Telegram's formatted text: a plain text and entities, offsets counted in UTF-16 units.

https://core.telegram.org/bots/api#formatting-options; what that page leaves open is done the way
Telegram's own library does it (tdlib/td, MessageEntity.cpp).
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from bot.playground.telegram.autolinks import autolinks
from bot.playground.telegram.nesting import (
    CODE,
    QUOTES,
    STYLES,
    Entity,
    in_order,
    inside,
    nested,
    overlap,
)
from bot.playground.telegram.refusal import Refusal

ENTITIES_KEPT: Final = 100
"""Telegram drops, without a word, what comes after so many entities: links and code go first in
line, bold and its kin come last."""

_GIVEN: Final = frozenset(
    {*STYLES, *QUOTES, *CODE, "text_link", "text_mention", "custom_emoji", "date_time"}
)
_FOUND: Final = frozenset(
    {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"}
)
_DROPPED_CHARACTERS: Final = frozenset(
    "\r\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u0333\u033f\u030a"
)


@dataclass(frozen=True, slots=True)
class FormattedText:
    """What is shown, and how."""

    text: str
    entities: tuple[Entity, ...] = ()

    def as_json(self) -> list[dict[str, Any]]:
        """Return the entities as Telegram's Array of MessageEntity."""
        return [entity.as_json() for entity in self.entities]


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 units: two for an emoji, one for most else."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def checked_url(url: str) -> str | None:
    """Return the link as Telegram stores it, None where it would drop it without a word."""
    candidate = url.strip()
    if "://" not in candidate:
        if candidate.startswith(("mailto:", "tel:")) or not candidate:
            return None
        candidate = f"http://{candidate}"
    try:
        parts = urlsplit(candidate)
        host = parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme.lower() in {"tg", "ton", "tonsite"}:
        return candidate if host else None
    spaced = any(character.isspace() for character in candidate)
    if parts.scheme.lower() not in {"http", "https"} or "." not in host or spaced:
        return None
    path = parts.path or "/"
    return parts._replace(scheme=parts.scheme.lower(), path=path).geturl()


def formatted(
    text: str, parsed: Sequence[Entity] = (), *, may_be_empty: bool = False
) -> FormattedText:
    """Clean, trim and complete a text the way Telegram stores it.

    Control characters become spaces, outer white space goes, overlapping entities are mended, and
    the links, mentions and commands that Telegram sees by itself are added.

    Raises Refusal where nothing is left.
    """
    units, cleaned = _cleaned(text, parsed)
    blank = {" ", "\n"}
    shown = [index for index, unit in enumerate(units) if unit not in blank]
    if not shown:
        if may_be_empty:
            return FormattedText("")
        raise Refusal(400, "Bad Request: text must be non-empty")
    first, last = shown[0], shown[-1] + 1
    kept = []
    for entity in nested(cleaned):
        inner = [i for i in range(entity.offset, min(entity.end, last)) if units[i] not in blank]
        if inner:
            start = max(inner[0], first)
            end = min(entity.end, last)
            kept.append(replace(entity, offset=start - first, length=end - start))
    plain = "".join(units[first:last]).encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    mended = _within_limit(nested(kept))
    found = [Entity(kind, offset, length) for kind, offset, length in autolinks(plain)]
    return FormattedText(plain, tuple(in_order([*mended, *_compatible(found, mended)])))


def given_entities(items: object) -> list[Entity]:
    """Read the `entities` parameter.

    Raises Refusal where it is not an Array of MessageEntity.
    """
    if not isinstance(items, list):
        raise Refusal(400, "Bad Request: can't parse entities: expected an Array of MessageEntity")
    return [entity for item in items if (entity := _given(item)) is not None]


def link(url: str, offset: int, length: int) -> Entity | None:
    """Return the entity for a link, None where Telegram would show plain text."""
    if url.startswith("tg://user?"):
        ids = parse_qs(urlsplit(url).query).get("id", [])
        if len(ids) == 1 and ids[0].isascii() and ids[0].isdecimal():
            user = {"id": int(ids[0]), "is_bot": False, "first_name": "User"}
            return Entity("text_mention", offset, length, (("user", user),))
    checked = checked_url(url)
    return None if checked is None else Entity("text_link", offset, length, (("url", checked),))


def _given(item: object) -> Entity | None:
    if not isinstance(item, Mapping):
        raise Refusal(400, "Bad Request: can't parse MessageEntity: expected an Object")
    kind, offset, length = item.get("type"), item.get("offset"), item.get("length")
    if not isinstance(kind, str) or not isinstance(offset, int) or not isinstance(length, int):
        raise Refusal(
            400, "Bad Request: can't parse MessageEntity: type, offset and length are required"
        )
    if kind in _FOUND:
        return None
    if kind not in _GIVEN:
        raise Refusal(400, "Bad Request: can't parse MessageEntity: unsupported type specified")
    if kind == "text_link":
        return link(str(item.get("url", "")), offset, length)
    names = ("language", "custom_emoji_id", "user", "unix_time", "date_time_format")
    return Entity(kind, offset, length, tuple((n, item[n]) for n in names if n in item))


def _cleaned(text: str, parsed: Sequence[Entity]) -> tuple[list[str], list[Entity]]:
    """Return the text as UTF-16 units without what Telegram removes, and the moved entities."""
    try:
        raw = text.encode("utf-16-le")
    except UnicodeEncodeError:
        raise Refusal(400, "Bad Request: strings must be encoded in UTF-8") from None
    units = [chr(unit) for (unit,) in struct.iter_unpack("<H", raw)]
    for entity in parsed:
        if entity.offset < 0 or entity.length <= 0 or entity.end > len(units):
            raise Refusal(
                400,
                f"Bad Request: entity beginning at UTF-16 offset {entity.offset} ends after "
                f"the end of the text at UTF-16 offset {entity.end}",
            )
        for edge in (entity.offset, entity.end):
            if edge < len(units) and "\udc00" <= units[edge] <= "\udfff":
                raise Refusal(
                    400,
                    f"Bad Request: entity beginning at UTF-16 offset {entity.offset} "
                    "ends in a middle of a UTF-16 symbol",
                )
    places, kept = [0], []
    for unit in units:
        if unit not in _DROPPED_CHARACTERS:
            kept.append(" " if unit < " " and unit != "\n" else unit)
        places.append(len(kept))
    moved = [
        replace(e, offset=places[e.offset], length=places[e.end] - places[e.offset]) for e in parsed
    ]
    return kept, [entity for entity in moved if entity.length > 0]


def _within_limit(entities: Sequence[Entity]) -> list[Entity]:
    emoji = [entity for entity in entities if entity.type == "custom_emoji"]
    solid = [e for e in entities if e.type != "custom_emoji" and e.type not in STYLES]
    styles = [entity for entity in entities if entity.type in STYLES]
    return in_order([*emoji, *[*solid, *styles][:ENTITIES_KEPT]])


def _compatible(found: Sequence[Entity], mended: Sequence[Entity]) -> list[Entity]:
    """Drop what Telegram saw by itself where the sender said otherwise."""
    solid = [e for e in mended if e.type not in STYLES and e.type not in QUOTES]
    quotes = [entity for entity in mended if entity.type in QUOTES]
    return [
        entity
        for entity in found
        if not any(overlap(entity, other) for other in solid)
        and all(inside(entity, quote) for quote in quotes if overlap(entity, quote))
    ]

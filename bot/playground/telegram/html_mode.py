"""Telegram's `parse_mode` HTML: which tags it knows, and the words it refuses the others with.

https://core.telegram.org/bots/api#html-style; offsets in errors are bytes of the UTF-8 text.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from bot.playground.telegram.entities import link, utf16_length
from bot.playground.telegram.nesting import Entity
from bot.playground.telegram.refusal import Refusal

_TYPES: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_SPACE: Final = " \t\r\n\v\0"
_LONGEST_REFERENCE: Final = 10
_LAST_CODE_POINT: Final = 0x10FFFF
_PLAIN: Final = re.compile("[^<&]+")
_DECIMAL: Final = "0123456789"
_HEXADECIMAL: Final = "0123456789abcdefABCDEF"


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Return the text without its tags and the entities that they stood for.

    Raises Refusal with Telegram's own text where Telegram would not parse it.
    """
    return _Parser(source).parse()


@dataclass(frozen=True, slots=True)
class _Open:
    tag: str
    attributes: dict[str, str]
    offset: int
    """UTF-16 units of text before the tag."""
    place: int
    """Characters of text before the tag."""


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._text: list[str] = []
        self._offset = 0
        self._open: list[_Open] = []
        self._entities: list[Entity] = []

    def parse(self) -> tuple[str, list[Entity]]:
        if "\0" in self._source:
            raise Refusal(
                400, "Bad Request: can't parse entities: Text must not contain null bytes"
            )
        while self._at < len(self._source):
            character = self._source[self._at]
            if character == "<":
                if self._peek(1) == "/":
                    self._end_tag()
                else:
                    self._start_tag()
            elif character == "&" and (decoded := self._reference()):
                self._write(decoded)
            else:
                plain = _PLAIN.match(self._source, self._at)
                end = plain.end() if plain else self._at + 1
                self._write(self._source[self._at : end])
                self._at = end
        if self._open:
            tag = self._open[-1].tag
            raise Refusal(
                400,
                "Bad Request: can't parse entities: "
                f'Can\'t find end tag corresponding to start tag "{tag}"',
            )
        try:
            text = "".join(self._text).encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            raise Refusal(
                400,
                "Bad Request: can't parse entities: Text contains invalid Unicode characters after "
                "decoding HTML entities, check for unmatched surrogate code units",
            ) from None
        return text, [_without_class(entity) for entity in self._entities]

    def _peek(self, ahead: int = 0) -> str:
        """Return a character of the source, `""` behind its end."""
        return self._source[self._at + ahead : self._at + ahead + 1]

    def _write(self, characters: str) -> None:
        self._text.append(characters)
        self._offset += utf16_length(characters)

    def _bytes_before(self, place: int) -> int:
        return len(self._source[:place].encode("utf-8", "surrogatepass"))

    def _skip_space(self) -> None:
        while self._peek() and self._peek() in _SPACE:
            self._at += 1

    def _take_until(self, stops: str) -> str:
        start = self._at
        while self._peek() and self._peek() not in stops:
            self._at += 1
        return self._source[start : self._at]

    def _take_while(self, wanted: str) -> str:
        start = self._at
        while self._peek() and self._peek() in wanted:
            self._at += 1
        return self._source[start : self._at]

    def _reference(self) -> str:
        """Read a character reference; return `""` and stay where it is none."""
        start = self._at
        self._at += 1
        if self._peek() == "#":
            self._at += 1
            base, digits = 10, _DECIMAL
            if self._peek() == "x":
                self._at += 1
                base, digits = 16, _HEXADECIMAL
            number = int(self._take_while(digits) or "0", base)
            too_long = self._at - start >= _LONGEST_REFERENCE
            decoded = "" if too_long or not 0 < number < _LAST_CODE_POINT else chr(number)
        else:
            name_at = self._at
            while self._peek().isascii() and self._peek().isalpha():
                self._at += 1
            decoded = _NAMED.get(self._source[name_at : self._at], "")
        if not decoded:
            self._at = start
        elif self._peek() == ";":
            self._at += 1
        return decoded

    def _start_tag(self) -> None:
        begin = self._at
        self._at += 1
        tag = self._take_until(_SPACE + ">").lower()
        if not self._peek():
            raise self._refused(begin, "Unclosed start tag")
        if tag not in _TYPES:
            raise self._refused(begin, f'Unsupported start tag "{tag}"')
        attributes = self._attributes(tag, begin)
        self._at += 1
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise self._refused(begin, 'Tag "span" must have class "tg-spoiler"')
        self._open.append(_Open(tag, attributes, self._offset, len(self._text)))

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        attributes: dict[str, str] = {}
        while True:
            self._skip_space()
            if self._peek() == ">":
                return attributes
            name = self._take_until(_SPACE + "=>/\"'")
            if not name:
                raise self._refused(begin, f'Empty attribute name in the tag "{tag}"')
            self._skip_space()
            if self._peek() == "=":
                self._at += 1
                attributes[name] = self._attribute_value(tag, begin)
            elif not self._peek():
                raise self._refused(begin, f'Unclosed start tag "{tag}"')
            else:
                attributes[name] = ""

    def _attribute_value(self, tag: str, begin: int) -> str:
        self._skip_space()
        quote = self._peek()
        if not quote:
            raise self._refused(begin, f'Unclosed start tag "{tag}"')
        if quote in "\"'":
            self._at += 1
            value = self._quoted(quote)
        else:
            token = self._at
            while self._peek().isascii() and (self._peek().isalnum() or self._peek() in {".", "-"}):
                self._at += 1
            value = self._source[token : self._at].lower()
            if self._peek() and self._peek() not in _SPACE + ">":
                raise self._refused(token, "Unexpected end of name token")
        if not self._peek():
            raise self._refused(begin, "Unclosed start tag")
        return value

    def _quoted(self, quote: str) -> str:
        value: list[str] = []
        while (character := self._peek()) and character != quote:
            if character == "&" and (decoded := self._reference()):
                value.append(decoded)
            else:
                value.append(character)
                self._at += 1
        self._at += bool(character)
        return "".join(value)

    def _end_tag(self) -> None:
        begin = self._at
        if not self._open:
            raise self._refused(begin, "Unexpected end tag")
        self._at += 2
        found = self._take_until(_SPACE + ">").lower()
        self._skip_space()
        if self._peek() != ">":
            raise self._refused(begin, "Unclosed end tag")
        self._at += 1
        opened = self._open.pop()
        if found not in {"", opened.tag}:
            raise Refusal(
                400,
                "Bad Request: can't parse entities: "
                f"Unmatched end tag at byte offset {self._bytes_before(begin)}, "
                f'expected "</{opened.tag}>", found "</{found}>"',
            )
        if self._offset > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        entity = Entity(_TYPES[opened.tag], opened.offset, self._offset - opened.offset)
        attributes = opened.attributes
        if opened.tag == "a":
            url = attributes.get("href") or "".join(self._text[opened.place :])
            linked = link(url, entity.offset, entity.length)
            if linked is not None:
                self._entities.append(linked)
        elif opened.tag == "tg-emoji":
            number = attributes.get("emoji-id", "")
            if not (number.isascii() and number.isdecimal()) or int(number) == 0:
                raise Refusal(
                    400,
                    "Bad Request: can't parse entities: Invalid custom emoji identifier specified",
                )
            self._entities.append(replace(entity, detail=(("custom_emoji_id", number),)))
        elif opened.tag == "tg-time":
            self._close_time(entity, attributes)
        elif opened.tag == "blockquote" and "expandable" in attributes:
            self._entities.append(replace(entity, type="expandable_blockquote"))
        elif opened.tag in {"code", "pre"}:
            self._close_code(entity, attributes.get("class", ""))
        else:
            self._entities.append(entity)

    def _close_time(self, entity: Entity, attributes: dict[str, str]) -> None:
        unix = attributes.get("unix", "")
        if unix.isascii() and unix.isdecimal() and int(unix) > 0:
            detail = (("unix_time", int(unix)), ("date_time_format", attributes.get("format", "")))
            self._entities.append(replace(entity, detail=detail))

    def _close_code(self, entity: Entity, css_class: str) -> None:
        """`pre` and `code` around the same text are one block, which may name its language."""
        language = css_class.removeprefix("language-") if "language-" in css_class[:9] else ""
        last = self._entities[-1] if self._entities else None
        if last is not None and (last.offset, last.length) == (entity.offset, entity.length):
            inner = dict(last.detail).get("language", "")
            if entity.type == "pre" and last.type == "code" and inner:
                self._entities[-1] = replace(last, type="pre")
                return
            if entity.type == "code" and last.type == "pre" and language:
                self._entities[-1] = replace(last, detail=(("language", language),))
                return
        detail = (("language", language),) if entity.type == "code" and language else ()
        self._entities.append(replace(entity, detail=detail))

    def _refused(self, place: int, problem: str) -> Refusal:
        offset = self._bytes_before(place)
        return Refusal(400, f"Bad Request: can't parse entities: {problem} at byte offset {offset}")


def _without_class(entity: Entity) -> Entity:
    """Drop the language: it means something on a block only."""
    return replace(entity, detail=()) if entity.type == "code" else entity

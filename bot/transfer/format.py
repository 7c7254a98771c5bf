"""Export and import of a chat: subscriptions and settings as TOML that people read and edit.

Reading believes nothing: a file is used whole or, with every fault named, not at all.
"""

import json
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from bot.query.parser import QuerySyntaxError, normalise, parse_stored
from bot.transfer.choices import Choice, choices, papers
from bot.transfer.entries import (
    LONGEST_LABEL,
    ChatFile,
    EntryFault,
    Kind,
    TransferEntry,
    TransferError,
    Value,
)
from storage.models import Chat
from storage.plain_text import is_visible
from storage.topics import Followed

LARGEST = 500_000
"""Bytes; two hundred of the longest topics, in signs of four bytes, take less."""

MOST_TOPICS = 200
MOST_FAULTS = 20

LONGEST_LINE = 1_500
"""A query of 500 characters, each of them escaped, takes less. A key of tens of thousands of parts
would keep the parser busy for a minute."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")

_HEAD = """\
# What a chat follows on Paperboy, and how. Change what you like, send the file to the bot, and
# it says what it would do before it does it. What a file does not name stays as it is.
"""


def write(chat: Chat, followed: Sequence[Followed]) -> str:
    """Export a chat: return its file."""
    settings = {
        name: choice.written(getattr(chat, choice.column))
        for name, choice in choices(languages=(), menus=()).items()
    }
    blocks = [_HEAD, _table("[settings]", settings)]
    for subscription, topic in followed:
        entry: dict[str, Any] = {"label": subscription.label, "query": topic.query}
        if subscription.cap is not None:
            entry["cap"] = subscription.cap
        entry |= {name: True for name in ("muted", "paused") if getattr(subscription, name)}
        blocks.append(_table("[[topic]]", entry))
    return "\n".join(blocks)


def read(content: bytes, *, languages: Collection[str], menus: Collection[str]) -> ChatFile:
    """Parse and validate a file; `languages` and `menus` are those that can be chosen.

    Raises:
        TransferError: It can't be used, for every reason that it names.

    """
    text = _text(content)
    for number, written in enumerate(text.split("\n"), 1):
        if len(written) > LONGEST_LINE:
            raise TransferError(EntryFault(Kind.SYNTAX, line=number))
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        last = int(place[1]) if place else text.count("\n") + 1
        raise TransferError(EntryFault(Kind.SYNTAX, line=last)) from None
    except (RecursionError, ValueError):
        # Brackets within brackets without end; a number with thousands of digits.
        raise TransferError(EntryFault(Kind.SYNTAX)) from None
    reader = _FileReader(text, choices(languages=languages, menus=menus))
    wanted = reader.wanted(found)
    if reader.faults:
        raise TransferError(*reader.faults[:MOST_FAULTS])
    return wanted


class _FileReader:
    """Goes through what a file has, and notes everything that is wrong."""

    def __init__(self, text: str, known: Mapping[str, Choice]) -> None:
        self.faults: list[EntryFault] = []
        self._lines = text.split("\n")
        self._choices = known

    def wanted(self, found: dict[str, Any]) -> ChatFile:
        strangers = [key for key in found if key not in {"settings", "topic"}]
        self.faults += [
            EntryFault(Kind.UNKNOWN, line=self._line(key), key=key)
            for key in strangers[:MOST_FAULTS]
        ]
        settings, entries = found.get("settings", {}), found.get("topic", [])
        if not isinstance(settings, dict):
            self.faults.append(EntryFault(Kind.VALUE, key="settings", detail="[settings]"))
            settings = {}
        if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
            self.faults.append(EntryFault(Kind.VALUE, key="topic", detail="[[topic]]"))
            entries = []
        if len(entries) > MOST_TOPICS:
            self.faults.append(EntryFault(Kind.TOO_MANY, detail=str(MOST_TOPICS)))
            entries = []
        return ChatFile(dict(self._settings(settings)), tuple(self._topics(entries)))

    def _settings(self, settings: dict[str, Any]) -> Iterator[tuple[str, Value]]:
        for key, value in settings.items():
            if self._has_enough():
                return
            line = self._line(key)
            choice = self._choices.get(key)
            if choice is None:
                self.faults.append(EntryFault(Kind.UNKNOWN, line=line, key=key))
            elif (good := choice.read(value)) is None:
                self.faults.append(
                    EntryFault(Kind.VALUE, line=line, key=key, detail=choice.example)
                )
            else:
                yield choice.column, good

    def _topics(self, entries: list[dict[str, Any]]) -> Iterator[TransferEntry]:
        seen: set[str] = set()
        heads = [
            number
            for number, line in enumerate(self._lines, 1)
            if re.match(r"\s*\[\[\s*topic\s*\]\]", line)
        ]
        for number, entry in enumerate(entries, 1):
            if self._has_enough():
                return
            start = heads[number - 1] if number <= len(heads) else None
            faults = list(islice(self._faults_of(entry, number, start), MOST_FAULTS))
            query = self._query(entry, number, start)
            if query in seen:
                faults.append(EntryFault(Kind.TWICE, line=start, topic=number))
            self.faults += faults
            if query is None or faults:
                continue
            seen.add(query)
            yield TransferEntry(
                query,
                " ".join(str(entry.get("label", query)).split())[:LONGEST_LABEL],
                entry.get("cap"),
                entry.get("muted", False),
                entry.get("paused", False),
            )

    def _faults_of(
        self, entry: dict[str, Any], number: int, start: int | None
    ) -> Iterator[EntryFault]:
        for key, value in entry.items():
            line = self._line(key, after=start)
            match key, value:
                case "query", _:
                    pass
                case "label", str() if is_visible(value) and not _CONTROLS.search(value):
                    if len(value) > LONGEST_LABEL:
                        yield EntryFault(Kind.VALUE, line, number, key, f'"{value[:20].strip()}…"')
                case "cap", int() if papers(value):
                    pass
                case (("muted" | "paused"), bool()):
                    pass
                case (("label" | "cap" | "muted" | "paused"), _):
                    yield EntryFault(Kind.VALUE, line, number, key, _TOPIC_EXAMPLES[key])
                case _:
                    yield EntryFault(Kind.UNKNOWN, line, number, key)

    def _query(self, entry: dict[str, Any], number: int, start: int | None) -> str | None:
        text = entry.get("query")
        line = self._line("query", after=start)
        if not isinstance(text, str):
            kind = Kind.MISSING if text is None else Kind.VALUE
            example = 'query = "gaussian splatting"'
            self.faults.append(EntryFault(kind, line or start, number, "query", example))
            return None
        try:
            return normalise(parse_stored(text))
        except QuerySyntaxError as error:
            self.faults.append(EntryFault(Kind.QUERY, line or start, number, "query", query=error))
            return None

    def _has_enough(self) -> bool:
        """Tell whether more faults would not be told; looking for their places takes time."""
        return len(self.faults) >= MOST_FAULTS

    def _line(self, key: str, *, after: int | None = None) -> int | None:
        """Return where a name stands first, or first in the entry that begins at a line."""
        named = re.compile(rf"\s*(\[+\s*)?[\"']?{re.escape(key)}[\"']?\s*[]=.]")
        first = after or 0
        for number, line in enumerate(self._lines[first:], first + 1):
            if named.match(line):
                return number
            if after and re.match(r"\s*\[", line):
                return None
        return None


_TOPIC_EXAMPLES = {"label": '"Splatting"', "cap": "3", "muted": "true", "paused": "true"}


def _text(content: bytes) -> str:
    if len(content) > LARGEST:
        raise TransferError(EntryFault(Kind.TOO_LARGE, detail=str(LARGEST)))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TransferError(EntryFault(Kind.NO_TEXT)) from None


def _table(head: str, values: dict[str, Any]) -> str:
    lines = (f"{key} = {_value(value)}" for key, value in values.items())
    return "\n".join((head, *lines, ""))


def _value(value: object) -> str:
    # JSON's texts, numbers, lists and switches are TOML's, but for one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

"""Import of files that people have already: a page in Markdown, its settings, a list.

Four forms are understood:

- a digest in Markdown: every heading above a table is a topic;
- the `config.yaml` of cv-arxiv-daily and its many forks: `keywords`, each with `filters`;
- a list of `topics`, label and query, in TOML or YAML;
- the file of a chat (see `bot.transfer.format`): `[[topic]]` with `label` and `query`.

A list may also say under `page` how the page shall look.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePath
from typing import Any

import yaml

from bot.query.parser import QuerySyntaxError, normalise, parse
from bot.query.presets import PRESETS
from bot.transfer.entries import LONGEST_LABEL, TransferEntry
from bot.transfer.format import LONGEST_LINE
from storage.plain_text import is_visible, storable

LARGEST_PAGE = 5_000_000
"""Bytes of a page; a list has far less."""

_LARGEST_LIST = 200_000
_DEEPEST = 10
_MOST = 500
"""Topics of a file, and papers that a page may list of each."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a page shall look; what is None is not said."""

    language: str | None = None
    papers: int | None = None
    """A topic."""
    topics: int | None = None
    contents: bool | None = None
    authors: bool | None = None
    category: bool | None = None


@dataclass(frozen=True, slots=True)
class ImportedPage:
    """What a file names."""

    topics: tuple[TransferEntry, ...]
    unknown: tuple[str, ...] = ()
    """Headings that say nothing that could be looked for."""
    look: Look = field(default_factory=Look)


class PageFileError(Exception):
    """A file that can't be used; `where` is the topic or the name that is wrong."""

    def __init__(self, reason: str, where: str | None = None) -> None:
        super().__init__(f"{where}: {reason}" if where else reason)
        self.reason = reason
        self.where = where


def read_page(name: str, content: bytes) -> ImportedPage:
    """Return the topics of a file; its name tells what it is: `.md`, `.toml`, `.yaml` or `.yml`.

    Raises:
        PageFileError: it can't be used; nothing of it is.

    """
    kind = PurePath(name).suffix.lower()
    if len(content) > (LARGEST_PAGE if kind in {".md", ".markdown"} else _LARGEST_LIST):
        raise PageFileError("is too large")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PageFileError("is not UTF-8") from None
    match kind:
        case ".md" | ".markdown":
            return _of_headings(text)
        case ".toml" | ".yaml" | ".yml":
            return _of_list(_parsed(text, kind))
        case _:
            raise PageFileError("is none of .md, .toml, .yaml and .yml")


# Pages

_HEADING = re.compile(r"#{1,4} +(?=\S)")
_RULE = re.compile(r"\|[ :|]*-[ :|-]*")
"""What parts a table's head from its rows begins so, and goes on to a last `|`."""
_TAGS = re.compile(r"<[^<>]*>")
_LONGEST_HEADING = 1_000


def _of_headings(text: str) -> ImportedPage:
    known = {name.casefold(): topic for topic in PRESETS for name in topic.labels().values()}
    topics: list[TransferEntry] = []
    unknown: list[str] = []
    for heading in islice(_headings(text.replace("\r\n", "\n").split("\n")), _MOST):
        label = _label(_TAGS.sub("", heading).replace("\\", ""))
        ready = known.get(label.casefold())
        query = _looked_for(ready.query if ready else f'"{label}"' if " " in label else label)
        # Chinese words are not in arXiv's English, whatever the language of the page.
        if query is None or not re.search(r"[A-Za-z]{2}", query):
            unknown.append(label)
        else:
            topics.append(TransferEntry(query, label))
    if not topics and not unknown:
        raise PageFileError("has no heading with a table below it")
    return ImportedPage(_once(topics), tuple(unknown))


def _headings(lines: list[str]) -> Iterator[str]:
    """Yield the headings with a table below them, line by line: in a time that grows with these."""
    heading, waited = "", 0
    for line in lines:
        begins = _HEADING.match(line)
        if begins is not None:
            words = line[begins.end() : _LONGEST_HEADING].rstrip()
            bare = words.rstrip("#")
            heading, waited = (bare.rstrip() if bare.endswith(" ") else words), 0
        elif line and heading:
            rule = _RULE.match(line)
            if rule is not None and "|" in rule[0].partition("-")[2]:
                yield heading
                heading = ""
            elif waited or not line.startswith("|"):
                heading = ""  # neither a table's head, nor what parts it from its rows
            waited += 1


# Lists


def _parsed(text: str, kind: str) -> Mapping[str, Any]:
    try:
        found = _toml(text) if kind == ".toml" else _yaml(text)
    except (yaml.YAMLError, RecursionError, ValueError, ArithmeticError) as error:
        reason = " ".join(str(error).split())[:200]
        raise PageFileError(f"can't be read: {reason}") from None
    if not isinstance(found, dict):
        raise PageFileError("has no list of topics")
    return found


def _toml(text: str) -> object:
    """Return what a text in TOML says; a key of tens of thousands of parts takes gigabytes."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST_LINE:
            message = f"line {number} is longer than {LONGEST_LINE} characters"
            raise ValueError(message)
    return tomllib.loads(text)


def _yaml(text: str) -> object:
    """Return what a text in YAML says, after a look at what it is made of.

    Aliases of aliases make gigabytes of a thousand bytes, brackets within brackets take minutes,
    a number may have any length, and a value that is said to be of a kind need not be.
    """
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        match event:
            case yaml.AliasEvent():
                raise ValueError("aliases are not understood here")
            case yaml.ScalarEvent(tag=str(tag)) | yaml.CollectionStartEvent(tag=str(tag)):
                raise ValueError(f"{tag} is not understood here")
            case yaml.ScalarEvent() if len(event.value) > LONGEST_LINE:
                raise ValueError(f"a value is longer than {LONGEST_LINE} characters")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise ValueError(f"it is nested more than {_DEEPEST} deep")
    return yaml.safe_load(text)


def _of_list(found: Mapping[str, Any]) -> ImportedPage:
    named = [*_of_keywords(found), *_of_topics(found), *_of_entries(found)]
    if not named:
        raise PageFileError("names no topic; it needs `topics`, such as: NeRF = 'NeRF | 3DGS'")
    if len(named) > _MOST:
        raise PageFileError(f"names more than {_MOST} topics")
    topics = []
    for label, text in named:
        try:
            topics.append(TransferEntry(normalise(parse(text)), _label(label)))
        except QuerySyntaxError as error:
            raise PageFileError(str(error), label) from None
    return ImportedPage(_once(topics), look=_look(found))


def _of_keywords(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the topics of cv-arxiv-daily's settings: one of the filters has to be found."""
    for label, entry in _table(found, "keywords").items():
        filters = entry.get("filters") if isinstance(entry, dict) else entry
        if isinstance(filters, str):
            filters = [filters]
        if not isinstance(filters, list) or not filters:
            raise PageFileError("has no filters", str(label))
        words = [" ".join(str(one).replace('"', " ").split()) for one in filters]
        quoted = [f'"{one}"' if re.search(r"[^\w.]", one) else one for one in words if one]
        yield str(label), " OR ".join(quoted)


def _of_topics(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for label, query in _table(found, "topics").items():
        if not isinstance(query, str):
            raise PageFileError("is no query", str(label))
        yield str(label), query


def _of_entries(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    entries = found.get("topic", [])
    for number, entry in enumerate(entries if isinstance(entries, list) else [entries], 1):
        query = entry.get("query") if isinstance(entry, dict) else None
        if not isinstance(query, str):
            raise PageFileError("has no query", f"topic {number}")
        yield str(entry.get("label") or query), query


def _look(found: Mapping[str, Any]) -> Look:
    page = dict(_table(found, "page"))
    if "language" not in page and "abstracts" in (settings := _table(found, "settings")):
        page["language"] = settings["abstracts"]
    for name in page:
        if name not in Look.__slots__:
            raise PageFileError(f"is none of {', '.join(Look.__slots__)}", f"page.{name}")
    for name, kind in (
        ("language", str),
        ("contents", bool),
        ("authors", bool),
        ("category", bool),
    ):
        if not isinstance(page.get(name, kind()), kind):
            raise PageFileError(f"is no {kind.__name__}", f"page.{name}")
    for name in ("papers", "topics"):
        number = page.get(name, 1)
        if type(number) is not int or not 1 <= number <= _MOST:
            raise PageFileError(f"is no number from 1 to {_MOST}", f"page.{name}")
    return Look(**page)


def _table(found: Mapping[str, Any], name: str) -> Mapping[Any, Any]:
    table = found.get(name) or {}
    if not isinstance(table, dict):
        raise PageFileError("is no table", name)
    return table


# Both


def _label(text: str) -> str:
    label = " ".join(storable(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text)).split())[:LONGEST_LABEL]
    return label if is_visible(label) else "—"


def _looked_for(text: str) -> str | None:
    try:
        return normalise(parse(text))
    except QuerySyntaxError:
        return None


def _once(topics: list[TransferEntry]) -> tuple[TransferEntry, ...]:
    """Return each query once, under the first of its labels."""
    return tuple({entry.query: entry for entry in reversed(topics)}.values())[::-1]

"""Parser of XML that arXiv sends: nothing in it is trusted, and one bad entry spoils no page."""

import re
from typing import Any
from xml.etree import ElementTree as ET

_CONTROLS = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20)])
_NONCHARACTERS = ("\ufffe", "\uffff")
_REFERENCES = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]));"
)
"""What XML 1.0 does not allow in any document, as itself or as a character reference."""

_C1 = re.compile(r"[\x80-\x9f]")
_C1_BYTES = re.compile(rb"\xc2[\x80-\x9f]")
_DOUBLE_ENCODED = re.compile(
    r"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_CHUNK = 1 << 16
_LONGEST_FRAME = 10_000
"""Characters around the entries."""
_LONGEST_ROOT = 2_000
"""Characters of the outermost element's start: each entry is tried on its own within it alone, so
that the work grows with the document, however many entries it claims to have."""
_MOST_ENTRIES = 10_000
"""A page of the API has 2,000, one of OAI-PMH 2,500."""
_DEEPEST = 40
"""Elements within each other; arXiv's documents have a quarter of it."""


class DocumentError(Exception):
    """The bytes are no whole document of the kind; `reason` says in a few words why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason[:200])
        self.reason = reason[:200]


def read(body: bytes, *, root: str, entry: str) -> tuple[str, ET.Element, int]:
    """Return a document's text, its root element, and how many entries were ill-formed.

    root: the name of its outermost element; entry: of the elements that repeat. Entries that are
    ill-formed are left out. Control characters, which no XML may hold, are dropped beforehand:
    they come from the authors' own text. A document type, and with it every entity bomb, is
    refused unread.

    Raises:
        DocumentError: the bytes are not well-formed, or cut off.

    """
    # A class of characters is looked for in some 50 ms, which hold the interpreter in one go, and
    # bytes that UTF-8 has for nothing else in a few.
    legal = body.translate(None, _CONTROLS)
    text = legal.decode("utf-8", errors="replace")
    for each in _NONCHARACTERS:
        text = text.replace(each, "")
    text = _REFERENCES.sub("", text).strip().lstrip("\ufeff")
    if _C1_BYTES.search(legal):
        begin = f"<{entry}"
        head, *pieces = text.split(begin)
        text = begin.join([head, *map(_mended, pieces)])
    try:
        return text, _parse(text), 0
    except ET.ParseError as error:
        reason = f"not well-formed, or cut off: {error}"
    head, *pieces = re.split(rf"(?=<{entry}\b)", text)
    # One author's stray `<` must not cost everybody the page; a document that is cut off must.
    closing = re.compile(rf"</{entry}\s*>")
    ends = [end.end() if (end := closing.search(piece)) else None for piece in pieces]
    if not pieces or ends[-1] is None or not text.endswith(f"</{root}>"):
        raise DocumentError(reason)
    tail = pieces[-1][ends[-1] :]
    start = re.search(rf"<{root}\b[^<>]{{0,{_LONGEST_ROOT}}}>", head)
    if start is None or len(head) + len(tail) > _LONGEST_FRAME or len(pieces) > _MOST_ENTRIES:
        raise DocumentError(reason)
    entries = [piece[:end] for piece, end in zip(pieces, ends, strict=True)]
    sound = [each for each in entries if _is_sound(f"{start[0]}{each}</{root}>")]
    text = head + "".join(sound) + tail
    try:
        return text, _parse(text), len(entries) - len(sound)
    except ET.ParseError:
        raise DocumentError(reason) from None


def _is_sound(text: str) -> bool:
    try:
        _parse(text)
    except ET.ParseError:
        return False
    return True


class _Strict(ET.TreeBuilder):
    """Refuses what is too deep, and a document type before its entities are read."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def start(self, tag: Any, attrs: dict[Any, Any]) -> ET.Element:
        self._depth += 1
        if self._depth > _DEEPEST:
            message = f"more than {_DEEPEST} elements within each other"
            raise ET.ParseError(message)
        return super().start(tag, attrs)

    def end(self, tag: Any) -> ET.Element:
        self._depth -= 1
        return super().end(tag)

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        del pubid, system
        reason = f"a document with a type ({name[:80]!r}), which none of arXiv's has"
        raise DocumentError(reason)


def _parse(text: str) -> ET.Element:
    # Expat also bounds the growth of entities by itself; the doctype that could define them is
    # refused above. https://libexpat.github.io/doc/billion-laughs/
    parser = ET.XMLParser(target=_Strict())  # noqa: S314 - see the comment above
    # In pieces, so that a page of several megabytes does not hold the interpreter in one go.
    for start in range(0, len(text), _CHUNK):
        parser.feed(text[start : start + _CHUNK])
    root: ET.Element = parser.close()
    return root


def _mended(text: str) -> str:
    r"""Return text that was encoded twice somewhere on its way (`KroiÃ\x9f`) as it was meant.

    Nobody writes the control characters U+0080 to U+009F, so they are the sign of it.
    """

    def repaired(found: re.Match[str]) -> str:
        try:
            meant = found.group().encode("latin-1").decode("utf-8")
        except UnicodeDecodeError:
            return found.group()
        return "" if meant in _NONCHARACTERS else meant

    return _DOUBLE_ENCODED.sub(repaired, text) if _C1.search(text) else text

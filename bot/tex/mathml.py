r"""MathML through an allow-list: formulas that browsers draw without a script.

latex2mathml knows the TeX. It also passes on whatever an author wrote, unescaped: markup in
`\text`, addresses in `\href`, styles, colours, and lengths without a limit. So only its tree of
elements is used, and of that only what stands in two lists; the rest of a formula's way out is
`escaped`. A formula with anything else, or of which a letter would be lost, stays what it is
everywhere: readable Unicode. A sanitizer such as nh3 drops what it does not know instead, and what
is left of a formula means something else.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from html import escape
from xml.etree.ElementTree import Element

from bot.tex.to_unicode import Span, readable

_LONGEST = 400
"""Characters of TeX."""
_DEEPEST = 40
"""Elements within elements."""
_LINE, _WIDEST = 8, 40
"""Letters and signs on a line of a formula: where it may break, and where it is too wide."""
_DRAWN = re.compile(r"[\^_]|\\(?:frac|sqrt|begin)")
_SCRIPT = re.compile("[\u00b2\u00b3\u00b9\u2070-\u209c\u1d2c-\u1d6a\u02b0-\u02b8]+")
_BREAKS = "=≠≈≡≃∼∝≤≥≪≫<>∈⊂⊆→⇒↦+−-±×⋅,;:"

_REFUSED = re.compile(
    r"\\(?:newcommand|renewcommand|providecommand|newenvironment|def|let|DeclareMathOperator|href"
    r"|url|style|class|verb|unicode|rule|raise|lower|phantom|hphantom|vphantom|mathchoice"
    r"|sideset)(?![A-Za-z])"  # one `\sideset` in another doubles what is within
)
_ELEMENTS = (
    *("mrow", "mi", "mn", "mo", "mtext", "mspace", "mstyle", "mtable", "mtr", "mtd"),
    *("msub", "msup", "msubsup", "munder", "mover", "munderover", "mfrac", "msqrt", "mroot"),
)
_YES_OR_NO = re.compile("true|false")
_CHOICES = {
    "stretchy": _YES_OR_NO,
    "fence": _YES_OR_NO,
    "accent": _YES_OR_NO,
    "accentunder": _YES_OR_NO,
    "movablelimits": _YES_OR_NO,
    "largeop": _YES_OR_NO,
    "displaystyle": _YES_OR_NO,
    "form": re.compile("prefix|infix|postfix"),
    "scriptlevel": re.compile("[0-3]"),
    "linethickness": re.compile("0"),
    "width": re.compile(r"-?0?\.\d{1,4}em|[012]em"),
}
"""Attributes by what they may be; what else an element has is left out."""

_NAMED_SPACES = {
    "negativethinmathspace": "-0.167em",
    "negativemediummathspace": "-0.222em",
    "negativethickmathspace": "-0.278em",
    "thinmathspace": "0.167em",
    "thickmathspace": "0.278em",
}


class _UnfitError(Exception):
    """A formula is not drawn."""


def with_formulas(tex: str) -> str:
    """Return TeX as HTML on one line: prose as `to_text` reads it, and formulas as MathML."""
    return "".join(
        (span.formula and needs_drawing(span) and mathml(span.source, span.text))
        or escaped(span.text)
        for span in readable(tex)
    )


def needs_drawing(span: Span) -> bool:
    r"""Tell whether a formula is more than a line of text can be: `$10\times$` is not.

    Nor is an exponent on a word (`Part$^2$`), which stands off from it where it is drawn.
    """
    if span.source.startswith(("^", "_")):
        return not _SCRIPT.fullmatch(span.text)
    return bool(_DRAWN.search(span.source)) or any(map(str.isalpha, span.text))


@lru_cache(maxsize=4096)
def mathml(tex: str, text: str) -> str | None:
    """Return a formula as a `<math>` element, None where it can't be drawn with confidence.

    `text` is the formula as people can read it: nothing of it may be missing from the drawing.
    """
    if len(tex) > _LONGEST or _REFUSED.search(tex):
        return None
    # Not before a formula is drawn: a megabyte.
    from latex2mathml.converter import convert_to_element

    try:
        [row] = convert_to_element(_COMMENT.sub(_meant, tex))
        seen = "".join(map(_text, row.iter()))
        drawn = "".join(map(_drawn, _lines(row)))
    except Exception:  # noqa: BLE001 - authors' TeX makes it raise IndexError, StopIteration ...
        return None
    return drawn if _letters(seen) == _letters(text) else None


_COMMENT = re.compile(r"\\.|%")


def _meant(found: re.Match[str]) -> str:
    """Return a percent sign as one: people who write abstracts do not comment in them."""
    return r"\%" if found[0] == "%" else found[0]


def _lines(row: Element) -> Iterator[list[Element]]:
    """Split a formula where a line may break: browsers break none, and phones are narrow."""
    line: list[Element] = []
    for element in row:
        line.append(element)
        if element.tag == "mo" and _text(element) in _BREAKS and _width(line) >= _LINE:
            yield line
            line = []
    if line:
        yield line


def _drawn(line: list[Element]) -> str:
    if _width(line) > _WIDEST:
        raise _UnfitError
    return f"<math><mrow>{''.join(piece for one in line for piece in _written(one))}</mrow></math>"


def _width(line: list[Element]) -> int:
    return sum(len(_text(part)) for element in line for part in element.iter())


def _written(element: Element, depth: int = 0) -> Iterator[str]:
    if element.tag not in _ELEMENTS or depth > _DEEPEST:
        raise _UnfitError
    yield f"<{element.tag}{''.join(_attributes(element))}>"
    yield escaped(_text(element))
    for child in element:
        yield from _written(child, depth + 1)
    yield f"</{element.tag}>"


def _attributes(element: Element) -> Iterator[str]:
    for name, value in element.attrib.items():
        known = _NAMED_SPACES.get(value, value)
        if (allowed := _CHOICES.get(name)) and allowed.fullmatch(known):
            yield f' {name}="{known}"'
        elif name == "width":
            raise _UnfitError
    if element.tag == "mi" and element.get("mathvariant") == "normal":
        yield ' mathvariant="normal"'


def _text(element: Element) -> str:
    """Return what an element says itself; the library writes Unicode as `&#x3B1;`."""
    text = _REFERENCE.sub(lambda found: chr(int(found[1], 16)), element.text or "")
    if "\\" in text:
        raise _UnfitError  # a command that the library does not know
    # Browsers know no `mathvariant` but `normal` (MathML Core), so the letters carry the style.
    if alphabet := _ALPHABETS.get(element.get("mathvariant", "")):
        return "".join(_styled(letter, alphabet) for letter in text)
    return text


_REFERENCE = re.compile("&#x([0-9A-Fa-f]{1,5});")
_ALPHABETS = {
    "bold": "BOLD",
    "italic": "ITALIC",
    "bold-italic": "BOLD ITALIC",
    "double-struck": "DOUBLE-STRUCK",
    "script": "SCRIPT",
    "fraktur": "FRAKTUR",
    "sans-serif": "SANS-SERIF",
    "monospace": "MONOSPACE",
}


@cache
def _styled(letter: str, alphabet: str) -> str:
    kind = unicodedata.name(letter, "").removeprefix("LATIN ").removeprefix("GREEK ")
    kind = kind.replace("LETTER ", "")
    for name in (f"MATHEMATICAL {alphabet} {kind}", f"{alphabet} {kind}"):
        try:
            return unicodedata.lookup(name)
        except KeyError:
            continue
    return letter


def _letters(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).replace("ϕ", "φ").replace("ϵ", "ε")
    return sorted(character for character in plain if character.isalnum() or character == "$")


def escaped(text: str) -> str:
    """Escape a text for HTML, also for an attribute."""
    # A lone surrogate can't be written in UTF-8.
    return escape(text.encode("utf-8", "replace").decode())

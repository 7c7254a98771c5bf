"""TeX to Unicode: titles and abstracts as people can read them.

arXiv hands out what the author typed: TeX of every kind, mixed with prose in which `$`, `%`, `_`,
`~` and `{` mean themselves. pylatexenc's converter takes such prose for TeX and loses it (all
after a `%`, unknown macros, a lone `$`), so only its table of symbols is used. What is not
understood here stays as it stands.
"""

import html
import re
from typing import NamedTuple

from bot.tex.macros import MACROS
from bot.tex.reader import MARK, convert


class Span(NamedTuple):
    """A stretch of text that is either prose or one whole formula."""

    text: str
    formula: bool
    source: str = ""
    """The TeX that `readable` made a formula's text from."""


def to_text(tex: str) -> str:
    r"""Return the text on one line, with its TeX as Unicode: `$\alpha_i$` gives `αᵢ`.

    Never raises. Text without TeX comes back as `one_line` gives it.
    """
    return "".join(span.text for span in readable(tex))


def readable(tex: str) -> list[Span]:
    """Return what `to_text` returns, in pieces: a formula must not be cut in the middle."""
    tex = one_line(_without_html(tex))
    if '"' in tex:
        tex = _MIXED_QUOTES.sub(lambda found: f"``{found[1] or found[2]}''", tex)
    if not _ANY_TEX.search(tex):
        return [Span(tex, formula=False)] if tex else []
    found = spans(tex)
    # Formulas stand inside macros (`\textbf{an $x$}`), so they are stood in for by a mark while
    # the prose around them is read.
    prose = "".join(
        f"{MARK}{index}{MARK}" if span.formula else span.text for index, span in enumerate(found)
    )
    pieces: list[Span] = []
    space = ""
    for index, part in enumerate(convert(prose, math=False, macros=MACROS).split(MARK)):
        formula = index % 2 == 1
        source = found[int(part)].text if formula else ""
        text = convert(source, math=True, macros=MACROS) if formula else part
        if not (words := " ".join(text.split())):
            space = space or text[:1]
            continue
        before = " " if pieces and (space or (text[0].isspace() and not formula)) else ""
        if before and formula:
            pieces.append(Span(before, formula=False))
            before = ""
        pieces.append(Span(before + words, formula, one_line(source)))
        space = " " if text[-1].isspace() and not formula else ""
    return pieces


def _without_html(tex: str) -> str:
    """Return TeX for the HTML that some abstracts hold: links, raised and lowered signs."""
    if "<" in tex:
        tex = _HTML_LINK.sub(r"\\href{\1}{\2}", tex)
        tex = _HTML_SCRIPT.sub(lambda found: f"${_SIGNS[found[1].lower()]}{{{found[2]}}}$", tex)
        tex = _HTML_TAG.sub(lambda found: " " if found[1].lower() in {"br", "p"} else "", tex)
    return _HTML_ENTITY.sub(lambda found: html.unescape(found[0]), tex) if "&" in tex else tex


_SIGNS = {"sub": "_", "sup": "^"}
_HTML_LINK = re.compile(
    r"""<a\s[^<>]{0,200}?href\s*=\s*["']?(https?://[^\s"'<>{}\\]{1,500})["']?[^<>]{0,200}>([^<>{}\\$]{0,500})</a\s*>""",
    re.IGNORECASE,
)
_HTML_SCRIPT = re.compile(r"<(sub|sup)>([\w+\-.,()]{1,20})</\1>", re.IGNORECASE)
_HTML_TAG = re.compile(
    r"</?(a|b|i|em|strong|sub|sup|br|p|span|tt|code|small|u)(?:\s+[\w-]+\s*=[^<>]{0,300})?\s?/?>",
    re.IGNORECASE,
)
_HTML_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#39|#x27);")
_MIXED_QUOTES = re.compile(r"""(?<![^\s(])"([^"`']{1,200})''|``([^"`']{1,200})"(?![\w"])""")


def spans(tex: str) -> list[Span]:
    r"""Split the text at its formulas: `$...$`, `$$...$$`, `\(...\)`, `\[...\]`, delimiters gone.

    A dollar sign that is money, or that has no partner, is prose.
    """
    pieces: list[Span] = []
    done = 0
    at = 0
    while opening := _MATH_OPENING.search(tex, at):
        at = opening.end()
        end = _formula_end(tex, at, opening[0])
        if end is None:
            continue
        if opening.start() > done:
            pieces.append(Span(tex[done : opening.start()], formula=False))
        pieces.append(Span(tex[at : end.start()], formula=True))
        done = at = end.end()
    if done < len(tex):
        pieces.append(Span(tex[done:], formula=False))
    return pieces


def one_line(text: str) -> str:
    """Return the text with single spaces only, and without what has no place on a screen.

    That is control characters, lone surrogates, noncharacters, and the marks that reverse the
    reading direction of everything after them.
    """
    return " ".join(_UNPRINTABLE.sub("", text).split())


_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
    "\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)
_ANY_TEX = re.compile(r"[\\${}~]|[_^]\{|--|``|''")
_MATH_OPENING = re.compile(r"\\.?|\$\$?")
_CLOSING = {
    "$": re.compile(r"(?<!\\)\$"),
    "$$": re.compile(r"(?<!\\)\$\$"),
    r"\(": re.compile(r"\\\)"),
    r"\[": re.compile(r"\\\]"),
}
_LONGEST_FORMULA = 1_000
_MOST_INNER_DOLLARS = 6
_MACRO = re.compile(r"\\[A-Za-z]+\*?(?:\{[^{}]*\})?|\{[^{}]*\}")
_BRACE = re.compile(r"\\.|[{}]")
_PROSE_WORD = re.compile(r"(?<![^\s(])[A-Za-z]{2,}(?![^\s,.;:)])")


def _formula_end(tex: str, start: int, opening: str) -> re.Match[str] | None:
    """Return where a formula's closing delimiter stands, None where it is no formula."""
    closing = _CLOSING.get(opening)
    if closing is None:
        return None
    ends = closing.finditer(tex, start, start + _LONGEST_FORMULA)
    for end, _ in zip(ends, range(_MOST_INNER_DOLLARS), strict=False):
        content = tex[start : end.start()]
        if _balanced(content):  # `\text{if $x$}` has dollars within
            money = opening == "$" and _is_money(content, tex[end.end() : end.end() + 1])
            return None if money or not content.strip() else end
    return None


def _balanced(content: str) -> bool:
    depth = 0
    for brace in _BRACE.findall(content):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            return False
    return depth == 0


def _is_money(content: str, follower: str) -> bool:
    """Tell the prose between two sums of money, or in a shell's `$HOME/$USER`, from a formula."""
    words = [
        word
        for word in _PROSE_WORD.findall(_MACRO.sub(" ", content))
        if _VOWEL.search(word) and word not in _FUNCTIONS
    ]
    if len(words) > 1:
        return True
    if content[:1].isdigit() and (follower.isdigit() or content.count("(") != content.count(")")):
        return True  # "$5 and $6", "$5 (US$)"
    loose = content[:1].isspace() or content[-1:].isspace()
    if (
        content[:1].isspace()
        and content[-1:].isspace()
        and not words
        and content.strip()[:1].isalpha()
    ):
        return False  # "the text $ T $"
    return loose and not re.search(r"[\\^_=<>]", content)


_VOWEL = re.compile(r"[aeiouy]", re.IGNORECASE)
_FUNCTIONS = frozenset(
    ("log", "exp", "max", "min", "sin", "cos", "tan", "arg", "poly", "polylog", "lim", "sup", "inf")
)

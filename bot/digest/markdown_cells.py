r"""Markdown escaping: texts and addresses as they may stand in a cell of a table.

Nothing that an author, a translator or a chat wrote can leave its cell:

- GitHub splits a row at every `|` that has no backslash before it, also in code and in formulas,
  so prose has `&#124;` for it and formulas `\vert` (https://github.github.com/gfm/#tables-extension-).
- A formula stays `$...$`. GitHub reads it as Markdown before it draws it, so one that Markdown
  would damage is written `` $`...`$ ``, as GitHub recommends
  (https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/writing-mathematical-expressions).
- Jekyll runs Liquid over the page first: no `{{` and no `{%` comes out of here.
- Only such marks are escaped as both CommonMark and kramdown (Jekyll's parser) unescape.
- An address that stands free would become a link on GitHub, which takes along what escapes the
  marks behind it: a tag there would be one. So only addresses in `<...>` are links
  (https://github.github.com/gfm/#autolinks-extension-).
- A very long word would push the other columns off the page, so it gets `<wbr>`, which shows
  nothing, is copied as nothing, and lets a browser break the line there.
"""

import re
from urllib.parse import quote

from bot.regex.lazy_pattern import lazily
from bot.tex.symbols import symbols
from bot.tex.to_unicode import one_line, readable


def inline(tex: str, *, links: bool = False) -> str:
    """Return TeX as Markdown on one line: prose as people read it, and formulas.

    GitHub draws no formula whose dollar touches a letter or a digit (`GenM$^3$`; github/markup
    #1742), nor one with a macro that it does not know: such a one is text (`GenM³`). Behind most
    other signs it draws only those in `` $`...`$ ``.
    """
    found = readable(tex)
    before = ["", *(span.text[-1:] for span in found)]
    after = [*(span.text[:1] for span in found[1:]), ""]
    return "".join(
        _formula(span.source, fenced=left not in _FREE)
        if span.formula and not (left.isalnum() or right.isalnum()) and _is_drawn(span.source)
        else prose(span.text, links=links)
        for span, left, right in zip(found, before, after, strict=False)
    )


# Formulas

_FREE = {"", " ", "("}
"""What may stand before a plain dollar."""


def _is_drawn(tex: str) -> bool:
    return all(name in _DRAWN or name in symbols() for name in _MACRO.findall(tex))


_MACRO = lazily(r"\\([A-Za-z]+)")
_DRAWN = frozenset(
    (
        *("frac", "dfrac", "tfrac", "cfrac", "binom", "sqrt", "left", "right", "middle", "text"),
        *(
            "textbf",
            "textit",
            "textrm",
            "texttt",
            "mathrm",
            "mathbf",
            "mathit",
            "mathcal",
            "mathbb",
        ),
        *("mathfrak", "mathsf", "mathtt", "mathscr", "boldsymbol", "bm", "hat", "widehat", "tilde"),
        *("widetilde", "bar", "overline", "underline", "vec", "dot", "ddot", "acute", "grave"),
        *("breve", "check", "mathring", "overrightarrow", "overset", "underset", "stackrel"),
        *("underbrace", "overbrace", "substack", "begin", "end", "big", "Big", "bigl", "bigr"),
        *("Bigl", "Bigr", "bigg", "Bigg", "limits", "nolimits", "displaystyle", "textstyle"),
        *(
            "scriptstyle",
            "rm",
            "bf",
            "it",
            "cal",
            "tt",
            "sf",
            "not",
            "pmod",
            "bmod",
            "mod",
            "choose",
        ),
        *(
            "over",
            "xrightarrow",
            "xleftarrow",
            "phantom",
            "hspace",
            "mbox",
            "quad",
            "qquad",
            "prime",
        ),
    )
)
r"""Macros that GitHub's MathJax knows and lets through, unlike `\operatorname` and `\href`."""

_SAFE_FORMULA = lazily(r"(?:[^\\_*<>\[\]~&!:`]|\\[A-Za-z]|(?<=[^\W_])_)*")
"""What Markdown leaves alone: no escapes, and no mark that could open anything."""


_BARS = {"|": r"\vert ", r"\|": r"\Vert "}


def _formula(tex: str, *, fenced: bool) -> str:
    if "`" in tex or "$" in tex.replace(r"\$", ""):
        return prose(f"${tex}$")
    tex = re.sub(r"\\.|\|", lambda found: _BARS.get(found[0], found[0]), tex.strip())
    tex = re.sub(r"\{(?=[{%:])", "{ ", tex).strip()
    return f"${tex}$" if _SAFE_FORMULA.fullmatch(tex) and not fenced else f"$`{tex}`$"


# Prose

_MARKS = lazily(r"[\\`*_\[\]<>~$]|&(?=#?\w+;)|\{(?=[{%:#])|\||:(?=//)|(?<=www)\.", re.IGNORECASE)
_ENTITIES = {"|": "&#124;", "{": "&#123;", "&": "&amp;", ":": "&#58;", ".": "&#46;"}
_ADDRESS = lazily(r"https?://(?:[A-Za-z0-9\-._~:/?#@!'()*+,;=%]|&(?!#?\w+;)|\\[_%&#~])+")
_TRAILING = ".,;:!?'*_~)\\"
_LONG_WORD = lazily(r"[^\s\u1100-\uffef]{61,}")
_PIECE = lazily(r".{40,}?(?=[0-9A-Za-z])|.+")
_HERE = "\0"


def prose(text: str, *, links: bool = False) -> str:
    """Return one line of plain text as Markdown that means nothing but itself."""
    if not links:
        return _escaped(text)
    parts = []
    done = 0
    for found in _ADDRESS.finditer(text):
        address = found[0].rstrip(_TRAILING)
        # `https://en.wikipedia.org/wiki/Attention_(machine_learning)` keeps its bracket.
        if address.count("(") > address.count(")") and found[0][len(address) :][:1] == ")":
            address += ")"
        if address.endswith("//"):
            continue
        parts += [_escaped(text[done : found.start()]), f"<{_untexed(address)}>"]
        done = found.start() + len(address)
    return "".join([*parts, _escaped(text[done:])])


def _escaped(text: str) -> str:
    def broken(found: re.Match[str]) -> str:
        return _HERE.join(_PIECE.findall(found[0]))

    pieces = _LONG_WORD.sub(broken, text.replace(_HERE, "")).split(_HERE)
    return "<wbr>".join(_MARKS.sub(_escape, piece) for piece in pieces)


def _escape(found: re.Match[str]) -> str:
    if found[0] == "\\" and found.end() == len(found.string):
        return "&#92;"  # two backslashes and the end of a cell are one backslash and a `|`
    return _ENTITIES.get(found[0], f"\\{found[0]}")


def _untexed(address: str) -> str:
    return re.sub(r"\\(.)", r"\1", address)


# Addresses


def web_address(url: str | None) -> str | None:
    """Return an address of the web as it may stand in a link, None where it is none."""
    url = one_line(url or "")
    return destination(url) if re.match(r"https?://[^\s/]", url) else None


def destination(url: str) -> str:
    """Return an address as it may stand between the brackets of a link."""
    safe = quote(one_line(url), safe="/:?#@!&'*+,;=%-._~")
    return re.sub(r"&(?=#?\w+;)", "&amp;", safe)

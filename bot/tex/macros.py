"""TeX macros with arguments: what each becomes in Unicode, for `bot.tex.reader`."""

import re

from bot.tex.reader import SOFT_SPACE, Macros, TexReader
from bot.tex.symbols import DOUBLE_STRUCK

_OPTION = re.compile(r"\s*\[([^\[\]{}]*)\]")
_MATRICES = {
    "pmatrix": ("(", ")"), "bmatrix": ("[", "]"), "vmatrix": ("|", "|"), "Bmatrix": ("{", "}"),
    "Vmatrix": ("‖", "‖"), "matrix": ("", ""), "smallmatrix": ("", ""), "cases": ("{", ""),
    "array": ("", ""), "aligned": ("", ""),
}  # fmt: skip
_ROW_END = re.compile(r"\\\\")


def _frac(reader: TexReader) -> str:
    above, below = reader.argument(), reader.argument()
    return f"{SOFT_SPACE}{_factor(above)}/{_factor(below)}{SOFT_SPACE}"


def _binom(reader: TexReader) -> str:
    return f"({reader.argument()} choose {reader.argument()})"


def _stacked(reader: TexReader) -> str:
    """Return what stands below, with what stands above it as an exponent."""
    above, below = reader.raw_argument(), reader.argument().strip()
    return below + reader.inner(f"^{{{above}}}", math=True)


def _underset(reader: TexReader) -> str:
    below, above = reader.raw_argument(), reader.argument().strip()
    return above + reader.inner(f"_{{{below}}}", math=True)


def _xrightarrow(reader: TexReader) -> str:
    return "→" + reader.inner(f"^{{{reader.raw_argument()}}}", math=True)


def _xleftarrow(reader: TexReader) -> str:
    return "←" + reader.inner(f"^{{{reader.raw_argument()}}}", math=True)


def _brace(reader: TexReader) -> str:
    """Return what a brace stands under or over, kept together where the brace has a label."""
    held = reader.argument()
    return _factor(held) if reader.tex[reader.at : reader.at + 1] in {"_", "^"} else held


def _prescript(reader: TexReader) -> str:
    above, below = reader.raw_argument(), reader.raw_argument()
    return reader.inner(f"^{{{above}}}_{{{below}}}", math=True) + reader.argument()


def _quantity(reader: TexReader) -> str:
    number, unit = reader.argument(), reader.argument()
    return f"{number} {unit}" if unit else number


def _tag(reader: TexReader) -> str:
    return f" ({reader.argument()})"


def _verb(reader: TexReader) -> str:
    mark = reader.tex[reader.at : reader.at + 1]
    end = reader.tex.find(mark, reader.at + 1) if mark in _VERB_MARKS else -1
    if end < 0:
        return "verb"
    start, reader.at = reader.at + 1, end + 1
    return reader.tex[start:end]


_VERB_MARKS = frozenset("|+!/=")


def _begin(reader: TexReader) -> str:
    name = reader.raw_argument()
    end = reader.tex.find(f"\\end{{{name}}}", reader.at)
    opening, closing = _MATRICES.get(name, ("", ""))
    if end < 0 or name not in _MATRICES:
        return ""
    rows = _ROW_END.split(reader.tex[reader.at : end])
    reader.at = end + len(f"\\end{{{name}}}")
    read = [" ".join(reader.inner(row).split()) for row in rows]
    return f"{opening}{'; '.join(filter(None, read))}{closing}"


def _fenced(reader: TexReader, opening: str, closing: str) -> str:
    return f"{opening}{reader.argument().strip()}{closing}"


def _sqrt(reader: TexReader) -> str:
    degree = _OPTION.match(reader.tex, reader.at)
    if degree:
        reader.at = degree.end()
    index = {"3": "∛", "4": "∜"}.get(degree[1], f"{degree[1]}√") if degree else "√"
    return index + _factor(reader.argument())


def _url(reader: TexReader) -> str:
    url = re.sub(r"\\([_%&#~$])", r"\1", reader.raw_argument())
    after = reader.tex[reader.at : reader.at + 1]
    return url + (" " if after.isalpha() else "")


def _href(reader: TexReader) -> str:
    url = _url(reader).rstrip()
    text = reader.argument()
    shown = text.removeprefix("https://").removeprefix("http://").rstrip("/")
    return url if not shown or shown in url else f"{text} ({url})"


def _cite(reader: TexReader) -> str:
    notes = []
    while option := _OPTION.match(reader.tex, reader.at):
        reader.at = option.end()
        notes.append(option[1])
    keys = reader.raw_argument()
    return f"[{', '.join(filter(None, [keys, *notes]))}]" if keys else ""


def _footnote(reader: TexReader) -> str:
    note = reader.argument().strip()
    return f" ({note})" if note else ""


def _unicode(reader: TexReader) -> str:
    code = reader.raw_argument().strip().lower()
    try:
        char = chr(int(code[1:], 16) if code.startswith("x") else int(code))
    except (ValueError, OverflowError):
        return ""
    return char if char.isprintable() else ""


def _textsuperscript(reader: TexReader) -> str:
    return reader.token_script("^")


def _textsubscript(reader: TexReader) -> str:
    return reader.token_script("_")


def _textcolor(reader: TexReader) -> str:
    reader.raw_argument()
    return reader.argument()


def _label(reader: TexReader) -> str:
    reader.raw_argument()
    return ""


def _ensuremath(reader: TexReader) -> str:
    return reader.argument(math=True)


def _mathbb(reader: TexReader) -> str:
    return reader.argument().translate(DOUBLE_STRUCK)


def _pmod(reader: TexReader) -> str:
    return f" (mod {reader.argument()})"


def _factor(text: str) -> str:
    text = text.strip()
    simple = len(text) <= 1 or text.isalnum() or re.fullmatch(r"[\w.′]+|\|[^|]+\||\([^()]*\)", text)
    return text if simple else f"({text})"


MACROS: Macros = {
    name: macro
    for names, macro in (
        (("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac"), _frac),
        (("sqrt",), _sqrt),
        (("url", "path", "nolinkurl", "URL"), _url),
        (("href",), _href),
        (("cite", "citep", "citet", "citealp", "citealt", "citeauthor"), _cite),
        (("citeyear", "parencite", "textcite", "autocite"), _cite),
        (("ref", "eqref", "autoref", "cref", "Cref"), _cite),
        (("footnote",), _footnote),
        (("unicode",), _unicode),
        (("textsuperscript",), _textsuperscript),
        (("textsubscript",), _textsubscript),
        (("textcolor", "colorbox"), _textcolor),
        (("label", "end", "color", "require"), _label),
        (("underbrace", "overbrace"), _brace),
        (("prescript",), _prescript),
        (("SI", "qty"), _quantity),
        (("tag",), _tag),
        (("verb",), _verb),
        (("begin",), _begin),
        (("binom", "dbinom", "tbinom"), _binom),
        (("stackrel", "overset"), _stacked),
        (("underset",), _underset),
        (("xrightarrow",), _xrightarrow),
        (("xleftarrow",), _xleftarrow),
        (("norm",), lambda reader: _fenced(reader, "‖", "‖")),
        (("abs",), lambda reader: _fenced(reader, "|", "|")),
        (("ket",), lambda reader: _fenced(reader, "|", "⟩")),
        (("bra",), lambda reader: _fenced(reader, "⟨", "|")),
        (("braket", "expval"), lambda reader: _fenced(reader, "⟨", "⟩")),
        (("hspace", "vspace", "phantom", "hphantom", "vphantom"), _label),
        (("ensuremath",), _ensuremath),
        (("mathbb",), _mathbb),
        (("pmod",), _pmod),
    )
    for name in names
}

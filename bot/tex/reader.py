"""TeX parser: prose or a formula in, Unicode out, whatever was typed.

`bot.tex.to_unicode` tells the two apart and is what others use.
"""

import re
import unicodedata
from collections.abc import Callable

from bot.tex.symbols import (
    ACCENTS,
    CONTROL_SYMBOLS,
    DOUBLE_STRUCK,
    DROPPED,
    LETTERS,
    LINES,
    SUBSCRIPTS,
    SUPERSCRIPT_WORDS,
    SUPERSCRIPTS,
    symbols,
)

MARK = "\ufdd0"
"""A noncharacter that stands around the number of a formula in prose, and survives."""

_SOFT_SPACE = "\ufdd1"  # a space where letters or digits would run together


def convert(tex: str, *, math: bool, depth: int = 0) -> str:
    """Return one line of TeX, a formula where `math`, as Unicode; `depth` counts the groups."""
    if depth > _DEEPEST:
        return tex
    text = _TexReader(tex, math=math, depth=depth).read()
    return text if depth else _SOFT.sub("", text).replace(_SOFT_SPACE, " ")


_DEEPEST = 20
_SOFT = re.compile(
    rf"{_SOFT_SPACE}+(?![^\W_{_SOFT_SPACE}])|(?<![^\W_{_SOFT_SPACE}]){_SOFT_SPACE}+|(?<={_SOFT_SPACE}){_SOFT_SPACE}+"
)
_URL = r"https?://(?:[A-Za-z0-9\-._~:/?#@!&'()*+,;=%]|\\[_%&#~$])+"
_TEXT_TOKEN = re.compile(
    rf"(?P<url>{_URL})|\\(?P<word>[A-Za-z]+)\*?|\\(?P<symbol>.)|(?P<group>\{{)"
    r"|(?P<script>[_^])(?=\{)|(?P<quote>``|'')|(?P<dashes>-{2,})|(?P<tie>~)"
)
_MATH_TOKEN = re.compile(
    r"\\(?P<word>[A-Za-z]+)\*?|\\(?P<symbol>.)|(?P<group>\{)|(?P<script>[_^])"
    r"|(?P<prime>')|(?P<tie>[~&])"
)
_BRACE = re.compile(r"\\.|[{}]")
_SPACES = re.compile(r"\s*")
_OPTION = re.compile(r"\s*\[([^\[\]{}]*)\]")
_ACCENTED = re.compile(r"\s*\{|\\[ij](?![A-Za-z])|(?<=[A-Za-z])\s+[A-Za-z]|[A-Za-z]")
_FORMATS = ("math", "text", "bm", "bold", "emph", "underline", "operatorname")
_POSSESSIVE = re.compile(r"(?<=[A-Za-z]\\')s\b")
_DOLLAR = re.compile(r"(?<!\\)\$")
_ONE_WORD = re.compile(r"[\w.+-]*")


class _TexReader:
    """One pass over a text whose braces and formulas are known."""

    def __init__(self, tex: str, *, math: bool, depth: int) -> None:
        self.tex = tex
        self.math = math
        self.depth = depth
        self.at = 0
        self.out: list[str] = []
        self.open_quotes = 0
        self.last_closing_quote = max(tex.rfind("''"), tex.rfind('"'))
        self.ends: dict[int, int] = {}
        stack: list[int] = []
        for brace in _BRACE.finditer(tex):
            if brace[0] == "{":
                stack.append(brace.start())
            elif brace[0] == "}" and stack:
                self.ends[stack.pop()] = brace.start()

    def read(self) -> str:
        token = _MATH_TOKEN if self.math else _TEXT_TOKEN
        while found := token.search(self.tex, self.at):
            self.out.append(self.tex[self.at : found.start()])
            self.at = found.end()
            kind = found.lastgroup or ""
            self.out.append(_TOKENS[kind](self, found[kind]))
        self.out.append(self.tex[self.at :])
        return "".join(self.out)

    # What a token becomes; each starts with `at` just behind the token.

    def token_url(self, url: str) -> str:
        return re.sub(r"\\(.)", r"\1", url)

    def token_group(self, brace: str) -> str:
        start = self.at
        end = self.ends.get(start - 1)
        if end is None:
            return brace
        self.at = end + 1
        content = self.tex[start:end]
        inner = self._inner(content)
        glued = self.tex[start - 2 : start - 1].isalnum() or self.tex[end + 1 : end + 2].isalnum()
        if self.math or content[:1] == "\\" or glued or _ONE_WORD.fullmatch(content):
            return inner
        return f"{{{inner}}}"  # "the set {0, 1}"

    def token_script(self, sign: str) -> str:
        text = self._argument(math=True).replace(" ", "").replace(_SOFT_SPACE, "")
        if not text:
            return "" if self.math else sign
        if sign == "^" and text in SUPERSCRIPT_WORDS:
            return SUPERSCRIPT_WORDS[text]
        table = SUPERSCRIPTS if sign == "^" else SUBSCRIPTS
        if all(ord(char) in table for char in text):
            return text.translate(table)
        plain = len(text) == 1 or (text.replace(",", "").isalnum() and _is_level(text))
        return f"{sign}{text}" if plain else f"{sign}({text})"

    def token_quote(self, marks: str) -> str:
        if marks == "``" and self.last_closing_quote >= self.at:
            self.open_quotes += 1
            return "“"
        if marks == "''" and self.open_quotes:
            self.open_quotes -= 1
            return "”"
        return marks

    def token_dashes(self, dashes: str) -> str:
        start = self.at - len(dashes)
        before = self.tex[max(0, start - 1) : start]
        option = (not before or before in " (") and self.tex[self.at : self.at + 1].isalnum()
        if option or len(dashes) > len("---"):  # "the --verbose option", a ruled line
            return dashes
        return "–" if dashes == "--" else "—"

    def token_prime(self, _: str) -> str:
        return "′"

    def token_tie(self, mark: str) -> str:
        before = self.tex[max(0, self.at - 2) : self.at - 1]
        after = self.tex[self.at : self.at + 1]
        is_tie = (
            before
            and after
            and (before.isalnum() or before in ".,;:)]}%")
            and (after.isalnum() or after in "([\\{" + MARK)
        )
        is_range = before.isdigit() and after.isdigit()
        return " " if self.math or (is_tie and not is_range) else mark

    def token_symbol(self, char: str) -> str:
        if char in ACCENTS and not self.math:
            if char == "'" and _POSSESSIVE.match(self.tex, self.at):
                return char
            return self._accented(ACCENTS[char]) or char
        return CONTROL_SYMBOLS.get(char, char)

    def token_word(self, name: str) -> str:
        if name in DROPPED:
            self._skip_spaces()
            return ""
        if special := _MACROS.get(name):
            return special(self)
        if name in ACCENTS and (len(name) > 1) == self.math:
            return self._accented(ACCENTS[name]) or name
        if (symbol := symbols().get(name)) is not None:
            return self._spaced(name, symbol)
        return self._unknown(name)

    def _unknown(self, name: str) -> str:
        r"""Return what a macro is given or, given nothing, its name: "we propose \ours"."""
        prose = name.startswith("text") or name == "mbox"
        given = self._argument(math=self.math and not prose) if self._at_group() else ""
        if given.strip() or name.startswith(_FORMATS):
            return given or self._argument()
        return f"{_SOFT_SPACE}{name}{_SOFT_SPACE}" if self.math else name

    def macro_frac(self) -> str:
        above, below = self._argument(), self._argument()
        return f"{_SOFT_SPACE}{_factor(above)}/{_factor(below)}{_SOFT_SPACE}"

    def macro_sqrt(self) -> str:
        degree = _OPTION.match(self.tex, self.at)
        if degree:
            self.at = degree.end()
        index = {"3": "∛", "4": "∜"}.get(degree[1], f"{degree[1]}√") if degree else "√"
        return index + _factor(self._argument())

    def macro_url(self) -> str:
        url = re.sub(r"\\([_%&#~$])", r"\1", self._raw_argument())
        after = self.tex[self.at : self.at + 1]
        return url + (" " if after.isalpha() else "")

    def macro_href(self) -> str:
        url = self.macro_url().rstrip()
        text = self._argument()
        shown = text.removeprefix("https://").removeprefix("http://").rstrip("/")
        return url if not shown or shown in url else f"{text} ({url})"

    def macro_cite(self) -> str:
        notes = []
        while option := _OPTION.match(self.tex, self.at):
            self.at = option.end()
            notes.append(option[1])
        keys = self._raw_argument()
        return f"[{', '.join(filter(None, [keys, *notes]))}]" if keys else ""

    def macro_footnote(self) -> str:
        note = self._argument().strip()
        return f" ({note})" if note else ""

    def macro_unicode(self) -> str:
        code = self._raw_argument().strip().lower()
        try:
            char = chr(int(code[1:], 16) if code.startswith("x") else int(code))
        except (ValueError, OverflowError):
            return ""
        return char if char.isprintable() else ""

    def macro_textsuperscript(self) -> str:
        return self.token_script("^")

    def macro_textsubscript(self) -> str:
        return self.token_script("_")

    def macro_textcolor(self) -> str:
        self._raw_argument()
        return self._argument()

    def macro_label(self) -> str:
        self._raw_argument()
        return ""

    def macro_ensuremath(self) -> str:
        return self._argument(math=True)

    def macro_mathbb(self) -> str:
        return self._argument().translate(DOUBLE_STRUCK)

    def macro_pmod(self) -> str:
        return f" (mod {self._argument()})"

    # Reading on from `at`.

    def _skip_spaces(self) -> None:
        if found := _SPACES.match(self.tex, self.at):
            self.at = found.end()

    def _at_group(self) -> bool:
        return self.at in self.ends

    def _raw_argument(self) -> str:
        """Consume a group and return its source; without a group, nothing."""
        if not self._at_group():
            return ""
        start, end = self.at + 1, self.ends[self.at]
        self.at = end + 1
        return self.tex[start:end]

    def _argument(self, *, math: bool | None = None) -> str:
        """Consume and convert a group or, in formulas and after accents, a single token."""
        math = self.math if math is None else math
        start = self.at
        if math or self.math:
            self._skip_spaces()
        if self._at_group():
            source = self._raw_argument()
            if self.math and not math:  # `$\textbf{28$\to$71}$`
                source = _DOLLAR.sub("", source)
            return self._inner(source, math=math)
        if not self.math or self.at >= len(self.tex) or self.tex[self.at] in "{}_^":
            self.at = start
            return ""
        token = re.compile(r"\\(?:[A-Za-z]+|.)|.", re.DOTALL).match(self.tex, self.at)
        if token is None:
            return ""
        self.at = token.end()
        if token[0][1:].isalpha():
            while self._at_group():  # `^\mathrm{T}`
                self.at = self.ends[self.at] + 1
        return self._inner(self.tex[token.start() : self.at], math=math)

    def _inner(self, tex: str, *, math: bool | None = None) -> str:
        return convert(tex, math=self.math if math is None else math, depth=self.depth + 1)

    def _accented(self, combining: str) -> str:
        """Return the letter that follows with the mark on it, or nothing where none follows."""
        found = _ACCENTED.match(self.tex, self.at)
        if self.math or (found and found[0].lstrip().startswith("{")):
            text = self._argument()
        elif found:
            self.at = found.end()
            text = found[0].strip()
        else:
            return ""
        text = text.strip()
        text = {"\\i": "i", "\\j": "j", "ı": "i", "ȷ": "j"}.get(text, text)
        if self.math and len(text) > 1 and combining not in LINES:
            return text
        marked = (
            "".join(char + combining for char in text)
            if self.math
            else (text[:1] + combining + text[1:])
        )
        return unicodedata.normalize("NFC", marked) if text else ""

    def _spaced(self, name: str, symbol: str) -> str:
        """Return the symbol with the spaces that TeX would put, or eat, around it."""
        before = self.at - len(name) - 1
        ahead = _SPACES.match(self.tex, self.at)
        space_after = ahead is not None and ahead.end() > self.at
        if not self.math:
            if name in LETTERS:
                self._skip_spaces()
            return symbol
        if symbol.isalpha() and len(symbol) > 1:
            return f"{_SOFT_SPACE}{symbol}{_SOFT_SPACE}"
        if unicodedata.category(symbol[:1] or " ") != "Sm" and symbol not in {"|", "→", "←"}:
            return symbol
        if symbol in "∞∂∇√∑∏∫∀∃¬":
            return symbol
        left = "".join(self.out[-2:]).rstrip()[-1:]
        if not left or left in "([{,":
            self._skip_spaces()
            return symbol
        return f" {symbol} " if space_after or self.tex[before - 1 : before].isspace() else symbol


def _is_level(text: str) -> bool:
    """Tell whether no character is itself raised or lowered."""
    return unicodedata.normalize("NFKC", text) == text


def _factor(text: str) -> str:
    text = text.strip()
    simple = len(text) <= 1 or text.isalnum() or re.fullmatch(r"[\w.′]+|\|[^|]+\||\([^()]*\)", text)
    return text if simple else f"({text})"


_TOKENS: dict[str, Callable[[_TexReader, str], str]] = {
    "url": _TexReader.token_url,
    "word": _TexReader.token_word,
    "symbol": _TexReader.token_symbol,
    "group": _TexReader.token_group,
    "script": _TexReader.token_script,
    "quote": _TexReader.token_quote,
    "dashes": _TexReader.token_dashes,
    "prime": _TexReader.token_prime,
    "tie": _TexReader.token_tie,
}
_MACROS: dict[str, Callable[[_TexReader], str]] = {
    name: macro
    for names, macro in (
        (("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac"), _TexReader.macro_frac),
        (("sqrt",), _TexReader.macro_sqrt),
        (("url", "path", "nolinkurl", "URL"), _TexReader.macro_url),
        (("href",), _TexReader.macro_href),
        (("cite", "citep", "citet", "citealp", "citealt", "citeauthor"), _TexReader.macro_cite),
        (("citeyear", "parencite", "textcite", "autocite"), _TexReader.macro_cite),
        (("ref", "eqref", "autoref", "cref", "Cref"), _TexReader.macro_cite),
        (("footnote",), _TexReader.macro_footnote),
        (("unicode",), _TexReader.macro_unicode),
        (("textsuperscript",), _TexReader.macro_textsuperscript),
        (("textsubscript",), _TexReader.macro_textsubscript),
        (("textcolor", "colorbox"), _TexReader.macro_textcolor),
        (("label", "begin", "end", "color"), _TexReader.macro_label),
        (("hspace", "vspace", "phantom", "hphantom", "vphantom"), _TexReader.macro_label),
        (("ensuremath",), _TexReader.macro_ensuremath),
        (("mathbb",), _TexReader.macro_mathbb),
        (("pmod",), _TexReader.macro_pmod),
    )
    for name in names
}

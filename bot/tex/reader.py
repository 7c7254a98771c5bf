"""TeX parser: prose or a formula in, Unicode out, whatever was typed.

`bot.tex.to_unicode` tells the two apart and is what others use.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping

from bot.tex.symbols import (
    ACCENTS,
    CONTROL_SYMBOLS,
    DROPPED,
    LETTERS,
    LINES,
    SUBSCRIPTS,
    SUPERSCRIPT_WORDS,
    SUPERSCRIPTS,
    symbols,
)

SOFT_SPACE = "\ufdd1"
"""A space where letters or digits would run together."""

MARK = "\ufdd0"
"""A noncharacter that stands around the number of a formula in prose, and survives."""


Macros = Mapping[str, Callable[["TexReader"], str]]
"""What macros with arguments become, by name; each starts with the reader just behind the name."""


def convert(tex: str, *, math: bool, macros: Macros, depth: int = 0) -> str:
    """Return one line of TeX, a formula where `math`, as Unicode; `depth` counts the groups."""
    if depth > _DEEPEST:
        return tex
    text = TexReader(tex, math=math, macros=macros, depth=depth).read()
    if depth:
        return text
    text = _SOFT.sub("", text).replace(SOFT_SPACE, " ")
    return _IN_BRACKETS.sub("", text) if math else text


_DEEPEST = 20
_LEVELS = "".join(map(chr, {*SUBSCRIPTS.values(), *SUPERSCRIPTS.values()}))
_SOFT = re.compile(
    # None before what is raised or lowered ("log₂ n"), nor where no letter is on both sides.
    rf"{SOFT_SPACE}+(?=[{re.escape(_LEVELS)}_^])|{SOFT_SPACE}+(?![^\W_{SOFT_SPACE}])"
    rf"|(?<![^\W_{SOFT_SPACE}]){SOFT_SPACE}+|(?<={SOFT_SPACE}){SOFT_SPACE}+"
)
_IN_BRACKETS = re.compile(r"(?<=[(\[{⌊⌈⟨])\s+|\s+(?=[)\]}⌋⌉⟩])")
"""Spaces that TeX puts nowhere: behind what opens, and before what closes."""
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
_ACCENTED = re.compile(r"\s*\{|\\[ij](?![A-Za-z])|(?<=[A-Za-z])\s+[A-Za-z]|[A-Za-z]")
_FORMATS = (
    *(
        "math",
        "text",
        "bm",
        "bold",
        "emph",
        "under",
        "operatorname",
        "mbox",
        "hbox",
        "boxed",
        "pmb",
    ),
    *("overbrace", "overleft", "overright", "smash", "cancel", "substack", "mspace", "kern"),
)
"""Macros, by how they begin, that say nothing but how their argument looks."""
_POSSESSIVE = re.compile(r"(?<=[A-Za-z]\\')s\b")
_DOLLAR = re.compile(r"(?<!\\)\$")
_SIMPLE_SCRIPT = re.compile(r"[^\W_]+(?:[.,][^\W_]+)*")
_ONE_WORD = re.compile(r"[\w.+-]*")


class TexReader:
    """One pass over a text whose braces and formulas are known."""

    def __init__(self, tex: str, *, math: bool, macros: Macros, depth: int) -> None:
        self.tex = tex
        self.math = math
        self.macros = macros
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
        """Return all of it as Unicode."""
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
        """Return an address as it is followed."""
        return re.sub(r"\\(.)", r"\1", url)

    def token_group(self, brace: str) -> str:
        """Return what a group in braces holds."""
        start = self.at
        end = self.ends.get(start - 1)
        if end is None:
            return brace
        self.at = end + 1
        content = self.tex[start:end]
        inner = self.inner(content)
        glued = self.tex[start - 2 : start - 1].isalnum() or self.tex[end + 1 : end + 2].isalnum()
        if self.math or content[:1] == "\\" or glued or _ONE_WORD.fullmatch(content):
            return inner
        return f"{{{inner}}}"  # "the set {0, 1}"

    def token_script(self, sign: str) -> str:
        """Return what is raised or lowered."""
        text = self.argument(math=True).replace(" ", "").replace(SOFT_SPACE, "")
        if not text:
            return "" if self.math else sign
        if sign == "^" and text in SUPERSCRIPT_WORDS:
            return SUPERSCRIPT_WORDS[text]
        table = SUPERSCRIPTS if sign == "^" else SUBSCRIPTS
        if all(ord(char) in table for char in text):
            return text.translate(table)
        plain = len(text) == 1 or (_SIMPLE_SCRIPT.fullmatch(text) and _is_level(text))
        return f"{sign}{text}" if plain else f"{sign}({text})"

    def token_quote(self, marks: str) -> str:
        """Return typographic quotes."""
        if marks == "``" and self.last_closing_quote >= self.at:
            self.open_quotes += 1
            return "“"
        if marks == "''" and self.open_quotes:
            self.open_quotes -= 1
            return "”"
        return marks

    def token_dashes(self, dashes: str) -> str:
        """Return dashes of their length."""
        start = self.at - len(dashes)
        before = self.tex[max(0, start - 1) : start]
        option = (not before or before in " (") and self.tex[self.at : self.at + 1].isalnum()
        if option or len(dashes) > len("---"):  # "the --verbose option", a ruled line
            return dashes
        return "–" if dashes == "--" else "—"

    def token_prime(self, _: str) -> str:
        """Return a prime."""
        return "′"

    def token_tie(self, mark: str) -> str:
        """Return a space that does not break."""
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
        """Return what a backslash and one character mean."""
        if char in ACCENTS and not self.math:
            if char == "'" and _POSSESSIVE.match(self.tex, self.at):
                return char
            return self._accented(ACCENTS[char]) or char
        return CONTROL_SYMBOLS.get(char, char)

    def token_word(self, name: str) -> str:
        """Return what a macro means."""
        if name in DROPPED:
            self.skip_spaces()
            return ""
        if special := self.macros.get(name):
            return special(self)
        if name in ACCENTS and (len(name) > 1) == self.math:
            return self._accented(ACCENTS[name]) or name
        if (symbol := symbols().get(name)) is not None:
            return self._spaced(name, symbol)
        return self._unknown(name)

    def _unknown(self, name: str) -> str:
        r"""Return what a macro is given or, given nothing, its name: "we propose \ours"."""
        prose = name.startswith("text") or name == "mbox"
        given = self.argument(math=self.math and not prose) if self.at_group() else ""
        if self.math and not name.startswith(_FORMATS):
            more = [given] if given else []
            while more and self.at_group():
                more.append(self.argument())
            if more:  # what it means is not known, and may not be lost
                return f"{SOFT_SPACE}{name}({', '.join(more)})"
        if given.strip() or name.startswith(_FORMATS):
            return given or self.argument()
        return f"{SOFT_SPACE}{name}{SOFT_SPACE}" if self.math else name

    # Reading on from `at`.

    def skip_spaces(self) -> None:
        """Go on behind white space."""
        if found := _SPACES.match(self.tex, self.at):
            self.at = found.end()

    def at_group(self) -> bool:
        """Tell whether a group in braces begins here."""
        return self.at in self.ends

    def raw_argument(self) -> str:
        """Consume a group and return its source; without a group, nothing."""
        if not self.at_group():
            return ""
        start, end = self.at + 1, self.ends[self.at]
        self.at = end + 1
        return self.tex[start:end]

    def argument(self, *, math: bool | None = None) -> str:
        """Consume and convert a group or, in formulas and after accents, a single token."""
        math = self.math if math is None else math
        start = self.at
        if math or self.math:
            self.skip_spaces()
        if self.at_group():
            source = self.raw_argument()
            if self.math and not math:  # `$\textbf{28$\to$71}$`
                source = _DOLLAR.sub("", source)
            return self.inner(source, math=math)
        if not self.math or self.at >= len(self.tex) or self.tex[self.at] in "{}_^":
            self.at = start
            return ""
        token = re.compile(r"\\(?:[A-Za-z]+|.)|.", re.DOTALL).match(self.tex, self.at)
        if token is None:
            return ""
        self.at = token.end()
        if token[0][1:].isalpha():
            while self.at_group():  # `^\mathrm{T}`
                self.at = self.ends[self.at] + 1
        return self.inner(self.tex[token.start() : self.at], math=math)

    def inner(self, tex: str, *, math: bool | None = None) -> str:
        """Convert what stands within."""
        math = self.math if math is None else math
        return convert(tex, math=math, macros=self.macros, depth=self.depth + 1)

    def _accented(self, combining: str) -> str:
        """Return the letter that follows with the mark on it, or nothing where none follows."""
        found = _ACCENTED.match(self.tex, self.at)
        if self.math or (found and found[0].lstrip().startswith("{")):
            text = self.argument()
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
                self.skip_spaces()
            return symbol
        if symbol.isalpha() and len(symbol) > 1:
            return f"{SOFT_SPACE}{symbol}{SOFT_SPACE}"
        if unicodedata.category(symbol[:1] or " ") == "Ps" or symbol in "⌊⌈":
            self.skip_spaces()  # no space follows what opens
        if unicodedata.category(symbol[:1] or " ") != "Sm" and symbol not in {"|", "→", "←"}:
            return symbol
        if symbol in "∞∂∇√∑∏∫∀∃¬":
            return symbol
        left = "".join(self.out[-2:]).rstrip()[-1:]
        if not left or left in "([{,":
            self.skip_spaces()
            return symbol
        return f" {symbol} " if space_after or self.tex[before - 1 : before].isspace() else symbol


def _is_level(text: str) -> bool:
    """Tell whether no character is itself raised or lowered."""
    return unicodedata.normalize("NFKC", text) == text


_TOKENS: dict[str, Callable[[TexReader, str], str]] = {
    "url": TexReader.token_url,
    "word": TexReader.token_word,
    "symbol": TexReader.token_symbol,
    "group": TexReader.token_group,
    "script": TexReader.token_script,
    "quote": TexReader.token_quote,
    "dashes": TexReader.token_dashes,
    "prime": TexReader.token_prime,
    "tie": TexReader.token_tie,
}

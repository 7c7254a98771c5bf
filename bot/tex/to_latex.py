r"""TeX to plain LaTeX: titles and names that typeset in every document, without any package.

What LaTeX's kernel has stays as it is typed, all else is said with what it has: a title's
`\mathbb{R}` is no reason for somebody's bibliography to stop.
"""

import re
import unicodedata
from functools import cache

from pylatexenc.latexencode import UnicodeToLatexEncoder

from bot.tex.symbols import ACCENTS
from bot.tex.to_unicode import Span, readable


def to_latex(tex: str) -> str:
    r"""Return the text on one line as LaTeX: formulas stay formulas, `&` becomes `\&`.

    Never raises; braces pair up, also as BibTeX counts them, which knows no `\{`.
    """
    return "".join(_formula(span) if span.formula else encode(span.text) for span in readable(tex))


def encode(text: str) -> str:
    r"""Return plain text as LaTeX: `é` gives `{\'e}`, `α` a formula; what has no way stays."""
    return "".join(_CHARACTERS.get(char) or _encoded(char) for char in text)


_CHARACTERS = {
    **{char: f"\\{char}" for char in "&%#_$"},
    **{char: f"${char}$" for char in "<>|"},
    "\\": "{\\textbackslash}", "^": "{\\textasciicircum}", "~": "{\\textasciitilde}",
    "{": "$\\lbrace$", "}": "$\\rbrace$", "ł": "{\\l}", "Ł": "{\\L}", "ø": "{\\o}", "Ø": "{\\O}",
    "ß": "{\\ss}", "æ": "{\\ae}", "Æ": "{\\AE}", "œ": "{\\oe}", "Œ": "{\\OE}", "å": "{\\aa}",
    "Å": "{\\AA}", "ı": "{\\i}", "ȷ": "{\\j}", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th",
    "Þ": "Th", "–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''", "…": "{\\ldots}",
    "\u00a0": "~", "×": "$\\times$", "·": "$\\cdot$", "°": "$^{\\circ}$", "−": "$-$", "µ": "$\\mu$",
    "′": "$'$", "″": "$''$", "‐": "-", "‑": "-", "•": "$\\bullet$", "§": "{\\S}", "¶": "{\\P}",
    "©": "{\\copyright}", "£": "{\\pounds}", "†": "{\\dag}", "‡": "{\\ddag}", "¿": "?`", "¡": "!`",
    "«": "``", "»": "''", "‖": "$\\|$", "⊤": "$\\top$", "≲": "$\\stackrel{<}{\\sim}$",
    "≳": "$\\stackrel{>}{\\sim}$", "≜": "$\\stackrel{\\triangle}{=}$", "≔": ":=", "≕": "=:",
    "⩽": "$\\le$", "⩾": "$\\ge$", "≦": "$\\le$", "≧": "$\\ge$", "★": "$\\star$", "☆": "$\\star$",
    "™": "(TM)", "®": "(R)", "€": "EUR",
}  # fmt: skip
_MARKS = {mark: name for name, mark in ACCENTS.items() if len(name) == 1 and name != "k"}
"""Accents by their combining characters; without a package there is no ogonek."""
_OGONEK = ACCENTS["k"]


@cache
def _encoded(char: str) -> str:
    if char.isascii():
        return char
    base, *marks = list(unicodedata.normalize("NFD", char))
    marks = [mark for mark in marks if mark != _OGONEK]
    if base.isascii() and base.isalpha() and all(mark in _MARKS for mark in marks):
        for mark in marks:
            base = _marked(_MARKS[mark], _DOTLESS.get(base, base))
        return f"{{{base}}}" if marks else base
    made: str = _encoder().unicode_to_latex(char)
    if made != char and _is_known(made):
        greek = unicodedata.name(char, "").startswith("GREEK") and "ensuremath" not in made
        return f"\\ensuremath{{{made}}}" if greek else made
    if unicodedata.combining(char):
        return ""
    level = unicodedata.normalize("NFKC", char)
    if level != char:
        sign = {"<super>": "^", "<sub>": "_"}.get(unicodedata.decomposition(char).split(" ")[0], "")
        return f"${sign}{{{level}}}$" if sign and level.isascii() else encode(level)
    return _by_name(char)


def _marked(mark: str, base: str) -> str:
    r"""Return a letter with an accent: `\'{e}`, but `\.Z` and `\H o`, as Zotero reads them.

    https://github.com/zotero/translators/blob/master/BibTeX.js
    """
    if len(base) == 1 and mark in ".H":
        return f"\\{mark} {base}" if mark == "H" else f"\\{mark}{base}"
    return f"\\{mark}{{{base}}}"


def _by_name(char: str) -> str:
    """Return what a character that LaTeX does not know reads as."""
    # "LATIN SMALL LETTER O WITH HORN" reads as an o.
    name = unicodedata.name(char, "")
    letter = _LETTER.match(name)
    if letter:
        return letter[2].lower() if letter[1] == "SMALL" else letter[2].title()
    # Letters of other scripts stay: whoever cites them has a package for them.
    return {"Sm": f"({name.lower()})", "So": "", "Cf": "", "Co": "", "Cn": ""}.get(
        unicodedata.category(char), char
    )


_LETTER = re.compile(r"LATIN (SMALL|CAPITAL) LETTER (?:OPEN |SHARP )?([A-Z]{1,3})\b")


_DOTLESS = {"i": "\\i", "j": "\\j"}


@cache
def _encoder() -> UnicodeToLatexEncoder:
    return UnicodeToLatexEncoder(unknown_char_policy="keep", unknown_char_warning=False)


def _formula(span: Span) -> str:
    source = span.source
    for macro, same in _SAME.items():
        source = re.sub(rf"\\{macro}(?![A-Za-z])", lambda _: same, source)  # noqa: B023 - used at once
    source = _BARE_BOX.sub(r"\1{\2}", source)
    fits = source.isascii() and _is_known(source) and not _TABLE.search(source)
    if not fits or not _is_whole(source):
        return encode(span.text)
    return f"${source}$"


_SAME = {
    "(?:dfrac|tfrac|cfrac|nicefrac|sfrac)": "\\frac", "(?:operatorname|mathop)\\*?": "\\mathrm",
    "(?:mathbb|boldsymbol|bm|mathbbm|mathds)": "\\mathbf", "(?:mathfrak|mathscr)": "\\mathcal",
    "(?:text|textnormal)": "\\mbox", "lvert": "|", "rvert": "|", "lVert": "\\|", "rVert": "\\|",
    "(?:leqslant|leqq)": "\\le", "(?:geqslant|geqq)": "\\ge", "lt": "<", "gt": ">",
}  # fmt: skip
r"""What packages add, by what LaTeX's kernel has that looks most like it."""


_BARE_BOX = re.compile(r"([_^])\s*(\\(?:mbox|stackrel\{[^{}]*\})\{[^{}]*\})")
"""A box as a script, which LaTeX wants in braces."""


def _is_known(latex: str) -> bool:
    return all(name in _KERNEL for name in _MACRO.findall(latex))


def _is_whole(source: str) -> bool:
    r"""Tell whether LaTeX takes a formula: braces and `\left` pair up, arguments are there."""
    seen: set[str] = set()
    stack: list[tuple[set[str], bool]] = []
    due = False
    for piece in _PIECE.findall(source):
        if piece in "^_'":
            # `x^2^3` and `x^2'` have two superscripts; `x'^2` has one.
            if due or (piece in seen) or (piece == "'" and "^" in seen):
                return False
            if piece != "'":
                seen, due = seen | {piece}, True
        elif piece == "{":
            stack.append((seen, due))
            seen, due = set(), False
        elif piece == "}":
            if due or not stack:
                return False
            seen, was_script = stack.pop()
            seen = seen if was_script else set()
            due = False
        else:
            seen, due = (seen if due else set()), False
    pairs = source.count("\\left") == source.count("\\right")
    return bool(source.strip()) and pairs and not (due or stack or _lacks_arguments(source))


def _lacks_arguments(source: str) -> bool:
    for found in _TAKES.finditer(source):
        at = found.end()
        for _ in range(2 if found[1] in _TWO else 1):
            argument = _ARGUMENT.match(source, at)
            if argument is None:
                return True
            at = argument.end() if argument[1] != "{" else _end_of_group(source, argument.end())
    return False


def _end_of_group(source: str, at: int) -> int:
    depth = 1
    for brace in _BRACES.finditer(source, at):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return brace.end()
    return len(source)


_TWO = {"frac", "stackrel"}
_TAKES = re.compile(
    r"\\(frac|stackrel|sqrt(?:\s*\[[^\]]*\])?|math[a-z]+|mbox|text[a-z]+|hat|tilde|bar|vec|d?dot"
    r"|wide(?:hat|tilde)|(?:over|under)line|overrightarrow|check|breve|acute|grave|pmod|not|emph"
    r"|ensuremath|phantom)(?![A-Za-z])"
)
_ARGUMENT = re.compile(r"\s*(\\(?:[A-Za-z]+|.)|[^\s}^_&'])")
_BRACES = re.compile(r"(?<!\\)[{}]")
_PIECE = re.compile(r"\\(?:[A-Za-z]+|.)|\S")
_MACRO = re.compile(r"\\([A-Za-z]+|.)")
_TABLE = re.compile(r"(?<!\\)[&#%$]|\\[{}]|\\\\")
_KERNEL = frozenset(
    (
        *list("!,;:>| %&#_$-\"'`^~=."),
        *("frac", "sqrt", "mathrm", "mathbf", "mathit", "mathcal", "mathsf", "mathtt", "mbox"),
        *("hat", "tilde", "bar", "vec", "dot", "ddot", "widehat", "widetilde", "overline"),
        *("underline", "overrightarrow", "check", "breve", "acute", "grave", "stackrel", "pmod"),
        *("ensuremath", "textbf", "textit", "textrm", "textsc", "texttt", "emph", "rm", "bf", "it"),
        *("cal", "left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "limits", "not"),
        *("displaystyle", "textstyle", "quad", "qquad", "bmod", "mathring", "phantom", "over"),
        *("alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta"),
        *("vartheta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "varpi", "rho", "varrho"),
        *("sigma", "varsigma", "tau", "upsilon", "phi", "varphi", "chi", "psi", "omega", "Gamma"),
        *("Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"),
        *("aleph", "hbar", "imath", "jmath", "ell", "wp", "Re", "Im", "prime", "emptyset", "nabla"),
        *("surd", "top", "bot", "angle", "forall", "exists", "neg", "lnot", "flat", "natural"),
        *("sharp", "backslash", "partial", "infty", "triangle", "clubsuit", "sum", "prod"),
        *("coprod", "int", "oint", "bigcap", "bigcup", "bigsqcup", "bigvee", "bigwedge"),
        *("bigodot", "bigotimes", "bigoplus", "biguplus", "pm", "mp", "times", "div", "ast"),
        *("star", "circ", "bullet", "cdot", "cap", "cup", "uplus", "sqcap", "sqcup", "vee", "lor"),
        *("wedge", "land", "setminus", "wr", "diamond", "oplus", "ominus", "otimes", "oslash"),
        *("odot", "dagger", "dag", "ddagger", "ddag", "amalg", "le", "leq", "ge", "geq", "prec"),
        *("succ", "preceq", "succeq", "ll", "gg", "subset", "supset", "subseteq", "supseteq"),
        *("sqsubseteq", "sqsupseteq", "in", "ni", "notin", "vdash", "dashv", "models", "perp"),
        *("mid", "parallel", "bowtie", "smile", "frown", "asymp", "equiv", "sim", "simeq", "cong"),
        *("approx", "neq", "ne", "doteq", "propto", "leftarrow", "gets", "rightarrow", "to"),
        *("Leftarrow", "Rightarrow", "leftrightarrow", "Leftrightarrow", "mapsto", "uparrow"),
        *("hookleftarrow", "hookrightarrow", "longleftarrow", "longrightarrow", "iff"),
        *("Longleftarrow", "Longrightarrow", "longleftrightarrow", "longmapsto", "downarrow"),
        *("Uparrow", "Downarrow", "updownarrow", "nearrow", "searrow", "swarrow", "nwarrow"),
        *("lfloor", "rfloor", "lceil", "rceil", "langle", "rangle", "lbrace", "rbrace", "vert"),
        *("Vert", "ldots", "cdots", "vdots", "ddots", "dots", "colon"),
        *("log", "lg", "ln", "exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin"),
        *("arccos", "arctan", "min", "max", "inf", "sup", "lim", "liminf", "limsup", "det", "dim"),
        *("ker", "arg", "deg", "gcd", "hom", "Pr", "ae", "AE", "oe", "OE", "aa", "AA", "o", "O"),
        *("l", "L", "ss", "i", "j", "S", "P", "copyright", "pounds", "textbackslash"),
    )
)
"""Macros of LaTeX's kernel, tried with a document that loads nothing."""

"""Symbol tables: what TeX's names and marks are in Unicode, for `bot.tex.to_unicode`."""

from functools import cache

from pylatexenc.latex2text import get_default_latex_context_db


@cache
def symbols() -> dict[str, str]:
    """Return the macros that stand for characters, pylatexenc's and what it lacks."""
    table = {
        spec.macroname: spec.simplify_repl
        for spec in get_default_latex_context_db().iter_macro_specs()
        if isinstance(spec.simplify_repl, str) and "%" not in spec.simplify_repl
    }
    return table | _MORE_SYMBOLS


_MORE_SYMBOLS = {
    "gt": ">", "lt": "<", "ne": "≠", "deg": "°", "degree": "°", "S": "§", "P": "¶", "sim": "~",
    "circ": "∘", "ast": "*", "star": "⋆", "epsilon": "ε", "prime": "′", "Re": "Re", "Im": "Im",
    "lvert": "|", "rvert": "|", "lVert": "‖", "rVert": "‖", "copyright": "©", "pounds": "£",
    "item": " • ", "LaTeX": "LaTeX", "TeX": "TeX", "BibTeX": "BibTeX", "quad": " ", "qquad": " ",
    "textasciicircum": "^", "textbar": "|", "colon": ":", "newline": " ", "par": " ",
    "iff": "⇔", "implies": "⇒", "triangleq": "≜", "checkmark": "✓", "xmark": "✗", "cmark": "✓",
    "percent": "%", "arg": "arg", "argmax": "arg max", "argmin": "arg min", "Pr": "Pr",
    "today": "today", "bmod": " mod ", "thinspace": " ", "backslash": "\\", "space": " ",
    "coloneqq": "≔", "coloneq": "≔", "eqqcolon": "≕", "lbrack": "[", "rbrack": "]", "bigm": "",
}  # fmt: skip

CONTROL_SYMBOLS = {
    ",": " ", ";": " ", ":": " ", ">": " ", " ": " ", "\\": " ", "!": "", "/": "", "-": "",
    "|": "‖", "@": "",
}  # fmt: skip
"""A backslash and one character; all others stand for the character itself."""

LETTERS = frozenset(
    ("o", "O", "l", "L", "ss", "ae", "AE", "oe", "OE", "aa", "AA", "i", "j",
     "textemdash", "textendash")
)  # fmt: skip
"""In prose, the space behind these is only the end of their name: `\\O rsted`."""

DROPPED = frozenset(
    ("it", "bf", "em", "rm", "tt", "sc", "sl", "sf", "itshape", "bfseries", "scshape", "tiny",
     "scriptsize", "footnotesize", "small", "normalsize", "large", "Large", "displaystyle",
     "textstyle", "scriptstyle", "limits", "nolimits", "left", "right", "middle", "big", "Big",
     "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr",
     "noindent", "centering", "xspace", "protect", "relax", "nonumber")
)  # fmt: skip
"""Switches of size and shape: nothing to read, nor the space behind them."""

ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304",
    ".": "\u0307", "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328",
    "r": "\u030a", "b": "\u0331", "d": "\u0323",
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303",
    "bar": "\u0304", "overline": "\u0305", "underline": "\u0332", "vec": "\u20d7",
    "dot": "\u0307", "ddot": "\u0308", "acute": "\u0301", "grave": "\u0300", "breve": "\u0306",
    "check": "\u030c", "mathring": "\u030a", "not": "\u0338",
}  # fmt: skip
"""Combining characters; the names of one character belong to prose, the others to formulas."""

LINES = frozenset("\u0304\u0305\u0332")
"""The accents that read well over or under more than one letter."""

SUBSCRIPTS = str.maketrans(
    "0123456789+-=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ"
)
SUBSCRIPTS |= {code: code for code in SUBSCRIPTS.values()}

SUPERSCRIPTS = str.maketrans(
    "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθφχ",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵡ",
)

SUPERSCRIPT_WORDS = {
    "∘": "°", "°": "°", "*": "*", "⋆": "*", "†": "†", "‡": "‡", "⊤": "ᵀ",
    "′": "′", "′′": "′′", "′′′": "′′′",
}  # fmt: skip

DOUBLE_STRUCK = {
    ord(letter): {"C": "ℂ", "H": "ℍ", "N": "ℕ", "P": "ℙ", "Q": "ℚ", "R": "ℝ", "Z": "ℤ"}.get(
        letter, chr(0x1D538 + index)
    )
    for index, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

r"""Tokenizer of what must come out of a translation as it went in, and where it stands.

That is formulas in all four delimiters, TeX commands with their arguments, URLs, e-mail addresses,
citations, `O(n log n)`, identifiers that mix cases, digits and hyphens, prices, and numbers that
languages write differently: decimals, groups of digits, percentages. Plain integers, `1.5 million`
and acronyms stay for the engine's grammar.
"""

import re
from collections.abc import Iterator
from enum import Enum
from itertools import pairwise

from bot.regex.lazy_pattern import lazily
from bot.translation.text.units import SYMBOL


class Kind(Enum):
    """What is done with it."""

    HARD = "hard"
    """A formula, link, citation, or code: it comes back to the letter, as often as it was."""
    NAME = "name"
    """It comes back to the letter, once at least."""
    NUMBER = "number"
    """Its value comes back."""


_BRACES = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
# What may stand in a URL is ASCII only: Chinese text follows a URL without a space.
_URL_PART = r"[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%\\]"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_TOP_LEVEL = (
    "com|org|net|edu|gov|io|ai|dev|app|co|me|info|eu|uk|de|fr|ch|it|nl|se|cn|jp|kr|tw|sg|in|ca|au"
)
_MAGNITUDE = r"\s+(?i:thousand|million|billion|trillion)"

# Letters and digits of scripts that put spaces between words.
_SIGNS = r"A-Za-z0-9\u00b5\u00c0-\u05ff"
# Not `athttps://a.org`, which is a link after all.
_WORD = rf"(?:(?!https?://)[{_SIGNS}])++"

_FIGURES = r"\d+(?:[.,]\d+)*"
_POWER = r"\^(?:\{[-−+]?\d{1,3}\}|[-−+]?\d{1,3})"

_KINDS = (
    # Our own brackets and what engines make of them, where the source has them already.
    ("bracket", r"[⟦⟧〚〛]+"),
    ("math", r"\$\$.{1,2000}?\$\$|\\\[.{1,2000}?\\\]|\\\(.{1,2000}?\\\)"),
    ("math", r"\\begin\{(?P<environment>\w+\*?)\}.{0,2000}?\\end\{(?P=environment)\}"),
    ("dollar", r"(?<!\\)\$(?!\$)(?:[^$\\]|\\.){1,600}?\$(?!\$)"),
    ("price", rf"\\?\$\d+(?:[.,]\d+)*[kKMB]?(?![\w$])(?!{_MAGNITUDE})"),
    ("url", rf"(?i:https?://|ftp://|www\.){_URL_PART}+"),
    ("email", rf"(?:{_BRACES}|[\w.+-]{{1,64}})@[\w-]{{1,64}}(?:\.[\w-]{{1,64}})+"),
    ("url", rf"(?<![\w.@/-])(?:{_LABEL}\.)+(?:{_TOP_LEVEL})(?![\w-]|\.\w)(?:/{_URL_PART}*)?"),
    # `p < 0.05` and `n=475` are one thing, as are `0.42 ± 0.03`, `10^{-6}` and `5 ms`.
    (
        "relation",
        (
            rf"(?<![{_SIGNS}_\\$])(?!(?:to|of|by|in|at|is|as|on|or|up|an|we|if)\b)"
            rf"(?:[A-Za-z]\w?|[A-Z][A-Z0-9]{{1,6}})"
            rf"\s?[<>=≤≥≈]{{1,2}}\s?[-−+]?{_FIGURES}(?:[eE][-−+]?\d+|{_POWER})?"
            rf"(?:\s?\\?%)?(?![{_SIGNS}_])"
        ),
    ),
    (
        "number",
        (
            rf"(?<![{_SIGNS}_.,]){_FIGURES}(?:\s?(?:±|\+/-)\s?{_FIGURES}(?:\s?\\?%)?"
            rf"|(?:\s?[x×]\s?10)?{_POWER}|[eE][-−+]?\d+)(?![{_SIGNS}_])"
        ),
    ),
    ("number", rf"(?<![{_SIGNS}_.,]){_FIGURES}(?:\s|(?=[µμ]))(?:{SYMBOL})(?![{_SIGNS}_'’-])"),
    ("number", rf"(?<![\w)\]}}%])[-−]{_FIGURES}(?![{_SIGNS}_%]|[.,]\d|\s?%)"),
    (
        "number",
        (
            rf"[±~≈<>+\-−–]?(?<![{_SIGNS}_.,])(?:{_FIGURES}\s?\\?%?\s?[-–]\s?)?{_FIGURES}\s?"
            rf"\\?%(?![{_SIGNS}_])"
        ),
    ),
    (
        "number",
        rf"(?<![{_SIGNS}_.,])\d+(?:[.,]\d+)+[A-Za-z]{{0,2}}(?![{_SIGNS}_])(?!{_MAGNITUDE})",
    ),
    ("tex", rf"~?\\[A-Za-z]+\*?(?:\s*\[[^\[\]]*\]|\s*{_BRACES})*"),
    ("tex", r"\\[\"'`^~=.]\{?\\?[A-Za-z]\}?"),
    ("tex", r"\\[^A-Za-z\s]|\\"),
    ("code", r"(?<!`)`[^`'\n]{1,80}`(?!`)"),
    ("tag", r"</?[A-Za-z][\w:-]{0,30}/?>"),
    ("citation", r"\[\s*\d{1,4}(?:\s*[,;–-]\s*\d{1,4})*\s*\]|\[[A-Z]{2,20}\]"),
    ("citation", r"\[[A-Za-z+]{1,8}\d{2,4}\]"),
    ("order", r"(?<![\w.])[OoΘΩ]\((?=[^)]*[a-zA-Z])(?:[^()]|\((?:[^()]|\([^()]*\))*\)){1,60}\)"),
    ("word", rf"(?<![{_SIGNS}_]){_WORD}(?:[-_./+@#^‐-–]{_WORD})*+(?:\+{{1,2}}|\#)?(?![{_SIGNS}_])"),
)
_PATTERN = lazily(
    "|".join(f"(?P<{kind}_{number}>{pattern})" for number, (kind, pattern) in enumerate(_KINDS)),
    re.DOTALL,
)

_TEX_SIGN = lazily(r"[\\^_={}<>|]")
_PROSE_WORD = lazily(r"(?<![A-Za-z])[A-Za-z]{3,}(?![A-Za-z])")
_PROSE_WORDS = 4
"""So many words between two dollars, and no sign of TeX, are a sentence about money."""

_PART = lazily(r"[^\W_]+")
_TAILS = {
    "base", "chat", "coder", "distill", "flash", "hf", "huge", "instruct", "it", "large", "lite",
    "medium", "micro", "mini", "nano", "preview", "pro", "small", "tiny", "turbo", "xl", "xxl",
}  # fmt: skip
"""Small words that names of models end in: `GPT-4o-mini`, `BERT-base`."""
_FAMILIES = {"deepseek", "gemma", "gpt", "llama", "mistral", "phi", "qwen", "vicuna", "yolo"}
"""Families of models that are written small as well: `gpt-4o`."""
_MILLIONS = lazily(_MAGNITUDE)
_ORDINAL = lazily(r"\d+(?:st|nd|rd|th|s)", re.IGNORECASE)
_PLURAL_ACRONYM = lazily(r"[A-Z]{2,}s")
_NO_CODE = lazily(r"\d+-?[dD](?:o[fF])?(?:-[a-z]+)*|\d+[dD]-to-\d+[dD]|(?:[A-Z]\.)+[A-Z]")
"""Dimensions, and `U.S.`, which has a name of its own in every language."""
_A_WORD = lazily(
    r"\d+D|LiDARs?|S[oO]TA|IoT|[a-z][A-Z][a-z]{4,}|[A-Z]{2}[a-z]{4,}"
    r"|(?:Multi|Self|Semi|Non|Pre|Post|Sub|Inter|Intra|Cross|Bi|Uni|Over|Under|Co|Re|De|Un)[A-Z][a-z]{3,}"
)
"""What is written like code and is none: `3D`, `aDaptive` in what an acronym stands for."""
_CAPITALS_INSIDE = lazily(r"[a-z][A-Z]|[A-Z]{2}[A-Za-z]*[a-z]")
_LETTER_AND_DIGIT = lazily(r"\d[^\W\d_]|[^\W\d_]\d")


Piece = tuple[Kind, int, int]
"""Kind, start and end."""


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of everything untouchable, in order; two never touch each other."""
    return ((start, stop) for _kind, start, stop in pieces(text))


def pieces(text: str) -> Iterator[Piece]:
    """Yield kind, start and end of everything untouchable, in order; two never touch each other."""
    held: Piece | None = None
    for kind, start, stop in _found(text):
        if held and start <= held[2]:
            held = (held[0] if held[0] is kind else Kind.HARD, held[1], stop)
        else:
            if held:
                yield held
            held = (kind, start, stop)
    if held:
        yield held


def formulas(text: str) -> list[tuple[int, int]]:
    """Return start and end of every formula, inline and displayed."""
    if "$" not in text and "\\" not in text:
        return []
    return [
        match.span()
        for match in _PATTERN.finditer(text)
        if _kind(match) == "math" or (_kind(match) == "dollar" and _is_formula(match))
    ]


def _kind(match: re.Match[str]) -> str:
    return str(match.lastgroup).partition("_")[0]


def _found(text: str) -> Iterator[Piece]:
    position = end = 0
    while match := _PATTERN.search(text, position):
        kind = _kind(match)
        start, stop = _narrowed(kind, match)
        if start == stop:
            # Not what it looked like: a lone dollar, an ordinary word.
            position = match.end() if kind == "word" else match.start() + 1
            continue
        if kind in {"math", "dollar", "tex"}:
            # `Co$^3$Gesture` and `$n$th` are one word.
            while start > end and _glues(text[start - 1]):
                start -= 1
            while stop < len(text) and (_glues(text[stop]) or _POINT.match(text, stop)):
                stop += 1
        yield _sort(kind, text[start:stop]), start, stop
        position = end = stop


_POINT = lazily(r"(?<=\d)[.,](?=\d)")
_COUNTED = lazily(
    rf"(?:(?:[a-z]{{3,}}|Stage|Phase|Step|Level|Task|Tier|Type|Class|Layer|Group)-)?\d[\d.,–‐-]*(?:[xX×kKMBT]|bn)?(?:[xX×/-]\d[\d.,]*)*(?:{SYMBOL})?"
)


def _sort(kind: str, found: str) -> Kind:
    if kind in {"number", "price"}:
        return Kind.NUMBER
    if kind == "word":
        return Kind.NUMBER if _COUNTED.fullmatch(found) else Kind.NAME
    return Kind.HARD


def _glues(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _narrowed(kind: str, match: re.Match[str]) -> tuple[int, int]:
    """Return the part of a match that is untouchable indeed; an empty one where none is."""
    start, stop = match.span()
    if kind == "dollar" and not _is_formula(match):
        price = _PRICE.match(match.string, start)
        return price.span() if price else (start, start)
    if kind == "url":
        return start, start + len(_without_punctuation(match[0]))
    if kind == "word":
        first, last = _code_in(match)
        return start + first, start + last
    return start, stop


_PRICE = lazily(dict(_KINDS)["price"])


def _is_formula(match: re.Match[str]) -> bool:
    inside = match[0][1:-1]
    if _TEX_SIGN.search(inside):
        return True
    # `$5 and $10` are prices, as in pandoc's reading of dollars:
    # https://pandoc.org/MANUAL.html#extension-tex_math_dollars
    if match.string[match.end() : match.end() + 1].isdigit():
        return False
    if inside != inside.strip():
        return len(inside.split()) == 1
    return len(_PROSE_WORD.findall(inside)) < _PROSE_WORDS


def _without_punctuation(url: str) -> str:
    while url and (
        url[-1] in ".,;:!?'\\$*_~" or (url[-1] == ")" and url.count(")") > url.count("("))
    ):
        url = url[:-1]
    return url


def _code_in(match: re.Match[str]) -> tuple[int, int]:
    """Return which part of a word is code: `NeRF` of `NeRF-based`, nothing of `text-to-video`."""
    word = match[0]
    if (word.isalpha() and (word.islower() or word.istitle())) or _NO_CODE.fullmatch(word):
        return 0, 0  # nine of ten, and quickly
    parts = list(_PART.finditer(word))
    whole, nothing = (0, len(word)), (0, 0)
    if all(part[0].isdecimal() for part in parts):
        # 3.14, 26,698, 10-20, 24/7; but `1.5 million` is the engine's to say.
        millions = _MILLIONS.match(match.string, match.end())
        return whole if len(parts) > 1 and not millions else nothing
    if "_" in word or word[-1] in "+#":
        return whole
    mixed = [_mixes(part[0]) for part in parts]
    if parts[-1][0] in _TAILS and any(part[0].isupper() and len(part[0]) > 1 for part in parts):
        mixed[-1] = True
    if any(mixed) or (len(parts) > 1 and sum(part[0].isupper() for part in parts) > 1):
        # From the first part that is a name to the last, around the code.
        names = [
            part
            for part, is_code in zip(parts, mixed, strict=True)
            if is_code or part[0].isdecimal() or part[0][0].isupper()
        ]
        if not names:
            return 0, 0
        first, last = parts.index(names[0]), parts.index(names[-1])
        if first and parts[first - 1][0] in _FAMILIES:
            first -= 1
        while last + 1 < len(parts) and parts[last + 1][0] in _TAILS:
            last += 1
        return parts[first].start(), parts[last].end()
    numbered = any(a[0].isalpha() and b[0].isdecimal() for a, b in pairwise(parts))
    return whole if numbered else nothing


def _mixes(part: str) -> bool:
    """Say whether letters and digits, or small and then capital letters, are mixed."""
    if _ORDINAL.fullmatch(part) or _PLURAL_ACRONYM.fullmatch(part) or _A_WORD.fullmatch(part):
        return False
    return bool(_LETTER_AND_DIGIT.search(part) or _CAPITALS_INSIDE.search(part))

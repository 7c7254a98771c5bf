r"""Normalization: an abstract on one line, without TeX's type styles, as an engine reads it."""

import re

from bot.translation.text.untouchable import Kind, formulas, pieces

_STYLES = "textbf|textit|textsl|textsc|textrm|textsf|textup|textnormal|text|emph|underline|mbox"
_SWITCHES = "it|bf|em|sc|sl|rm|sf|tt|itshape|bfseries"
_STYLED = re.compile(
    rf"\\(?:{_STYLES})\s*\{{"
    r"|\\textcolor\s*\{[^{}]*\}\s*\{"
    rf"|\{{\s*\\(?:{_SWITCHES})\b\s*"
)
_ABBREVIATED = {"eg": "e.g.", "ie": "i.e.", "etal": "et al.", "etc": "etc.", "cf": "cf."}
_PRINTED = re.compile(
    rf"\\(?P<sign>[&#])|\\(?P<name>{'|'.join(_ABBREVIATED)})(?![A-Za-z])(?:\{{\}}|\\(?=\s))?\.?"
)
_COMMAND = re.compile(r"\\[A-Za-z]+\*?\s*\{")
_PROSE_WORD = re.compile(r"(?<![\w\\])[A-Za-z]{2,}(?!\w)")
_PROSE_WORDS = 5
_LINK = re.compile(r"\\url\s*\{([^{}]*)\}|\\href\s*\{([^{}]*)\}\s*\{((?:[^{}]|\{[^{}]*\})*)\}")


def plain_prose(text: str) -> str:
    r"""Return a text in which words are words and links are links; formulas stay as they are.

    `\textbf{T}raining-free` becomes `Training-free`, `\href{u}{here}` becomes `here (u)`, `\url{u}`
    becomes `u`.
    """
    text = _plain_commands(text)
    return _plain_signs(_unwrapped(_unstyled(_with_plain_links(" ".join(text.split())))))


def _unwrapped(text: str) -> str:
    r"""Take commands off sentences: `\abstract{We study ...}` is prose, `\cite{key}` is none."""
    inside = formulas(text)
    dropped: list[tuple[int, int]] = []
    for match in _COMMAND.finditer(text):
        closing = _closing_brace(text, match.end())
        if closing is None or any(a <= match.start() < b for a, b in inside):
            continue
        if len(_PROSE_WORD.findall(text, match.end(), closing)) >= _PROSE_WORDS:
            dropped += (match.span(), (closing, closing + 1))
    return _without(text, dropped)


def _plain_commands(text: str) -> str:
    r"""Write `\&` and `\eg` as what they print, outside of formulas."""
    inside = formulas(text)

    def printed(match: re.Match[str]) -> str:
        if any(start <= match.start() < stop for start, stop in inside):
            return match[0]
        return match["sign"] or _ABBREVIATED[match["name"]]

    return _PRINTED.sub(printed, text)


def _plain_signs(text: str) -> str:
    """Write ties, quotes and dashes of TeX as signs, outside of what is untouchable."""
    written: list[str] = []
    end = 0
    for kind, start, stop in pieces(text):
        if kind is Kind.HARD:
            written += (_signs(text[end:start]), text[start:stop])
            end = stop
    return "".join([*written, _signs(text[end:])])


def _signs(text: str) -> str:
    text = re.sub(r"\\text(?:en|em)dash(?:\{\}|\s)?\s*", "–", text)
    text = re.sub(r"(?<=[\w.,;)])~(?=[\w(])", " ", text)
    text = re.sub(r"``([^`']{1,300})''", r"“\1”", text)
    text = re.sub(r"(?<![-\w])---?(?![-\w])|(?<=\w)---(?=\w)", "—", text)
    # Braces that keep capitals, as in `{B}ayesian`.
    return re.sub(r"(?<!\\)\{([^{}\\$]{1,80})\}", r"\1", text)


def _with_plain_links(text: str) -> str:
    inside = formulas(text)

    def plain(match: re.Match[str]) -> str:
        if any(start <= match.start() < stop for start, stop in inside):
            return match[0]
        bare, target, label = (group.strip() if group else "" for group in match.groups())
        if bare or not label or label.removesuffix("/") in target:
            return bare or target
        return f"{label} ({target})" if target else label

    return _LINK.sub(plain, text)


def _unstyled(text: str) -> str:
    inside = formulas(text)
    dropped: list[tuple[int, int]] = []
    for match in _STYLED.finditer(text):
        closing = _closing_brace(text, match.end())
        if closing is not None and not any(a <= match.start() < b for a, b in inside):
            dropped += (match.span(), (closing, closing + 1))
    return _without(text, dropped)


def _without(text: str, dropped: list[tuple[int, int]]) -> str:
    kept: list[str] = []
    end = 0
    for start, stop in sorted(dropped):
        kept.append(text[end:start])
        end = stop
    return "".join(kept) + text[end:]


def _closing_brace(text: str, start: int) -> int | None:
    depth = 1
    for position in range(start, len(text)):
        if text[position - 1] != "\\":
            depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return position
    return None

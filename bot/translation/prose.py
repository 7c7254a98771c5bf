r"""Normalization: an abstract on one line, without TeX's type styles, as an engine reads it."""

import re

from bot.translation.untouchable import formulas

_STYLES = "textbf|textit|textsl|textsc|textrm|textsf|textup|textnormal|text|emph|underline|mbox"
_SWITCHES = "it|bf|em|sc|sl|rm|sf|tt|itshape|bfseries"
_STYLED = re.compile(
    rf"\\(?:{_STYLES})\s*\{{"
    r"|\\textcolor\s*\{[^{}]*\}\s*\{"
    rf"|\{{\s*\\(?:{_SWITCHES})\b\s*"
)
_LINK = re.compile(r"\\url\s*\{([^{}]*)\}|\\href\s*\{([^{}]*)\}\s*\{((?:[^{}]|\{[^{}]*\})*)\}")


def plain_prose(text: str) -> str:
    r"""Return a text in which words are words and links are links; formulas stay as they are.

    `\textbf{T}raining-free` becomes `Training-free`, `\href{u}{here}` becomes `here (u)`, `\url{u}`
    becomes `u`.
    """
    return _unstyled(_with_plain_links(" ".join(text.split())))


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
    pieces: list[str] = []
    end = 0
    for start, stop in sorted(dropped):
        pieces.append(text[end:start])
        end = stop
    return "".join(pieces) + text[end:]


def _closing_brace(text: str, start: int) -> int | None:
    depth = 1
    for position in range(start, len(text)):
        if text[position - 1] != "\\":
            depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return position
    return None

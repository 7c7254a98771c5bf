r"""Normalization: an abstract on one line, without TeX's type styles, as an engine reads it."""

import re
from bisect import bisect_left, bisect_right

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
    inside, closings = formulas(text), _closing_braces(text)
    words = [match.start() for match in _PROSE_WORD.finditer(text)]
    dropped: list[tuple[int, int]] = []
    for match in _COMMAND.finditer(text):
        closing = closings[match.end()]
        if closing is None or _is_within(inside, match.start()):
            continue
        if bisect_left(words, closing) - bisect_left(words, match.end()) >= _PROSE_WORDS:
            dropped += (match.span(), (closing, closing + 1))
    return _without(text, dropped)


def _plain_commands(text: str) -> str:
    r"""Write `\&` and `\eg` as what they print, outside of formulas."""
    inside = formulas(text)

    def printed(match: re.Match[str]) -> str:
        if _is_within(inside, match.start()):
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
        if _is_within(inside, match.start()):
            return match[0]
        bare, target, label = (group.strip() if group else "" for group in match.groups())
        if bare or not label or label.removesuffix("/") in target:
            return bare or target
        return f"{label} ({target})" if target else label

    return _LINK.sub(plain, text)


def _unstyled(text: str) -> str:
    inside, closings = formulas(text), _closing_braces(text)
    dropped: list[tuple[int, int]] = []
    for match in _STYLED.finditer(text):
        closing = closings[match.end()]
        if closing is not None and not _is_within(inside, match.start()):
            dropped += (match.span(), (closing, closing + 1))
    return _without(text, dropped)


def _without(text: str, dropped: list[tuple[int, int]]) -> str:
    kept: list[str] = []
    end = 0
    for start, stop in sorted(dropped):
        kept.append(text[end:start])
        end = stop
    return "".join(kept) + text[end:]


def _closing_braces(text: str) -> list[int | None]:
    """Return for each place in a text where the braces that are open there close, in one pass."""
    closings: list[int | None] = [None] * (len(text) + 1)
    nearest: dict[int, int] = {}
    depth = 0
    for position in range(len(text) - 1, -1, -1):
        if position == 0 or text[position - 1] != "\\":
            if text[position] == "}":
                nearest[depth] = position
                depth += 1
            elif text[position] == "{":
                depth -= 1
        closings[position] = nearest.get(depth - 1)
    return closings


def _is_within(stretches: list[tuple[int, int]], place: int) -> bool:
    """Tell whether a place is in one of some stretches, which are in their order."""
    found = bisect_right(stretches, (place, len(stretches) and stretches[-1][1]))
    return found > 0 and stretches[found - 1][0] <= place < stretches[found - 1][1]

"""Parser of the line in which authors write their names, as arXiv's API takes it apart.

The rules are those of https://github.com/arXiv/arxiv-base/blob/develop/arxiv/authors/__init__.py:
names stand between commas, colons, `and` and `&`; what is in parentheses is an affiliation, even
within a name; `J.-P.` becomes `J. -P.`.
"""

import re

from bot.arxiv.paper_text import names_of
from bot.arxiv.tex_letters import to_letters

_BRACKET = re.compile(r"([()])")
_SEPARATOR = re.compile(r",?\s+(?:and|&)\s|[,:]")
_SUFFIX = re.compile(r"Jr\.?|Sr\.?")
_ET_AL = re.compile(r"et\.?\s+al\.?\s*", re.IGNORECASE)
_DOT = re.compile(r"(?<!\\)\.(\S)")


def author_names(line: str) -> list[str]:
    """Return the authors that a line names, in their order."""
    names: list[str] = []
    for stretch in _outside_parentheses(line):
        for part in _SEPARATOR.split(f" {' '.join(stretch.split())} "):
            name = part.strip()
            if _SUFFIX.fullmatch(name) and names:
                names[-1] += f" {name}"
            elif name and not _ET_AL.match(name):
                names.append(name)
    return names_of(to_letters(_DOT.sub(r". \1", name)) for name in names)


def _outside_parentheses(line: str) -> list[str]:
    """Return the stretches of a line between its parentheses, which may stand in one another."""
    stretches = [""]
    depth = 0
    for piece in _BRACKET.split(line):
        if piece == "(":
            depth += 1
            stretches.append("")
        elif piece == ")":
            depth = max(depth - 1, 0)
        elif depth == 0:
            stretches[-1] += piece
    return stretches

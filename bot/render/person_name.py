"""Personal names: which part of a name as arXiv shows it is the family name.

arXiv shows `Ada M. Lovelace`, reference managers want `Lovelace, Ada M.`
(https://github.com/zotero/translators/pull/1522). Nobody can tell for every culture; these are the
rules of BibTeX, where the family name begins at a particle, and what they lack.
"""

import re
from typing import NamedTuple


class PersonName(NamedTuple):
    """A name in its parts; of a team, and of somebody with one name, all is the family name."""

    family: str
    given: str = ""
    suffix: str = ""

    @property
    def family_first(self) -> str:
        """As bibliographies write it: `de la Cruz, Juan, Jr.`."""
        return ", ".join(filter(None, [self.family, self.given, self.suffix]))


def split_name(name: str) -> PersonName:
    """Return the parts of a name as people write it, given name first."""
    if "," in name:
        return _with_commas(name)
    words = name.split()
    if not words[1:] or is_team(name):
        return PersonName(" ".join(words))
    suffix = words.pop() if words[2:] and _SUFFIX.fullmatch(words[-1]) else ""
    start = _family_start(words)
    return PersonName(" ".join(words[start:]), " ".join(words[:start]), suffix)


def is_team(name: str) -> bool:
    """Tell whether a name is that of a group of people."""
    return _TEAM.search(name) is not None


def _with_commas(name: str) -> PersonName:
    first, *rest = [part.strip() for part in name.split(",") if part.strip()] or [""]
    if len(rest) == 1 and _SUFFIX.fullmatch(rest[0]):  # "Robert W. Heath, Jr."
        return split_name(first)._replace(suffix=rest[0])
    if is_team(name) or not rest:
        return PersonName(" ".join(name.replace(",", " ").split()))
    given = [part for part in rest if not _SUFFIX.fullmatch(part)]
    suffix = next((part for part in rest if _SUFFIX.fullmatch(part)), "")
    return PersonName(first, " ".join(given), suffix)


def _family_start(words: list[str]) -> int:
    last = len(words) - 1
    for place in range(1, last):
        if words[place].lower() in _PARTICLES and words[place].islower():
            return place
    if words[-1] in _VIETNAMESE:  # `Van` and `Le` are given names there
        return last
    start = last
    while start > 1 and words[start - 1].lower() in _CAPITAL_PARTICLES:
        start -= 1
    return start


_SUFFIX = re.compile(r"(?:[Jj][Rr]|[Ss][Rr])\.?|I{2,3}|IV")
_TEAM = re.compile(
    r"\b(?:team|collaborations?|consorti(?:um|a)|group|committee|initiative|project|network"
    r"|task force|institute|laborator(?:y|ies)|labs?|society|alliance|foundation|community"
    r"|department|university|college|center|centre|authors|others)\b|^the\s|\bet al\b",
    re.IGNORECASE,
)
_PARTICLES = frozenset(
    (
        *(
            "van",
            "von",
            "vom",
            "zu",
            "zum",
            "zur",
            "der",
            "den",
            "de",
            "del",
            "della",
            "delle",
            "di",
        ),
        *(
            "da",
            "das",
            "do",
            "dos",
            "du",
            "des",
            "la",
            "las",
            "le",
            "los",
            "'t",
            "’t",
            "ter",
            "ten",
        ),
        *("te", "op", "af", "av", "al", "el", "bin", "ibn", "ben", "bint", "abu", "y", "e", "san"),
        *("d'", "dell'", "dal", "dalla", "degli", "vander", "und", "in", "het"),
    )
)
"""Written small they begin a family name anywhere but in front."""
_CAPITAL_PARTICLES = frozenset(
    (
        *("van", "von", "der", "den", "de", "del", "della", "di", "dos", "du", "la", "le", "los"),
        *("el", "al", "ben", "ter", "ten", "st.", "san", "abu", "ibn", "mac", "o'", "dal", "dalla"),
    )
)
"""Written large as well, right before the last word: `Luc Van Gool`."""
_VIETNAMESE = frozenset(
    (
        *(
            "Nguyen",
            "Tran",
            "Pham",
            "Hoang",
            "Huynh",
            "Phan",
            "Vu",
            "Vo",
            "Dang",
            "Bui",
            "Do",
            "Ho",
        ),
        *("Ngo", "Duong", "Ly", "Trinh", "Dinh", "Truong", "Lam", "Dao", "Doan", "Luong", "Trieu"),
    )
)

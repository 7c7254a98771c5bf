"""Names of the fake arXiv's authors: forenames and surnames, as arXiv keeps them apart."""

import re
from typing import Final, NamedTuple

_PARTICLES: Final = frozenset(
    {
        *("af", "al", "bin", "da", "de", "del", "della", "den", "der", "di", "do", "dos"),
        *("du", "el", "ibn", "la", "le", "ten", "ter", "van", "von", "zu", "zum"),
    }
)
_SUFFIX: Final = re.compile(r"Jr\.?|Sr\.?|II|III|IV")


class Person(NamedTuple):
    """An author by name; a suffix such as `Jr.` is no part of it, for the search and in feeds."""

    forenames: str
    surname: str

    @classmethod
    def named(cls, name: str) -> "Person":
        """Cut a name: particles belong to the surname."""
        words = name.split()
        while len(words) > 1 and _SUFFIX.fullmatch(words[-1]):
            words.pop()
        cut = len(words) - 1
        while cut > 1 and words[cut - 1].lower() in _PARTICLES:
            cut -= 1
        return cls(" ".join(words[:cut]), " ".join(words[cut:])) if words else cls("", "")

    @property
    def full(self) -> str:
        """The whole name as arXiv writes it: where there are no forenames, a space comes first."""
        return f"{self.forenames} {self.surname}"

    @property
    def initials(self) -> str:
        """The first letters of the forenames."""
        return " ".join(word[0] for word in self.forenames.split())

    @property
    def initialized(self) -> str:
        """The last word of the name behind the first letters of the others."""
        words = self.full.split()
        return " ".join([*(word[0] for word in words[:-1]), *words[-1:]])

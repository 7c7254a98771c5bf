"""AI summary: what a language model says of a paper in four claims, each with its sentences."""

import json
from typing import NamedTuple

FIELDS = ("tldr", "problem", "method", "result")


class Claim(NamedTuple):
    """One thing that a model says of a paper, and the abstract's sentences that say so."""

    field: str
    """One of FIELDS."""
    text: str
    """In the language of the translation; TeX as in the abstract."""
    cited: tuple[str, ...]
    """In English, as they stand in the abstract."""


class Summary(NamedTuple):
    """The claims that passed the checks, in the order of FIELDS."""

    model: str
    claims: tuple[Claim, ...]

    @property
    def tldr(self) -> Claim | None:
        """The claim that says it all in one."""
        return next((claim for claim in self.claims if claim.field == FIELDS[0]), None)

    def dumped(self) -> str:
        """Return it as it is stored."""
        claims = [claim._asdict() for claim in self.claims]
        return json.dumps({"model": self.model, "claims": claims}, ensure_ascii=False)


def load(stored: str | None) -> Summary | None:
    """Return a summary as it was stored."""
    if not stored:
        return None
    read = json.loads(stored)
    claims = (Claim(one["field"], one["text"], tuple(one["cited"])) for one in read["claims"])
    return Summary(read["model"], tuple(claims))

"""Redaction of queries in logs and errors: what people look for is nobody's business."""

import re

_LONGEST = 300
_WORD = re.compile(
    r"(?P<known>\b(?:ti|au|abs|co|jr|cat|rn|id|all|submittedDate|lastUpdatedDate):"
    r"|(?<![^\s()])(?:AND|OR|ANDNOT|TO)(?![^\s()])|(?<=\[)\d{12}\b|(?<= TO )\d{12}(?=\]))"
    r"|[^\s()\[\]\":]+"
)


def shape(query: str) -> str:
    """Return a query of arXiv's without its words: `ti:… AND au:"… …"`.

    Fields, operators and windows of time stay; they are enough to find what arXiv does not
    understand.
    """
    masked = _WORD.sub(lambda found: found["known"] or "…", query)
    return " ".join(masked.split())[:_LONGEST]

"""arXiv's taxonomy of categories (https://arxiv.org/category_taxonomy): codes, tree, patterns."""

import re
from collections.abc import Mapping
from difflib import SequenceMatcher, get_close_matches

from bot.i18n import names
from bot.query.names import ARCHIVES, CATEGORIES, GROUPS

FIELDS: Mapping[str, str] = {**CATEGORIES, **ARCHIVES, **GROUPS}
"""The English name of everything that has a place in the tree."""

TREE: Mapping[str, tuple[str, ...]] = {
    "": ("cs", "math", "phys", "stat", "eess", "q-bio", "q-fin", "econ"),
    "phys": (
        *("astro-ph", "cond-mat", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th"),
        *("math-ph", "nlin", "nucl-ex", "nucl-th", "physics", "quant-ph"),
    ),
    **{
        archive: tuple(code for code in CATEGORIES if code.startswith(f"{archive}."))
        for archive in ARCHIVES
    },
}
"""What stands under what, as arXiv groups it; "" is the top."""

_WELL_KNOWN = {"cs.ai", "cs.cl", "cs.cv", "cs.lg", "cs.ro", "stat.ml"}
_NAMING = 4
_NAMING_CHINESE = 2
"""A word of at least this length may stand for a category's name."""

_BY_LOWER = {code.lower(): code for code in (*CATEGORIES, *ARCHIVES)}

_OTHER_CLASS = re.compile(
    r"\d\d(?:[A-Z]\d\d|-\d\d|[A-Z]xx|-XX)"  # MSC, as in 68T50
    r"|[A-K]\.(?:\d{1,2}|m)(?:\.(?:\d{1,2}|m))?",  # ACM, as in I.2.10
    re.IGNORECASE,
)


def above(field: str) -> str:
    """Return what a field stands under in the tree."""
    return next(upper for upper, fields in TREE.items() if field in fields)


def is_other_class(text: str) -> bool:
    """Tell whether a text has the form of an MSC or ACM class, which authors add as categories."""
    return _OTHER_CLASS.fullmatch(text) is not None


def known_pattern(text: str) -> str | None:
    """Return the pattern that a text in any case means, or None where no category is like it.

    A pattern is a category (`cs.CV`, `hep-th`) or the start of some with a star. An archive alone
    means all of it: `cs` and `cs*` are `cs.*`.
    """
    wanted = text.lower()
    stem = wanted.removesuffix("*").removesuffix(".")
    if (code := _BY_LOWER.get(stem)) is not None:
        if code in ARCHIVES:
            return f"{code}.*"
        return code if wanted in {stem, f"{stem}*"} else None
    if not wanted.endswith("*") or not stem:
        return None
    start = wanted.removesuffix("*")
    for code in CATEGORIES:
        if code.lower().startswith(start):
            return f"{code[: len(start)]}*"
    return None


def nearest_pattern(text: str) -> str | None:
    """Fuzzy match: return the pattern most like a text, or None: `cs.CW` gives `cs.CV`.

    The names count as well: `vision` gives `cs.CV`, `机器人` `cs.RO`. Of a known archive at least
    all is meant.
    """
    wanted = text.lower()
    near = get_close_matches(wanted, _BY_LOWER, n=20, cutoff=0.7)
    if near:
        return known_pattern(max(near, key=lambda code: _likeness(wanted, code)))
    named = wanted.rstrip("*")
    if len(named) >= (_NAMING if named.isascii() else _NAMING_CHINESE):
        for code, english in CATEGORIES.items():
            if any(named in name.lower() for name in names(english).values()):
                return code
    return known_pattern(wanted.partition(".")[0])


def _likeness(wanted: str, code: str) -> tuple[float, int, bool]:
    """Judge by the letters in common, then by how many of them come first, then by fame."""
    alike = sum(1 for end in range(1, len(code) + 1) if wanted.startswith(code[:end]))
    return SequenceMatcher(None, code, wanted).ratio(), alike, code in _WELL_KNOWN

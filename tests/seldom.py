"""Parametrized cases of a kind: `make test` tries the first few, and CI, with -m slow, all."""

from collections.abc import Iterable
from typing import Any

import pytest

__all__ = ["seldom"]


def seldom(cases: Iterable[Any], *, after: int = 2) -> list[Any]:
    """Return what `pytest.mark.parametrize` takes, all `after` the first few marked as slow.

    For tests that take long, such as those that start the whole bot for each case. A case that is
    a tuple has a value for each of several arguments.
    """
    kept = list(cases)
    return [*kept[:after], *(_slow(case) for case in kept[after:])]


def _slow(case: Any) -> Any:
    if isinstance(case, type(pytest.param())):
        return pytest.param(*case.values, marks=[*case.marks, pytest.mark.slow], id=case.id)
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.slow)

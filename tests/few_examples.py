"""Fewer of what hypothesis invents, for tests in which each example takes its time."""

from hypothesis import settings

_MANY = settings().max_examples
_USUAL = settings.get_current_profile_name() == "paperboy"

few_examples = settings(max_examples=_MANY // 4 if _USUAL else _MANY)
"""A quarter in `make test`, and all where another profile is asked for: `thorough`, `fuzz`."""

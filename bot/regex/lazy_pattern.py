"""Lazy regular expressions: compiled where they are first used, for a start does not need them.

For those that take a millisecond and more to compile. Django does the same:
https://github.com/django/django/blob/main/django/utils/regex_helper.py
"""

import re
from typing import Any, cast

_PARTS = (
    *("search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"),
    *("pattern", "flags", "groups", "groupindex"),
)


def lazily(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return what behaves as `re.compile(pattern, flags)` does, and compiles when first asked.

    A pattern that is none is noticed then only, so each needs a test that uses it.
    """
    return cast("re.Pattern[str]", _Lazy(pattern, flags))


class _Lazy:
    def __init__(self, pattern: str, flags: int) -> None:
        self._given = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        """Compile, once: from then on the parts are attributes like others."""
        if name not in _PARTS:
            raise AttributeError(name)
        compiled = re.compile(*self._given)
        self.__dict__.update({part: getattr(compiled, part) for part in _PARTS})
        return self.__dict__[name]

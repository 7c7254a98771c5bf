"""Names as data: arXiv's categories and the ready-made topics, read from `names.toml`."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

_DATA = tomllib.loads(files("bot.query").joinpath("names.toml").read_text(encoding="utf-8"))

CATEGORIES: Mapping[str, str] = _DATA["categories"]
"""The English name of every category that takes papers today, by its code."""

ARCHIVES: Mapping[str, str] = _DATA["archives"]
"""The same of the part before the dot of those that have one: `cs`, `math`, `physics` ..."""

GROUPS: Mapping[str, str] = _DATA["groups"]
"""The same of the groups of archives."""

PRESET_ROWS: list[Mapping[str, Any]] = _DATA["presets"]
"""Ready-made topics: `key`, `name` and the queries of which `any` is to find a paper."""

EMPTY_WORDS: frozenset[str] = frozenset(_DATA["titles"]["empty"].split())
"""Words of titles that say nothing alone."""

SHORT_NAMES: Mapping[str, str] = _DATA["short"]
"""What people call fields and ready-made topics for short, in any language, by their keys."""

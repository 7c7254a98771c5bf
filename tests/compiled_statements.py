"""SQLAlchemy, with statements that are compiled once for all databases of a kind.

Each engine keeps what it compiled for itself, and the tests open thousands of databases for a
moment each: a tenth of their time would go into compiling the same statements anew.
"""

from collections.abc import Hashable
from typing import Any, Final

from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

_compiled: Final[LRUCache[Any, Any]] = LRUCache(5_000)


def _kind(dialect: DefaultDialect) -> Hashable:
    """Return what dialects that compile alike have in common; they turn values into JSON, too."""
    json = (getattr(dialect, f"_json_{way}", None) for way in ("serializer", "deserializer"))
    return type(dialect), dialect.paramstyle, *json


def _compiles_alike(dialect: DefaultDialect, other: object) -> bool:
    return isinstance(other, DefaultDialect) and _kind(dialect) == _kind(other)


def _hash(dialect: DefaultDialect) -> int:
    return hash(_kind(dialect))


def _share(engine: Engine) -> None:
    engine._compiled_cache = _compiled


DefaultDialect.engine_created = _share  # type: ignore[method-assign]
# SQLAlchemy remembers what it compiled by the dialect and the statement.
DefaultDialect.__eq__ = _compiles_alike  # type: ignore[method-assign, assignment]
DefaultDialect.__hash__ = _hash  # type: ignore[method-assign, assignment]

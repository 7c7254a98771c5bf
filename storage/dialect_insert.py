"""Upsert per dialect: the INSERT that knows ON CONFLICT, of SQLite and of PostgreSQL."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.dialects import sqlite


def insert_of(dialect: str) -> Callable[..., Any]:
    """Return a dialect's `insert`; PostgreSQL's comes with its drivers, for whoever has it."""
    if dialect == "sqlite":
        return sqlite.insert
    from sqlalchemy.dialects import postgresql

    return postgresql.insert

"""Columns: settings of all tables; moments with time zone, enumerations, switches, foreign keys."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import BigInteger, Column, DateTime, Dialect, Enum, Table, TypeDecorator, false
from sqlalchemy.types import TypeEngine
from sqlmodel import Field, SQLModel

# Constraints with names can be changed by later revisions, also in SQLite.
# https://alembic.sqlalchemy.org/en/latest/naming.html
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

# Validators of tables are made when something is first validated, which rows seldom are.
# https://docs.pydantic.dev/latest/api/config/#pydantic.config.ConfigDict.defer_build
SQLModel.model_config["defer_build"] = True

PAPER_ID_LENGTH = 32

IDS_LEFT_OUT = 1_000_000
"""Ids that may have been given in each table since a backup was made: they mean nothing after it.
"""


def table_of(model: type[SQLModel]) -> Table:
    """Return the Core table of a model, for statements that are built without the ORM."""
    return model.metadata.tables[str(model.__tablename__)]


def utc_now() -> datetime:
    """Return the present moment, time-zone-aware, in UTC."""
    return datetime.now(UTC)


class NaiveDateTimeError(TypeError):
    """A moment without a time zone was about to be stored."""

    def __init__(self, value: datetime) -> None:
        super().__init__(f"{value!r} has no time zone")
        self.value = value


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in time: stored in UTC, read back time-zone-aware also from SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments and convert the others to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveDateTimeError(value)
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give SQLite's naive values their UTC back."""
        del dialect
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class UtcMicroseconds(TypeDecorator[datetime]):
    """A moment that SQLite keeps as a number, 8 bytes instead of 26, where there are millions."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type that the database knows."""
        kind = BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse naive moments; for SQLite, count the microseconds since 1970."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveDateTimeError(value)
        if dialect.name == "sqlite":
            return (value - _EPOCH) // _MICROSECOND
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC."""
        if value is None or dialect.name != "sqlite":
            return cast("datetime | None", value)
        return _EPOCH + timedelta(microseconds=value)


def many_moments(
    *, default_now: bool = False, nullable: bool = False, primary_key: bool = False
) -> Any:
    """Return a moment in UTC of a table with millions of rows."""
    if primary_key:
        return Field(sa_type=UtcMicroseconds, primary_key=True)
    if default_now:
        return Field(default_factory=utc_now, sa_type=UtcMicroseconds, nullable=nullable)
    return Field(default=None, sa_type=UtcMicroseconds, nullable=nullable)


def moment(
    *,
    default_now: bool = False,
    nullable: bool = False,
    index: bool = False,
    primary_key: bool = False,
) -> Any:
    """Return a moment in UTC; None to begin with unless it is now."""
    if primary_key:
        return Field(sa_type=UtcDateTime, primary_key=True)
    if default_now:
        return Field(default_factory=utc_now, sa_type=UtcDateTime, nullable=nullable, index=index)
    return Field(default=None, sa_type=UtcDateTime, nullable=nullable, index=index)


def words(kind: type[StrEnum]) -> Enum:
    """Return the type of an enumeration, stored as its value."""
    return Enum(
        kind,
        native_enum=False,
        length=16,
        values_callable=lambda members: [member.value for member in members],
    )


def word(default: StrEnum, *, server_default: bool = False) -> Any:
    """Return a member of an enumeration; `server_default`: the database knows the default, too."""
    known = default.value if server_default else None
    column: Column[Any] = Column(words(type(default)), nullable=False, server_default=known)
    return Field(default=default, sa_column=column)


def owner(table: str, *, primary_key: bool = False, index: bool = False) -> Any:
    """Return a foreign key to the row with which this one is deleted."""
    return Field(
        foreign_key=f"{table}.id",
        ondelete="CASCADE",
        primary_key=primary_key,
        index=index,
        max_length=PAPER_ID_LENGTH if table == "paper" else None,
    )


def off() -> Any:
    """Return a switch that is off to begin with; the database knows that, too."""
    return Field(default=False, sa_column_kwargs={"server_default": false()})

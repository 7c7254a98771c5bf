"""Alerts: operators are told once when something needs them, and once when it is well again."""

import shutil
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.i18n import Texts, negotiate, texts
from bot.telegram.rate_limiter import Priority
from bot.translation.service import EngineHealth
from storage import admin, outbox, sweeps
from storage.columns import utc_now
from storage.database import Database
from storage.database_problem import DatabaseProblem

NO_SWEEP = timedelta(days=1)
NEARLY_FULL_BYTES = 256 * 1024 * 1024
"""So little room on the database's disk is told; twice as much is well again."""

_log = structlog.get_logger(__name__)


class AlertKind(StrEnum):
    """What needs an operator."""

    SWEEP = "sweep"
    ENGINES = "engines"
    DISK = "disk"
    DEAD = "dead"
    BACKUP = "backup"


async def check_alerts(
    *,
    database: Database,
    operators: Collection[int],
    engines: Sequence[EngineHealth],
    backup_failed: bool | None = None,
    now: datetime | None = None,
    nearly_full: int = NEARLY_FULL_BYTES,
) -> None:
    """Check for alerts that began or ended, and queue a notice of each to the operators.

    `operators` are Telegram ids; only those are told who have written to the bot. `nearly_full`
    is in bytes; `backup_failed` is None where no backup was made since the start. What is wrong is
    kept with the notice in one transaction, so that neither a restart nor a second copy tells it
    again.
    """
    moment = now or utc_now()
    async with database.reading() as session:
        found = {
            AlertKind.SWEEP: await _no_sweep(session, moment),
            AlertKind.ENGINES: _engines_down(engines),
            AlertKind.DISK: _disk_full(
                database, nearly_full, await admin.active_alerts(session=session)
            ),
            AlertKind.DEAD: bool(await outbox.dead_letters(session=session, limit=1)),
            AlertKind.BACKUP: backup_failed,
        }
    for trouble, is_wrong in found.items():
        if is_wrong is not None:
            await _note(database, trouble, operators, moment, is_wrong=is_wrong)


async def alert_past_database(
    problem: DatabaseProblem, *, bot: ExtBot[Priority], operators: Collection[int], language: str
) -> bool:
    """Alert the operators that the database can't be used; say whether one was reached."""
    _ = texts(negotiate(language))
    if problem is DatabaseProblem.GONE:
        said = _(
            "🚨 The database's file was deleted, moved or replaced. I stop; please see the log."
        )
    else:
        said = _("🚨 The database is damaged. Please stop me, and restore a backup.")
    told = False
    for operator in operators:
        try:
            await bot.send_message(operator, said)
        except TelegramError as error:
            _log.warning("an operator can't be told", error=error.message)
        else:
            told = True
    return told


async def _note(
    database: Database,
    trouble: AlertKind,
    operators: Collection[int],
    now: datetime,
    *,
    is_wrong: bool,
) -> None:
    async with database.reading() as session:
        if (trouble in await admin.active_alerts(session=session)) == is_wrong:
            return
    async with database.transaction() as session:
        change = admin.raise_alert if is_wrong else admin.clear_alert
        if not await change(session=session, kind=trouble):
            return
        for chat in await admin.operators(session=session, telegram_ids=operators):
            said = (_wrong if is_wrong else _well)(trouble, texts(chat.ui_language))
            notice = await admin.draft(session=session, html=said)
            await admin.start(session=session, broadcast_id=notice.id, now=now, chat_ids=[chat.id])
    (_log.error if is_wrong else _log.info)(
        "needs an operator" if is_wrong else "is well again", trouble=trouble.value
    )


async def _no_sweep(session: AsyncSession, now: datetime) -> bool:
    since = await sweeps.failing_since(session=session)
    if since is None:
        return False
    good = await sweeps.last_good(session=session)
    return now - (good.finished_at or good.started_at if good else since) >= NO_SWEEP


def _engines_down(engines: Sequence[EngineHealth]) -> bool | None:
    """Return None where nothing can be said: none was asked since the start."""
    if any(engine.accepted and not engine.is_down for engine in engines):
        return False
    return True if engines and all(engine.is_down for engine in engines) else None


def _disk_full(
    database: Database, nearly_full: int, present: Mapping[str, datetime]
) -> bool | None:
    free = _free_bytes(database)
    if free is None:
        return None
    return free < nearly_full * (2 if AlertKind.DISK in present else 1)


def _free_bytes(database: Database) -> int | None:
    """Return the room on the database's disk; None where it is a server's affair."""
    if database.path is None:
        return None
    try:
        return shutil.disk_usage(database.path.parent).free
    except OSError:
        return None


def _wrong(trouble: AlertKind, _: Texts) -> str:
    return {
        AlertKind.SWEEP: _("🚨 arXiv has given no usable answer for a day. I keep asking."),
        AlertKind.ENGINES: _("🚨 No translator answers. Papers go out in English meanwhile."),
        AlertKind.DISK: _("🚨 The disk with the database is nearly full. Please make room."),
        AlertKind.DEAD: _("🚨 Some papers were given up. /admin shows why."),
        AlertKind.BACKUP: _("🚨 No backup could be made. The log says why; older ones are kept."),
    }[trouble]


def _well(trouble: AlertKind, _: Texts) -> str:
    return {
        AlertKind.SWEEP: _("✅ arXiv answers again. Nothing is lost."),
        AlertKind.ENGINES: _("✅ A translator answers again."),
        AlertKind.DISK: _("✅ There is room on the disk again."),
        AlertKind.DEAD: _("✅ No undelivered papers are left."),
        AlertKind.BACKUP: _("✅ Backups are made again."),
    }[trouble]

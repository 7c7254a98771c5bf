"""What is wrong now and was told: kept over a restart, so that nobody is told twice."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.operating import Alarm
from storage.upsert import insert_or_ignore


async def raise_alert(*, session: AsyncSession, kind: str) -> bool:
    """Note that something is wrong; return whether that is news."""
    added = await session.exec(
        insert_or_ignore(session, Alarm, [{"kind": kind}]).execution_options(preserve_rowcount=True)
    )
    return bool(added.rowcount > 0)


async def clear_alert(*, session: AsyncSession, kind: str) -> bool:
    """Note that it is well again; return whether that is news."""
    ended = await session.exec(delete(Alarm).where(col(Alarm.kind) == kind))
    return ended.rowcount > 0


async def active_alerts(*, session: AsyncSession) -> Mapping[str, datetime]:
    """Return what is wrong, and since when."""
    return {alarm.kind: alarm.since for alarm in (await session.exec(select(Alarm))).all()}

"""Weekly notes: planned, put together, and sent through the outbox, at most once.

What may have arrived is not sent again: it can be asked for at any time, and nobody wants it twice.
"""

import asyncio
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram import InlineKeyboardMarkup
from telegram.ext import ExtBot

from bot.i18n import texts
from bot.push.delivery import Outgoing, Pushed, deliver, group_commit, shield_until_done
from bot.push.group_commit import GroupCommit
from bot.push.send import probe
from bot.ranking.order import PersonalOrder
from bot.render.push_message import PushMessage
from bot.telegram.rate_limiter import Priority
from bot.week import message, picture
from bot.week.look_back import LookBack, look_back
from bot.week.picture import TopicWeeks
from storage import outbox, weeks
from storage.columns import utc_now
from storage.database import Database
from storage.models import NO_DAY, Chat
from storage.week_models import WeekNote
from storage.weeks import DueNote

_PLANNED = 500
"""Chats a transaction, each some microseconds."""
_BUILT = 20
_AT_ONCE = 20
"""Few: pushes beside them wait no longer."""

_log = structlog.get_logger(__name__)


async def send_weeks(
    *,
    database: Database,
    bot: ExtBot[Priority],
    personal: PersonalOrder | None,
    now: datetime | None = None,
) -> int:
    """Put together and send the look backs whose time has come; return how many were sent.

    Any number of copies may do this at once: what is owed twice is one row of the outbox.
    """
    planned = _PLANNED
    while planned == _PLANNED:
        planned = await database.write(partial(weeks.plan, now=now or utc_now(), limit=_PLANNED))
    while due := await database.write(partial(weeks.claim, now=now or utc_now(), limit=_BUILT)):
        for chat in due:
            try:
                await _build(database, chat, personal, now or utc_now())
            except SQLAlchemyError:
                raise
            except Exception:  # noqa: BLE001 - one chat's week is not everybody's
                _log.exception("a week could not be put together", chat=chat.id)
                await database.write(partial(weeks.skip, chat_id=chat.id, now=now or utc_now()))
    return await _send_due(database, bot, now)


async def _build(
    database: Database, chat: Chat, personal: PersonalOrder | None, now: datetime
) -> None:
    html = drawn = None
    week = await look_back(database=database, chat=chat, now=now, personal=personal)
    if chat.week_day == NO_DAY:
        week = week.only_news
    if week.has_papers or week.changed:
        html, drawn = message.text(week, texts(chat.ui_language, chat.kind)), await draw(week)
    await database.write(
        partial(
            weeks.settle,
            chat_id=chat.id,
            week=week.ends_on.toordinal(),
            now=now,
            html=html,
            picture=drawn,
            known_now=week.known_now,
        )
    )


async def draw(week: LookBack) -> bytes | None:
    """Return the picture of a week, in a thread; None where there is nothing to draw, or no way."""
    rows = [
        TopicWeeks(line.label, (0,) * (picture.WEEKS - len(line.papers)) + line.papers)
        for line in week.topics
    ]
    if not any(any(row.papers) for row in rows):
        return None
    try:
        return await asyncio.to_thread(picture.draw, rows)
    except Exception:  # noqa: BLE001 - the text says the same
        _log.exception("a picture of a week can't be drawn")
        return None


async def _send_due(database: Database, bot: ExtBot[Priority], now: datetime | None) -> int:
    commit = group_commit(database, bot)
    await database.write(partial(outbox.give_up_claims, now=now or utc_now(), table=WeekNote))
    sent = 0
    while True:
        due = await database.read(partial(weeks.due_notes, now=now or utc_now(), limit=_AT_ONCE))
        # While Telegram is out of order, most of them would be given up.
        if not due or await probe(bot) is not None:
            return sent
        done = await shield_until_done(_send_all(commit, bot, due))
        sent += sum(one.sent for one in done)
        if all(one.retry_at for one in done):
            return sent


async def _send_all(commit: GroupCommit, bot: ExtBot[Priority], due: list[DueNote]) -> list[Pushed]:
    return await asyncio.gather(*(deliver(commit, bot, _outgoing(one)) for one in due))


def _outgoing(due: DueNote) -> Outgoing:
    note = due.note
    keyboard = message.buttons(due.chat, texts(due.chat.ui_language, due.chat.kind))
    shown = PushMessage(note.html, (), photo=note.picture, keyboard=InlineKeyboardMarkup(keyboard))
    rows = outbox.Rows(WeekNote, note.chat_id, (note.week,))
    return Outgoing(
        shown,
        rows,
        due.chat.telegram_id,
        attempts=note.attempts,
        silent=True,
        by_clock=True,
        repeatable=False,
    )

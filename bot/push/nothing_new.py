"""Nothing-new notice: one line that says why no paper came, for chats that want it."""

from datetime import datetime

import structlog
from telegram.ext import ExtBot

from bot.i18n import texts
from bot.push.delivery import tell
from bot.push.group_commit import GroupCommit
from bot.push.send import Sent, Unreachable
from bot.render.no_news import failing, local, no_news
from bot.render.push_message import PushMessage
from bot.telegram.rate_limiter import Priority
from storage import chats, matches, sweeps, topics
from storage.chats import Recipient
from storage.database import Database
from storage.models import Chat

_log = structlog.get_logger(__name__)


async def tell_nothing_new(
    *, database: Database, commit: GroupCommit, bot: ExtBot[Priority], chat: Chat, now: datetime
) -> None:
    """Say in one line why nothing came; not to a chat that follows nothing.

    It is tried once: what matters less than a paper is not worth another try.
    """
    line = await _line(database, chat, now)
    if line is None:
        return
    outcome = await tell(commit, bot, Recipient.of(chat), PushMessage(line, ()), silent=True)
    if isinstance(outcome, Unreachable):
        async with database.transaction() as session:
            await chats.block(session=session, chat_id=chat.id, reason=outcome.reason)
    if not isinstance(outcome, Sent):
        _log.info("nobody was told that nothing is new", chat=chat.id, outcome=outcome)


async def _line(database: Database, chat: Chat, now: datetime) -> str | None:
    _ = texts(chat.ui_language, chat.kind)
    async with database.reading() as session:
        if not await topics.subscriptions(session=session, chat_id=chat.id):
            return None
        since = await sweeps.failing_since(session=session)
        if since is not None:
            last = await sweeps.last(session=session)
            when = local(since, chat.timezone, _)
            return failing(last.fault if last else None, when, _)
        news = await sweeps.last_news(session=session)
        news_at = (news.finished_at or news.started_at) if news else None
        mine = 0
        if news is not None:
            mine = await matches.new_on_topics(session=session, chat_id=chat.id, sweep=news)
    why = no_news(news_at=news_at, mine=mine, now=now, timezone=chat.timezone, _=_)
    return "☕️ " + (why or _("Nothing new since last time."))

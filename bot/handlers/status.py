"""/status: when arXiv was looked at, what waits for the chat, and why nothing came.

The people in ADMINS also see how the translation engines do.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from telegram import Update

from bot.conversation.context import Context
from bot.conversation.permissions import by_operator
from bot.i18n import Texts, code
from bot.render.counts import first_whole_day
from bot.render.no_news import LATELY, failing, local, no_news
from bot.settings.cron import cron_trigger
from bot.telegram.keyboards import button
from bot.telegram.replies import show
from bot.telegram.routes import PICK
from bot.translation.service import EngineHealth
from storage import matches, outbox_counts, sweeps, topics
from storage.columns import utc_now
from storage.models import Chat, ChatState, Sweep, SweepFault


@dataclass(frozen=True, slots=True)
class _Looked:
    """A good sweep as one chat sees it."""

    at: datetime
    new: int
    mine: int


@dataclass(frozen=True, slots=True)
class _State:
    """What there is to tell."""

    follows: bool
    paused: int
    """Topics whose papers are collected and not pushed."""
    last: _Looked | None
    news: _Looked | None
    """The last one that brought anything new."""
    failing_since: datetime | None
    fault: SweepFault | None
    held: tuple[datetime, datetime] | None
    """From when on all of arXiv is known, and from when on it will be; None: no difference."""
    next_look: datetime | None
    owed: int
    sent_lately: int


async def status(update: Update, context: Context) -> None:
    """Say on one screen how things stand."""
    now, chat, _ = utc_now(), context.chat, context.texts
    state = await _state(context, now)
    lines = [_("<b>Status</b>"), "", *_arxiv(state, chat, _), "", *_pushes(state, chat, now, _)]
    why = _why_nothing_came(state, chat, now, _)
    if why:
        lines += ["", why]
    if by_operator(update, context):
        lines += ["", *_engines(context.services.engine_health(), _)]
    follow = button(_.plain("➕ Follow a topic"), PICK.data())
    await show(update, context.headed("\n".join(lines)), [[] if state.follows else [follow]])


async def _state(context: Context, now: datetime) -> _State:
    chat_id = context.chat.id
    trigger = cron_trigger(context.services.settings.sweep_schedule)
    next_look = trigger.get_next_fire_time(None, now)
    return await context.services.database.read(
        lambda connection: _read_state(connection, chat_id, now, next_look)
    )


def _read_state(
    connection: Connection, chat_id: int, now: datetime, next_look: datetime | None
) -> _State:
    log = sweeps.read_log(connection, now=now)
    known, until = log.known_since, now - sweeps.HELD
    # The same day as a preview tells, which counts from its beginning on.
    since = first_whole_day(known) if known is not None and known > until else None
    followed = topics.followed_by(connection, chat_id=chat_id)
    standing = outbox_counts.standing(connection, chat_id=chat_id, since=now - LATELY)

    def looked(sweep: Sweep | None) -> _Looked | None:
        if sweep is None:
            return None
        mine = matches.new_to(connection, chat_id=chat_id, sweep=sweep) if sweep.new else 0
        return _Looked(sweep.finished_at or sweep.started_at, sweep.new, mine)

    last = looked(log.last_good)
    # Most sweeps bring something: then it is the same one.
    news = last if log.last_news is log.last_good else looked(log.last_news)
    return _State(
        follows=bool(followed),
        paused=sum(entry.subscription.paused for entry in followed),
        last=last,
        news=news,
        failing_since=log.failing_since,
        fault=log.last.fault if log.last else None,
        held=(since, until) if since is not None and since <= now else None,
        next_look=next_look,
        owed=standing.owed,
        sent_lately=standing.sent_lately,
    )


def _arxiv(state: _State, chat: Chat, _: Texts) -> list[str]:
    lines = []
    if state.last is None:
        lines.append(_("🔭 I haven't checked arXiv yet."))
    else:
        lines.append(_("🔭 Last checked arXiv: {when}", when=_when(state.last.at, chat, _)))
        lines.append(_found(state.last, _))
        if not state.last.new and state.news is not None:
            when = _when(state.news.at, chat, _)
            lines.append(_("📰 Last new papers: {when}", when=when))
            lines.append(_found(state.news, _))
    if state.failing_since is not None:
        lines.append(failing(state.fault, _when(state.failing_since, chat, _), _))
    if state.held is not None:
        since, until = map(_.date, state.held)
        lines.append(
            _(
                "🗄 I know all of arXiv since {since}, and am reading further back, to {until}.",
                since=since,
                until=until,
            )
        )
    if state.next_look is not None:
        lines.append(_("⏭ Next check: {when}", when=_when(state.next_look, chat, _)))
    return lines


def _found(looked: _Looked, _: Texts) -> str:
    if not looked.new:
        return _("No new papers")
    return _.plural(
        "{n} new paper, {mine} on your topics",
        "{n} new papers, {mine} on your topics",
        looked.new,
        mine=_.number(looked.mine),
    )


def _pushes(state: _State, chat: Chat, now: datetime, _: Texts) -> list[str]:
    if chat.state is ChatState.PAUSED:
        push = _("⏸ Paused. Nothing is sent until you resume.")
    elif chat.paused_until is not None and chat.paused_until > now:
        push = _(
            "⏸ Paused until {date}.",
            date=_.date(chat.paused_until.astimezone(ZoneInfo(chat.timezone))),
        )
    else:
        push = _("⏰ Next papers: {when}", when=_when(max(chat.next_push_at, now), chat, _))
    owed = _.plural("📬 {n} paper waiting", "📬 {n} papers waiting", state.owed)
    lines = [push, owed if state.owed else _("📭 No papers waiting")]
    if state.paused:
        lines.append(
            _.plural(
                "⏸ {n} topic is paused: /topics", "⏸ {n} topics are paused: /topics", state.paused
            )
        )
    return lines


def _engines(engines: Sequence[EngineHealth], _: Texts) -> list[str]:
    lines = [_("<b>Translators since the start</b>")]
    for engine in engines:
        counts = _(
            "{name}: {used} used, {refused} refused, {failed} failed",
            name=engine.name,
            used=_.number(engine.accepted),
            refused=_.number(engine.rejected),
            failed=_.number(engine.failed),
        )
        lines.append(f"{'⚠️' if engine.is_down else '✅'} {counts}")
        if engine.last_failure is not None:
            lines.append(_("Last problem: {problem}", problem=code(engine.last_failure)))
        if engine.rests_seconds:
            minutes = math.ceil(engine.rests_seconds / 60)
            lines.append(
                _.plural("Asked again in {n} minute", "Asked again in {n} minutes", minutes)
            )
    return lines


def _why_nothing_came(state: _State, chat: Chat, now: datetime, _: Texts) -> str | None:
    """Return one sentence, None where something did come or what is told already is the reason."""
    if not state.follows:
        return _("You don't follow anything yet.")
    told = chat.state is ChatState.PAUSED or state.last is None or state.failing_since is not None
    if told or state.owed:
        return None
    if state.sent_lately:
        return _.plural(
            "You have it all: {n} paper came in the last 24 hours.",
            "You have it all: {n} papers came in the last 24 hours.",
            state.sent_lately,
        )
    return no_news(
        news_at=state.news.at if state.news else None,
        mine=state.news.mine if state.news else 0,
        now=now,
        timezone=chat.timezone,
        _=_,
    )


def _when(moment: datetime, chat: Chat, _: Texts) -> str:
    return local(moment, chat.timezone, _)

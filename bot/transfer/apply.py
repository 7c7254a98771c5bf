"""Import into a chat: it gets what a file asks for; what the file does not name stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.search import own_store
from bot.transfer.entries import ChatFile, TransferEntry, Value
from storage import chats, fan_out, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import Chat, PushStyle, Subscription


@dataclass(frozen=True, slots=True)
class Plan:
    """Difference of a chat and a file: what the import would change."""

    new: tuple[TransferEntry, ...]
    changed: tuple[TransferEntry, ...]
    """Topics that are followed already, under another name or with other choices."""
    same: int
    """Topics that are followed exactly so."""
    kept: int
    """Topics that are followed and not in the file."""
    settings: dict[str, tuple[Value, Value]]
    """Column by column what it is and what it would be."""
    unconfirmed_style: bool
    """The file asks for rich messages, which a reader has to have seen first."""

    @property
    def changes_anything(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.new or self.changed or self.settings)


async def plan(*, session: AsyncSession, chat: Chat, wanted: ChatFile) -> Plan:
    """Dry run: return what `apply` would do."""
    followed = await topics.subscriptions(session=session, chat_id=chat.id)
    known = {entry.topic.query: entry.subscription for entry in followed}
    here = [entry for entry in wanted.topics if entry.query in known]
    changed = [entry for entry in here if not _is_so(known[entry.query], entry)]
    rich = wanted.settings.get("push_style") is PushStyle.RICH
    unconfirmed = rich and chat.push_style is not PushStyle.RICH
    settings = {
        column: (getattr(chat, column), value)
        for column, value in wanted.settings.items()
        if getattr(chat, column) != value and not (unconfirmed and column == "push_style")
    }
    return Plan(
        new=tuple(entry for entry in wanted.topics if entry.query not in known),
        changed=tuple(changed),
        same=len(here) - len(changed),
        kept=len(known) - len(here),
        settings=settings,
        unconfirmed_style=unconfirmed,
    )


async def prepare(*, database: Database, chat: Chat, wanted: ChatFile) -> None:
    """Match the topics that would be new to the chat, so that `apply` can owe their first week."""
    async with database.reading() as session:
        would = await plan(session=session, chat=chat, wanted=wanted)
    for entry in would.new:
        async with database.transaction() as session:
            topic = await topics.register(session=session, query=entry.query)
        await own_store.match_newest(
            database=database,
            topic_id=topic.id,
            since=utc_now() - fan_out.FIRST_WEEK,
            most=fan_out.first_papers(chat),
        )


async def apply(*, session: AsyncSession, chat: Chat, wanted: ChatFile, now: datetime) -> Plan:
    """Change the settings, follow the topics, put them in the file's order; return what was done.

    `chat` belongs to `session`. Topics that the file does not name follow after its own. `prepare`
    comes first.
    """
    done = await plan(session=session, chat=chat, wanted=wanted)
    for column, (_old, value) in done.settings.items():
        setattr(chat, column, value)
    if done.settings.keys() & {"push_time", "weekdays", "timezone"}:
        chats.reschedule(chat, now=now)
    if done.settings.keys() & {"week_day", "watches_saved", "timezone"}:
        chat.next_week_at = None
    for entry in wanted.topics:
        topic = await topics.register(session=session, query=entry.query)
        subscription = await topics.subscribe(
            session=session, chat_id=chat.id, topic_id=topic.id, label=entry.label
        )
        subscription.label, subscription.cap = entry.label, entry.cap
        subscription.muted, subscription.paused = entry.muted, entry.paused
    for entry in done.new:
        topic = await topics.register(session=session, query=entry.query)
        await fan_out.fan_out_first_week(session=session, chat=chat, topic_id=topic.id, now=now)
    await _put_in_order(session, chat.id, wanted.topics)
    return done


async def _put_in_order(
    session: AsyncSession, chat_id: int, entries: Sequence[TransferEntry]
) -> None:
    places = {entry.query: place for place, entry in enumerate(entries)}
    followed = await topics.subscriptions(session=session, chat_id=chat_id)
    followed.sort(key=lambda entry: places.get(entry.topic.query, len(places)))
    for place, entry in enumerate(followed):
        entry.subscription.position = place


def _is_so(subscription: Subscription, entry: TransferEntry) -> bool:
    return (subscription.label, subscription.cap, subscription.muted, subscription.paused) == (
        entry.label,
        entry.cap,
        entry.muted,
        entry.paused,
    )

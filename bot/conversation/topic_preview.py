"""What a query would have brought: looked up before anybody follows it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import escape

from bot.arxiv.transport import SourceError
from bot.conversation.context import Context
from bot.i18n import Texts, code
from bot.render.push_message import preview
from bot.translation.paper_view import view
from storage import matches, topics
from storage.columns import utc_now

WEEK = timedelta(days=7)
MONTH = timedelta(days=30)
SURELY_ALL = 100
"""A new topic's search brings up to 200 papers: one that has fewer than so many has them all."""

LABEL_LENGTH = 60
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Preview:
    """A topic, and what there is to say of it."""

    topic_id: int
    followed: bool
    """Whether the chat follows it already."""
    text: str
    """HTML whose first bold words are the topic's label."""


async def look_up(context: Context, *, query: str, label: str, meant: str | None = None) -> Preview:
    """Return what a normalised query would have brought; arXiv is asked where nobody has yet.

    `meant` is another query, which its writer may have had in mind.
    """
    _ = context.texts
    database = context.services.database
    async with database.transaction() as session:
        topic = await topics.register(session=session, query=query)
    problem: str | None = None
    if topic.backfilled_at is None:
        try:
            await context.services.backfill(topic.id)
        except (SourceError, TimeoutError):
            problem = _(
                "arXiv is not answering right now, so I can't show examples."
                " You can follow the topic all the same: papers come as soon as arXiv answers."
            )
    async with database.reading() as session:
        now = utc_now()
        total, oldest = await matches.reach(session=session, topic_id=topic.id)
        span, whole = span_known(total, oldest, now=now)
        count = await matches.published_since(session=session, topic_id=topic.id, since=now - span)
        newest = await matches.newest(
            session=session, topic_id=topic.id, limit=min(count, EXAMPLES)
        )
        known = await topics.subscription(
            session=session, chat_id=context.chat.id, topic_id=topic.id
        )
    if problem is not None:
        text = f"<b>{escape(label)}</b>\n\n{problem}"
    else:
        shown = [view(paper) for paper in newest]
        text = preview(label, count, shown, _, days=span.days, whole=whole)
        if not count and not label.isascii():
            text += "\n\n" + _("Papers on arXiv are in English, so English words find more.")
    if meant is not None:
        text += "\n\n" + _(
            "Small “or” and “not” are ordinary words. Did you mean: {query}", query=code(meant)
        )
    return Preview(topic.id, known is not None, context.headed(text))


def span_known(total: int, oldest: datetime | None, *, now: datetime) -> tuple[timedelta, bool]:
    """Return the last month, or the last week where no more is known, and if all of that is.

    A topic's papers are known without a gap from the oldest on.
    """
    if oldest is None or total < SURELY_ALL or oldest < now - MONTH:
        return MONTH, True
    return WEEK, oldest < now - WEEK


def looking(_: Texts, label: str) -> str:
    """Return what is shown meanwhile, as HTML."""
    return _("🔎 Looking on arXiv for <b>{label}</b> …", label=label)


def label_for(words: str) -> str:
    """Return what a topic that somebody wrote is called: their words, on one short line."""
    label = " ".join(words.split())
    if len(label) > LABEL_LENGTH:
        label = f"{label[: LABEL_LENGTH - 1].rstrip()}…"
    return label

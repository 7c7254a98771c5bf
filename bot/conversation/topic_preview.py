"""Topic preview: what a query would have brought, looked up before anybody follows it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import escape
from telegram import InlineKeyboardButton, Update

from bot.arxiv.transport import SourceError
from bot.conversation.context import Context
from bot.i18n import Texts, code
from bot.query.parser import in_capitals, normalise, parse
from bot.render.push_message import preview
from bot.telegram.keyboards import button
from bot.telegram.replies import NO_PREVIEW, edit, show
from bot.telegram.routes import TOPIC
from bot.translation.paper_view import view
from storage import matches, topics
from storage.columns import utc_now
from storage.models import Topic

WEEK = timedelta(days=7)
MONTH = timedelta(days=30)
SURELY_ALL = 100
"""A new topic's search brings up to 200 papers: one that has fewer than so many has them all."""

LABEL_LENGTH = 60
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A query that somebody may want to follow."""

    query: str
    """Normalised."""
    label: str
    meant: str | None = None
    """Another query, which its writer may have had in mind."""


def candidate_for(text: str) -> Candidate:
    """Return what somebody wrote as a query that they may want to follow.

    Raises:
        QuerySyntaxError: it is none.

    """
    return Candidate(normalise(parse(text)), label_for(text), in_capitals(text))


async def show_preview(
    update: Update,
    context: Context,
    candidate: Candidate,
    *,
    follow: Callable[[int], InlineKeyboardButton],
    back: InlineKeyboardButton,
    greeting: str = "",
) -> None:
    """Show what a query would have brought; `follow` is the button to follow topic so-and-so.

    The work goes on while other commands are answered. `greeting` (HTML) is for whom the topic is
    new.
    """
    _ = context.texts
    shown = await show(update, looking(_, candidate.label))

    async def look() -> None:
        topic_id, known, text = await _look_up(context, candidate)
        act = following(topic_id, _) if known else follow(topic_id)
        told = f"{greeting}\n\n{text}" if greeting and not known else text
        await edit(shown, told, [[act], [back]], preview=NO_PREVIEW)

    context.application.create_task(look(), update=update)


def following(topic_id: int, _: Texts) -> InlineKeyboardButton:
    """Return the button that leads to a topic that is followed already."""
    return button(_.plain("✓ You follow this"), TOPIC.data(topic_id))


async def _look_up(context: Context, candidate: Candidate) -> tuple[int, bool, str]:
    """Return a query's topic, whether the chat follows it, and what there is to say of it as HTML.

    arXiv is asked where nobody has yet. The first bold words are the topic's label.
    """
    _ = context.texts
    topic, is_filled = await register_topic(context, candidate.query)
    async with context.services.database.reading() as session:
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
    if not is_filled:
        problem = _(
            "arXiv is not answering right now, so I can't show examples."
            " You can follow the topic all the same: papers come as soon as arXiv answers."
        )
        text = f"<b>{escape(candidate.label)}</b>\n\n{problem}"
    else:
        shown = [view(paper) for paper in newest]
        text = preview(candidate.label, count, shown, _, days=span.days, whole=whole)
        if not count and not candidate.label.isascii():
            text += "\n\n" + _("Papers on arXiv are in English, so English words find more.")
    if candidate.meant is not None:
        text += "\n\n" + _(
            "Small “or” and “not” are ordinary words. Did you mean: {query}",
            query=code(candidate.meant),
        )
    return topic.id, known is not None, context.headed(text)


async def register_topic(context: Context, query: str) -> tuple[Topic, bool]:
    """Return a normalised query's topic, and whether its papers are known or arXiv told them."""
    async with context.services.database.transaction() as session:
        topic = await topics.register(session=session, query=query)
    if topic.backfilled_at is None:
        try:
            await context.services.backfill(topic.id)
        except (SourceError, TimeoutError):
            return topic, False
    return topic, True


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

"""Topic preview: what a query finds in the bot's own store, before anybody follows it."""

from collections.abc import Callable
from dataclasses import dataclass

from telegram import InlineKeyboardButton, Update

from bot.conversation.background import start
from bot.conversation.context import Context
from bot.conversation.own_papers import registered, span_of
from bot.conversation.topic_history import Answer, ask_arxiv
from bot.i18n import Texts, code
from bot.query.arxiv_syntax import is_exact
from bot.query.caveats import has_other_script
from bot.query.parser import in_capitals, normalise, parse, parse_stored
from bot.render.counts import Span, counted, reservations
from bot.render.push_message import preview
from bot.search import own_store
from bot.telegram.keyboards import button
from bot.telegram.replies import NO_PREVIEW, edit, show
from bot.telegram.routes import TOPIC
from bot.translation.paper_view import view
from storage import topics
from storage.models import Topic
from storage.plain_text import is_visible, storable

LABEL_LENGTH = 60
NAMELESS = "…"
"""What a topic is called whose name nobody could see."""
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
    follow: Callable[[Topic], InlineKeyboardButton],
    back: InlineKeyboardButton,
    greeting: str = "",
) -> None:
    """Show what a query finds; `follow` is the button to follow its topic.

    Before the first sweep nothing is known, and arXiv is asked while other commands are answered.
    `greeting` (HTML) is for whom the topic is new.
    """
    _ = context.texts
    topic, followed, span = await registered(context, candidate.query)
    act = following(topic.id, _) if followed else follow(topic)
    keyboard = [[act], [back]]

    def told(text: str) -> str:
        headed = context.headed(text)
        return f"{greeting}\n\n{headed}" if greeting and not followed else headed

    if span is not None:
        text = await _preview(context, candidate, span)
        await show(update, told(text), keyboard, preview=NO_PREVIEW)
        return
    shown = await show(update, looking(_, candidate.label))

    async def look() -> None:
        answer = await ask_arxiv(context, topic.id)
        # What arXiv can't be asked exactly it may have left out.
        told_all = answer.span if is_exact(parse_stored(candidate.query)) else None
        span = await span_of(context) or told_all
        text = await _preview(context, candidate, span, answer=answer)
        await edit(shown, told(text), keyboard, preview=NO_PREVIEW)

    start(update, context, look())


async def is_followed(context: Context, topic_id: int) -> bool:
    """Tell whether the chat follows a topic."""
    async with context.services.database.reading() as session:
        found = await topics.subscription(
            session=session, chat_id=context.chat.id, topic_id=topic_id
        )
    return found is not None


def following(topic_id: int, _: Texts) -> InlineKeyboardButton:
    """Return the button that leads to a topic that is followed already."""
    return button(_.plain("✓ You follow this"), TOPIC.data(topic_id))


def looking(_: Texts, label: str) -> str:
    """Return what is shown while arXiv is asked, as HTML."""
    return _("🔎 Looking on arXiv for <b>{label}</b> …", label=label)


def label_for(words: str) -> str:
    """Return what a topic that somebody wrote is called: their words, on one short line."""
    label = " ".join(storable(words).split())
    if not is_visible(label):
        return NAMELESS
    if len(label) > LABEL_LENGTH:
        label = f"{label[: LABEL_LENGTH - 1].rstrip()}…"
    return label


async def _preview(
    context: Context, candidate: Candidate, span: Span | None, *, answer: Answer | None = None
) -> str:
    """Return what there is to say of a query as HTML; its first bold words are its label.

    span: the time of which all papers are known. answer: arXiv's, where the store knows nothing.
    """
    _ = context.texts
    found = await own_store.find(
        database=context.services.database,
        query=parse_stored(candidate.query),
        since=None if span is None else span.since,
        most=EXAMPLES,
    )
    if span is not None:
        lines = [counted(found.count, span, _), *reservations(span, _)]
    elif found.count:
        lines = [_("⏳ I'm still reading arXiv. The newest I know of:")]
    elif answer is not None and answer.came:
        lines = [_("arXiv's search finds nothing on this.")]
    elif answer is not None and answer.is_crowded:
        lines = [_("⏳ arXiv takes one question at a time, and many are waiting. Try again soon.")]
    elif answer is not None and answer.is_refused:
        lines = [_("⚠️ arXiv's search can't handle this query, so older papers may be missing.")]
    else:
        problem = _(
            "arXiv is not answering right now, so I can't show examples."
            " You can follow the topic all the same: papers come as soon as arXiv answers."
        )
        lines = ["", problem]
    text = preview(candidate.label, lines, [view(paper) for paper in found.papers], _)
    if not found.count and has_other_script(parse_stored(candidate.query)):
        text += "\n\n" + _("Papers on arXiv are in English, so English words find more.")
    if candidate.meant is not None:
        text += "\n\n" + _(
            "Small “or” and “not” are ordinary words. Did you mean: {query}",
            query=code(candidate.meant),
        )
    return text

"""/search: papers on something, from the own store at once and from arXiv in a while."""

from collections.abc import Sequence

from telegram import Message, Update

from bot.arxiv.ids import ids_in
from bot.conversation.background import start
from bot.conversation.context import Context
from bot.conversation.own_papers import registered, span_of
from bot.conversation.prompts import ask
from bot.conversation.topic_history import Answer, ask_arxiv
from bot.conversation.topic_preview import (
    Candidate,
    Ways,
    candidate_for,
    following,
    is_followed,
    label_for,
    looking,
    nothing_found,
)
from bot.handlers.explain_query import show_error
from bot.i18n import Texts
from bot.query.named_fields import named
from bot.query.parser import QuerySyntaxError, parse_stored
from bot.query.plain_words import Kind, understand
from bot.render.counts import Span, counted, reservations
from bot.render.push_message import heading
from bot.search import own_store
from bot.telegram.callback_data import NUMBER, route
from bot.telegram.keyboards import Row, button, tapped
from bot.telegram.message_text import hidden_links
from bot.telegram.pagination import PAGE, paper_page
from bot.telegram.replies import NO_PREVIEW, edit, message_of, refuse, show
from bot.telegram.routes import FOLLOW, PICK
from bot.telegram.topic_mark import TOPIC_MARK, TopicMark, mark
from storage import topics
from storage.models import Paper, Topic

TURN = route("found", TOPIC_MARK, NUMBER)
"""A topic, and where a page of its papers begins."""

RANKED = route("ranked", TOPIC_MARK, NUMBER)
"""The same, the most relevant first."""

AGAIN = route("again", TOPIC_MARK)
"""A topic that is offered instead of what finds nothing."""

CANCEL = route("unsearch")

MOST = 200
"""So many of the newest are shown; where the store has fewer, arXiv is asked."""

_ASKING = "🔎"
_RANKED = "↕️"


async def search(update: Update, context: Context) -> None:
    """Take `/search words`: show what the own store has, and ask arXiv for what is older."""
    _, words = context.texts, " ".join(context.args or ())
    if not words:
        back = button(_.plain("✖️ Cancel"), CANCEL.data())
        await ask(update, context, _("What are you looking for?"), about="search", back=back)
        return
    await _search(update, context, words)


async def take_words(update: Update, context: Context) -> None:
    """Take what somebody looks for, as /search asked."""
    await _search(update, context, message_of(update).text or "")


async def cancel(update: Update, context: Context) -> None:
    """Look for nothing after all."""
    await show(update, context.texts("OK, cancelled."))


async def _search(update: Update, context: Context, words: str) -> None:
    wish = understand(words)
    query, label = (wish.query, wish.words) if wish.kind is Kind.WORDS else (words, words)
    try:
        # As in every other place, an id or a link is that paper, and not its digits as words.
        said = "\n".join([words, *hidden_links(message_of(update))])
        ids = " OR ".join(f"id:{one}" for one in ids_in(said))
        candidate = candidate_for(ids) if ids else candidate_for(query, label=label)
    except QuerySyntaxError as error:
        await show_error(update, context, error)
        return
    await _show(update, context, candidate)


async def again(update: Update, context: Context, meant: TopicMark) -> None:
    """Search for what was offered where something else found nothing."""
    async with context.services.database.reading() as session:
        topic = await topics.get(session=session, topic_id=meant.topic_id)
    if topic is None or not meant.means(topic):
        await refuse(update, context.texts.plain("That has expired. Please search again."))
        return
    await _show(update, context, Candidate(topic.query, label_for(tapped(update) or topic.query)))


async def _show(update: Update, context: Context, candidate: Candidate) -> None:
    """Show what the own store has, then what arXiv has."""
    _ = context.texts
    topic, _followed, span = await registered(context, candidate.query)
    found = await _newest(context, topic)
    head = await _head(context, topic, candidate.label, span)
    if found and (topic.backfilled_at is not None or len(found) >= MOST):
        await show(update, *await _page(context, topic, head, found), preview=NO_PREVIEW)
        return
    asking = _("🔎 Looking for older papers on arXiv …")
    if len(head) == 1 and not found:
        shown = await show(update, looking(_, candidate.label))
    else:
        waiting = await _page(context, topic, [*head, asking], found)
        shown = await show(update, *waiting, preview=NO_PREVIEW)
    work = _ask(shown, context, topic, candidate)
    task = start(update, context, work)
    tasks, key = context.bot_data.tasks, _task_of(shown)
    tasks[key] = task
    task.add_done_callback(lambda _done: tasks.pop(key, None))


async def turn(update: Update, context: Context, meant: TopicMark, offset: int) -> None:
    """Turn to another page, under the head of the first."""
    await _turn(update, context, meant, offset, ranked=False)


async def turn_ranked(update: Update, context: Context, meant: TopicMark, offset: int) -> None:
    """Turn to a page of the most relevant."""
    await _turn(update, context, meant, offset, ranked=True)


async def _turn(
    update: Update, context: Context, meant: TopicMark, offset: int, *, ranked: bool
) -> None:
    _, message = context.texts, message_of(update)
    async with context.services.database.reading() as session:
        topic = await topics.get(session=session, topic_id=meant.topic_id)
    if topic is None or not meant.means(topic):
        await refuse(update, _.plain("That has expired. Please search again."))
        return
    # What arXiv still answers is among the pages to come; it would turn this one back.
    if asking := context.bot_data.tasks.pop(_task_of(message), None):
        asking.cancel()
    head = message.text_html.partition("\n\n")[0].split("\n")
    head = [line for line in head if not line.startswith((_ASKING, _RANKED))]
    if ranked:
        head.append(
            _("↕️ Most relevant first: words in the title first, then how often they occur.")
        )
        found = await own_store.most_relevant(
            database=context.services.database, query=parse_stored(topic.query), most=MOST
        )
    else:
        found = await _newest(context, topic)
    page = await _page(context, topic, head, found, offset, ranked=ranked)
    await show(update, *page, preview=NO_PREVIEW)


async def _ask(message: Message, context: Context, topic: Topic, candidate: Candidate) -> None:
    """Ask arXiv, and show what there is then; where there is nothing, what may be meant."""
    answer = await ask_arxiv(context, topic.id)
    found = await _newest(context, topic)
    if not found and answer.came:
        page = await nothing_found(context, candidate, _ways(context, candidate), None)
        await edit(message, *page, preview=NO_PREVIEW)
        return
    head = await _head(context, topic, candidate.label, await span_of(context))
    outcome = await _outcome(context, topic, answer, is_known=len(head) > 1, any_found=bool(found))
    shown = await _page(context, topic, [*head, *filter(None, [outcome])], found)
    await edit(message, *shown, preview=NO_PREVIEW)


def _ways(context: Context, candidate: Candidate) -> Ways:
    """Return what can be done where nothing is found: other searches, and to follow it."""
    _ = context.texts
    return Ways(
        follow=lambda topic: button(_.plain("✅ Follow this"), FOLLOW.data(mark(topic), "")),
        choose=lambda topic, label: button(label, AGAIN.data(mark(topic))),
        back=button(_.plain("‹ Other topics"), PICK.data()),
        offers=named(candidate.written),
    )


async def _newest(context: Context, topic: Topic) -> Sequence[Paper]:
    database = context.services.database
    return await own_store.newest(database=database, query=parse_stored(topic.query), most=MOST)


async def _head(context: Context, topic: Topic, label: str, span: Span | None) -> list[str]:
    """Return the label, and how many papers the store surely has, as lines of HTML."""
    _ = context.texts
    lines = [str(heading(label))]
    if span is not None:
        found = await own_store.find(
            database=context.services.database,
            query=parse_stored(topic.query),
            since=span.since,
            most=0,
        )
        lines += [counted(found.count, span, _), *reservations(span, _)]
    return lines


async def _outcome(
    context: Context, topic: Topic, answer: Answer, *, is_known: bool, any_found: bool
) -> str:
    """Return what asking arXiv has brought, as HTML; "" where it is not told again."""
    _ = context.texts
    if answer.is_whole and any_found:
        return await _total(context, topic)
    if answer.is_whole and is_known:
        return _("arXiv's search finds no older ones.")
    if answer.is_whole:
        return _("arXiv's search finds nothing on this.")
    if answer.since is not None:
        return _("Searched on arXiv back to {date}", date=_.date(answer.since))
    return "" if answer.came else _silence(answer, is_known=is_known, any_found=any_found, _=_)


def _silence(answer: Answer, *, is_known: bool, any_found: bool, _: Texts) -> str:
    """Return why arXiv did not answer, and what that means for what is shown."""
    if answer.is_refused:
        return _("⚠️ arXiv's search can't handle this query, so older papers may be missing.")
    if answer.is_crowded:
        return _("⏳ arXiv takes one question at a time, and many are waiting. Try again soon.")
    if any_found:
        return _("⚠️ arXiv is not answering. These are the papers I have myself.")
    if is_known:
        return _("⚠️ arXiv is not answering, so there may be older ones.")
    return _("arXiv isn't answering right now. Please try again in a while.")


async def _total(context: Context, topic: Topic) -> str:
    """Return how many papers were found in all, once arXiv has told all older ones it finds."""
    _ = context.texts
    found = await own_store.find(
        database=context.services.database, query=parse_stored(topic.query), most=0
    )
    return _.plural("Found {n} paper in all", "Found {n} papers in all", found.count)


async def _page(
    context: Context,
    topic: Topic,
    head: Sequence[str],
    found: Sequence[Paper],
    offset: int = 0,
    *,
    ranked: bool = False,
) -> tuple[str, list[Row]]:
    """Return a page of papers as HTML, and the buttons below it."""
    _ = context.texts
    offset = min(offset, max(0, (len(found) - 1) // PAGE * PAGE))
    lines, rows = paper_page(
        [(paper, None) for paper in found[offset : offset + PAGE]],
        _,
        lambda place: (RANKED if ranked else TURN).data(mark(topic), place),
        offset=offset,
        total=len(found),
    )
    if len(found) > 1:
        other = _.plain("↕️ Newest first") if ranked else _.plain("↕️ Most relevant first")
        rows.append([button(other, (TURN if ranked else RANKED).data(mark(topic), 0))])
    known = await is_followed(context, topic.id)
    follow = button(_.plain("✅ Follow this"), FOLLOW.data(mark(topic), ""))
    rows.append([following(topic.id, _) if known else follow])
    return "\n\n".join(["\n".join(head), *lines]), rows


def _task_of(message: Message) -> tuple[str, int]:
    return f"search in {message.chat.id}", message.message_id

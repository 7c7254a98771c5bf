"""Topic preview: what a query finds in the bot's own store, before anybody follows it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from markupsafe import Markup
from telegram import InlineKeyboardButton, Update

from bot.conversation import subscriptions
from bot.conversation.alternatives import Alternative, Alternatives, alternatives
from bot.conversation.background import start
from bot.conversation.context import Context
from bot.conversation.english_query import english_query
from bot.conversation.named_people import name_of, people
from bot.conversation.own_papers import registered, span_of
from bot.conversation.paper_card import card_of
from bot.conversation.topic_history import Answer, ask_arxiv
from bot.conversation.written_language import is_title, language_of
from bot.i18n import Texts, code
from bot.query.arxiv_syntax import is_exact
from bot.query.ast import Field, terms
from bot.query.caveats import has_other_script
from bot.query.named_fields import holding, is_called
from bot.query.parser import QuerySyntaxError, in_capitals, normalise, parse, parse_stored
from bot.query.plain_words import is_name
from bot.query.presets import Preset
from bot.render.counts import Span, counted, reservations
from bot.render.push_message import preview
from bot.search import own_store
from bot.search.own_store import Found
from bot.telegram.keyboards import button
from bot.telegram.replies import NO_PREVIEW, Keyboard, edit, show
from bot.telegram.routes import LOOK, PICK_INSTEAD, TOPIC
from bot.telegram.topic_mark import mark
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
    written: str = ""
    """As somebody wrote it, without what asks for it; "" where nobody did."""
    meant: str | None = None
    """Another query, which its writer may have had in mind."""


def candidate_for(text: str, *, label: str = "") -> Candidate:
    """Return what somebody wrote as a query that they may want to follow.

    label: what they call it, where that is not the query.

    Raises:
        QuerySyntaxError: it is none.

    """
    written = " ".join((label or text).split())
    return Candidate(normalise(parse(text)), label_for(label or text), written, in_capitals(text))


Button = InlineKeyboardButton
Choose = Callable[[Topic, str], Button]


@dataclass(frozen=True, slots=True)
class Ways:
    """What can be done with a preview."""

    follow: Callable[[Topic], Button]
    """The button to follow its topic."""
    back: Button | None
    choose: Choose = lambda topic, label: button(label, LOOK.data(mark(topic)))
    """The button of another topic, by what it is called."""
    offers: Sequence[Preset] = ()
    """Ready-made topics and fields that may be meant."""


async def show_preview(
    update: Update, context: Context, candidate: Candidate, ways: Ways, *, greeting: str = ""
) -> None:
    """Show what a query finds.

    Before the first sweep nothing is known, and arXiv is asked while other commands are answered.
    `greeting` (HTML) is for whom the topic is new.
    """
    _ = context.texts
    topic, followed, span = await registered(context, candidate.query)
    act = following(topic.id, _) if followed else ways.follow(topic)
    back = [ways.back] if ways.back else []

    def told(text: str) -> str:
        headed = context.headed(text)
        return f"{greeting}\n\n{headed}" if greeting and not followed else headed

    if span is not None:
        found = await _newest(context, candidate.query, span)
        if not found.count and not followed:
            await _show_nothing_found(update, context, candidate, ways, span)
            return
        text = _preview(context, candidate, found, span)
        others = await _others(context, candidate, ways)
        await show(update, told(text), [[act], *others, back], preview=NO_PREVIEW)
        return
    shown = await show(update, looking(_, candidate.label))

    async def look() -> None:
        answer = await ask_arxiv(context, topic.id)
        # What arXiv can't be asked exactly it may have left out.
        told_all = answer.span if is_exact(parse_stored(candidate.query)) else None
        span = await span_of(context) or told_all
        found = await _newest(context, candidate.query, span)
        text = _preview(context, candidate, found, span, answer=answer)
        others = await _others(context, candidate, ways)
        await edit(shown, told(text), [[act], *others, back], preview=NO_PREVIEW)

    start(update, context, look())


async def preview_page(
    context: Context, candidate: Candidate, ways: Ways
) -> tuple[str, list[list[Button]]]:
    """Return what a query finds in the own store, and the buttons, without asking anybody."""
    topic, followed, span = await registered(context, candidate.query)
    act = following(topic.id, context.texts) if followed else ways.follow(topic)
    found = await _newest(context, candidate.query, span)
    if span is not None and not found.count and not followed:
        return await _nothing(context, candidate, ways, span)
    return context.headed(_preview(context, candidate, found, span)), [
        [act],
        [ways.back] if ways.back else [],
    ]


async def _show_nothing_found(
    update: Update, context: Context, candidate: Candidate, ways: Ways, span: Span
) -> None:
    """Say what finds nothing, and offer what may be meant; to follow it all the same comes last."""
    _ = context.texts
    best = next(iter(ways.offers), None)
    patient = _needs_patience(candidate, _)
    if best is not None and (is_called(candidate.written, best) or not patient):
        named = Candidate(normalise(parse(best.query)), best.label(_))
        await show_preview(update, context, named, replace(ways, offers=ways.offers[1:]))
        return
    if not patient:
        await show(update, *await _nothing(context, candidate, ways, span), preview=NO_PREVIEW)
        return
    shown = await show(update, looking(_, candidate.label))

    async def look() -> None:
        await edit(shown, *await nothing_found(context, candidate, ways, span), preview=NO_PREVIEW)

    start(update, context, look())


async def nothing_found(
    context: Context, candidate: Candidate, ways: Ways, span: Span | None
) -> tuple[str, Keyboard]:
    """Return the page of a query that finds nothing: a paper of that title, or what may be meant.

    span: the time that was looked at; None: all times, of which arXiv was asked.
    """
    if is_title(candidate.written):
        paper = await context.services.titled(candidate.written, ask_arxiv=True)
        if paper is not None:
            return await card_of(context, paper)
    _ = context.texts
    somebody = await people(context, parse_stored(candidate.query), candidate.written)
    is_sure = _is_author(candidate) or any(one.papers for one in somebody)
    meant = None if somebody and is_sure else await _translated(context, candidate)
    if meant is not None and somebody:
        # 谷歌 begins like a name.
        somebody = [] if (await _newest(context, meant.query, None)).count else somebody
    why = _("Did you mean one of these? arXiv writes names in Latin letters.") if somebody else ""
    if meant is not None and span is None:
        # Whoever searches stays among the results of a search.
        found = await _newest(context, meant.query, None)
        if found.count:
            topic = (await registered(context, meant.query)).topic
            why = _("Did you mean this? Papers on arXiv are in English.")
            somebody = [Alternative(topic, meant.label, found.count)]
            meant = None
    instead = _Meant(why, somebody) if somebody else None
    return await _nothing(context, meant or candidate, ways, span, instead)


def _is_author(candidate: Candidate) -> bool:
    return any(term.field is Field.AUTHOR for term in terms(parse_stored(candidate.query)))


def _needs_patience(candidate: Candidate, _: Texts) -> bool:
    """Tell whether arXiv or a translator has to be asked what may be meant."""
    return (
        is_title(candidate.written)
        or language_of(candidate.written, _.language) is not None
        or has_other_script(parse_stored(candidate.query))
        or name_of(parse_stored(candidate.query), candidate.written) is not None
    )


async def _translated(context: Context, candidate: Candidate) -> Candidate | None:
    """Return what was written in another language as an English query."""
    english = await english_query(context, candidate.query, candidate.written)
    if not english:
        return None
    try:
        return candidate_for(f'au:"{english}"' if _is_author(candidate) else english, label=english)
    except QuerySyntaxError:
        return None


class _Meant(NamedTuple):
    """What may be meant by what finds nothing, and why it finds nothing (HTML)."""

    why: str
    offers: Sequence[Alternative]


async def _nothing(
    context: Context,
    candidate: Candidate,
    ways: Ways,
    span: Span | None,
    meant: _Meant | None = None,
) -> tuple[str, list[list[Button]]]:
    """Return the page of a query that found nothing as it was written, or of what it means."""
    _ = context.texts
    topic, followed, _span = await registered(context, candidate.query)
    act = following(topic.id, _) if followed else ways.follow(topic)
    named = [_choice(one, ways, _) for one in meant.offers] if meant else []
    back = [ways.back] if ways.back else []
    found = await _newest(context, candidate.query, span)
    if found.count and span is not None:
        text = _preview(context, candidate, found, span)
        others = await _others(context, candidate, ways)
        return context.headed(text), [*named, [act], *others, back]
    query = parse_stored(candidate.query)
    answer = Answer(came=True)
    if _is_author(candidate) and meant is None:
        # Nobody publishes every month.
        answer = await ask_arxiv(context, topic.id)
        older = await own_store.newest(
            database=context.services.database, query=query, most=EXAMPLES
        )
        found = Found(0, older)
        if older:
            return context.headed(_preview(context, candidate, found, span)), [[act], back]
    if meant is not None:
        instead = Alternatives([], [])
    else:
        since = None if span is None else span.since
        instead = await alternatives(context, query, candidate.written, since=since)
    may_be_somebody = len(candidate.written.split()) > 1 and is_name(candidate.written)
    if not instead.offers and instead.missing and may_be_somebody:
        author = Candidate(normalise(parse(f'au:"{candidate.written}"')), candidate.label)
        return await _nothing(context, author, ways, span)
    text = _preview(
        context, candidate, Found(0, []), span, answer=answer, why=meant.why if meant else ""
    )
    if instead.missing:
        text += "\n\n" + _.plural(
            "No paper has the word {words}.",
            "No paper has the words {words}.",
            len(instead.missing),
            words=Markup(" ").join(map(code, instead.missing)),
        )
    if instead.offers:
        text += "\n" + _("These find papers:")
    keyboard = [_choice(other, ways, _) for other in instead.offers]
    if not meant and not keyboard:
        ways = replace(ways, offers=[*ways.offers, *holding(candidate.written)])
    others = await _others(context, candidate, ways)
    return context.headed(text), [*named, *others, *keyboard, back, [act]]


def _choice(other: Alternative, ways: Ways, _: Texts) -> list[Button]:
    """Return the button of another query; how many papers it finds, where it finds any."""
    papers = f" · {_.number(other.papers)}" if other.papers else ""
    return [ways.choose(other.topic, f"{other.label}{papers}")]


async def _others(context: Context, candidate: Candidate, ways: Ways) -> list[list[Button]]:
    """Return the buttons of what may be meant as well."""
    _ = context.texts
    here = mark((await registered(context, candidate.query)).topic)
    known = await subscriptions.followed(context) if ways.offers else []
    mine = {one.topic.query for one in known}
    rows = [
        [button(_offered(offer, mine, candidate, _), PICK_INSTEAD.data(here, offer.key))]
        for offer in ways.offers
    ]
    if candidate.meant is not None:
        meant = (await registered(context, normalise(parse(candidate.meant)))).topic
        rows.append([ways.choose(meant, candidate.meant)])
    return rows


def _offered(offer: Preset, mine: Collection[str], candidate: Candidate, _: Texts) -> str:
    """Return what stands on the button of a ready-made topic or a field."""
    label = offer.label(_)
    sign = "✓" if normalise(parse(offer.query)) in mine else "➕"
    if label == candidate.label:
        label = _.plain("{label}, ready-made", label=label)
    return f"{sign} {label}"


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


async def _newest(context: Context, query: str, span: Span | None) -> Found:
    return await own_store.find(
        database=context.services.database,
        query=parse_stored(query),
        since=None if span is None else span.since,
        most=EXAMPLES,
    )


def _preview(
    context: Context,
    candidate: Candidate,
    found: Found,
    span: Span | None,
    *,
    answer: Answer | None = None,
    why: str = "",
) -> str:
    """Return what there is to say of a query as HTML; its first bold words are its label.

    span: the time of which all papers are known. answer: arXiv's, where the store knows nothing.
    """
    _ = context.texts
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
            "arXiv isn't answering right now, so there are no examples. You can follow the "
            "topic anyway; papers come once arXiv answers."
        )
        lines = ["", problem]
    text = preview(candidate.label, lines, [view(paper) for paper in found.papers], _)
    if why:
        text += f"\n\n{why}"
    elif not found.count and has_other_script(parse_stored(candidate.query)):
        text += "\n\n" + _(
            "Papers on arXiv are in English, and names in Latin letters: write them as papers do."
        )
    elif not found.papers and answer is not None and answer.came and _is_author(candidate):
        text += "\n\n" + _("I know nobody on arXiv by this name. Is it spelt as in papers?")
    if candidate.meant is not None:
        text += "\n\n" + _(
            "Small “or” and “not” are ordinary words. The button below makes them operators."
        )
    return text

"""/taste: examples of what a chat likes, so that its personal order fits from the first day."""

import asyncio
from collections.abc import Collection, Sequence

from markupsafe import escape
from telegram import Document, InlineKeyboardButton, Message, Update
from telegram.error import TelegramError

from bot.conversation import seeds
from bot.conversation.background import start_once
from bot.conversation.context import Context
from bot.conversation.permissions import admins_only
from bot.conversation.preferences import change_setting
from bot.conversation.prompts import ask
from bot.conversation.reading_list import check_of, content_of, refusal
from bot.conversation.seeds import Taken
from bot.i18n import Texts, code
from bot.render.push_message import cut
from bot.telegram.callback_data import PAPER_ID, SMALL_NUMBER, route
from bot.telegram.keyboards import button, rows
from bot.telegram.replies import (
    LostMessage,
    acknowledge,
    edit,
    edit_buttons,
    message_of,
    refuse,
    send,
    show,
)
from bot.telegram.routes import PUT, SETTINGS, TASTE
from bot.tex.to_unicode import readable
from bot.transfer.examples import Examples, read_examples, said_examples
from bot.transfer.reading_list import LARGEST, ReadingListError
from storage.models import PaperOrder
from storage.seeds import MOST_SEEDS, of_paper

TELL = route("taste:tell")
CHOOSE = route("taste:choose", SMALL_NUMBER)
"""A page of recent papers to choose from."""
LIKE = route("taste:like", PAPER_ID)
UNLIKE = route("taste:unlike", PAPER_ID)
FORGET = route("taste:forget")

A_PAGE = 10
NAMED = 3
_LONGEST_TITLE = 120
_LONGEST_LINE = 60


async def show_taste(update: Update, context: Context) -> None:
    """Show what the chat gave; or take `/taste 2406.11840`, or a file that it replies to."""
    message = message_of(update)
    document = message.reply_to_message.document if message.reply_to_message else None
    _command, _space, words = (message.text or "").partition(" ")
    if not context.services.ranks:
        await show(update, context.texts("There is no personal order here."))
    elif words.strip():
        await _take_said(update, context, words)
    elif document is not None:
        await _take_replied(update, context, document)
    else:
        await open_taste(update, context)


@admins_only
async def _take_said(update: Update, context: Context, words: str) -> None:
    await _take(update, context, said_examples(words))


@admins_only
async def _take_replied(update: Update, context: Context, document: Document) -> None:
    await _take_file(update, context, document)


async def open_taste(update: Update, context: Context) -> None:
    """Show what the chat gave, and the ways to give more."""
    _ = context.texts
    mine = await seeds.given(context)
    lines = [
        _("<b>Learn from examples</b>"),
        _(
            "Show me some, and what is close to them comes first, from the first day on."
            " That saves nothing, and nobody else sees it."
        ),
    ]
    if mine:
        lines.append(_.plural("{n} example:", "{n} examples:", len(mine)))
        lines += _named([paper.title for paper in mine])
    keyboard = [
        [button(_.plain("👆 Choose from ten"), CHOOSE.data(0))],
        [button(_.plain("✍️ Name some, or send a file"), TELL.data())],
        [_forget(_)] if mine else [],
        [button(_.plain("‹ Back"), SETTINGS.data("order"))],
    ]
    await show(update, context.headed("\n".join(lines)), keyboard)


@admins_only
async def tell(update: Update, context: Context) -> None:
    """Ask for papers."""
    _ = context.texts
    question = "\n".join(
        (
            _("Name papers to learn from, in one message:"),
            _("• ids, links, DOIs or titles, a line each"),
            _("• names of authors, or their pages on arXiv"),
            _("• a file: BibTeX, RIS or Zotero's CSV"),
        )
    )
    await ask(
        update, context, question, about="taste", back=button(_.plain("‹ Back"), TASTE.data())
    )


@admins_only
async def take_words(update: Update, context: Context) -> None:
    """Take the papers that somebody names."""
    await _take(update, context, said_examples(message_of(update).text or ""))


@admins_only
async def take_file(update: Update, context: Context) -> None:
    """Take the papers of a file."""
    document = message_of(update).document
    if document is not None:
        await _take_file(update, context, document)


@admins_only
async def learn_list(update: Update, context: Context, check: str) -> None:
    """Take the papers of the reading list that was shown as examples."""
    _, shown = context.texts, message_of(update)
    document = shown.reply_to_message.document if shown.reply_to_message else None
    if document is None:
        await refuse(update, _.plain("The file is gone. Please send it again."))
        return
    await acknowledge(update)
    await _take_file(update, context, document, check=check, shown=shown)


@admins_only
async def choose(update: Update, context: Context, number: int) -> None:
    """Show recent papers that are far apart, a page at a time."""
    _ = context.texts
    found = (await context.services.to_choose_from(context.chat))[number * A_PAGE :][:A_PAGE]
    if not found:
        await refuse(update, _.plain("I know no more recent papers. Please try again tomorrow."))
        return
    lines = [_("<b>Which of these would you read?</b>"), _("Tap three or more.")]
    lines += [f"{place}. {_title(paper.title)}" for place, paper in enumerate(found, 1)]
    picks = (button(str(place), LIKE.data(paper.id)) for place, paper in enumerate(found, 1))
    keyboard = [
        *rows(picks, width=5),
        [button(_.plain("🔀 Ten others"), CHOOSE.data(number + 1))],
        [button(_.plain("✅ Done"), TASTE.data())],
    ]
    await show(update, context.headed("\n".join(lines)), keyboard)


@admins_only
async def like(update: Update, context: Context, paper_id: str) -> None:
    """Take a paper that was tapped as an example."""
    _ = context.texts
    if paper_id not in await context.services.stored([paper_id]):
        await refuse(update, _.plain("That's no longer available."))
        return
    total = await seeds.give(context, [of_paper(context.chat.id, paper_id)])
    missing = await context.services.likes_missing(context.chat)
    more = _.plain("Noted. {n} more, and I can begin.", n=missing)
    await acknowledge(update, more if missing else _.plain("Noted. I learn from {n}.", n=total))
    await _tick(update, context)
    before = None if missing else await _begin(context)
    if before is not None:
        told = context.headed(_effect(missing, _, begun=True))
        await send(message_of(update), told, _order_before(before, _))


@admins_only
async def unlike(update: Update, context: Context, paper_id: str) -> None:
    """Take that back."""
    await seeds.forget(context, [paper_id])
    await acknowledge(update, context.texts.plain("Undone."))
    await _tick(update, context)


@admins_only
async def forget(update: Update, context: Context) -> None:
    """Forget all that the chat gave."""
    await seeds.forget(context)
    _ = context.texts
    keyboard = [[button(_.plain("🎯 Learn from examples"), TASTE.data())]]
    await show(update, context.headed(_("Forgotten. Saved papers stay.")), keyboard)


async def _take_file(
    update: Update,
    context: Context,
    document: Document,
    *,
    check: str | None = None,
    shown: Message | None = None,
) -> None:
    _ = context.texts
    to = shown or message_of(update)
    try:
        content = await content_of(document)
        if check is not None and check_of(content) != check:
            await send(to, _("The file has changed. Please send it again."))
            return
        named = await asyncio.to_thread(read_examples, document.file_name or "", content)
    except (ReadingListError, TelegramError) as error:
        await send(to, _refusal(error, _), [[_again(_)]])
        return
    await _take(update, context, named, shown=shown)


def _refusal(error: ReadingListError | TelegramError, _: Texts) -> str:
    if isinstance(error, ReadingListError) and error.too_large:
        return _(
            "This file is too large: {megabytes} MB at most. Please divide it.",
            megabytes=LARGEST // 1_000_000,
        )
    return refusal(error, _)


async def _take(
    update: Update, context: Context, named: Examples, *, shown: Message | None = None
) -> None:
    if not start_once(update, context, "seeds", _learn(update, context, named, shown)):
        await send(message_of(update), context.texts("I am reading other papers. Try again soon."))


async def _learn(update: Update, context: Context, named: Examples, shown: Message | None) -> None:
    _ = context.texts
    looking = _("🔎 Looking for them …")
    shown = await (edit(shown, looking) if shown else send(message_of(update), looking))
    taken = await seeds.learn_from(context, named)
    missing = await context.services.likes_missing(context.chat)
    before = await _begin(context) if taken.titles and not missing else None
    ways = [[_again(_)]]
    if taken.titles:
        ways = [*_order_before(before, _), [_forget(_)], *ways]
    await edit(
        shown, context.headed("\n".join(_told(taken, missing, _, begun=before is not None))), ways
    )


async def _begin(context: Context) -> PaperOrder | None:
    """Let papers come in the personal order: that is what examples are given for.

    Return the order before, where that was another.
    """
    before = context.chat.paper_order
    if before is PaperOrder.PERSONAL:
        return None
    return before if await change_setting(context, "order", PaperOrder.PERSONAL) else None


def _order_before(order: PaperOrder | None, _: Texts) -> list[list[InlineKeyboardButton]]:
    """Return the button that undoes what `_begin` did."""
    names = {
        PaperOrder.NEWEST: _.plain("↩️ Newest first again"),
        PaperOrder.TOPIC: _.plain("↩️ Topic by topic again"),
    }
    return [[button(names[order], PUT.data("order", order))]] if order in names else []


def _told(taken: Taken, missing: int, _: Texts, *, begun: bool) -> list[str]:
    """Return what became of what was named."""
    lines = []
    if taken.titles:
        lines.append(
            _.plural("✅ I learn from {n} paper:", "✅ I learn from {n} papers:", len(taken.titles))
        )
        lines += _named(taken.titles)
    elif not taken.orcids:
        lines.append(_("I find no papers in this."))
    if taken.unknown:
        lines.append(_("I don't know {lines}.", lines=_some(taken.unknown)))
    if taken.orcids:
        lines.append(
            _(
                "An ORCID tells me no name: {orcids}. Please send the author's name,"
                " or a page such as {page}.",
                orcids=_some(taken.orcids),
                page=code("arxiv.org/a/lecun_y_1"),
            )
        )
    if taken.unanswered:
        what = _some(taken.unanswered)
        lines.append(
            _("arXiv isn't answering right now. Please send these again later: {lines}", lines=what)
        )
    if taken.nameless:
        lines.append(
            _.plural("{n} entry has no title.", "{n} entries have no title.", taken.nameless)
        )
    if taken.more:
        lines.append(_("Only {most} count.", most=MOST_SEEDS))
    if taken.titles:
        lines.append(_effect(missing, _, begun=begun))
    return lines


def _effect(missing: int, _: Texts, *, begun: bool) -> str:
    if missing:
        return _("Give me {n} more, and I can begin.", n=missing)
    if begun:
        return _(
            "From now on papers come in the personal order: what is close to the examples first."
        )
    return _("What is close to them comes first. Another order: /settings")


def _named(titles: Sequence[str]) -> list[str]:
    lines = [f"• {_title(title)}" for title in titles[:NAMED]]
    return [*lines, *(["…"] if len(titles) > NAMED else [])]


def _title(title: str) -> str:
    return escape(cut(readable(title), _LONGEST_TITLE))


def _some(lines: Sequence[str]) -> str:
    told = [one if len(one) <= _LONGEST_LINE else f"{one[:_LONGEST_LINE]}…" for one in lines]
    return ", ".join(told[:NAMED]) + (" …" if len(told) > NAMED else "")


def _forget(_: Texts) -> InlineKeyboardButton:
    return button(_.plain("🗑 Forget what I gave"), FORGET.data())


def _again(_: Texts) -> InlineKeyboardButton:
    return button(_.plain("✍️ Name more"), TELL.data())


async def _tick(update: Update, context: Context) -> None:
    """Let the buttons show which papers are examples, and do the other thing from now on.

    All of them: who taps fast has not seen what the tap before changed.
    """
    message = message_of(update)
    if isinstance(message, LostMessage) or message.reply_markup is None:
        return
    mine = {paper.id for paper in await seeds.given(context)}
    keyboard = [[_ticked(one, mine) for one in row] for row in message.reply_markup.inline_keyboard]
    await edit_buttons(message, keyboard)


def _ticked(one: InlineKeyboardButton, mine: Collection[str]) -> InlineKeyboardButton:
    data = str(one.callback_data or "")
    tapped = LIKE.pattern.match(data) or UNLIKE.pattern.match(data)
    if tapped is None:
        return one
    paper_id = tapped[1]
    chosen = paper_id in mine
    way = UNLIKE if chosen else LIKE
    return button(one.text.removeprefix("✓ "), way.data(paper_id), chosen=chosen)

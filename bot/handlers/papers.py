"""Buttons of a paper's card: save, vote, note, read the original, cite."""

from functools import partial

from markupsafe import Markup
from sqlalchemy import Connection
from telegram import InlineKeyboardButton, Update

from bot.arxiv.transport import SourceError
from bot.conversation.context import Context
from bot.conversation.paper_card import buttons_for, change_card, send_card
from bot.conversation.permissions import admins_only
from bot.conversation.prompts import ask
from bot.conversation.seen import note_seen
from bot.i18n import Texts, code
from bot.render.ai_summary import in_full
from bot.render.citation import bibtex
from bot.telegram.documents import send_document
from bot.telegram.keyboards import button
from bot.telegram.replies import (
    NO_PREVIEW,
    LostMessage,
    acknowledge,
    message_of,
    refuse,
    send,
    show,
)
from bot.telegram.routes import SHOW_PAPER
from bot.tex.to_unicode import to_text
from bot.week.watch import facts
from storage import opinions
from storage.columns import utc_now
from storage.models import Paper, PaperOrder
from storage.opinions import Gone
from storage.shown import note_shown

LONGEST_NOTE = 500
NO_NOTE = "-"
_NO_NOTES = frozenset("-–—")
"""Phones make a long dash of two short ones."""
NOTES_REMEMBERED = 1_000
LONGEST_ENTRY = 3_500
"""Of the 4,096 characters of a message."""


async def open_card(update: Update, context: Context, paper_id: str) -> None:
    """Send the card of a paper that was tapped in a list."""
    found = await _paper(update, context, paper_id)
    if found is not None:
        await acknowledge(update)
        card = await send_card(context, message_of(update), found)
        await note_seen(update, context, card, paper_id)


async def switch(update: Update, context: Context, to: str, paper_id: str) -> None:
    """Show a paper in arXiv's words, or in the chat's language again."""
    found = await _paper(update, context, paper_id)
    if found is not None:
        await acknowledge(update)
        await change_card(context, message_of(update), found, original=to == "original")


@admins_only
async def mark(update: Update, context: Context, verb: str, paper_id: str) -> None:
    """Keep a paper or let it go; want less like it or take that back."""
    found = await _paper(update, context, paper_id)
    if found is None:
        return
    await acknowledge(update, await _marked(verb, found, context))
    message = message_of(update)
    if isinstance(message, LostMessage):
        await send_card(context, message, found)
    else:
        await message.edit_reply_markup(await buttons_for(context, message, found))


@admins_only
async def note(update: Update, context: Context, paper_id: str) -> None:
    """Ask for a note on a paper, which is kept with it."""
    found = await _paper(update, context, paper_id)
    if found is None:
        return
    _ = context.texts
    async with context.services.database.reading() as session:
        kept = await opinions.saved_of(
            session=session, chat_id=context.chat.id, paper_ids=[paper_id]
        )
    question = _("Your note on <b>{title}</b>?", title=to_text(found.title))
    if kept.get(paper_id):
        way = _("Send {dash} to delete your note.", dash=code(NO_NOTE))
        question = f"{question}\n\n{way}"
    await ask(update, context, question, about=f"note:{paper_id}", back=_back(paper_id, _))


@admins_only
async def take_note(update: Update, context: Context) -> None:
    """Take the words of a note."""
    message, paper_id = message_of(update), context.about
    _, text = context.texts, (message.text or "").strip()
    if len(text) > LONGEST_NOTE:
        too_long = _(
            "A note has at most {most} characters. Please send a shorter one.", most=LONGEST_NOTE
        )
        await ask(update, context, too_long, about=f"note:{paper_id}", back=_back(paper_id, _))
        return
    note = None if text in _NO_NOTES else text
    found = await _paper(update, context, paper_id)
    if found is None:
        return
    annotate = partial(opinions.annotate, chat_id=context.chat.id, paper_id=paper_id, note=note)
    is_kept = await context.services.database.write(annotate)
    if not is_kept and note is not None:
        # Whoever notes something on a paper keeps it.
        await _marked("save", found, context, note=note)
        is_kept = True
    if is_kept:
        gone = _("🗑 Note deleted. The paper stays in /saved.")
        noted = _("✏️ Noted. /saved shows it.")
        await show(update, gone if text in _NO_NOTES else noted)
        await send_card(context, message, found)
    else:
        await show(update, _("This paper is no longer saved."))


async def cite(update: Update, context: Context, paper_id: str) -> None:
    """Send an entry for BibTeX that is too long for a button to copy."""
    found = await _paper(update, context, paper_id)
    if found is None:
        return
    await acknowledge(update)
    entry = bibtex(found)
    if len(entry) > LONGEST_ENTRY:
        name = f"{paper_id.replace('/', '-')}.bib"
        await send_document(message_of(update), entry, name=name, texts=context.texts)
    else:
        await send(message_of(update), Markup("<pre>{}</pre>").format(entry))


async def summarise(update: Update, context: Context, paper_id: str) -> None:
    """Send what a language model says of a paper, with the sentences that each claim cites."""
    found = await _paper(update, context, paper_id)
    if found is None:
        return
    _ = context.texts
    shown = await context.services.view(found, context.chat)
    if shown.summary is None:
        await refuse(update, _.plain("There is no AI summary of this paper."))
        return
    await acknowledge(update)
    await send(message_of(update), in_full(shown, shown.summary, _), preview=NO_PREVIEW)


async def _marked(verb: str, paper: Paper, context: Context, *, note: str | None = None) -> str:
    """Do what was tapped; return what to say of it."""
    _, chat_id, notes = context.texts, context.chat.id, context.bot_data.notes
    if verb == "save":
        note = note or notes.pop((chat_id, paper.id), None)
    do = partial(
        _mark,
        verb=verb,
        chat_id=chat_id,
        paper=paper,
        note=note,
        # A channel does not see what its admin keeps for it.
        is_seen=verb in {"save", "less"} and not context.title,
    )
    gone = await context.services.database.write(do)
    if gone is not None and gone.note:
        notes[chat_id, paper.id] = gone.note
        while len(notes) > NOTES_REMEMBERED:
            notes.popitem(last=False)
    match verb:
        case "save":
            return _.plain("Saved. See all: /saved")
        case "unsave":
            return _.plain("Removed from your saved papers. Tap Save to undo.")
        case "less" if context.chat.paper_order is PaperOrder.PERSONAL:
            return _.plain("OK, fewer papers like this.")
        case "less":
            return _.plain("Noted. It counts once you choose the personal order in /settings.")
        case _:
            return _.plain("Undone.")


def _mark(
    connection: Connection,
    *,
    verb: str,
    chat_id: int,
    paper: Paper,
    note: str | None,
    is_seen: bool,
) -> Gone | None:
    """Write down what was tapped; return what is kept no more.

    To keep a paper and to want less like it exclude each other: the last word counts.
    """
    now = utc_now()
    if is_seen:
        note_shown(connection, chat_id=chat_id, paper_ids=[paper.id], message_id=None, now=now)
    gone = None
    if verb in {"unsave", "less"}:
        gone = opinions.unsave(connection, chat_id=chat_id, paper_id=paper.id)
    else:
        opinions.take_back_vote(connection, chat_id=chat_id, paper_id=paper.id)
    if verb == "save":
        opinions.save(
            connection,
            chat_id=chat_id,
            paper_id=paper.id,
            now=now,
            note=note,
            known=facts(paper),
        )
    elif verb == "less":
        opinions.cast_vote(connection, chat_id=chat_id, paper_id=paper.id, liked=False, now=now)
    return gone


async def _paper(update: Update, context: Context, paper_id: str) -> Paper | None:
    """Return a paper; where there is none say so."""
    _ = context.texts
    try:
        found = (await context.services.papers([paper_id])).get(paper_id)
    except (SourceError, TimeoutError):
        said = _.plain("arXiv isn't answering right now. Please try again in a while.")
        found = None
    else:
        said = _.plain("arXiv does not know this paper.")
    if found is None:
        await refuse(update, said)
    return found


def _back(paper_id: str, _: Texts) -> InlineKeyboardButton:
    return button(_.plain("‹ Back"), SHOW_PAPER.data(paper_id))

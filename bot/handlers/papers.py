"""What one may do with a paper by its buttons: keep it, vote, read the original, cite it."""

from markupsafe import Markup
from telegram import InlineKeyboardButton, Message, Update
from telegram.constants import ParseMode

from bot.arxiv.transport import SourceError
from bot.conversation.context import Context
from bot.conversation.paper_card import buttons_for, change_card, send_card
from bot.conversation.permissions import admins_only
from bot.conversation.prompts import ask
from bot.i18n import Texts, code
from bot.render.citation import bibtex
from bot.telegram.keyboards import acknowledge, button
from bot.tex.to_unicode import to_text
from storage import opinions, papers
from storage.columns import utc_now
from storage.models import Paper

LONGEST_NOTE = 500
NO_NOTE = "-"
_NO_NOTES = frozenset("-–—")
"""Phones make a long dash of two short ones."""
NOTES_REMEMBERED = 1_000
LONGEST_ENTRY = 3_500
"""Of the 4,096 characters of a message."""


async def show(update: Update, context: Context) -> None:
    """Send the card of a paper that was tapped in a list."""
    query = update.callback_query
    if query is None or query.data is None or not isinstance(query.message, Message):
        return
    found = await _paper(update, context, query.data.removeprefix("show:"))
    if found is not None:
        await acknowledge(query)
        await send_card(context, query.message, found)


async def switch(update: Update, context: Context) -> None:
    """Show a paper in arXiv's words, or in the chat's language again."""
    query = update.callback_query
    if query is None or query.data is None or not isinstance(query.message, Message):
        return
    _paper_word, verb, paper_id = query.data.split(":", 2)
    found = await _paper(update, context, paper_id)
    if found is not None:
        await acknowledge(query)
        await change_card(context, query.message, found, original=verb == "original")


@admins_only
async def mark(update: Update, context: Context) -> None:
    """Keep a paper or let it go; want less like it or take that back."""
    query = update.callback_query
    if query is None or query.data is None or not isinstance(query.message, Message):
        return
    _paper_word, verb, paper_id = query.data.split(":", 2)
    found = await _paper(update, context, paper_id)
    if found is None:
        return
    await acknowledge(query, await _marked(verb, found, context))
    await query.message.edit_reply_markup(await buttons_for(context, query.message, found))


@admins_only
async def note(update: Update, context: Context) -> None:
    """Ask for a note on a paper that is kept."""
    query = update.callback_query
    if query is None or query.data is None:
        return
    paper_id = query.data.removeprefix("paper:note:")
    found = await _paper(update, context, paper_id)
    if found is None:
        return
    _ = context.texts
    async with context.services.database.reading() as session:
        kept = await opinions.saved_of(
            session=session, chat_id=context.chat.id, paper_ids=[paper_id]
        )
    question = _("What do you want to note on <b>{title}</b>?", title=to_text(found.title))
    if kept.get(paper_id):
        way = _("{dash} instead of words takes your note away.", dash=code(NO_NOTE))
        question = f"{question}\n\n{way}"
    await ask(update, context, question, about=f"note:{paper_id}", back=_back(paper_id, _))


@admins_only
async def take_note(update: Update, context: Context) -> None:
    """Take the words of a note."""
    message = update.message
    if message is None or not message.text:
        return
    _, text = context.texts, message.text.strip()
    if len(text) > LONGEST_NOTE:
        await ask(
            update,
            context,
            _(
                "A note has at most {most} characters. Please send a shorter one.",
                most=LONGEST_NOTE,
            ),
            about=f"note:{context.about}",
            back=_back(context.about, _),
        )
        return
    async with context.services.database.transaction() as session:
        is_kept = await opinions.annotate(
            session=session,
            chat_id=context.chat.id,
            paper_id=context.about,
            note=None if text in _NO_NOTES else text,
        )
        known = await papers.get_many(session=session, paper_ids=[context.about])
    if is_kept:
        gone = _("🗑 The note is gone. The paper stays in /saved.")
        noted = _("✏️ Noted. /saved shows it.")
        await message.reply_html(gone if text in _NO_NOTES else noted)
        await send_card(context, message, known[context.about])
    else:
        await message.reply_html(_("You don't keep this paper any more."))


async def cite(update: Update, context: Context) -> None:
    """Send an entry for BibTeX that is too long for a button to copy."""
    query = update.callback_query
    if query is None or query.data is None or not isinstance(query.message, Message):
        return
    found = await _paper(update, context, query.data.removeprefix("paper:cite:"))
    if found is None:
        return
    await acknowledge(query)
    entry = bibtex(found)
    if len(entry) > LONGEST_ENTRY:
        await query.message.reply_document(entry.encode(), filename=_file_name(found))
    else:
        shown = Markup("<pre>{}</pre>").format(entry)
        await query.message.reply_text(shown, parse_mode=ParseMode.HTML)


async def _marked(verb: str, paper: Paper, context: Context) -> str:
    """Do what was tapped; return what to say of it."""
    _, now, notes = context.texts, utc_now(), context.bot_data.notes
    chat_id, paper_id = place = context.chat.id, paper.id
    async with context.services.database.transaction() as session:
        match verb:
            case "save":
                kept_note = notes.pop(place, None)
                await opinions.save(
                    session=session, chat_id=chat_id, paper_id=paper_id, now=now, note=kept_note
                )
                return _.plain("Saved. /saved shows all that you keep.")
            case "unsave":
                gone = await opinions.unsave(session=session, chat_id=chat_id, paper_id=paper_id)
                if gone is not None and gone.note:
                    notes[place] = gone.note
                    while len(notes) > NOTES_REMEMBERED:
                        notes.popitem(last=False)
                return _.plain("Let go. Tap “Save” to keep it after all.")
            case "less":
                await opinions.cast_vote(
                    session=session, chat_id=chat_id, paper_id=paper_id, liked=False, now=now
                )
                return _.plain("All right: less like this.")
            case _:
                await opinions.take_back_vote(session=session, chat_id=chat_id, paper_id=paper_id)
                return _.plain("Taken back.")


async def _paper(update: Update, context: Context, paper_id: str) -> Paper | None:
    """Return a paper; where there is none say so."""
    _ = context.texts
    try:
        found = (await context.services.papers([paper_id])).get(paper_id)
    except (SourceError, TimeoutError):
        said = _.plain("arXiv is not answering right now. Please try again in a while.")
        found = None
    else:
        said = _.plain("arXiv does not know this paper.")
    if found is None and update.callback_query is not None:
        await acknowledge(update.callback_query, said, alert=True)
    return found


def _back(paper_id: str, _: Texts) -> InlineKeyboardButton:
    return button(_.plain("‹ Back"), f"show:{paper_id}")


def _file_name(paper: Paper) -> str:
    return f"{paper.id.replace('/', '-')}.bib"

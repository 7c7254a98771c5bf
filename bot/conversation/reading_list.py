"""Reading list: what a file of another program would save, shown before anything is saved."""

import asyncio
import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection
from telegram import Document, InlineKeyboardMarkup, Message
from telegram.error import TelegramError

from bot.conversation.context import Context
from bot.i18n import Texts
from bot.telegram.keyboards import Row, button
from bot.telegram.routes import CANCEL_FILE, KEEP_LIST, LEARN_LIST
from bot.transfer.reading_list import LARGEST, MOST, ReadingList, ReadingListError, read_list
from storage import opinions, papers


@dataclass(frozen=True, slots=True)
class Offered:
    """What a list would save."""

    ids: tuple[str, ...]
    """Papers that are not saved yet, in the order of the file."""
    saved: int
    """Those that are."""
    others: int
    """Entries that name no paper of arXiv."""
    check: str
    """Of the file: whoever taps has seen this one."""


async def offer(message: Message, document: Document, context: Context) -> None:
    """Answer a file with what it would save."""
    try:
        found = await offered(document, context)
    except (ReadingListError, TelegramError) as error:
        await message.reply_html(refusal(error, context.texts), do_quote=True)
        return
    text, rows = _shown(found, context)
    rows = [row for row in rows if row]
    keyboard = InlineKeyboardMarkup(rows) if rows else None
    await message.reply_html(text, reply_markup=keyboard, do_quote=True)


async def content_of(document: Document) -> bytes:
    """Return what a file holds; raises ReadingListError or TelegramError."""
    if document.file_size is None or document.file_size > LARGEST:
        raise ReadingListError(too_large=True)
    file = await document.get_file()
    return bytes(await file.download_as_bytearray())


def check_of(content: bytes) -> str:
    """Return by which a button knows a file again."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()


async def offered(document: Document, context: Context) -> Offered:
    """Return what a file would save; raises ReadingListError or TelegramError."""
    content = await content_of(document)
    named = await asyncio.to_thread(read_list, document.file_name or "", content)
    check = check_of(content)
    return await context.services.database.read(
        lambda connection: _compared(connection, context.chat.id, named, check), long=True
    )


def _compared(connection: Connection, chat_id: int, named: ReadingList, check: str) -> Offered:
    by_doi = papers.ids_of_dois(connection, dois=named.dois)
    ids = list(dict.fromkeys([*named.ids, *by_doi.values()]))
    saved = opinions.saved_among(connection, chat_id=chat_id, paper_ids=ids)
    return Offered(
        ids=tuple(one for one in ids if one not in saved),
        saved=len(saved),
        others=named.others + max(0, len(named.dois) - len(by_doi)),
        check=check,
    )


def _shown(found: Offered, context: Context) -> tuple[str, list[Row]]:
    _ = context.texts
    lines = [_("<b>A reading list</b>")]
    if found.ids:
        lines.append(_.plural("☆ {n} paper to save", "☆ {n} papers to save", len(found.ids)))
    if found.saved:
        lines.append(
            _.plural("{n} paper is saved already.", "{n} papers are saved already.", found.saved)
        )
    if found.others:
        lines.append(
            _.plural(
                "{n} entry has neither an arXiv id nor a DOI that I know.",
                "{n} entries have neither an arXiv id nor a DOI that I know.",
                found.others,
            )
        )
    text = context.headed("\n".join(lines))
    if not found.ids and not found.others:
        return text, []
    save = button(_.plain("☆ Save them"), KEEP_LIST.data(found.check))
    leave = button(_.plain("✖️ Cancel"), CANCEL_FILE.data())
    learn = button(_.plain("🎯 Only learn from them"), LEARN_LIST.data(found.check))
    return text, [
        [save] if found.ids else [],
        [learn] if context.services.ranks else [],
        [leave],
    ]


def refusal(error: ReadingListError | TelegramError, _: Texts) -> str:
    """Return why nothing can be made of a file, as HTML."""
    if isinstance(error, TelegramError):
        return _("Telegram did not give me the file. Please send it again.")
    if error.too_large:
        return _(
            "This list is too large: {papers} papers and {megabytes} MB at most. Please divide it.",
            papers=_.number(MOST),
            megabytes=LARGEST // 1_000_000,
        )
    return _("I find no papers in this file. I read BibTeX, RIS and Zotero's CSV.")

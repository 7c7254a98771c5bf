"""/export and /import: a chat's subscriptions and settings as one file that people can edit.

The file that /import shows a plan for is the one that the plan replies to. It is read again when
the plan is tapped, so a plan holds as long as its message is there, also over a restart. Its sender
can put another file there, and what the chat follows can change: the button says which plan was
shown, and where that is no longer what would be done, the new one is shown instead.
"""

import asyncio
import hashlib
from typing import NamedTuple

from markupsafe import Markup
from telegram import Document, InlineKeyboardMarkup, Message, Update
from telegram.error import TelegramError

from bot.conversation import seeds
from bot.conversation.context import Context
from bot.conversation.permissions import admins_only
from bot.conversation.reading_list import offer
from bot.conversation.subscriptions import followed
from bot.handlers import explain_query
from bot.i18n import Texts, catalogues, code
from bot.render.push_message import heading
from bot.telegram.callback_data import matching, route
from bot.telegram.documents import send_document
from bot.telegram.keyboards import Row, button
from bot.telegram.replies import acknowledge, edit, message_of, refuse, show
from bot.telegram.routes import CANCEL_FILE, SETTINGS, TOPICS
from bot.transfer.apply import Plan, apply, plan, prepare
from bot.transfer.entries import ChatFile, EntryFault, Kind, TransferEntry, TransferError
from bot.transfer.examples import write_examples
from bot.transfer.format import LARGEST, MOST_TOPICS, read, write
from bot.transfer.reading_list import is_reading_list
from storage import chats
from storage.columns import utc_now
from storage.models import Chat, Paper
from storage.topics import Followed

APPLY = route("import", matching(r"[0-9a-f]{16}"))
"""The plan that was shown; see `_Planned.check`."""
APPLY_UNSEEN = route("import")
"""As buttons once were."""

FILE_NAME = "paperboy.toml"
GIVEN_NAME = "paperboy-taste.bib"
FILE_NAMES = "paperboy-{}.toml"
"""Of a chat with more topics than one file may have, from the second on."""

NAMED = 10
"""Of so many topics the names are told."""


async def export_file(update: Update, context: Context) -> None:
    """Send what the chat follows, and how, as a file."""
    mine = await followed(context)
    # So that each can be imported.
    for start in range(0, max(1, len(mine)), MOST_TOPICS):
        await _send_file(update, context, mine[start : start + MOST_TOPICS], start // MOST_TOPICS)
    if given := await seeds.given(context):
        await _send_given(update, context, given)


async def _send_given(update: Update, context: Context, given: list[Paper]) -> None:
    _ = context.texts
    count = _.plural("🎯 {n} example to learn from.", "🎯 {n} examples to learn from.", len(given))
    way = _("Send it to me with /taste, here or elsewhere.")
    await send_document(
        message_of(update),
        write_examples(given),
        name=GIVEN_NAME,
        caption=f"{count}\n{way}",
        texts=_,
    )


async def _send_file(update: Update, context: Context, mine: list[Followed], number: int) -> None:
    _ = context.texts
    content = write(context.chat, mine)
    count = _.plural("{n} topic", "{n} topics", len(mine))
    caption = (
        _("📦 {topics}, and the settings of this chat.", topics=count),
        _("Edit it if you like, and send it to me with /import, here or elsewhere."),
    )
    await send_document(
        message_of(update),
        content,
        name=FILE_NAMES.format(number + 1) if number else FILE_NAME,
        caption="\n".join(caption),
        texts=_,
    )


@admins_only
async def import_file(update: Update, context: Context) -> None:
    """Take `/import` as a reply to a file; alone it says what to send."""
    replied = message_of(update).reply_to_message
    if replied is not None and replied.document is not None:
        take = offer if is_reading_list(replied.document.file_name) else _show_plan
        await take(replied, replied.document, context)
        return
    _ = context.texts
    text = (
        _("📦 Send me the file that /export made, or one like it."),
        _("A reading list is saved: BibTeX, RIS or Zotero's CSV."),
        _("In a group, reply to the file with /import."),
    )
    await show(update, "\n".join(text))


@admins_only
async def take_document(update: Update, context: Context) -> None:
    """Take a file of ours that is sent in private, without a command."""
    message = message_of(update)
    if message.document is not None:
        await _show_plan(message, message.document, context)


@admins_only
async def apply_unseen(update: Update, context: Context) -> None:
    """Show the plan anew, of a button that does not say which one was shown."""
    await apply_file(update, context, "")


@admins_only
async def apply_file(update: Update, context: Context, check: str) -> None:
    """Do what the plan says that was tapped, or show what would be done by now."""
    _, shown = context.texts, message_of(update)
    document = shown.reply_to_message.document if shown.reply_to_message else None
    if document is None:
        gone = _.plain("The file is gone. Please send it again.")
        await refuse(update, gone)
        return
    await acknowledge(update)
    try:
        wanted, digest = await _wanted(document, context)
        planned = await _planned(context, wanted, digest)
    except (TransferError, TelegramError) as error:
        await edit(shown, _refusal(error, _))
        return
    database = context.services.database
    if planned.check == check:
        await prepare(database=database, chat=context.chat, wanted=wanted)
    async with database.transaction() as session:
        chat = await chats.get(session=session, chat_id=context.chat.id)
        if chat is None:
            return
        would = await plan(session=session, chat=chat, wanted=wanted)
        planned = _Planned(would, _check(chat, would, digest))
        if planned.check == check:
            done = await apply(session=session, chat=chat, wanted=wanted, now=utc_now())
            context.chat = chat
    if planned.check != check:
        await edit(shown, *_offer(context, planned))
        return
    # What is older than the week comes beside everything else, and of arXiv with the next sweep.
    context.application.create_task(context.services.match_followed(await followed(context)))
    _ = context.texts
    lines = [_("✅ Done."), *_told(done, _)]
    ways = [
        button(_.plain("📚 My topics"), TOPICS.data()),
        button(_.plain("⚙️ Settings"), SETTINGS.data("")),
    ]
    await edit(shown, context.headed("\n".join(lines)), [ways])


@admins_only
async def cancel_file(update: Update, context: Context) -> None:
    """Put a plan away."""
    _ = context.texts
    await show(update, _("Nothing was changed."))


async def _show_plan(message: Message, document: Document, context: Context) -> None:
    """Answer a file with what it would do."""
    _ = context.texts
    try:
        wanted, digest = await _wanted(document, context)
    except (TransferError, TelegramError) as error:
        await message.reply_html(_refusal(error, _), do_quote=True)
        return
    text, rows = _offer(context, await _planned(context, wanted, digest))
    keyboard = InlineKeyboardMarkup(rows) if rows else None
    await message.reply_html(text, reply_markup=keyboard, do_quote=True)


class _Planned(NamedTuple):
    """What a file would do to a chat."""

    would: Plan
    check: str
    """Of the file, the chat and the plan: whoever taps has seen this one."""


async def _planned(context: Context, wanted: ChatFile, digest: bytes) -> _Planned:
    async with context.services.database.reading() as session:
        would = await plan(session=session, chat=context.chat, wanted=wanted)
    return _Planned(would, _check(context.chat, would, digest))


def _check(chat: Chat, would: Plan, digest: bytes) -> str:
    seen = f"{chat.id} {would!r}".encode() + digest
    return hashlib.blake2b(seen, digest_size=8).hexdigest()


def _offer(context: Context, planned: _Planned) -> tuple[str, list[Row]]:
    """Return a plan as HTML, and the buttons that do it or leave it where it changes anything."""
    _ = context.texts
    told = _told(planned.would, _)
    if not planned.would.changes_anything:
        lines = [_("Nothing to import: everything is as in this file."), *told]
        return context.headed("\n".join(lines)), []
    lines = [_("<b>This file would change:</b>"), *told]
    do_it = button(_.plain("✅ Import"), APPLY.data(planned.check))
    leave_it = button(_.plain("✖️ Cancel"), CANCEL_FILE.data())
    return context.headed("\n".join(lines)), [[do_it, leave_it]]


async def _wanted(document: Document, context: Context) -> tuple[ChatFile, bytes]:
    """Return what a file asks for, and its digest; raises TransferError or TelegramError."""
    if document.file_size is None or document.file_size > LARGEST:
        raise TransferError(EntryFault(Kind.TOO_LARGE, detail=str(LARGEST)))
    file = await document.get_file()
    content = bytes(await file.download_as_bytearray())
    wanted = await asyncio.to_thread(
        read,
        content,
        languages=[known.code for known in context.services.languages],
        menus=catalogues(),
    )
    return wanted, hashlib.sha256(content).digest()


def _told(what: Plan, _: Texts) -> list[str]:
    lines = []
    if what.new:
        lines.append(
            _.plural("➕ {n} new topic: {labels}", "➕ {n} new topics: {labels}", len(what.new),
                     labels=_labels(what.new))
        )  # fmt: skip
    if what.changed:
        lines.append(
            _.plural(
                "✏️ {n} changed topic: {labels}",
                "✏️ {n} changed topics: {labels}",
                len(what.changed),
                labels=_labels(what.changed),
            )
        )
    if what.settings:
        names = Markup(", ").join(_setting(column, _) for column in what.settings)
        lines.append(_("⚙️ Settings: {names}", names=names))
    if what.same:
        lines.append(_.plural("{n} topic stays as it is.", "{n} topics stay as they are.",
                              what.same))  # fmt: skip
    if what.kept:
        lines.append(
            _.plural(
                "{n} topic that the file does not name stays.",
                "{n} topics that the file does not name stay.",
                what.kept,
            )
        )
    if what.unconfirmed_style:
        lines.append(_("Rich messages stay off until you have seen a sample: /settings"))
    return lines


def _labels(entries: tuple[TransferEntry, ...]) -> Markup:
    named = Markup(", ").join(heading(entry.label) for entry in entries[:NAMED])
    return named + (" …" if len(entries) > NAMED else "")


def _setting(column: str, _: Texts) -> str:
    """Return what a column is called in the file's language, which is ours."""
    return {
        "language": _("language of abstracts"),
        "translate_titles": _("titles"),
        "ui_language": _("language of menus"),
        "push_time": _("time"),
        "weekdays": _("days"),
        "timezone": _("time zone"),
        "papers_per_push": _("papers at a time"),
        "paper_order": _("order"),
        "push_style": _("style"),
        "tells_nothing_new": _("notice when nothing is new"),
        "shows_previews": _("link previews"),
        "sends_pages": _("digest also as a page"),
        "answers_links": _("a line for arXiv links"),
        "week_day": _("your week"),
        "watches_saved": _("news of saved papers"),
    }[column]


def _refusal(error: TransferError | TelegramError, _: Texts) -> str:
    if isinstance(error, TransferError):
        return _explain_file_error(error, _)
    return _("Telegram did not give me the file. Please send it again.")


SHOWN = 10
"""So many faults fit a message."""


def _explain_file_error(error: TransferError, _: Texts) -> str:
    """Return the answer as HTML: the faults in the order of the file, a line or two each."""
    lines = [_("I can't use this file, so I changed nothing:")]
    lines += [f"• {_place(fault, _)}{_fault(fault, _)}" for fault in error.faults[:SHOWN]]
    if len(error.faults) > SHOWN:
        lines.append("…")
    return "\n".join(lines)


def _place(fault: EntryFault, _: Texts) -> str:
    place = []
    if fault.line is not None:
        place.append(_("line {n}", n=fault.line))
    if fault.topic is not None:
        place.append(_("topic {n}", n=fault.topic))
    return f"{', '.join(place)}: " if place else ""


def _fault(fault: EntryFault, _: Texts) -> str:
    if fault.query is not None:
        return explain_query.explain(fault.query, _, in_file=True)
    key, example = code(fault.key or ""), code(fault.detail or "")
    refusal = _("{key} isn't valid. Example: {example}", key=key, example=example)
    return {
        Kind.TOO_LARGE: _("It is too large: {most} bytes at most.", most=_.number(LARGEST)),
        Kind.NO_TEXT: _("It is not a text in UTF-8."),
        Kind.SYNTAX: _("This is not TOML: a quotation mark, a bracket or a value is missing."),
        Kind.UNKNOWN: _("Unknown key: {key}", key=key),
        Kind.MISSING: _("{key} is missing, such as {example}", key=key, example=example),
        Kind.TWICE: _("This topic stands in the file twice."),
        Kind.TOO_MANY: _("Too many topics: {most} at most.", most=MOST_TOPICS),
    }.get(fault.kind, refusal)

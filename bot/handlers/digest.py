"""/digest: everything a chat follows, or a part of it, as one Markdown document."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputFile, Message, Update
from telegram.constants import ChatAction, ParseMode
from telegram.error import TelegramError

from bot.conversation.context import Context
from bot.digest.request import EVERYTHING, DigestRequest, UnclearRequestError, read
from bot.i18n import Texts, code
from bot.telegram.keyboards import acknowledge, button, rows
from storage import topics
from storage.models import ORIGINAL
from storage.topics import Followed

PROGRESS_SECONDS = 2.0
"""A progress message is edited no more often than this."""

_LONGEST_BUTTON = 32
_MOST_CHOICES = 90
"""Telegram shows 100 buttons."""


async def digest(update: Update, context: Context) -> None:
    """Take `/digest`, with a topic, days, a date or a language behind it, in any order."""
    message = update.effective_message
    if message is None:
        return
    _ = context.texts
    followed = await _followed(context)
    labels = {entry.topic.id: entry.subscription.label for entry in followed}
    languages = [language.code for language in context.services.languages]
    try:
        wish = read(context.args or (), labels=labels, languages=languages)
    except UnclearRequestError as error:
        if followed:
            example = f"/digest {followed[0].subscription.label} 7d {context.chat.language}"
            await message.reply_html(
                _(
                    "I don't know what “{words}” means here. Name a topic of yours, days, a date or"
                    " a language, in any order: {example}",
                    words=error.words[:100],
                    example=code(example),
                ),
                reply_markup=_choices(followed, EVERYTHING, _),
            )
            return
        wish = EVERYTHING
    await _begin(update, context, message, wish, followed)


async def again(update: Update, context: Context) -> None:
    """Make another digest, as a button below the last one says."""
    query = update.callback_query
    if query is None or query.data is None or not isinstance(query.message, Message):
        return
    followed = await _followed(context)
    wish = DigestRequest.unpacked(query.data.partition(":")[2])
    _ = context.texts
    if wish.topic_id and wish.topic_id not in {entry.topic.id for entry in followed}:
        await acknowledge(query, _.plain("You don't follow this topic any more."), alert=True)
        return
    if wish.language not in {None, *(entry.code for entry in context.services.languages)}:
        await acknowledge(query, _.plain("This button is too old. Try /help."))
        return
    await acknowledge(query)
    await _begin(update, context, query.message, wish, followed)


async def choose(update: Update, context: Context) -> None:
    """Show the topics or the languages to choose from in place of the buttons, or these again."""
    query = update.callback_query
    if query is None or query.data is None or not isinstance(query.message, Message):
        return
    _ = context.texts
    await acknowledge(query)
    _name, what, packed = query.data.split(":", 2)
    wish = DigestRequest.unpacked(packed)
    match what:
        case "topics":
            keyboard = _choices(await _followed(context), wish, _)
        case "languages":
            offered = (
                button(language.name, _again(replace(wish, language=language.code)))
                for language in context.services.languages
            )
            keyboard = InlineKeyboardMarkup([*rows(offered, width=3), [_back(wish, _)]])
        case _:
            keyboard = _keyboard(wish, context)
    await query.edit_message_reply_markup(keyboard)


async def cancel(update: Update, context: Context) -> None:
    """Stop the digest in the making."""
    query = update.callback_query
    if query is None:
        return
    _ = context.texts
    making = context.bot_data.digests.pop(context.chat.id, None)
    if making is None:
        await acknowledge(query, _.plain("It is done already."))
        return
    making.cancel()
    await acknowledge(query)


async def _followed(context: Context) -> list[Followed]:
    async with context.services.database.reading() as session:
        return await topics.subscriptions(session=session, chat_id=context.chat.id)


async def _begin(
    update: Update,
    context: Context,
    message: Message,
    wish: DigestRequest,
    followed: list[Followed],
) -> None:
    _ = context.texts
    if not followed:
        await message.reply_html(
            _("There is nothing to put into a digest yet. Follow a topic first: /subscribe")
        )
        return
    making = context.bot_data.digests
    if context.chat.id in making:
        await message.reply_html(_("Your digest is in the making already."))
        return
    making[context.chat.id] = context.application.create_task(
        _make(message, context, wish), update=update
    )


async def _make(message: Message, context: Context, wish: DigestRequest) -> None:
    _ = context.texts
    progress = _Progress(message, _)
    try:
        with suppress(TelegramError):
            await message.reply_chat_action(ChatAction.UPLOAD_DOCUMENT)
        document = await context.services.digest(context.chat.id, wish, progress.show)
        topics_text = _.plural("{n} topic", "{n} topics", document.topics)
        papers_text = _.plural("{n} paper", "{n} papers", document.papers)
        caption = f"📖 {topics_text} · {papers_text}"
        if document.untranslated:
            caption += "\n" + _.plural(
                "{n} abstract is in English: the translators did not answer.",
                "{n} abstracts are in English: the translators did not answer.",
                document.untranslated,
            )
        for number, (name, content) in enumerate(document.files, 1):
            last = number == len(document.files)
            await message.reply_document(
                InputFile(content, filename=name),
                caption=context.headed(caption) if number == 1 else None,
                parse_mode=ParseMode.HTML,
                reply_markup=_keyboard(wish, context) if last else None,
            )
    except asyncio.CancelledError:
        # A bot that stops leaves its task in the list; who taps Cancel has taken it out.
        if context.chat.id in context.bot_data.digests:
            raise
        await progress.end(_("Stopped. What is translated already is kept for the next time."))
    finally:
        if context.bot_data.digests.get(context.chat.id) is asyncio.current_task():
            del context.bot_data.digests[context.chat.id]
        await progress.end()


@dataclass
class _Progress:
    """A message that counts, edited in place, and gone in the end."""

    message: Message
    texts: Texts
    shown: Message | None = None
    shown_at: float = field(default_factory=time.monotonic)

    async def show(self, done: int, total: int) -> None:
        """Show so many of so many, now and then."""
        _ = self.texts
        if done >= total or time.monotonic() - self.shown_at < PROGRESS_SECONDS:
            return
        self.shown_at = time.monotonic()
        text = _("⏳ Translating: {done} of {total}", done=done, total=total)
        keyboard = InlineKeyboardMarkup([[button(_.plain("✖️ Cancel"), "undigest")]])
        # Nobody gets no digest because its progress could not be shown.
        with suppress(TelegramError):
            if self.shown is None:
                self.shown = await self.message.reply_html(text, reply_markup=keyboard)
            else:
                await self.shown.edit_text(text, ParseMode.HTML, reply_markup=keyboard)

    async def end(self, words: str | None = None) -> None:
        """Take the message away, or leave these words in its place."""
        shown, self.shown = self.shown, None
        with suppress(TelegramError):
            if shown is not None and words is not None:
                await shown.edit_text(words, ParseMode.HTML)
            elif shown is not None:
                await shown.delete()


def _keyboard(wish: DigestRequest, context: Context) -> InlineKeyboardMarkup:
    """Return the ways on from a digest: other days, one topic, another language."""
    _ = context.texts
    spans = [(days, _.plural("{n} day", "{n} days", days)) for days in (1, 7, 30)]
    offered = [
        button(text, _again(replace(wish, days=days, day=None)))
        for days, text in spans
        if days != wish.days
    ]
    if wish.span:
        newest = _.plain("The newest")
        offered.insert(0, button(newest, _again(replace(wish, days=None, day=None))))
    if wish.topic_id is None:
        topic = button(_.plain("One topic …"), f"digestby:topics:{wish.packed()}")
    else:
        topic = button(_.plain("All topics"), _again(replace(wish, topic_id=None)))
    second = [topic]
    if len(context.services.languages) > 1:
        second.append(button(_.plain("🌐 Language …"), f"digestby:languages:{wish.packed()}"))
    if ORIGINAL not in (context.chat.language, wish.language):
        original = replace(wish, language=ORIGINAL)
        second.append(button(_.plain("Original"), _again(original)))
    details = _.plain("Without authors") if wish.detailed else _.plain("With authors and contents")
    third = [button(details, _again(replace(wish, detailed=not wish.detailed)))]
    return InlineKeyboardMarkup([offered, second, third])


def _choices(followed: list[Followed], wish: DigestRequest, _: Texts) -> InlineKeyboardMarkup:
    offered = (
        button(
            entry.subscription.label[:_LONGEST_BUTTON],
            _again(replace(wish, topic_id=entry.topic.id)),
        )
        for entry in followed[:_MOST_CHOICES]
    )
    return InlineKeyboardMarkup([*rows(offered, width=2), [_back(wish, _)]])


def _back(wish: DigestRequest, _: Texts) -> InlineKeyboardButton:
    return button(_.plain("‹ Back"), f"digestby:back:{wish.packed()}")


def _again(wish: DigestRequest) -> str:
    return f"digest:{wish.packed()}"

"""/digest: everything a chat follows, or a part of it, as one Markdown document."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputFile, Message, Update
from telegram.constants import ChatAction, ParseMode
from telegram.error import TelegramError

from bot.conversation.background import start_once
from bot.conversation.context import Context
from bot.conversation.services import Document
from bot.conversation.subscriptions import followed, refuse_unfollowed
from bot.digest.request import EVERYTHING, DigestRequest, UnclearRequestError, read
from bot.i18n import Texts, code
from bot.telegram.callback_data import Field, one_of, route
from bot.telegram.keyboards import Row, button, language_rows, rows
from bot.telegram.replies import acknowledge, edit, hint, message_of, send, show
from bot.telegram.routes import PICK
from storage.models import ORIGINAL
from storage.topics import Followed

_REQUEST = Field(
    r"\d{1,9}:[\dd-]{0,10}:[\w-]{0,10}(?::\+)?", DigestRequest.unpacked, DigestRequest.packed
)
AGAIN = route("digest", _REQUEST)
CHOOSE = route("digestby", one_of("topics", "languages", "back"), _REQUEST)
PAGE = route("page", _REQUEST)
CANCEL = route("undigest")

USAGE = "usage"
"""What the link to the bot in a digest says; see `bot.handlers.help`."""

PROGRESS_SECONDS = 2.0
"""A progress message is edited no more often than this."""

_LONGEST_BUTTON = 32
_MOST_CHOICES = 90
"""Telegram shows 100 buttons."""


async def digest(update: Update, context: Context) -> None:
    """Take `/digest`, with a topic, days, a date or a language behind it, in any order."""
    _ = context.texts
    mine = await followed(context)
    labels = {entry.topic.id: entry.subscription.label for entry in mine}
    languages = [language.code for language in context.services.languages]
    try:
        request = read(context.args or (), labels=labels, languages=languages)
    except UnclearRequestError as error:
        if mine:
            example = f"/digest {mine[0].subscription.label} 7d {context.chat.language}"
            await show(
                update,
                _(
                    "I don't know what “{words}” means here. Name a topic of yours, days, a date or"
                    " a language, in any order: {example}",
                    words=error.words[:100],
                    example=code(example),
                ),
                _choices(mine, EVERYTHING, _),
            )
            return
        request = EVERYTHING
    await _begin(update, context, request, mine)


async def again(update: Update, context: Context, request: DigestRequest) -> None:
    """Make another digest, as a button below the last one says."""
    if await _is_still_right(update, context, request, mine := await followed(context)):
        await acknowledge(update)
        await _begin(update, context, request, mine)


async def _is_still_right(
    update: Update, context: Context, request: DigestRequest, mine: list[Followed]
) -> bool:
    """Tell whether what a button asks for can still be had; say so where it can't."""
    if request.topic_id and request.topic_id not in {entry.topic.id for entry in mine}:
        await refuse_unfollowed(update, context)
        return False
    if request.language not in {None, *(entry.code for entry in context.services.languages)}:
        await acknowledge(update, context.texts.plain("This button is too old. Try /help."))
        return False
    return True


async def as_page(update: Update, context: Context, request: DigestRequest) -> None:
    """Send what a digest holds as a page."""
    if await _is_still_right(update, context, request, mine := await followed(context)):
        await acknowledge(update)
        await _begin(update, context, request, mine, only_page=True)


async def of_everything(update: Update, context: Context) -> None:
    """Make the digest below the push that the button is on."""
    await acknowledge(update)
    await _begin(update, context, EVERYTHING, await followed(context))


async def choose(update: Update, context: Context, what: str, request: DigestRequest) -> None:
    """Show the topics or the languages to choose from in place of the buttons, or these again."""
    _ = context.texts
    await acknowledge(update)
    match what:
        case "topics":
            keyboard = _choices(await followed(context), request, _)
        case "languages":
            languages = language_rows(
                context.services.languages, lambda code: AGAIN.data(replace(request, language=code))
            )
            keyboard = [*languages, [_back(request, _)]]
        case _:
            keyboard = _keyboard(request, context)
    await message_of(update).edit_reply_markup(InlineKeyboardMarkup(keyboard))


async def cancel(update: Update, context: Context) -> None:
    """Stop the digest in the making."""
    making = context.bot_data.tasks.pop(("digest", context.chat.id), None)
    if making is None:
        await acknowledge(update, context.texts.plain("Already finished."))
        return
    making.cancel()
    await acknowledge(update)


async def _begin(
    update: Update,
    context: Context,
    request: DigestRequest,
    mine: list[Followed],
    *,
    only_page: bool = False,
) -> None:
    _, message = context.texts, message_of(update)
    if not mine:
        nothing = _("Nothing to put into a digest yet. Follow a topic first:")
        await send(message, nothing, [[button(_.plain("➕ Follow a topic"), PICK.data())]])
        return
    making = _make(message, context, request, mine, only_page=only_page)
    if not start_once(update, context, "digest", making):
        await send(message, _("I'm already working on your digest."))


async def _make(
    message: Message,
    context: Context,
    request: DigestRequest,
    mine: list[Followed],
    *,
    only_page: bool,
) -> None:
    progress = _Progress(message, context.texts)
    try:
        await hint(message, ChatAction.UPLOAD_DOCUMENT)
        document = await context.services.digest(
            context.chat,
            mine,
            request,
            progress.show,
            usage_url=f"https://t.me/{context.bot.username}?start={USAGE}",
            as_page=only_page or context.chat.sends_pages,
        )
        await _send(message, context, request, document, only_page=only_page)
    except asyncio.CancelledError:
        # A bot that stops leaves its task in the list; who taps Cancel has taken it out.
        if ("digest", context.chat.id) in context.bot_data.tasks:
            raise
        _ = context.texts
        await progress.end(_("Stopped. Finished translations are kept."))
    finally:
        await progress.end()


async def _send(
    message: Message,
    context: Context,
    request: DigestRequest,
    document: Document,
    *,
    only_page: bool,
) -> None:
    _ = context.texts
    topics_text = _.plural("{n} topic", "{n} topics", document.topics)
    papers_text = _.plural("{n} paper", "{n} papers", document.papers)
    caption = f"📖 {topics_text} · {papers_text}"
    if document.untranslated:
        caption += "\n" + _.plural(
            "{n} abstract is in English: the translators did not answer.",
            "{n} abstracts are in English: the translators did not answer.",
            document.untranslated,
        )
    page = [document.page] if document.page is not None else []
    if only_page and not page:
        too_large = _("The page is too large for Telegram. Choose fewer days, or one topic.")
        await send(message, too_large)
        return
    sent = page if only_page else [*document.files, *page]
    for number, (name, content) in enumerate(sent, 1):
        last = number == len(sent) and not only_page
        await message.reply_document(
            InputFile(content, filename=name),
            caption=context.headed(caption) if number == 1 else None,
            parse_mode=ParseMode.HTML,
            reply_markup=InlineKeyboardMarkup(_keyboard(request, context)) if last else None,
        )


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
        keyboard = [[button(_.plain("✖️ Cancel"), CANCEL.data())]]
        # Nobody gets no digest because its progress could not be shown.
        with suppress(TelegramError):
            if self.shown is None:
                self.shown = await send(self.message, text, keyboard)
            else:
                await edit(self.shown, text, keyboard)

    async def end(self, words: str | None = None) -> None:
        """Take the message away, or leave these words in its place."""
        shown, self.shown = self.shown, None
        with suppress(TelegramError):
            if shown is not None and words is not None:
                await edit(shown, words)
            elif shown is not None:
                await shown.delete()


def _keyboard(request: DigestRequest, context: Context) -> list[Row]:
    """Return the ways on from a digest: other days, one topic, another language."""
    _ = context.texts
    spans = [(days, _.plural("{n} day", "{n} days", days)) for days in (1, 7, 30)]
    offered = [
        button(text, AGAIN.data(replace(request, days=days, day=None)))
        for days, text in spans
        if days != request.days
    ]
    if request.span:
        newest = _.plain("The newest")
        offered.insert(0, button(newest, AGAIN.data(replace(request, days=None, day=None))))
    if request.topic_id is None:
        topic = button(_.plain("One topic …"), CHOOSE.data("topics", request))
    else:
        topic = button(_.plain("All topics"), AGAIN.data(replace(request, topic_id=None)))
    second = [topic]
    if len(context.services.languages) > 1:
        second.append(button(_.plain("🌐 Language …"), CHOOSE.data("languages", request)))
    if ORIGINAL not in (context.chat.language, request.language):
        original = replace(request, language=ORIGINAL)
        second.append(button(_.plain("Original"), AGAIN.data(original)))
    details = (
        _.plain("Without authors") if request.detailed else _.plain("With authors and contents")
    )
    page = [] if context.chat.sends_pages else [button(_.plain("📱 As a page"), PAGE.data(request))]
    third = [button(details, AGAIN.data(replace(request, detailed=not request.detailed)))]
    return [offered, second, third, page]


def _choices(mine: list[Followed], request: DigestRequest, _: Texts) -> list[Row]:
    offered = (
        button(
            entry.subscription.label[:_LONGEST_BUTTON],
            AGAIN.data(replace(request, topic_id=entry.topic.id)),
        )
        for entry in mine[:_MOST_CHOICES]
    )
    return [*rows(offered, width=2), [_back(request, _)]]


def _back(request: DigestRequest, _: Texts) -> InlineKeyboardButton:
    return button(_.plain("‹ Back"), CHOOSE.data("back", request))

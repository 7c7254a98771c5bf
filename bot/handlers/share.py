"""Topics handed on: a link that lets somebody else follow the same with two taps."""

import base64
import hashlib
import hmac
from urllib.parse import urlencode

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.constants import ParseMode

from bot.conversation.context import Context
from bot.conversation.permissions import admins_only
from bot.conversation.topic_preview import LABEL_LENGTH, look_up, looking
from bot.i18n import code
from bot.telegram.keyboards import acknowledge, button, known_as, readymade
from storage import topics
from storage.models import Topic

CHECK_BYTES = 6


async def share(update: Update, context: Context) -> None:
    """Show a topic's link, and the way to send it to somebody."""
    query = update.callback_query
    if query is None or query.data is None or not isinstance(query.message, Message):
        return
    _ = context.texts
    topic_id = int(query.data.removeprefix("share:"))
    async with context.services.database.reading() as session:
        topic = await topics.get(session=session, topic_id=topic_id)
        subscription = await topics.subscription(
            session=session, chat_id=context.chat.id, topic_id=topic_id
        )
    if topic is None or subscription is None:
        await acknowledge(query, _.plain("You don't follow this topic any more."), alert=True)
        return
    await acknowledge(query)
    link = f"https://t.me/{context.bot.username}?start={_payload(topic)}"
    invitation = _.plain("New arXiv papers on “{label}”, every day:", label=subscription.label)
    send = f"https://t.me/share/url?{urlencode({'url': link, 'text': invitation})}"
    await query.message.edit_text(
        "\n".join(
            (
                _(
                    "Whoever opens this link can follow <b>{label}</b> with one tap:",
                    label=subscription.label,
                ),
                code(link),
            )
        ),
        parse_mode=ParseMode.HTML,
        reply_markup=InlineKeyboardMarkup(
            [
                [InlineKeyboardButton(_.plain("📤 Send to somebody"), url=send)],
                [button(_.plain("‹ Back"), f"topic:{topic_id}")],
            ]
        ),
        disable_web_page_preview=True,
    )


@admins_only
async def open_link(update: Update, context: Context) -> None:
    """Take `/start t7-...`: preview the topic that a link names, with the button to follow it."""
    message = update.message
    if message is None or not context.args:
        return
    _ = context.texts
    number, _dash, check = context.args[0].removeprefix("t").partition("-")
    async with context.services.database.reading() as session:
        topic = await topics.get(session=session, topic_id=int(number))
    # Numbers can be guessed, and what others follow is nobody's business.
    if topic is None or not hmac.compare_digest(_check(topic), check):
        await message.reply_html(
            _("This link leads nowhere any more. But there is a lot to follow:"),
            reply_markup=InlineKeyboardMarkup(readymade(_)),
        )
        return
    query = topic.query
    label = known_as(query, _) or query[:LABEL_LENGTH]
    answer = await message.reply_html(looking(_, label))

    async def show() -> None:
        found = await look_up(context, query=query, label=label)
        if found.followed:
            act = button(_.plain("✓ You follow this"), f"topic:{found.topic_id}")
        else:
            act = button(_.plain("✅ Follow"), f"follow:{found.topic_id}:")
        hello = _("👋 Every morning I bring you the new arXiv papers on this topic:")
        await answer.edit_text(
            found.text if found.followed else f"{hello}\n\n{found.text}",
            parse_mode=ParseMode.HTML,
            reply_markup=InlineKeyboardMarkup([[act], [button(_.plain("‹ Other topics"), "pick")]]),
            disable_web_page_preview=True,
        )

    context.application.create_task(show(), update=update)


def _payload(topic: Topic) -> str:
    """Return what a link carries: at most 64 of `A-Z a-z 0-9 _ -`.

    https://core.telegram.org/bots/features#deep-linking
    """
    return f"t{topic.id}-{_check(topic)}"


def _check(topic: Topic) -> str:
    """Return what only who knows the query can know; it also tells a number that is used again."""
    digest = hashlib.sha256(topic.query.encode()).digest()[:CHECK_BYTES]
    return base64.urlsafe_b64encode(digest).decode()

"""Share a topic: a deep link that lets somebody else follow the same with two taps."""

from urllib.parse import urlencode

from telegram import InlineKeyboardButton, Update
from telegram.ext import filters

from bot.conversation.context import Context
from bot.conversation.permissions import admins_only
from bot.conversation.subscriptions import find_followed
from bot.conversation.topic_preview import LABEL_LENGTH, Candidate, Ways, show_preview
from bot.i18n import code
from bot.telegram.keyboards import button, known_as, readymade
from bot.telegram.replies import NO_PREVIEW, show
from bot.telegram.routes import FOLLOW, PICK, TOPIC
from bot.telegram.topic_mark import TopicMark, check_of, mark
from storage import topics
from storage.models import Topic

LINK = filters.Regex(r"^/start(@\w+)?\s+t\d{1,9}-[\w-]{1,32}$")
"""Which /start carries a topic."""


async def share(update: Update, context: Context, topic_id: int) -> None:
    """Show a topic's link, and the way to send it to somebody."""
    entry = await find_followed(update, context, topic_id)
    if entry is None:
        return
    _, label = context.texts, entry.subscription.label
    link = f"https://t.me/{context.bot.username}?start={_payload(entry.topic)}"
    invitation = _.plain("New arXiv papers on “{label}”, every day:", label=label)
    send = f"https://t.me/share/url?{urlencode({'url': link, 'text': invitation})}"
    text = _("Anyone who opens this link can follow <b>{label}</b>:", label=label)
    keyboard = [
        [InlineKeyboardButton(_.plain("📤 Send to a friend"), url=send)],
        [button(_.plain("‹ Back"), TOPIC.data(topic_id))],
    ]
    await show(update, f"{text}\n{code(link)}", keyboard, preview=NO_PREVIEW)


@admins_only
async def open_link(update: Update, context: Context) -> None:
    """Take the deep link `/start t7-...`: preview its topic, with the button to follow it."""
    if not context.args:
        return
    _ = context.texts
    number, _dash, check = context.args[0].removeprefix("t").partition("-")
    async with context.services.database.reading() as session:
        topic = await topics.get(session=session, topic_id=int(number))
    if topic is None or not TopicMark(int(number), check).means(topic):
        nowhere = _("This link no longer works. Here is what you can follow:")
        await show(update, nowhere, readymade(_))
        return
    await show_preview(
        update,
        context,
        Candidate(topic.query, known_as(topic.query, _) or topic.query[:LABEL_LENGTH]),
        Ways(
            follow=lambda topic: button(_.plain("✅ Follow"), FOLLOW.data(mark(topic), "")),
            back=button(_.plain("‹ Other topics"), PICK.data()),
        ),
        greeting=_("👋 Every morning I bring you the new arXiv papers on this topic:"),
    )


def _payload(topic: Topic) -> str:
    """Return what a link carries: at most 64 of `A-Z a-z 0-9 _ -`.

    https://core.telegram.org/bots/features#deep-linking
    """
    return f"t{topic.id}-{check_of(topic)}"

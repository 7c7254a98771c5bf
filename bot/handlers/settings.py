"""/settings: one card; each line opens a choice in place and leads back."""

import asyncio
from collections.abc import Sequence

from telegram import Update
from telegram.constants import ChatType
from telegram.error import BadRequest, EndPointNotFound, Forbidden

from bot.conversation.channel_mode import way_back
from bot.conversation.context import Context
from bot.conversation.permissions import admins_only
from bot.conversation.preferences import change_setting
from bot.conversation.zone_choice import ask_back, ask_place, likely, meant_by
from bot.handlers.settings_menu import Offer, SettingsPage, page, place_of
from bot.i18n import Texts, code
from bot.preferences.values import MOST_PAPERS, read
from bot.render.rich_message import sample
from bot.telegram.keyboards import button, style_button
from bot.telegram.raw_answers import admins_of
from bot.telegram.replies import acknowledge, edit_buttons, message_of, refuse, send, show
from bot.telegram.routes import PUT, SETTINGS, STYLE
from storage.models import ChatKind, ChatState, PushStyle


async def show_settings(update: Update, context: Context) -> None:
    """Show the card; or take `/settings 07:30`, `Mon-Fri`, `Tokyo`, `15`."""
    if context.args:
        await _typed(update, context, " ".join(context.args))
    else:
        await show(update, *await _page("", update, context))


@admins_only
async def choose(update: Update, context: Context, name: str) -> None:
    """Open one choice in place of the card, or go back to the card (`set:`)."""
    await show(update, *await _page(name, update, context))


@admins_only
async def change(update: Update, context: Context, name: str, value: str) -> None:
    """Take a choice (`put:name:value`), and show the page that it belongs to."""
    _ = context.texts
    if not await change_setting(context, name, value):
        refusal = _.plain("That's no longer available.")
        if (name, value) == ("days", "0"):
            refusal = _.plain("Keep at least one day. To stop everything, choose ⏸ Pause.")
        await refuse(update, refusal)
        return
    said = _.plain("Saved")
    if (name, value) == ("state", ChatState.ACTIVE):
        said = _.plain("▶️ Resumed: papers come again.")
    await show(update, *await _page(place_of(name), update, context), said=said)


@admins_only
async def open_below(update: Update, context: Context, name: str) -> None:
    """Open a page below the push that the button is on."""
    await acknowledge(update)
    shown = await _page(name, update, context)
    await send(message_of(update), shown.text, shown.keyboard)


@admins_only
async def switch_style(update: Update, context: Context, style: str) -> None:
    """Take the style that the first push offers; its button then offers the other one."""
    _ = context.texts
    if not await change_setting(context, "style", style):
        await refuse(update, _.plain("That's no longer available."))
        return
    await acknowledge(update, _.plain("From the next time on. More styles: /settings"), alert=True)
    other = style_button(PushStyle.LIST if style == PushStyle.BRIEF else PushStyle.BRIEF, _)
    message = message_of(update)
    keyboard = message.reply_markup.inline_keyboard if message.reply_markup else ()
    rows = [
        [other if one.callback_data == STYLE.data(style) else one for one in row]
        for row in keyboard
    ]
    await edit_buttons(message, rows)


@admins_only
async def show_sample(update: Update, context: Context) -> None:
    """Send a rich message and ask whether it shows: Telegram does not know what an app can draw."""
    await acknowledge(update)
    message, _ = message_of(update), context.texts
    style = SETTINGS.data("style")
    where = {"message_thread_id": message.message_thread_id} if message.is_topic_message else {}
    try:
        await context.bot.do_api_request(
            "sendRichMessage",
            api_kwargs={"chat_id": message.chat.id, "rich_message": {"html": sample(_)}, **where},
        )
    except (BadRequest, EndPointNotFound):
        refusal = _("Telegram doesn't accept rich messages here.")
        await send(message, refusal, [[button(_.plain("‹ Back"), style)]])
        return
    answers = [
        button(_.plain("Looks right"), PUT.data("style", PushStyle.RICH)),
        button(_.plain("No"), style),
    ]
    question = _(
        "Does the sample look right? Two formulas drawn as in print, an abstract to expand, and a"
        " button."
    )
    await send(message, question, [answers])


@admins_only
async def ask_zone(update: Update, context: Context) -> None:
    """Ask where somebody is, in their own words."""
    await ask_place(update, context)


@admins_only
async def take_zone(update: Update, context: Context) -> None:
    """Take the place where somebody is; ask back where several may be meant."""
    words = message_of(update).text or ""
    meant = await meant_by(words)
    before = await _page("", update, context)
    if meant.zone is not None and await change_setting(context, "zone", meant.zone):
        await show(update, *await _changed(before, update, context))
    elif meant.offers:
        await ask_back(update, context, meant.offers)
    else:
        _ = context.texts
        problem = _("I don't know “{place}”. Try the nearest big city.", place=words[:100])
        await ask_place(update, context, problem)


@admins_only
async def _typed(update: Update, context: Context, words: str) -> None:
    wanted = await asyncio.to_thread(read, words)
    before = await _page("", update, context)
    if wanted is not None and await change_setting(context, *wanted):
        await show(update, *await _changed(before, update, context))
        return
    if wanted is None and (offers := (await meant_by(words)).offers):
        await ask_back(update, context, offers)
        return
    _ = context.texts
    refusal = _("I don't understand “{words}”. You can write:", words=words[:100])
    ways = [[button(_.plain("⚙️ Settings"), SETTINGS.data(""))]]
    await show(update, "\n".join((refusal, *_examples(_))), ways)


async def _hears_all(context: Context) -> bool:
    """Tell whether what people say to each other reaches the bot, in private or in a group.

    https://core.telegram.org/bots/features#privacy-mode
    """
    if context.chat.kind not in {ChatKind.GROUP, ChatKind.SUPERGROUP} or (
        context.bot.can_read_all_group_messages
    ):
        return True
    try:
        return context.bot.id in await admins_of(context.bot, context.chat.telegram_id)
    except (BadRequest, Forbidden):
        return False


async def _page(name: str, update: Update, context: Context) -> SettingsPage:
    services, chat, user = context.services, context.chat, update.effective_user
    missing = 0
    if name == "order" and services.ranks:
        missing = await services.likes_missing(chat)
    where = update.effective_chat
    offer = Offer(
        languages=services.languages,
        private=where is not None and where.type == ChatType.PRIVATE,
        ranks=services.ranks,
        likes_missing=missing,
        operator=user is not None and user.id in services.settings.admins,
        hears_all=await _hears_all(context) if name == "look" else True,
        zones=await likely(update) if name == "zone" else (),
    )
    shown = page(name, chat, offer, context.texts)
    back = [] if name else way_back(context, context.texts)
    return SettingsPage(context.headed(shown.text), [*shown.keyboard, *back])


async def _changed(before: SettingsPage, update: Update, context: Context) -> SettingsPage:
    """Return the card as it is now, below the lines that read otherwise than before."""
    now = await _page("", update, context)
    lines = [f"✅ {line}" for line in now.text.split("\n") if line not in before.text.split("\n")]
    card = now.text.removeprefix(context.headed(""))
    return now._replace(text=context.headed("\n".join([*lines, *[""] * bool(lines), card])))


def _examples(_: Texts) -> Sequence[str]:
    """Return what can be written behind /settings, a line each, as HTML."""
    return (
        _("{example} – when papers come", example=code("/settings 07:30")),
        _("{example} – on which days", example=code("/settings Mon-Fri")),
        _("{example} – your city or time zone", example=code("/settings Tokyo")),
        _(
            "{example} – papers at a time, up to {most}",
            example=code("/settings 15"),
            most=MOST_PAPERS,
        ),
    )

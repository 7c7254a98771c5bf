"""/admin, for the operators (ADMINS) alone: statistics, engines, dead letters, who is let in."""

from html import escape

from telegram import Update

from bot.conversation.context import Context
from bot.i18n import Texts
from bot.telegram.callback_data import NUMBER, route
from bot.telegram.keyboards import Row, button
from bot.telegram.replies import message_of, show
from bot.translation.service import EngineHealth
from storage import admin, chats, outbox
from storage.columns import utc_now
from storage.models import ChatState, DeliveryState
from storage.statistics import numbers, totals

RELEASE = route("admin:release", NUMBER)
"""A delivery; 0 is all that were given up."""
SEND = route("admin:send", NUMBER)
DISCARD = route("admin:discard", NUMBER)

_SHOWN = 5
_LONGEST = 3000
"""Of an announcement, in characters: any of them fit into a message of Telegram's."""


async def show_admin(update: Update, context: Context) -> None:
    """Show how things are, or do what stands behind the command."""
    _, words = context.texts, (message_of(update).text or "").split(maxsplit=2)[1:]
    match words:
        case ["allow" | "disallow" as what, number] if number.removeprefix("-").isdecimal():
            await show(update, await _let(context, int(number[:20]), comes=what == "allow"))
        case ["broadcast", text] if len(text) <= _LONGEST:
            await _preview(update, context, text)
        case []:
            await show(update, *await _overview(context))
        case _:
            await show(
                update,
                _(
                    "/admin – status\n"
                    "/admin allow 123 – give a chat or person access\n"
                    "/admin disallow 123 – remove it\n"
                    "/admin broadcast Hello – write to all chats"
                ),
            )


async def release(update: Update, context: Context, delivery_id: int) -> None:
    """Owe again what was given up: one delivery, or all."""
    async with context.services.database.transaction() as session:
        count = await outbox.release_dead(
            session=session, now=utc_now(), delivery_ids=[delivery_id] if delivery_id else None
        )
    _ = context.texts
    said = _.plural("{n} paper queued again", "{n} papers queued again", count)
    await show(update, *await _overview(context), said=said)


async def announce(update: Update, context: Context, broadcast_id: int) -> None:
    """Send a broadcast that was looked at; a second tap sends nothing."""
    async with context.services.database.transaction() as session:
        count = await admin.start(session=session, broadcast_id=broadcast_id, now=utc_now())
    _ = context.texts
    await show(update, _.plural("📣 On its way to {n} chat.", "📣 On its way to {n} chats.", count))


async def discard(update: Update, context: Context, broadcast_id: int) -> None:
    """Forget a broadcast that nobody got."""
    async with context.services.database.transaction() as session:
        await admin.discard(session=session, broadcast_id=broadcast_id)
    _ = context.texts
    await show(update, _("Cancelled. Nobody gets it."))


async def _preview(update: Update, context: Context, text: str) -> None:
    _ = context.texts
    html = escape(text, quote=False)
    async with context.services.database.transaction() as session:
        draft = await admin.draft(session=session, html=html)
        count = await admin.reach(session=session)
    say = _.plural("Send to {n} chat", "Send to {n} chats", count)
    keyboard = [
        [button(f"📣 {say}", SEND.data(draft.id))],
        [button(_.plain("Discard"), DISCARD.data(draft.id))],
    ]
    await show(update, html, keyboard)


async def _let(context: Context, telegram_id: int, *, comes: bool) -> str:
    _ = context.texts
    if abs(telegram_id) >= 1 << 63:
        return _("That is not the number of a chat.")
    async with context.services.database.transaction() as session:
        if comes:
            await admin.allow(session=session, telegram_id=telegram_id)
        else:
            await admin.disallow(session=session, telegram_id=telegram_id)
            for chat in await chats.of_telegram(session=session, telegram_id=telegram_id):
                await chats.block(session=session, chat_id=chat.id, reason="no longer allowed")
    if not context.services.settings.allowed_chats:
        return _("Noted. It counts once ALLOWED_CHATS is set: until then everyone may use me.")
    return (
        _("Access granted: {id}", id=telegram_id)
        if comes
        else _("Access removed: {id}", id=telegram_id)
    )


async def _overview(context: Context) -> tuple[str, list[Row]]:
    _ = context.texts
    database = context.services.database
    counted = await database.read(numbers)
    total = await database.read(totals, long=True)
    async with database.reading() as session:
        dead = await outbox.dead_letters(session=session, limit=_SHOWN)
        guests = await admin.allowed_chats(session=session)
    lines = [
        _("<b>Status</b>"),
        _("Chats: {n}", n=_.number(counted.chats.get(ChatState.ACTIVE, 0))),
        _("Topics: {n}", n=_.number(counted.topics)),
        _("Papers: {n}", n=_.number(total.papers)),
        _("Waiting to be sent: {n}", n=_.number(counted.deliveries.get(DeliveryState.PENDING, 0))),
        _("Given up: {n}", n=_.number(counted.deliveries.get(DeliveryState.DEAD, 0))),
        *(_engine(engine, _) for engine in context.services.engine_health()),
        *(_("Access granted: {id}", id=guest) for guest in guests[:50]),
        *(
            _("{paper}: {reason}", paper=one.paper.id, reason=(one.delivery.reason or "?")[:200])
            for one in dead
        ),
    ]
    buttons = [
        [button(_.plain("Retry {paper}", paper=one.paper.id), RELEASE.data(one.delivery.id))]
        for one in dead
    ]
    if dead:
        buttons.append([button(_.plain("Retry all"), RELEASE.data(0))])
    return "\n".join(lines), buttons


def _engine(engine: EngineHealth, _: Texts) -> str:
    if not engine.is_down:
        return _("Translator {name}: works", name=engine.name)
    return _("Translator {name}: {problem}", name=engine.name, problem=engine.last_failure)

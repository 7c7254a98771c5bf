"""/admin is there for the people in ADMINS alone, in private."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from bot.container import shut_out_strangers, telegram_bot
from bot.playground.telegram.stand_in import FakeTelegram
from bot.push.broadcasts import send_notices
from storage import admin, chats
from storage.columns import utc_now
from storage.models import Chat, ChatKind, ChatState, Delivery, DeliveryState
from tests.bot_under_test import BotUnderTest, open_bot

ADA, LIN = 700_000_001, 700_000_002


@pytest.fixture
async def run_by_ada(
    telegram: FakeTelegram, tmp_path: Path, empty_database: Path
) -> AsyncIterator[BotUnderTest]:
    async with open_bot(
        telegram, folder=tmp_path, empty=empty_database, admins=str(ADA), allowed_chats=str(ADA)
    ) as opened:
        yield opened


async def test_to_others_admin_is_a_command_that_there_is_not(app: BotUnderTest) -> None:
    unknown = (await app.say(app.ada, "/whatever")).text
    assert (await app.say(app.ada, "/admin")).text == unknown
    assert (await app.say(app.ada, "/admin broadcast Hello")).text == unknown


async def test_the_operator_sees_numbers_and_engines(run_by_ada: BotUnderTest) -> None:
    text = (await run_by_ada.say(run_by_ada.ada, "/admin")).text
    assert "Chats: 1" in text
    assert "Translator libre: works" in text


async def test_who_is_let_in_at_run_time_is_served_until_shown_out(
    run_by_ada: BotUnderTest,
) -> None:
    app = run_by_ada
    private = (await app.say(app.lin, "/help")).text
    await app.say(app.ada, f"/admin allow {LIN}")
    assert (await app.say(app.lin, "/help")).text != private
    await app.say(app.ada, f"/admin disallow {LIN}")
    assert (await app.say(app.lin, "/help")).text == private


async def test_what_was_given_up_is_owed_again_with_one_tap(run_by_ada: BotUnderTest) -> None:
    app = run_by_ada
    await app.follow(app.ada, "cat:cs.CV")
    async with app.database.transaction() as session:
        await session.exec(
            update(Delivery)
            .where(col(Delivery.state) == DeliveryState.PENDING)
            .values(state=DeliveryState.DEAD, reason="too <odd>")
        )
    shown = await app.say(app.ada, "/admin")
    assert "too <odd>" in shown.text
    after = await app.tap(app.ada, "Retry all", message=shown)
    assert "Given up: 0" in after.text


async def test_a_broadcast_is_looked_at_first_and_comes_as_it_was_shown(
    run_by_ada: BotUnderTest,
) -> None:
    app = run_by_ada
    shown = await app.say(app.ada, "/admin broadcast We <b>move</b> & rest")
    assert shown.text == "We <b>move</b> & rest"
    sent = await app.tap(app.ada, shown.buttons[0], message=shown)
    assert sent.text == "📣 On its way to 1 chat."
    async with telegram_bot(app.parts.settings, token=app.telegram.token) as bot:
        assert await send_notices(database=app.database, bot=bot) == 1
        assert await send_notices(database=app.database, bot=bot) == 0
    assert app.last(app.ada).text == "We <b>move</b> & rest"


@pytest.fixture
async def shut(
    telegram: FakeTelegram, tmp_path: Path, empty_database: Path
) -> AsyncIterator[BotUnderTest]:
    """Give a bot to which Lin and a group came before ALLOWED_CHATS named Ada alone."""
    async with open_bot(
        telegram, folder=tmp_path, empty=empty_database, admins=str(ADA), allowed_chats=str(ADA)
    ) as opened:
        group = opened.group
        async with opened.database.transaction() as session:
            for telegram_id, kind in ((LIN, ChatKind.PRIVATE), (group.id, ChatKind.GROUP)):
                await chats.register(
                    session=session,
                    telegram_id=telegram_id,
                    thread_id=0,
                    kind=kind,
                    now=utc_now(),
                )
        await shut_out_strangers(opened.parts)
        yield opened


async def states(app: BotUnderTest) -> dict[int, ChatState]:
    async with app.database.reading() as session:
        return {chat.telegram_id: chat.state for chat in (await session.exec(select(Chat))).all()}


async def test_who_came_before_allowed_chats_was_set_gets_nothing_more_and_may_leave(
    shut: BotUnderTest,
) -> None:
    app, lin = shut, shut.lin
    assert (await states(app))[LIN] is ChatState.BLOCKED
    async with app.database.reading() as session:
        assert await admin.reach(session=session) == 0
    private = (await app.say(lin, "/help")).text
    stopped = await app.say(lin, "/stop")
    assert stopped.text != private
    assert (await states(app))[LIN] is ChatState.BLOCKED
    assert await app.alert(lin, "▶️ Resume", message=stopped) == private
    asked = await app.say(lin, "/forget")
    await app.tap(lin, asked.buttons[0], message=asked)
    assert LIN not in await states(app)
    assert (await app.say(lin, "/stop")).text == private, "nothing is kept of a stranger"


async def test_a_group_is_in_once_somebody_who_is_uses_the_bot_there(shut: BotUnderTest) -> None:
    app, group = shut, shut.group
    assert (await states(app))[group.id] is ChatState.BLOCKED
    await app.join(app.ada, group)
    await app.say(app.ada, "/topics", chat=group)
    assert (await states(app))[group.id] is ChatState.ACTIVE
    await shut_out_strangers(app.parts)
    assert (await states(app))[group.id] is ChatState.ACTIVE, "also at the next start"
    async with app.database.transaction() as session:
        assert await admin.shut_out(session=session, allowed=[LIN]) == 1

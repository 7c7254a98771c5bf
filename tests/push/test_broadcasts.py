"""Broadcasts arrive once, at the pace of pushes; operators hear of troubles once."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func
from sqlmodel import select

from bot.playground.telegram.faults import flood, server_error
from bot.push.broadcasts import send_notices
from bot.runtime.alerts import check_alerts
from bot.translation.service import EngineHealth
from storage import admin, sweeps
from storage.admin_models import Notice
from storage.columns import utc_now
from storage.models import ChatState, DeliveryState, Sweep, SweepState
from tests.outside import DAY, Outside

UP = EngineHealth("libre", accepted=1)
DOWN = EngineHealth("libre", failed=3, is_down=True)


async def announce(outside: Outside, html: str = "<b>We move</b> tonight.") -> int:
    async with outside.database.transaction() as session:
        made = await admin.draft(session=session, html=html)
        await admin.start(session=session, broadcast_id=made.id, now=utc_now())
        return made.id


async def progress(outside: Outside, number: int) -> dict[DeliveryState, int]:
    async with outside.database.reading() as session:
        query = select(Notice.state, func.count()).where(Notice.broadcast_id == number)
        counted = (await session.exec(query.group_by(Notice.state))).all()
        return {DeliveryState(state): number for state, number in counted}


async def test_a_broadcast_comes_to_each_chat_once_also_from_two_copies(outside: Outside) -> None:
    people = [(await outside.person(name))[0] for name in ("Ada", "Lin", "Kofi", "Mia")]
    await announce(outside)
    sent = await asyncio.gather(
        *(send_notices(database=outside.database, bot=outside.bot) for _ in range(2))
    )
    assert sum(sent) == 4
    assert await send_notices(database=outside.database, bot=outside.bot) == 0
    for person in people:
        assert outside.pushed(person) == ["We move tonight."]


async def test_a_bad_chat_harms_no_other_s_broadcast(outside: Outside) -> None:
    gone, chat = await outside.person("Gone")
    ada, _chat = await outside.person("Ada")
    outside.telegram.block(gone)
    number = await announce(outside)
    assert await send_notices(database=outside.database, bot=outside.bot) == 1
    assert outside.pushed(ada) == ["We move tonight."]
    assert (await outside.chat(chat)).state is ChatState.BLOCKED
    assert await progress(outside, number) == {DeliveryState.SENT: 1, DeliveryState.DEAD: 1}


async def test_a_broadcast_waits_as_long_as_telegram_says(outside: Outside) -> None:
    ada, _chat = await outside.person("Ada")
    number = await announce(outside)
    outside.telegram.faults.next(flood(), method="sendMessage")
    assert await send_notices(database=outside.database, bot=outside.bot) == 0
    assert await progress(outside, number) == {DeliveryState.PENDING: 1}
    assert not outside.pushed(ada)


async def test_while_telegram_is_down_a_broadcast_is_not_tried_in_every_chat(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.push.broadcasts.AT_ONCE", 2)
    for name in ("Ada", "Lin", "Kofi", "Mia", "Marta"):
        await outside.person(name)
    number = await announce(outside)
    outside.telegram.faults.always(server_error())
    assert await send_notices(database=outside.database, bot=outside.bot) == 0
    assert len(outside.telegram.calls_to("sendMessage")) == 2
    outside.telegram.faults.clear()
    soon = utc_now() + timedelta(minutes=3)
    assert await send_notices(database=outside.database, bot=outside.bot, now=soon) == 5
    assert await progress(outside, number) == {DeliveryState.SENT: 5}


async def test_operators_are_told_once_and_once_when_it_is_well_again(outside: Outside) -> None:
    ada, _chat = await outside.person("Ada")
    lin, _chat = await outside.person("Lin")

    async def look(engine: EngineHealth) -> list[str]:
        await check_alerts(database=outside.database, operators={ada.id}, engines=[engine])
        await send_notices(database=outside.database, bot=outside.bot)
        return outside.pushed(ada)

    assert await look(EngineHealth("libre")) == []
    assert len(await look(DOWN)) == 1
    assert len(await look(DOWN)) == 1
    # After a restart nothing is known of the engines yet: neither well nor wrong.
    assert len(await look(EngineHealth("libre"))) == 1
    assert [text[0] for text in await look(UP)] == ["🚨", "✅"]
    assert outside.pushed(lin) == []


async def test_a_day_without_a_good_sweep_is_told_and_an_hour_is_not(outside: Outside) -> None:
    ada, _chat = await outside.person("Ada")
    now = utc_now()

    async def swept(state: SweepState, ago: timedelta) -> None:
        moment = now - ago
        async with outside.database.transaction() as session:
            await sweeps.add(
                session=session,
                sweep=Sweep(
                    state=state,
                    window_from=moment - DAY,
                    window_to=moment,
                    started_at=moment,
                    finished_at=moment,
                ),
            )

    async def told() -> int:
        await check_alerts(database=outside.database, operators={ada.id}, engines=[UP], now=now)
        await send_notices(database=outside.database, bot=outside.bot, now=now)
        return len(outside.pushed(ada))

    await swept(SweepState.DONE, DAY / 2)
    await swept(SweepState.FAILED, DAY / 24)
    assert await told() == 0
    now += DAY
    assert await told() == 1
    await swept(SweepState.DONE, timedelta())
    assert await told() == 2


async def test_a_disk_that_is_nearly_full_is_told(outside: Outside) -> None:
    ada, _chat = await outside.person("Ada")
    everything = 1 << 60
    for nearly_full, messages in ((0, 0), (everything, 1), (everything, 1), (0, 2)):
        await check_alerts(
            database=outside.database,
            operators={ada.id},
            engines=[UP],
            nearly_full=nearly_full,
        )
        await send_notices(database=outside.database, bot=outside.bot)
        assert len(outside.pushed(ada)) == messages

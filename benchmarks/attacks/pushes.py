"""Attacks on pushes: odd answers to them, odd papers in them."""

import asyncio
from collections import Counter
from typing import Any

from crash import owe
from sqlmodel import col, func, select, update

from attacks.arxiv import EVERY_MINUTE, follow, paper
from attacks.bed import Attack, Bed, attack, check, p95
from bot.playground.telegram.parameters import ApiCall
from storage.columns import utc_now
from storage.models import Chat, Delivery, DeliveryState, PushStyle

ODD_RESULTS: tuple[Any, ...] = (
    True,
    None,
    5,
    "zyzzyva",
    [],
    {},
    {"message_id": "zyzzyva"},
    {"message_id": 2**70, "date": 0, "chat": {"id": 1, "type": "private"}},
    {"message_id": 1e308, "date": 0, "chat": {"id": 1, "type": "private"}},
    {"message_id": 1, "date": 2**70, "chat": {"id": 1, "type": "private"}},
    {"message_id": 1, "date": "zyzzyva", "chat": 5},
)
ODD_ERRORS: tuple[dict[str, Any], ...] = (
    {"description": None},
    {"description": ["zyzzyva"]},
    {"description": 'Bad Request: "' + "zyzzyva" * 100_000},
    {"description": 'Bad Request: can\'t parse entities: Unsupported start tag "zyzzyva"'},
    {"description": "x", "parameters": {"migrate_to_chat_id": "zyzzyva"}},
    {"description": "x", "parameters": {"migrate_to_chat_id": 2**70}},
    {"description": "x", "parameters": {"migrate_to_chat_id": -5.5}},
    {"description": "x", "parameters": {"migrate_to_chat_id": True}},
)


def odd_answer(call: ApiCall, odd: Any) -> None:
    """Let a request have another answer than the right one."""
    if isinstance(odd, dict) and "description" in odd:
        call.error = {"ok": False, "error_code": 400, **odd}
    else:
        call.result, call.error = odd, None


@attack(20, "odd answers of Telegram's to pushes, in each style")
async def odd_answers_to_pushes(bed: Bed) -> str:
    """Answer each message of a push oddly once; then as it should be."""
    telegram = bed.telegram
    odds = (*ODD_RESULTS, *ODD_ERRORS)
    await owe(bed.database_url, telegram, 3 * len(odds))
    telegram.updates.drop()
    people = list(telegram.world.people.values())
    async with bed.database() as database, database.transaction() as session:
        for style, some in zip(PushStyle, (people[n::3] for n in range(3)), strict=False):
            ids = [one.id for one in some]
            where = col(Chat.telegram_id).in_(ids)
            await session.exec(update(Chat).where(where).values(push_style=style))
    left = {one.id: odds[number // 3] for number, one in enumerate(people)}
    sends: Counter[tuple[int, str]] = Counter()

    def answer(call: ApiCall) -> None:
        if call.method.startswith("send") and call.chat_id is not None:
            sends[call.chat_id, str(call.raw)] += 1
            if call.chat_id in left:
                odd_answer(call, left.pop(call.chat_id))

    telegram.on_call.append(answer)
    await bed.start()
    await bed.until(lambda: not left, 100, "pushes did not come")
    # What had an odd answer is tried again after a minute; what was refused is not.
    for _each in range(100):
        if not (owed := await _owed(bed)):
            break
        await asyncio.sleep(2)
    check(not owed, f"{owed} papers are still owed")
    took = await bed.asked(people[0], "/help")
    bed.check_log("zyzzyva")
    most = max(sends.values())
    check(most <= 2, f"a message was sent {most} times")
    return f"{len(odds)} kinds of answers, all were paid, at most {most} times; {took:.2f} s"


async def _owed(bed: Bed) -> int:
    """Return how many papers are still owed."""
    waiting = col(Delivery.state).in_((DeliveryState.PENDING, DeliveryState.SENDING))
    async with bed.database() as database, database.reading() as session:
        return (await session.exec(select(func.count()).where(waiting))).one()


ODD_PAPERS: tuple[dict[str, Any], ...] = (
    {"authors": ["Ada Lovelace"] * 5_000},
    {"authors": [f"Author {number}" for number in range(20_000)]},
    {"authors": ["x" * 200_000]},
    {"authors": ["\u202eevol", "\u200b", "<b>", "@admin", "A, B and C", "\\write18{rm}"]},
    {"authors": []},
    {"title": "gizmo " * 50_000},
    {"title": "gizmo " + "$" * 20_001},
    {"title": "gizmo " + r"\frac{" * 20_000},
    {"title": "gizmo \u202e</b></a> & <script> ``'' _*[]()~`>#+-=|{}.!"},
    {"title": "gizmo " + "\u0301" * 50_000},
    {"title": "gizmo " + "\N{FAMILY}\u200d" * 5_000},
    {"abstract": "gizmo " * 300_000},
    {"abstract": "gizmo. " + "A. " * 200_000},
    {"abstract": "gizmo " + "x" * 500_000},
    {"abstract": "gizmo " + "https://github.com/" + "a/" * 100_000},
    {"comment": "gizmo " * 100_000, "journal_ref": "x" * 300_000, "doi": "10.1/" + "}\n" * 50_000},
    {"doi": "javascript:alert(1)", "comment": "https://github.com/\u202e/x <a href='x'>"},
    {"categories": [f"cs.{chr(65 + n % 26)}{chr(65 + n // 26)}" for n in range(600)]},
    {"categories": ["cs.CV", "x" * 100_000]},
    {"version": 9_999},
    {"version": 10**30},
)


def odd_paper(number: int, odd: dict[str, Any]) -> dict[str, Any]:
    """Return a paper of this hour that is a gizmo, and odd in one way."""
    gizmo = {"title": f"A gizmo {number}", "abstract": "We make a gizmo. It works.", "comment": ""}
    return {**paper(number), **gizmo, **odd}


@attack(14, "papers of megabytes, of 20,000 authors, of marks and of TeX without end")
async def odd_papers(bed: Bed) -> str:
    """Let readers of each style and language follow what is odd in every field."""
    telegram = bed.telegram
    readers = [telegram.world.add_person(f"Reader {style}") for style in PushStyle]
    await bed.start()
    for reader in readers:
        await follow(bed, reader, "gizmo")
    await bed.stop()
    async with bed.database() as database, database.transaction() as session:
        for reader, style in zip(readers, PushStyle, strict=True):
            mine = update(Chat).where(col(Chat.telegram_id) == reader.id)
            language = "zh-CN" if style in {PushStyle.LIST, PushStyle.RICH} else "en"
            await session.exec(mine.values(push_style=style, papers_per_push=50, language=language))
    bed.arxiv.publish(odd_paper(n, odd) for n, odd in enumerate(ODD_PAPERS, 1))
    bed.arxiv.publish(odd_paper(n, {}) for n in range(101, 104))
    await bed.start(SWEEP_SCHEDULE=EVERY_MINUTE)
    largest, waits = 0.0, []
    await bed.says("swept", seconds=200)
    async with bed.database() as database, database.transaction() as session:
        await session.exec(update(Chat).values(next_push_at=utc_now()))
    stranger = telegram.world.add_person("Stranger")
    for _each in range(150):
        waits.append(await bed.asked(stranger, "/help", seconds=60))
        largest = max(largest, bed.memory)
        await asyncio.sleep(1)
        if not await _owed(bed):
            break
    check(not await _owed(bed), f"{await _owed(bed)} papers are still owed")
    for command in ("/latest 30", "/digest", "/week", "/taste gizmo"):
        waits.append(await bed.asked(readers[0], command, seconds=100))
        largest = max(largest, bed.memory)
    async with bed.database() as database, database.reading() as session:
        is_sent = Delivery.state == DeliveryState.SENT
        sent = (await session.exec(select(func.count()).where(is_sent))).one()
    least = len(PushStyle) * (len(ODD_PAPERS) - 1)
    check(sent >= least, f"{sent} of {least} papers came")
    check(p95(waits) < 2, f"an answer took {max(waits):.1f} s")
    check(largest < 300, f"memory {largest:.0f} MB")
    bed.check_log("gizmo")
    return f"{sent} deliveries, answers in {p95(waits):.2f} s (p95), memory {largest:.0f} MB"


ATTACKS: tuple[Attack, ...] = (odd_answers_to_pushes, odd_papers)

"""The promises of the design, each under its own name; docs/testing.md lists what else holds them.

The promise that nothing is lost has its test in test_crash.py, that of secrets in cli/test_run.py,
and that of translations in translation/test_service.py.
"""

import asyncio
from typing import Any

from bot.playground.arxiv.faults import ArxivFault
from bot.playground.translator.stand_in import Fault
from bot.sweep import sweep
from storage.columns import utc_now
from tests.bot_under_test import House
from tests.outside import record

HOSTILE = (
    "</b><i>&lt;&amp;<script>alert(1)</script>",
    "$x < y$ and $\\mathcal{L}_{1}",
    "{{ x }} {n} %s | `code` ***",
    "\\frac{\\frac{1}{2}}{\\sqrt{\\hat{x}}} \\undefined{ \\(",
    "👩‍👩‍👧‍👦🇩🇪 שלום مرحبا 각",
    "中" * 300,
    "https://a.b/(c)?x=1&copy;2 www.a_b.org",
)


def published(house: House, *numbers: int, title: str = "A zyzzyva", **more: Any) -> None:
    house.arxiv.publish([record(n, f"{title} {n}", **more) for n in numbers])


async def pushed(house: House, *people: Any) -> int:
    """Let the pushes of these people be due now."""
    for person in people:
        await house.change(person, next_push_at=utc_now())
    return await house.push()


async def test_nobody_gets_a_paper_twice(house: House) -> None:
    """Not for two topics, not from two copies, not for a new version, not after a restart."""
    await house.follow(house.ada, "zyzzyva")
    await house.follow(house.ada, "quokka")
    published(house, 1, title="A zyzzyva and a quokka")
    await house.sweep()
    await asyncio.gather(pushed(house, house.ada), pushed(house, house.ada))
    published(house, 1, title="A better zyzzyva", version=2, updated=utc_now().isoformat())
    await house.sweep()
    assert await pushed(house, house.ada) == 0
    await house.close()
    await house.open()
    await house.sweep()
    assert await pushed(house, house.ada) == 0
    assert house.papers(house.ada) == ["2611.00001"]


async def test_a_bad_paper_a_bad_chat_or_a_dead_engine_harms_nothing_but_itself(
    house: House,
) -> None:
    for person in (house.ada, house.lin):
        await house.follow(person, "zyzzyva")
    await house.change(house.ada, language="es")
    house.arxiv._entries.clear()
    published(house, 1, 2, 3)
    house.arxiv.faults.next(ArxivFault.BAD_ENTRY)
    house.telegram.faults.afflict(house.lin, "blocked")
    house.libre.fault = Fault.DOWN
    await house.sweep()
    assert await pushed(house, house.lin, house.ada) == 2
    assert "in English: the translators did not answer" in house.last(house.ada).text
    await house.sweep()
    assert await pushed(house, house.ada) == 1
    assert sorted(house.papers(house.ada)) == ["2611.00001", "2611.00002", "2611.00003"]
    assert house.papers(house.lin) == []


async def test_no_message_is_ever_refused_for_its_form(house: House) -> None:
    people = {"en": house.ada, "zh_CN": house.lin}
    for person in people.values():
        await house.follow(person, "zyzzyva")
        await house.change(person, language="en")
    for number, text in enumerate(HOSTILE, 1):
        published(
            house, number, title=f"zyzzyva {text}", abstract=text * 20, authors=[text], comment=text
        )
    await house.sweep()
    assert await pushed(house, *people.values()) == len(HOSTILE) * len(people)
    for person in people.values():
        assert len(house.papers(person)) == len(HOSTILE)
    sent = house.telegram.calls_to("sendMessage")
    assert all(call.params.get("parse_mode") for call in sent), "none had to be sent plain"


async def test_commands_answer_at_once_while_sweep_push_and_translation_run(house: House) -> None:
    """Nothing is timed here: the three do not end before the answers are there."""
    await house.follow(house.lin, "zyzzyva")
    published(house, 1, 2)
    await house.sweep()
    house.libre.delay_seconds = 60
    house.arxiv.faults.always(ArxivFault.HANG)
    asked = len(house.arxiv.requests)
    under_way = [
        asyncio.create_task(pushed(house, house.lin)),
        asyncio.create_task(sweep.sweep(database=house.database, source=house.parts.source)),
    ]
    await house.until(lambda: house.libre.calls and len(house.arxiv.requests) > asked)
    for command in ("/help", "/topics", "/settings", "/status", "/unsubscribe"):
        assert (await house.say(house.ada, command)).text
    assert not any(task.done() for task in under_way)
    for task in under_way:
        task.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)

"""The promises of the design, each under its own name; docs/testing.md lists what else holds them.

The promise that nothing is lost has its test in test_crash.py, that of secrets in cli/test_run.py,
and that of translations in translation/test_service.py.
"""

import asyncio
from typing import Any

from bot.playground.arxiv.faults import ArxivFault
from bot.playground.translator.stand_in import TranslatorFault
from bot.sweep import sweep
from storage.columns import utc_now
from tests.bot_under_test import BotUnderTest
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


def published(app: BotUnderTest, *numbers: int, title: str = "A zyzzyva", **more: Any) -> None:
    app.arxiv.publish([record(n, f"{title} {n}", **more) for n in numbers])


async def pushed(app: BotUnderTest, *people: Any) -> int:
    """Let the pushes of these people be due now."""
    for person in people:
        await app.change(person, next_push_at=utc_now())
    return await app.push()


async def test_nobody_gets_a_paper_twice(app: BotUnderTest) -> None:
    """Not for two topics, not from two copies, not for a new version, not after a restart."""
    await app.follow(app.ada, "zyzzyva")
    await app.follow(app.ada, "quokka")
    published(app, 1, title="A zyzzyva and a quokka")
    await app.sweep()
    await asyncio.gather(pushed(app, app.ada), pushed(app, app.ada))
    published(app, 1, title="A better zyzzyva", version=2, updated=utc_now().isoformat())
    await app.sweep()
    assert await pushed(app, app.ada) == 0
    await app.close()
    await app.open()
    await app.sweep()
    assert await pushed(app, app.ada) == 0
    assert app.papers(app.ada) == ["2611.00001"]


async def test_a_bad_paper_a_bad_chat_or_a_dead_engine_harms_nothing_but_itself(
    app: BotUnderTest,
) -> None:
    for person in (app.ada, app.lin):
        await app.follow(person, "zyzzyva")
    await app.change(app.ada, language="es")
    app.arxiv._entries.clear()
    published(app, 1, 2, 3)
    app.arxiv.faults.next(ArxivFault.BAD_ENTRY)
    app.telegram.faults.afflict(app.lin, "blocked")
    app.libre.fault = TranslatorFault.DOWN
    await app.sweep()
    assert await pushed(app, app.lin, app.ada) == 2
    assert "in English: the translators did not answer" in app.last(app.ada).text
    await app.sweep()
    assert await pushed(app, app.ada) == 1
    assert sorted(app.papers(app.ada)) == ["2611.00001", "2611.00002", "2611.00003"]
    assert app.papers(app.lin) == []


async def test_no_message_is_ever_refused_for_its_form(app: BotUnderTest) -> None:
    people = {"en": app.ada, "zh_CN": app.lin}
    for person in people.values():
        await app.follow(person, "zyzzyva")
        await app.change(person, language="en")
    for number, text in enumerate(HOSTILE, 1):
        published(
            app, number, title=f"zyzzyva {text}", abstract=text * 20, authors=[text], comment=text
        )
    await app.sweep()
    assert await pushed(app, *people.values()) == len(HOSTILE) * len(people)
    for person in people.values():
        assert len(app.papers(person)) == len(HOSTILE)
    sent = app.telegram.calls_to("sendMessage")
    assert all(call.params.get("parse_mode") for call in sent), "none had to be sent plain"


async def test_commands_answer_at_once_while_sweep_push_and_translation_run(
    app: BotUnderTest,
) -> None:
    """Nothing is timed here: the three do not end before the answers are there."""
    await app.follow(app.lin, "zyzzyva")
    published(app, 1, 2)
    await app.sweep()
    app.libre.delay_seconds = 60
    app.arxiv.faults.always(ArxivFault.HANG)
    asked = len(app.arxiv.requests)
    under_way = [
        asyncio.create_task(pushed(app, app.lin)),
        asyncio.create_task(sweep.sweep(database=app.database, source=app.parts.source)),
    ]
    await app.until(lambda: app.libre.calls and len(app.arxiv.requests) > asked)
    for command in ("/help", "/topics", "/settings", "/status", "/unsubscribe"):
        assert (await app.say(app.ada, command)).text
    assert not any(task.done() for task in under_way)
    for task in under_way:
        task.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)

"""The playground's "Make it morning": the same push as by the clock, through the same bot."""

from bot.commands.playground import morning
from storage.models import PaperOrder
from tests.outside import Outside
from tests.push.test_worker import paper
from tests.push.test_worker_preferences import taste


async def test_morning_keeps_the_personal_order_of_a_chat(outside: Outside) -> None:
    ada, chat = await outside.person(paper_order=PaperOrder.PERSONAL)
    await outside.follow(chat, "learning")
    await taste(outside, chat, liked=6)
    await outside.owe(
        "learning",
        [
            paper(501, "Learning to play chess at night", days_ago=1),
            paper(503, "Learning for a surgical robot", days_ago=3),
        ],
    )
    control = morning(outside.container, outside.container.pusher(outside.bot))
    assert await control.handler(True) is None
    (text,) = outside.pushed(ada)
    assert text.index("surgical robot") < text.index("play chess")
    assert "💡 Because you saved" in text

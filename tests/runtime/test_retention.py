"""A paper that was removed never comes a second time, whatever finds it again."""

from datetime import timedelta

from sqlmodel import select

from bot.runtime.retention import delete_old_papers
from bot.settings.model import _SHORTEST_RETENTION
from bot.sweep.sweep import sweep
from bot.sweep.window import NEWS, WINDOW
from storage import papers, sweeps
from storage.columns import utc_now
from storage.models import Delivery, DeliveryState, Sweep
from tests.outside import DAY, Outside, record

RETENTION = timedelta(days=_SHORTEST_RETENTION)
OLD = [record(number, "A transformer", days_ago=92 + number / 10) for number in range(3)]
NEW = [record(100 + n, "A transformer", days_ago=1 + n / 100) for n in range(50)]


async def test_a_paper_that_went_is_never_pushed_again(outside: Outside) -> None:
    """The bot was down for longer than papers stay, and arXiv is asked for that time once more."""
    assert RETENTION > NEWS + WINDOW
    _ada, chat = await outside.person()
    await outside.follow(chat, "transformer")
    long_ago = utc_now() - 91 * DAY
    async with outside.database.transaction() as session:
        await sweeps.add(session=session, sweep=Sweep(window_from=long_ago, window_to=long_ago))
    outside.arxiv.publish(OLD + NEW)
    ids = [str(one["id"]) for one in OLD]

    async def look() -> list[str]:
        """Sweep that time again; return which of the old papers are known then."""
        async with outside.database.transaction() as session:
            for good in (await session.exec(select(Sweep))).all():
                good.window_to = long_ago
        await sweep(database=outside.database, source=outside.source)
        async with outside.database.reading() as session:
            return sorted(await papers.get_many(session=session, paper_ids=ids))

    assert await look() == ids
    async with outside.database.transaction() as session:
        session.add_all(
            Delivery(chat_id=chat.id, paper_id=one, state=DeliveryState.SENT, created_at=long_ago)
            for one in ids
        )
    assert await delete_old_papers(database=outside.database, now=utc_now(), age=RETENTION) == len(
        OLD
    )
    assert await look() == ids, "they are known again, and news to the sweep"
    async with outside.database.reading() as session:
        owed = set((await session.exec(select(Delivery.paper_id))).all())
    assert owed == {str(one["id"]) for one in NEW}

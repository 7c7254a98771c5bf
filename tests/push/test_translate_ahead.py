"""What the next pushes show is translated before they come: once for all, and no more than that."""

from typing import Any

from sqlmodel import select

from bot.push.translate_ahead import translate_pending
from bot.ranking.order import PersonalOrder
from storage import opinions
from storage.columns import utc_now
from storage.models import Chat, ChatState, Paper, PaperOrder, Translation
from tests.on_connection import on_connection
from tests.outside import DAY, Outside


def paper(number: int, title: str = "A NeRF", *, days_ago: float = 1.0) -> Paper:
    moment = utc_now() - days_ago * DAY
    return Paper(
        id=f"2611.{number:05}",
        title=title,
        abstract=f"We study number {number}.",
        authors=["Ada Lovelace"],
        categories=["cs.CV"],
        published_at=moment,
        updated_at=moment,
    )


async def translated(outside: Outside, **options: Any) -> set[tuple[str, str]]:
    """Translate ahead; return the papers and languages that have a translation then."""
    done = await translate_pending(
        database=outside.database, translator=outside.translator, **options
    )
    async with outside.database.reading() as session:
        rows = (await session.exec(select(Translation.paper_id, Translation.language))).all()
    assert done == len(rows)
    return {(paper_id.removeprefix("2611."), language) for paper_id, language in rows}


async def following(outside: Outside, name: str, *queries: str, **settings: Any) -> Chat:
    _person, chat = await outside.person(name, **settings)
    await outside.follow(chat, *queries)
    return chat


async def test_newest_up_to_each_chat_s_cap_are_translated_once_a_language(
    outside: Outside,
) -> None:
    await following(outside, "Ada", "nerf", language="es", papers_per_push=2)
    await following(outside, "Lin", "nerf", language="es", papers_per_push=1)
    await following(outside, "Wei", "nerf", language="zh-CN", papers_per_push=1)
    await following(outside, "Bob", "nerf", language="en")
    await outside.owe("nerf", [paper(number, days_ago=number) for number in range(1, 4)])
    assert await translated(outside) == {("00001", "es"), ("00002", "es"), ("00001", "zh-CN")}


async def test_chats_that_get_no_pushes_need_no_translations(outside: Outside) -> None:
    await following(outside, "Ada", "nerf", language="es", state=ChatState.PAUSED)
    chat = await following(outside, "Lin", "nerf", language="es")
    await outside.owe("nerf", [paper(1)])
    async with outside.database.transaction() as session:
        (await session.get_one(Chat, chat.id)).state = ChatState.PAUSED
    assert await translated(outside) == set()


async def test_nothing_is_done_where_nothing_came_since(outside: Outside) -> None:
    await following(outside, "Ada", "nerf", language="es")
    await outside.owe("nerf", [paper(1)])
    assert await translated(outside, since=utc_now() + DAY) == set()
    assert await translated(outside, since=utc_now() - DAY) == {("00001", "es")}


async def test_personal_order_says_which_papers_come_first(outside: Outside) -> None:
    chat = await following(
        outside,
        "Ada",
        "nerf OR diffusion",
        language="es",
        papers_per_push=1,
        paper_order=PaperOrder.PERSONAL,
    )
    liked = [paper(number, "Diffusion for robots", days_ago=20) for number in range(10, 20)]
    others = [paper(number, "A NeRF of a city", days_ago=20) for number in range(20, 50)]
    await outside.owe("cat:cs.CV", [*liked, *others])
    async with outside.database.transaction() as session:
        for one in liked:
            await on_connection(
                session, opinions.save, chat_id=chat.id, paper_id=one.id, now=utc_now()
            )
    await outside.owe(
        "diffusion OR nerf", [paper(1, "A NeRF of a town"), paper(2, "Diffusion", days_ago=2)]
    )
    personal = PersonalOrder(outside.database)
    assert await translated(outside, personal=personal) == {("00002", "es")}

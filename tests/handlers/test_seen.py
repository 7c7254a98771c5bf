"""What a chat saved, opened or was shown in full is no news to it: it is not pushed again."""

import random
from typing import Any

import pytest
from sqlmodel import update

from bot.playground.telegram.world import Chat, ChatRef, Message, Person
from bot.sweep.sweep import sweep
from storage import outbox
from storage.columns import utc_now
from storage.models import Delivery, DeliveryState, SavedPaper, Subscription
from tests.bot_under_test import BotUnderTest
from tests.outside import DAY, record


async def owed(app: BotUnderTest, chat: ChatRef) -> list[str]:
    """Return what a chat is owed, the newest first, once all that was said is dealt with."""
    await app.until(lambda: not app.telegram.updates.pending)
    stored = await app.chat(chat)
    async with app.database.reading() as session:
        found = await outbox.pending(session=session, chat_id=stored.id, now=utc_now())
    return [one.paper.id for one in found]


async def comes_to_be_owed(app: BotUnderTest, chat: ChatRef, papers: list[str]) -> None:
    """Wait for it: what takes long is confirmed to Telegram before it is dealt with."""

    async def is_so() -> bool:
        return await owed(app, chat) == papers

    await app.eventually(is_so)


async def searched(
    app: BotUnderTest, who: Person, words: str, *, chat: ChatRef | None = None
) -> Message:
    """Search, and return the answer once arXiv's is in it, so that a tap is answered next."""
    answer = await app.say(who, f"/search {words}", chat=chat)
    await app.until(lambda: "🔎" not in answer.text)
    return answer


@pytest.mark.parametrize("way", ["a link", "found by a search", "among the saved ones"])
async def test_an_opened_card_is_not_pushed(app: BotUnderTest, way: str) -> None:
    await app.follow(app.ada, "nerf")
    first, *others = await owed(app, app.ada)
    match way:
        case "a link":
            await app.say(app.ada, f"https://arxiv.org/pdf/{first}v1")
        case "found by a search":
            await app.tap(app.ada, "1", message=await searched(app, app.ada, first))
        case _:
            async with app.database.transaction() as session:
                stored = await app.chat(app.ada)
                session.add(SavedPaper(chat_id=stored.id, paper_id=first))
            await app.say(app.ada, "/saved")
            await app.tap(app.ada, "1")
    assert app.papers(app.ada) == [first]
    await comes_to_be_owed(app, app.ada, others)


async def test_what_is_opened_before_any_topic_finds_it_is_not_pushed_either(
    app: BotUnderTest,
) -> None:
    await app.follow(app.ada, "nerf")
    first, *_others = await owed(app, app.ada)
    await app.say(app.lin, f"arXiv:{first}")
    await app.follow(app.lin, "nerf")
    assert first not in await owed(app, app.lin)


@pytest.mark.parametrize("button", ["☆ Save", "👎 Less like this"])
async def test_what_is_saved_or_voted_on_from_an_old_card_is_not_pushed(
    app: BotUnderTest, button: str
) -> None:
    """Such as one from before it was owed, or from before it counted."""
    await app.follow(app.ada, "nerf")
    first, *others = await owed(app, app.ada)
    card = await app.say(app.ada, first)
    await app.until(lambda: not app.telegram.updates.pending)
    async with app.database.transaction() as session:
        await session.exec(update(Delivery).values(state=DeliveryState.PENDING))
    assert await owed(app, app.ada) == [first, *others]
    await app.alert(app.ada, button, message=card)
    await comes_to_be_owed(app, app.ada, others)


async def test_a_list_of_titles_and_a_digest_are_no_papers_that_were_read(
    app: BotUnderTest,
) -> None:
    await app.follow(app.ada, "nerf")
    before = await owed(app, app.ada)
    await app.say(app.ada, "/search nerf")
    await app.say(app.ada, "/digest")
    await app.until(lambda: app.last(app.ada).document is not None)
    assert await owed(app, app.ada) == before


async def test_what_a_member_of_a_group_opens_comes_to_the_group_all_the_same(
    app: BotUnderTest,
) -> None:
    await app.join(app.ada, app.group)
    await app.follow(app.ada, "nerf", chat=app.group)
    first, *others = await owed(app, app.group)
    listed = await searched(app, app.lin, first, chat=app.group)
    await app.tap(app.lin, "1", message=listed)
    assert await owed(app, app.group) == [first, *others]
    await app.tap(app.ada, "1", message=listed)
    await comes_to_be_owed(app, app.group, others)


async def test_what_a_channel_s_admin_opens_and_saves_comes_to_the_channel(
    app: BotUnderTest,
) -> None:
    await app.say(app.ada, "/help")
    channel: Chat = app.telegram.world.add_channel("Papers of the lab", [app.ada])
    seen = app.mark()
    app.telegram.add_bot(app.ada, channel)
    await app.answer(app.ada, since=seen)
    await app.tap(app.ada, "📚 Choose its topics")
    await app.follow(app.ada, "nerf")
    first, *others = await owed(app, channel)
    card = await app.say(app.ada, first)
    await app.alert(app.ada, "☆ Save", message=card)
    assert await owed(app, channel) == [first, *others]


class Reader:
    """Somebody who reads every morning; arXiv's clock is a day later each time, up to today."""

    def __init__(self, app: BotUnderTest, mornings: int) -> None:
        self.app = app
        self.now = utc_now() - mornings * DAY
        self.published: list[str] = []
        self.known: set[str] = set()
        """What was saved, seen or sent."""
        self._random = random.Random(18)  # noqa: S311 - no secret, and the same in every run

    async def night(self) -> None:
        """Let papers appear, one of them in a new version, and be found."""
        self.now += DAY
        moment = (self.now - DAY / 2).isoformat()
        start = len(self.published)
        numbers = range(start, start + self._random.randint(0, 9))
        animals = ("zyzzyva", "quokka", "quokka and a zyzzyva")
        rows = [record(n, f"A {animals[n % 3]} no {n}", published=moment) for n in numbers]
        self.published += [str(row["id"]) for row in rows]
        if start:
            number = self._random.randrange(start)
            again: dict[str, Any] = {"published": moment, "updated": moment, "version": 2}
            rows.append(record(number, f"A better quokka and zyzzyva {number}", **again))
        self.app.arxiv.publish(rows)
        await sweep(database=self.app.database, source=self.app.parts.source, now=self.now)

    async def curiosity(self) -> None:
        """Do what people do before their push comes; what is shown in full they know then."""
        app, ada = self.app, self.app.ada
        some = self._random.choice(self.published) if self.published else "2611.00000"
        match self._random.randrange(6):
            case 0:
                await app.say(ada, f"/latest {self._random.randint(1, 3)}")
            case 1:
                await app.say(ada, f"https://arxiv.org/abs/{some}")
            case 2:
                card = await app.say(ada, some)
                if "☆ Save" in card.buttons:
                    await app.alert(ada, "☆ Save", message=card)
            case 3:
                listed = await searched(app, ada, "quokka")
                if "1" in listed.buttons:
                    await app.tap(ada, "1", message=listed)
            case 4:
                listed = await app.say(ada, "/saved")
                if "1" in listed.buttons:
                    await app.tap(ada, "1", message=listed)
            case _:
                await app.say(ada, "/digest")
        await app.until(lambda: not app.telegram.updates.pending)
        self.known.update(app.papers(ada))

    async def push(self) -> list[str]:
        """Let the push be due; return what it brought."""
        before = len(self.app.papers(self.app.ada))
        await self.app.change(self.app.ada, next_push_at=utc_now(), last_push_on=None)
        await self.app.push()
        return self.app.papers(self.app.ada)[before:]


@pytest.mark.parametrize("mornings", [10, pytest.param(30, marks=pytest.mark.slow)])
async def test_thirty_mornings_never_push_what_was_saved_seen_or_sent(
    app: BotUnderTest, mornings: int
) -> None:
    await app.forget_arxiv()
    await app.follow(app.ada, "quokka")
    await app.say(app.ada, "/settings 4")
    async with app.database.transaction() as session:
        await session.exec(update(Subscription).values(created_at=utc_now() - 2 * mornings * DAY))
    reader = Reader(app, mornings)
    for morning in range(mornings):
        await reader.night()
        await reader.curiosity()
        if morning == mornings // 2:
            await app.follow(app.ada, "zyzzyva")  # the week's papers on it are owed at once
        pushed = await reader.push()
        assert len(set(pushed)) == len(pushed)
        assert not reader.known.intersection(pushed), f"known on morning {morning}"
        reader.known.update(pushed)
    while pushed := await reader.push():
        assert not reader.known.intersection(pushed)
        reader.known.update(pushed)
    wanted = {one for number, one in enumerate(reader.published) if number % 3}
    assert len(wanted) > 50 * mornings / 30
    assert wanted <= reader.known, "and nothing was lost"

"""Who asks arXiv next."""

import asyncio

import pytest

from bot.arxiv.turns import Asker, TooManyWaitingError, Turns, asks_for


class Queue:
    """Askers at one place, which holds each turn until it is told to go on."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.served: list[str] = []

    async def ask(self, name: str, chat: int | None) -> None:
        asks_for.set(None if chat is None else Asker(chat))
        async with self.turns.turn():
            self.served.append(name)
            await asyncio.sleep(0.01)

    def begin(self, name: str, chat: int | None = None) -> asyncio.Task[None]:
        return asyncio.create_task(self.ask(name, chat))


async def test_sweeps_come_first_and_then_the_chats_in_turn() -> None:
    queue = Queue()
    tasks = [queue.begin("first", 1)]
    await asyncio.sleep(0)
    tasks += [queue.begin(f"1.{n}", 1) for n in range(3)]
    tasks += [queue.begin("2.0", 2), queue.begin("3.0", 3), queue.begin("2.1", 2)]
    tasks += [queue.begin("sweep"), queue.begin("sweep")]
    await asyncio.gather(*tasks)
    assert queue.served == ["first", "sweep", "sweep", "1.0", "2.0", "3.0", "1.1", "2.1", "1.2"]


async def test_one_chat_s_questions_are_few_at_a_time() -> None:
    queue = Queue()
    tasks = [queue.begin("own", 1)]
    await asyncio.sleep(0)
    tasks += [queue.begin(str(n), 1) for n in range(60)]
    other = queue.begin("other", 2)
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    await other
    assert [type(one) for one in ended].count(TooManyWaitingError) == 57
    assert queue.served.index("other") == 2


@pytest.mark.parametrize("chat", [None, 1])
async def test_a_turn_that_nobody_waits_for_any_more_goes_to_the_next(chat: int | None) -> None:
    queue = Queue()
    first = queue.begin("first", 9)
    await asyncio.sleep(0)
    gone, stays = queue.begin("gone", chat), queue.begin("stays", 2)
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(first, gone, stays, return_exceptions=True)
    assert queue.served == ["first", "stays"]
    last = queue.begin("last", 3)
    await last
    # Cancelled in the instant in which its turn came.
    holding, next_one = queue.begin("holding", 4), queue.begin("next", 5)
    await asyncio.sleep(0.005)
    holding.cancel()
    await asyncio.sleep(0)
    next_one.cancel()
    await asyncio.gather(holding, next_one, return_exceptions=True)
    await queue.begin("at last", 6)
    assert queue.served[-1] == "at last"

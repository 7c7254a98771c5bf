"""A key sentence travels as a line above its abstract, and never costs the abstract."""

import asyncio
import re
from collections.abc import Callable

import pytest

from bot.translation.checks.rejection import Reject, Rejected
from bot.translation.engines.engine import Context, Engine
from bot.translation.exchange import through
from bot.translation.languages import Language

KEY = "A gait that climbs stairs in 3.5 seconds with $n^2$ steps."
ABSTRACT = (
    "Robots often fall down on stairs, and nobody likes it. We propose a gait that climbs stairs "
    "in 3.5 seconds with $n^2$ steps. It works well."
)


class OwnEngine(Engine):
    """An engine that does to a text what a function says, and remembers what it was asked."""

    def __init__(self, answer: Callable[[str], str], *, max_chars: int = 5_000) -> None:
        super().__init__("own", max_chars=max_chars, code=lambda of: of.code, ask=self.ask)
        self.asked: list[str] = []
        self.answer = answer

    async def ask(self, text: str, source: Language, target: Language) -> str:
        assert (source.code, target.code) == ("en", "es")
        self.asked.append(text)
        return self.answer(text)


def spanish(text: str) -> str:
    """Turn every word round: what is no plain word stays."""

    def turned(word: re.Match[str]) -> str:
        other = word[0].lower()[::-1] + "o"
        return other.capitalize() if word[0].istitle() else other

    return re.sub(r"\b[A-Za-z]{2,}\b", turned, text)


async def of(engine: Engine, *, key: str = KEY, abstract: str = ABSTRACT) -> tuple[str, str | None]:
    made = await through(engine, abstract, "es", context=Context(), key=key)
    assert made.summary is None, "nobody asked for one"
    return made.text, made.key


async def test_a_key_sentence_costs_no_request_and_its_own_characters_only() -> None:
    engine = OwnEngine(spanish)
    assert await of(engine) == (spanish(ABSTRACT), spanish(KEY))
    [asked] = engine.asked
    assert asked.count("\n") == 1
    assert await of(engine, key="") == (spanish(ABSTRACT), None)


async def test_others_are_served_while_a_text_is_masked_and_its_translation_is_checked() -> None:
    turns = asked_at = 0

    def answer(text: str) -> str:
        nonlocal asked_at
        asked_at = turns
        return spanish(text)

    abstract = " ".join(
        f"The robots of room {n} climb all stairs that they find in {n}.5 seconds, with $n^{n}$."
        for n in range(2, 22)
    )
    made = asyncio.create_task(of(OwnEngine(answer), key="", abstract=abstract))
    while not made.done():
        await asyncio.sleep(0)
        turns += 1
    assert (await made)[0] == spanish(abstract)
    assert asked_at > 0
    assert turns - asked_at > 3


def without_break(text: str) -> str:
    return spanish(text).replace("\n", " ")


def in_three_lines(text: str) -> str:
    return spanish(text).replace("\n", "\n\n").replace(". ", ".\n")


@pytest.mark.parametrize("answer", [without_break, in_three_lines])
async def test_the_line_is_found_also_where_an_engine_breaks_lines_its_own_way(
    answer: Callable[[str], str],
) -> None:
    engine = OwnEngine(answer)
    assert await of(engine) == (spanish(ABSTRACT), spanish(KEY))
    assert len(engine.asked) == 1


def _to_the_key(change: Callable[[str], str]) -> Callable[[str], str]:
    def answer(text: str) -> str:
        *key, abstract = spanish(text).split("\n")
        return "\n".join([*map(change, key), abstract])

    return answer


BAD_KEYS = {
    "a number changed": _to_the_key(lambda key: key.replace("⟦0⟧", "4.5")),
    "a formula lost": _to_the_key(lambda key: key.replace("⟦1⟧", "")),
    "in English": _to_the_key(lambda _key: KEY.replace("3.5", "⟦0⟧").replace("$n^2$", "⟦1⟧")),
    "cut": _to_the_key(lambda key: key[:20]),
    "gone": _to_the_key(lambda _key: ""),
    "one line of all": lambda text: spanish(text).replace("\n", ", "),
    "somebody talks": lambda text: (
        f"Sure! Here it is:\n\n{spanish(text)}" if "\n" in text else spanish(text)
    ),
    "as if it were said already": lambda text: spanish("\n".join(text.split("\n")[:1])),
}


@pytest.mark.parametrize("kind", BAD_KEYS)
async def test_a_bad_key_line_is_dropped_and_the_abstract_stays(kind: str) -> None:
    engine = OwnEngine(BAD_KEYS[kind])
    assert await of(engine) == (spanish(ABSTRACT), None)
    assert len(engine.asked) <= 2


async def test_an_abstract_that_is_wrong_by_itself_is_asked_for_once() -> None:
    engine = OwnEngine(lambda text: spanish(text).replace("⟦0⟧", "9"))
    with pytest.raises(Rejected) as caught:
        await of(engine)
    assert caught.value.reason is Reject.PLACEHOLDERS
    assert ["It works" in asked for asked in engine.asked] == [True, False], "a sentence once more"


async def test_an_engine_that_makes_one_line_of_all_is_soon_asked_for_one_line() -> None:
    engine = OwnEngine(lambda text: spanish(text).replace("\n", ", "))
    for _turn in range(5):
        assert (await of(engine))[0] == spanish(ABSTRACT)
    assert ["\n" in asked for asked in engine.asked] == [True, False] * 3 + [False] * 2


@pytest.mark.parametrize("most", [40, 70, 90, 130])
async def test_where_pieces_are_small_the_line_is_cut_like_any_other(most: int) -> None:
    engine = OwnEngine(spanish, max_chars=most)
    assert await of(engine) == (spanish(ABSTRACT), spanish(KEY))
    assert all(len(asked) <= most for asked in engine.asked)


async def test_half_a_formula_in_a_key_sentence_ends_no_abstract() -> None:
    made = await of(
        OwnEngine(spanish), key="A gait for $n^2", abstract=f"{ABSTRACT} It is $n$ new."
    )
    assert made[1] is None or "$n^2" in (made[1] or "")
    assert "$n$" in made[0]

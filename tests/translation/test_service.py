import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from bot.playground.translator import stand_in
from bot.playground.translator.stand_in import FakeLibreTranslate, TranslatorFault
from bot.translation.checks.rejection import Reject, Rejected
from bot.translation.engines.deep_translator import libre
from bot.translation.engines.engine import Cause, Engine, EngineError
from bot.translation.languages import Language
from bot.translation.paper_view import views
from bot.translation.service import AllEnginesFailed, Translator
from storage import papers
from storage.columns import utc_now
from storage.database import Database
from storage.models import ORIGINAL, Paper, Translation

ABSTRACT = (
    "We study how attention works in large models over $n^2$ tokens. It reduces the cost by 3.5% "
    "and keeps all of the accuracy; the code is at https://github.com/a/b and free for everybody."
)


CODES = {"zh-CN": "chinese", "es": "spanish", "en": "english"}


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class OwnEngine(Engine):
    """An engine that does to a text what a function says, and counts."""

    def __init__(self, name: str, answer: Callable[[str], str]) -> None:
        super().__init__(name, max_chars=5_000, code=lambda of: CODES.get(of.code), ask=self.ask)
        self.asked: list[str] = []
        self.answer = answer

    async def ask(self, text: str, source: Language, target: Language) -> str:
        assert (source.code, target.code) == ("en", "es")
        self.asked.append(text)
        await asyncio.sleep(0)
        return self.answer(text)


def spanish(text: str) -> str:
    """Turn every word round: what is no plain word stays."""
    return re.sub(r"\b[a-z]{2,}\b", lambda word: str(word[0])[::-1] + "o", text)


def refusing(cause: Cause) -> Callable[[str], str]:
    def answer(text: str) -> str:
        del text
        raise EngineError(engine="dead", cause=cause)

    return answer


@pytest.fixture
async def box() -> AsyncIterator[FakeLibreTranslate]:
    standin = FakeLibreTranslate(unknown="pseudo")
    yield standin
    await standin.stop()


async def stored_papers(database: Database, number: int, abstract: str = ABSTRACT) -> list[Paper]:
    made = [
        Paper(
            id=f"2401.{index:05}",
            title=f"Title {index}",
            abstract=f"{abstract} This is paper number {index + 100} of many.",
            published_at=utc_now(),
            updated_at=utc_now(),
        )
        for index in range(number)
    ]
    async with database.transaction() as session:
        await papers.store(session=session, papers=made)
    return made


async def made_by(
    translator: Translator, paper: Paper, language: str, *, titles: bool = False
) -> Translation:
    return (await translator.papers([paper], language, titles=titles))[paper.id]


async def test_a_paper_is_translated_once_and_then_read_from_the_database(
    database: Database, box: FakeLibreTranslate
) -> None:
    [paper] = await stored_papers(database, 1)
    url = await box.start()
    first = await made_by(Translator(engines=[libre(url=url)], database=database), paper, "zh-CN")
    assert (first.engine, first.language, first.title) == ("libre", "zh-CN", None)
    for kept in ("$n^2$", "3.5%", "https://github.com/a/b"):
        assert kept in first.abstract
    await box.stop()
    again = await made_by(Translator(engines=[libre(url=url)], database=database), paper, "zh-CN")
    assert again.abstract == first.abstract
    assert len(box.calls) == 1


PROTECTED = (
    r"$\mathcal{O}(n^2)$",
    "https://github.com/a/b-c",
    "97.3%",
    "16",
    "GPT-4o-mini",
    r"\cite{vaswani2017}",
)


@pytest.mark.parametrize("number", range(len(PROTECTED)))
async def test_formulas_urls_numbers_code_names_and_citations_survive_or_it_is_not_used(
    database: Database, number: int
) -> None:
    """Each of them is lost once, in a translation that is good but for that."""
    sentences = [f"Here we study how models work with {thing} and more." for thing in PROTECTED]
    [paper] = await stored_papers(database, 1, " ".join(sentences))

    def losing(text: str) -> str:
        *key, abstract = spanish(text).split("\n")
        kept = abstract.split(" dnao ")
        place = number if len(kept) > 2 else 0  # the sentence alone, when it is asked once more
        kept[place] = kept[place].rpartition(" ")[0]
        return "\n".join([*key, " dnao ".join(kept)])

    spoilt, good = OwnEngine("spoilt", losing), OwnEngine("good", spanish)
    made = await made_by(Translator(engines=[spoilt, good], database=database), paper, "es")
    assert made.engine == "good"
    # Once for the whole, and once more for the sentence that lost it.
    assert len(spoilt.asked) <= 2
    for thing in PROTECTED:
        assert f" {thing} " in made.abstract


async def test_however_many_ask_a_translation_is_made_once(
    database: Database, box: FakeLibreTranslate
) -> None:
    [paper] = await stored_papers(database, 1)
    box.delay_seconds = 0.05
    translator = Translator(engines=[libre(url=await box.start())], database=database)
    made = await asyncio.gather(*(made_by(translator, paper, "ja") for _ in range(50)))
    assert len({translation.abstract for translation in made}) == 1
    assert len(box.calls) == 1


async def test_a_translation_is_finished_also_when_the_one_who_asked_has_gone(
    database: Database, box: FakeLibreTranslate
) -> None:
    [paper] = await stored_papers(database, 1)
    box.may_answer.clear()
    translator = Translator(engines=[libre(url=await box.start())], database=database)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(made_by(translator, paper, "ja"), 0.03)
    box.may_answer.set()
    assert (await made_by(translator, paper, "ja")).engine == "libre"
    assert len(box.calls) == 1


async def test_a_new_versions_other_text_is_translated_anew(database: Database) -> None:
    engine = OwnEngine("own", spanish)
    [paper] = await stored_papers(database, 1)
    translator = Translator(engines=[engine], database=database)
    old = await made_by(translator, paper, "es")
    paper.abstract = ABSTRACT.replace("attention", "memory")
    new = await made_by(translator, paper, "es")
    assert old.source_digest != new.source_digest
    assert (await made_by(translator, paper, "es")).abstract == new.abstract != old.abstract
    assert len(engine.asked) == 2


async def test_the_original_language_never_asks_an_engine(database: Database) -> None:
    engine = OwnEngine("own", spanish)
    made = await stored_papers(database, 2)
    translator = Translator(engines=[engine], database=database)
    shown = await views(translator=translator, papers=made, language=ORIGINAL, titles=True)
    assert [(paper.title, paper.abstract) for paper in shown] == [
        (paper.title, paper.abstract) for paper in made
    ]
    assert not any(paper.translated for paper in shown)
    assert engine.asked == []


async def test_what_is_not_translated_in_time_is_shown_in_the_original(
    database: Database, box: FakeLibreTranslate
) -> None:
    made = await stored_papers(database, 2)
    translator = Translator(engines=[libre(url=await box.start())], database=database)
    ready = await made_by(translator, made[0], "zh-CN")
    box.may_answer.clear()
    shown = await views(translator=translator, papers=made, language="zh-CN", patience_seconds=0.1)
    assert [paper.abstract for paper in shown] == [ready.abstract, made[1].abstract]
    box.may_answer.set()
    assert (await made_by(translator, made[1], "zh-CN")).engine == "libre"
    assert len(box.calls) == 2


async def test_engines_are_asked_in_turn_until_one_is_trustworthy(database: Database) -> None:
    dead = OwnEngine("dead", refusing(Cause.UNREACHABLE))
    echo = OwnEngine("echo", lambda text: text)
    page = OwnEngine("page", lambda text: f"Error 500 (Server Error)!!1 {text}")
    loses = OwnEngine("loses", lambda text: spanish(text).replace("⟦0⟧", ""))
    good = OwnEngine("good", spanish)
    translator = Translator(engines=[dead, echo, page, loses, good], database=database)
    translated = await translator.translate(ABSTRACT, language="es")
    assert translated.engine == "good"
    assert [len(one.asked) for one in (dead, echo, page, loses, good)] == [1, 1, 1, 2, 1]


async def test_when_all_fail_each_engines_reason_is_said_and_nothing_is_stored(
    database: Database,
) -> None:
    [paper] = await stored_papers(database, 1)
    dead = OwnEngine("dead", refusing(Cause.UNREACHABLE))
    echo = OwnEngine("echo", lambda text: text)
    translator = Translator(engines=[dead, echo], database=database)
    with pytest.raises(AllEnginesFailed) as caught:
        await translator.translate(paper.abstract, language="es")
    reasons = caught.value.errors
    assert isinstance(reasons["dead"], EngineError)
    assert reasons["dead"].cause is Cause.UNREACHABLE
    assert isinstance(reasons["echo"], Rejected)
    assert reasons["echo"].reason is Reject.ECHO
    assert await translator.papers([paper], "es") == {}
    good = Translator(engines=[OwnEngine("good", spanish)], database=database)
    assert (await made_by(good, paper, "es")).engine == "good"


async def test_a_failed_paper_is_not_tried_again_before_its_time(database: Database) -> None:
    [paper] = await stored_papers(database, 1)
    clock = Clock()
    echo = OwnEngine("echo", lambda text: text)
    translator = Translator(engines=[echo], database=database, clock=clock)
    for now, asked in ((0, 1), (1, 1), (599, 1), (601, 2)):
        clock.now = now
        assert await translator.papers([paper], "es") == {}
        assert len(echo.asked) == asked


async def test_an_unusable_answer_is_asked_for_later_and_later_and_then_no_more(
    database: Database,
) -> None:
    [paper] = await stored_papers(database, 1)
    clock = Clock()
    echo = OwnEngine("echo", lambda text: text)
    translator = Translator(engines=[echo], database=database, clock=clock, tries=3)
    for now, asked in ((0, 1), (599, 1), (601, 2), (1_700, 2), (1_802, 3), (10**9, 3)):
        clock.now = now
        assert await translator.papers([paper], "es") == {}
        assert len(echo.asked) == asked
    paper.abstract = ABSTRACT.replace("attention", "memory")
    echo.answer = spanish
    assert (await made_by(translator, paper, "es")).engine == "echo"


async def test_an_outage_of_the_engines_is_held_against_no_paper(database: Database) -> None:
    [paper] = await stored_papers(database, 1)
    clock = Clock()
    engine = OwnEngine("own", refusing(Cause.UNREACHABLE))
    translator = Translator(engines=[engine], database=database, clock=clock, tries=2)
    for hour in range(200):
        clock.now = hour * 3_600
        assert await translator.papers([paper], "es") == {}
    engine.answer = spanish
    clock.now += 3_600
    assert (await made_by(translator, paper, "es")).engine == "own"


async def test_titles_are_made_for_those_who_want_them_and_once(database: Database) -> None:
    [paper] = await stored_papers(database, 1)
    engine = OwnEngine("own", spanish)
    translator = Translator(engines=[engine], database=database)
    assert (await translator.papers([paper], "es"))[paper.id].title is None
    wanting = (translator.papers([paper], "es", titles=True) for _ in range(20))
    for made in await asyncio.gather(*wanting):
        assert made[paper.id].title == spanish(paper.title)
    again = Translator(engines=[engine], database=database)
    stored = (await again.papers([paper], "es", titles=True))[paper.id]
    assert (stored.title, stored.abstract) == (spanish(paper.title), made[paper.id].abstract)
    assert engine.asked[1:] == [paper.title]


async def test_a_title_that_no_engine_can_do_costs_nobody_the_abstract(database: Database) -> None:
    [paper] = await stored_papers(database, 1)
    paper.title = "Attention for very large models of all kinds"
    engine = OwnEngine("own", lambda text: text if text == paper.title else spanish(text))
    translator = Translator(engines=[engine], database=database)
    for _ in range(3):
        made = await made_by(translator, paper, "es", titles=True)
        assert made.title is None
        assert made.abstract != paper.abstract
    assert len(engine.asked) == 2


async def test_how_each_engine_does_is_known(database: Database) -> None:
    clock = Clock()
    dead = OwnEngine("dead", refusing(Cause.REFUSED))
    echo = OwnEngine("echo", lambda text: text)
    good = OwnEngine("good", spanish)
    translator = Translator(engines=[dead, echo, good], database=database, clock=clock)
    for _ in range(2):
        await translator.translate(ABSTRACT, language="es")
    health = {one.name: one for one in translator.health()}
    assert (health["dead"].failed, health["dead"].last_failure) == (1, "refused")
    assert health["dead"].rests_seconds == 300
    assert (health["echo"].rejected, health["echo"].last_failure) == (2, "echo")
    assert health["echo"].rests_seconds == 0
    assert (health["good"].accepted, health["good"].last_failure) == (2, None)
    clock.now = 301
    assert translator.health()[0].rests_seconds == 0


async def test_a_dead_engine_is_not_asked_for_each_of_many_papers(database: Database) -> None:
    clock = Clock()
    dead = OwnEngine("dead", refusing(Cause.UNREACHABLE))
    good = OwnEngine("good", spanish)
    translator = Translator(
        engines=[dead, good], database=database, clock=clock, failures=3, concurrency=1
    )
    made = await stored_papers(database, 20)
    assert len(await translator.papers(made, "es")) == 20
    assert len(dead.asked) == 3
    clock.now = 301
    await translator.translate(ABSTRACT, language="es")
    await translator.translate(ABSTRACT, language="es")
    assert len(dead.asked) == 4


async def test_an_engine_that_says_429_rests_at_once_and_comes_back(database: Database) -> None:
    clock = Clock()
    engine = OwnEngine("own", refusing(Cause.TOO_MANY_REQUESTS))
    translator = Translator(engines=[engine], database=database, clock=clock)
    for _ in range(3):
        with pytest.raises(AllEnginesFailed):
            await translator.translate(ABSTRACT, language="es")
    assert len(engine.asked) == 1
    engine.answer = spanish
    clock.now = 301
    assert (await translator.translate(ABSTRACT, language="es")).engine == "own"


async def test_many_papers_come_with_progress_and_those_that_fail_are_missing(
    database: Database,
) -> None:
    made = await stored_papers(database, 12)
    fails_on = {"number 103", "number 107"}
    engine = OwnEngine(
        "own", lambda text: text if any(word in text for word in fails_on) else spanish(text)
    )
    translator = Translator(engines=[engine], database=database)
    await made_by(translator, made[0], "es")
    heard: list[tuple[int, int]] = []

    async def progress(done: int, total: int) -> None:
        heard.append((done, total))

    found = await translator.papers(made, "es", progress=progress)
    assert set(found) == {paper.id for paper in made} - {made[3].id, made[7].id}
    assert heard == [(done, 11) for done in range(12)]
    heard.clear()
    await translator.papers([made[0]], "es", progress=progress)
    assert heard == []


async def test_no_more_than_so_many_papers_are_under_way_at_once(
    database: Database,
) -> None:
    now, most = 0, 0
    together = asyncio.Event()

    class Slow(OwnEngine):
        async def ask(self, text: str, source: Language, target: Language) -> str:
            nonlocal now, most
            now += 1
            most = max(most, now)
            if most == 3:
                together.set()
            async with asyncio.timeout(20):
                await together.wait()
            await asyncio.sleep(0.005)
            now -= 1
            return await super().ask(text, source, target)

    made = await stored_papers(database, 20)
    slow = Slow("slow", spanish)
    await Translator(engines=[slow], database=database, concurrency=3).papers(made, "es")
    assert most == 3


@pytest.mark.parametrize(
    "fault", [fault for fault in TranslatorFault if fault is not TranslatorFault.HANG]
)
async def test_nothing_that_a_bad_server_says_is_ever_shown_or_stored(
    fault: TranslatorFault, database: Database, box: FakeLibreTranslate
) -> None:
    [paper] = await stored_papers(database, 1)
    engine = libre(url=await box.start(), timeout=2)
    box.fault = fault
    translator = Translator(engines=[engine], database=database)
    assert await translator.papers([paper], "zh-CN") == {}
    box.fault = None
    translation = await made_by(Translator(engines=[engine], database=database), paper, "zh-CN")
    assert "MYMEMORY" not in translation.abstract


async def test_long_texts_go_to_a_small_engine_in_pieces_and_come_back_whole(
    database: Database,
) -> None:
    engine = OwnEngine("own", spanish)
    engine.max_chars = 90
    translated = await Translator(engines=[engine], database=database).translate(
        ABSTRACT * 3, language="es"
    )
    assert len(engine.asked) > 5
    assert max(map(len, engine.asked)) <= 90
    assert translated.text.count("$n^2$") == 3


async def test_languages_are_those_that_an_engine_can_do(database: Database) -> None:
    own = OwnEngine("own", spanish)
    assert Translator(engines=[own], database=database).languages() == ["en", "zh-CN", "es"]
    assert Translator(engines=[], database=database).languages() == ["en"]
    with pytest.raises(AllEnginesFailed) as caught:
        await Translator(engines=[own], database=database).translate(ABSTRACT, language="ja")
    assert str(caught.value) == "own: own: unsupported-language"


async def test_closing_gives_up_what_is_under_way(
    database: Database, box: FakeLibreTranslate
) -> None:
    [paper] = await stored_papers(database, 1)
    box.may_answer.clear()
    translator = Translator(engines=[libre(url=await box.start(), timeout=30)], database=database)
    asking = asyncio.create_task(made_by(translator, paper, "ja"))
    async with asyncio.timeout(20):
        while not box.calls:  # noqa: ASYNC110 - the fake server calls nobody
            await asyncio.sleep(0.01)
    await translator.aclose()
    with pytest.raises(asyncio.CancelledError):
        await asking


def mangling() -> Callable[[str], str]:
    """Move, lose, double and renumber placeholders and change numbers, one time in three."""
    turn = count()

    def mangle(text: str) -> str:
        translated = spanish(text)
        places: list[str] = re.findall(r"⟦\d+⟧", translated)
        match next(turn) % 12:
            case 0 if places:
                return translated.replace(places[0], "")
            case 1 if places:
                return translated + places[-1]
            case 2 if places:
                return translated.replace(places[-1], "⟦99⟧")
            case 3:
                return re.sub(r"\d\d", "42", translated)
            case _:
                return translated.replace("⟦", " ⟦ ").replace("⟧", " ⟧ ")

    return mangle


def what_must_survive(abstract: str) -> list[str]:
    """Read formulas, URLs and numbers in another way than the product does."""
    formulas = re.findall(r"(?<!\\)\$[^$]+\$", " ".join(abstract.split()))
    urls = re.findall(r"https?://[\w./-]*\w", abstract)
    numbers = re.findall(r"(?<![\w.,$\\])\d+(?:\.\d+)?(?=\\?%| )", abstract)
    # Two dollars around a sentence are two prices; type styles are taken off.
    certain = [one for one in formulas if " " not in one or re.search(r"\\(?!text|emph)", one)]
    return [*(one for one in certain if "\\text" not in one), *urls, *numbers]


@pytest.mark.parametrize("every", [30, pytest.param(1, marks=pytest.mark.slow)])
async def test_of_real_abstracts_through_a_mangling_engine_the_accepted_keep_everything(
    database: Database, abstracts: list[str], every: int
) -> None:
    engine = OwnEngine("mangling", mangling())
    translator = Translator(engines=[engine], database=database, failures=10**6)
    accepted = 0
    some = abstracts[:400:every]
    for abstract in some:
        with suppress(AllEnginesFailed):
            translated = await translator.translate(abstract, language="es")
            accepted += 1
            for one in what_must_survive(abstract):
                assert one in translated.text
    assert len(some) / 2 < accepted < len(some)


@pytest.mark.parametrize("every", [12, pytest.param(1, marks=pytest.mark.slow)])
async def test_the_playgrounds_sample_passes_every_check_in_every_language(
    database: Database, every: int
) -> None:
    path = Path(stand_in.__file__).parents[1] / "feeds" / "translations.json"
    sample: dict[str, dict[str, list[str]]] = json.loads(path.read_text("utf-8"))
    box = FakeLibreTranslate(sample)
    translator = Translator(engines=[libre(url=await box.start())], database=database)
    for paper in list(sample.values())[::every]:
        for language in set(paper) - {ORIGINAL}:
            translated = await translator.translate(" ".join(paper[ORIGINAL]), language=language)
            assert "⟦" not in translated.text
    assert box.recorded.misplaced == []
    await box.stop()


async def test_the_playground_s_titles_are_translated_and_one_it_does_not_know_costs_no_abstract(
    database: Database,
) -> None:
    feeds = Path(stand_in.__file__).parents[1] / "feeds"
    abstracts, titles = (
        json.loads((feeds / name).read_text("utf-8"))
        for name in ("translations.json", "titles.json")
    )
    assert list(titles) == list(abstracts)
    box = FakeLibreTranslate(abstracts, titles=titles, unknown="echo")
    translator = Translator(engines=[libre(url=await box.start())], database=database)
    for title in titles.values():
        [english], [chinese] = title["en"], title["zh-CN"]
        made = await translator.translate(english, language="zh-CN")
        assert made.text.replace(" ", "") == chinese.replace(" ", "")
        with pytest.raises(AllEnginesFailed):
            await translator.translate(english, language="ja")
    assert not translator.health()[0].is_down
    await box.stop()


@pytest.mark.parametrize("sign", ["\ud83d", "\x00"], ids=["half of a pair", "NUL"])
async def test_an_answer_that_no_database_takes_is_refused_as_any_bad_one(
    database: Database, sign: str
) -> None:
    papers = await stored_papers(database, 3)
    papers[1].abstract = "This one is hostile. " + papers[1].abstract
    engine = OwnEngine("own", lambda text: spanish(text) + sign * ("hostile" in text))
    translator = Translator(engines=[engine], database=database)
    assert set(await translator.papers(papers, "es")) == {papers[0].id, papers[2].id}
    assert translator.health()[0].last_failure == "no-answer"


async def test_a_paper_that_fails_in_a_way_that_nobody_thought_of_harms_no_other(
    database: Database,
) -> None:
    papers = await stored_papers(database, 3)
    papers[1].abstract = "This one can't be stored. " + papers[1].abstract
    made = await Translator(
        engines=[OwnEngine("own", failing_on("This one"))], database=database
    ).papers(papers, "es")
    assert set(made) == {papers[0].id, papers[2].id}


def failing_on(words: str) -> Callable[[str], str]:
    def answer(text: str) -> str:
        if words in text:
            raise RecursionError
        return spanish(text)

    return answer

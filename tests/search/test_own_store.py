"""The own store finds exactly what the matcher finds, whatever the index alone can tell."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.query.ast import Query, render
from bot.query.matcher import matching
from bot.query.parser import parse
from bot.search import own_store
from bot.search.index_words import words_of
from storage import paper_index, papers, retention, topics
from storage.database import Database
from storage.models import Paper
from tests.on_connection import found_by, on_connection
from tests.query.queries import CODES, NAMES, WORDS, queries

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SPELLINGS = [
    spelling
    for word in WORDS
    for spelling in (word, word.upper(), word.capitalize(), f"{word.upper()}s", f"{word}s")
] + ["NeRF", "NeRFs", "rational", "rationale", "matrices", "matrix", "GPT-3.5", "Poincaré", "β"]


def paper(number: int = 1, title: str = "A title", **more: Any) -> Paper:
    published = NOW - number * HOUR
    known: dict[str, Any] = {
        "id": f"2611.{number:05}",
        "abstract": "We study things.",
        "authors": ["Ada Lovelace"],
        "categories": ["cs.CV"],
        "published_at": published,
        "updated_at": published,
        **more,
    }
    return Paper(title=title, **known)


async def store(database: Database, *some: Paper) -> None:
    words = words_of(some)
    async with database.transaction() as session:
        copies = [Paper(**one.model_dump()) for one in some]
        await papers.store(session=session, papers=copies, words=words)


async def found(database: Database, query: str | Query, **bounds: Any) -> list[str]:
    asked = parse(query) if isinstance(query, str) else query
    told = await own_store.find(
        database=database, query=asked, most=1000, **{"since": None, **bounds}
    )
    assert told.count == len(told.papers)
    return [one.id for one in told.papers]


def random_papers(count: int) -> list[Paper]:
    """Return papers made of few words, so that random queries find some."""
    dice = random.Random(7)  # noqa: S311 - the same papers each time

    def text(most: int) -> str:
        return dice.choice([" ", "-", ", "]).join(
            [*dice.choices(SPELLINGS, k=dice.randint(1, most)), "so"]
        )

    def author() -> str:
        return " ".join(dice.choices(NAMES, k=dice.randint(1, 3))).title()

    return [
        paper(
            number,
            text(5),
            abstract=text(12),
            authors=[author() for _ in range(dice.randint(0, 3))],
            categories=dice.sample(CODES, dice.randint(0, 3)),
            comment=dice.choice([None, text(4)]),
            journal_ref=dice.choice([None, text(3)]),
        )
        for number in range(count)
    ]


def random_queries() -> list[Query]:
    """Return some hundred queries, the same ones each time."""
    seen: dict[Query, None] = {}
    spelt = (*WORDS, "rational", "rationales", "matrices", "matric", "poincare", "beta", "gpt")

    @settings(max_examples=300, database=None, suppress_health_check=list(HealthCheck))
    @given(queries(words=spelt))
    def collect(query: Query) -> None:
        seen[query] = None

    collect()
    return list(seen)


@pytest.mark.parametrize("every", [10, pytest.param(1, marks=pytest.mark.slow)])
async def test_store_finds_what_the_matcher_finds(database: Database, every: int) -> None:
    everything, asked = random_papers(250), random_queries()[::every]
    await store(database, *everything)
    expected = matching(everything, dict(enumerate(asked)))
    assert sum(map(bool, expected.values())) > 120 / every, "queries that find nothing prove little"
    for number, query in enumerate(asked):
        assert await found(database, query) == expected[number], render(query)


async def test_store_tells_names_apart_as_the_matcher_does(database: Database) -> None:
    names = [" ".join(some) for some in product(("Li", "Fei", "Lin", "L", "F"), repeat=2)]
    names += [f"Li {name}" for name in names] + ["Li", "L", "Fei"]
    everything = [paper(n, authors=["F. Li Chen", name]) for n, name in enumerate(names, 1)]
    await store(database, *everything)
    asked = ["li", "l", "li li", "li l", "fei li", "fei fei li", "li l f", "l l", "l f", "li l l"]
    texts = [f'au:"{text}"' for text in asked]
    texts += [f"au:{start}*" for start in ("li", "li_li", "l_li", "l_l_li", "fei_li_li", "fei_fe")]
    for text in texts:
        expected = matching(everything, {"": parse(text)})[""]
        assert await found(database, text) == expected, text


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("schrodinger", r"Schr\"odinger bridges"),
        ("Schrödinger", "Schrodinger bridges"),
        ("qwen2.5", "Qwen2.5 technical report"),
        ('"GPT-3.5 turbo"', "On GPT-3.5 Turbo"),
        ("node.js", "Attacks on Node.js"),
        ("beta-decay", r"Double $\beta$ decay"),
        ("gps*", "Scalable GPs"),
        ("nerf*", "Many NeRFs"),
        ('"state of the art"', "A state-of-the-art review"),
        ("graph-neural-net*", "Graph neural networks"),
        ("rationale", "Rationales for rational people"),
        ("扩散", "关于 扩散 模型"),
    ],
)
async def test_store_finds_a_title(database: Database, query: str, title: str) -> None:
    await store(database, paper(1, title))
    assert await found(database, query) == ["2611.00001"]
    assert await found(database, f"ti:({query})") == ["2611.00001"]
    assert await found(database, f"abs:({query})") == []


@pytest.mark.parametrize(
    ("query", "authors", "finds"),
    [
        ('au:"Ming-Hsuan Yang"', ["Ming-Hsuan Yang"], True),
        ('au:"Yang Ming"', ["Ming-Hsuan Yang"], True),
        ('au:"Hsuan Yang"', ["Ming Yang", "Hsuan Li"], False),
        ('au:"M. Yang"', ["Ming-Hsuan Yang"], True),
        ('au:"M. H. Yang"', ["Ming-Hsuan Yang"], True),
        ('au:"Y. Yang"', ["Ming Yang"], False),
        ('au:"Y. Yang"', ["Yang Yang"], True),
        ('au:"Fei-Fei Li"', ["Li Fei-Fei"], True),
        ('au:"Fei-Fei Li"', ["Fei Li"], False),
        ('au:"X. Yang"', ["Ming Yang", "Xi Li"], False),
        ('au:"O\'Brien"', ["Conan O’Brien"], True),
        ("au:obr*", ["Conan O'Brien"], True),
        ("au:yang", ["Yangtze Li"], False),
        ("au:plato", ["Plato"], True),
        ('au:"LeCun Y"', ["Yann LeCun"], True),
        ('au:"A B C D"', ["A B C D E"], True),
        ("all:networks", ["Network Collaboration"], True),
        ('all:"li ming"', ["Wei Li", "Ming Chen"], False),
        ("au:last", [" ".join(f"n{number}" for number in range(29)) + " last"], True),
        ("au:last", [" ".join(f"n{number}" for number in range(30)) + " last"], False),
    ],
)
async def test_store_finds_authors(
    database: Database, query: str, authors: list[str], *, finds: bool
) -> None:
    await store(database, paper(1, authors=authors))
    assert await found(database, query) == ["2611.00001"] * finds
    assert matching([paper(1, authors=authors)], {"": parse(query)})[""] == ["2611.00001"] * finds


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("cat:cs.CV", True),
        ("cat:cs.*", True),
        ("cat:hep-th", True),
        ("cat:cs.CL", False),
        ("id:hep-th/9901001", True),
        ("id:hep-th/99*", True),
        ("id:9901001", False),
        ("all:9901001", True),
        ("all:cv", True),
        ("co:iclr", True),
        ("jr:phys*", True),
        ("jr:iclr", False),
    ],
)
async def test_store_finds_codes_and_notes(database: Database, query: str, *, finds: bool) -> None:
    told = paper(
        1,
        id="hep-th/9901001",
        categories=["cs.CV", "hep-th", 'I.2.7; "odd'],
        comment="Accepted at ICLR, 12 pages",
        journal_ref="Phys. Rev. D 12",
    )
    await store(database, told)
    assert await found(database, query) == ["hep-th/9901001"] * finds


@pytest.mark.parametrize(
    "query", ["rationales", '"rationales of"', "-rationales nerf", "all:happiest"]
)
async def test_words_that_no_paper_has_find_nothing(database: Database, query: str) -> None:
    await store(database, paper(1, "A rational NeRF"))
    assert await found(database, query) == ["2611.00001"] * query.startswith("-")


async def test_newest_come_first_and_the_count_is_of_all(database: Database) -> None:
    await store(database, *(paper(number, "A NeRF") for number in range(1, 31)))
    since = NOW - 20 * HOUR
    told = await own_store.find(database=database, query=parse("nerf"), since=since, most=3)
    assert told.count == 20
    assert [one.id for one in told.papers] == ["2611.00001", "2611.00002", "2611.00003"]
    newest = await own_store.newest(database=database, query=parse("nerf"), most=25)
    assert len(newest) == 25


async def test_many_papers_of_one_second_are_kept_apart(database: Database) -> None:
    one_moment = {"published_at": NOW, "updated_at": NOW}
    await store(database, *(paper(number, "A NeRF", **one_moment) for number in range(50)))
    await store(database, *(paper(number, "A NeRF", **one_moment) for number in range(40, 90)))
    assert len(await found(database, "nerf")) == 90
    assert len(await found(database, "nerf", since=NOW)) == 90
    assert await found(database, "nerf", since=NOW + timedelta(seconds=1)) == []


async def test_phrase_that_can_be_said_in_too_many_ways_is_verified(database: Database) -> None:
    # FTS5 has no alternatives within a phrase, and ten words have thousands of ways.
    title = " ".join(["GANs"] * 10)
    spelt = [paper(number, " ".join([word] * 2)) for number, word in enumerate(SPELLINGS, 2)]
    await store(database, paper(1, title), *spelt)
    assert await found(database, '"gan gan gan gan gan gan gan gan gan gan"') == ["2611.00001"]


async def test_new_version_is_found_by_its_new_words_only(database: Database) -> None:
    await store(database, paper(1, "A NeRF"))
    newer = paper(1, "A GAN", version=2, updated_at=NOW)
    await store(database, newer)
    assert (await found(database, "nerf"), await found(database, "gan")) == ([], ["2611.00001"])


async def test_older_version_changes_nothing(database: Database) -> None:
    await store(database, paper(1, "A GAN", version=2, updated_at=NOW))
    await store(database, paper(1, "A NeRF"))
    assert (await found(database, "nerf"), await found(database, "gan")) == ([], ["2611.00001"])


async def test_paper_that_leaves_is_found_no_more(database: Database) -> None:
    await store(database, paper(1, "A NeRF"), paper(2, "A NeRF"))
    async with database.transaction() as session:
        gone = await on_connection(
            session, retention.remove, rule=retention.UNNEEDED, paper_ids=["2611.00001"]
        )
    assert gone == 1
    assert await found(database, "nerf") == ["2611.00002"]


async def test_papers_without_words_are_indexed_later(database: Database) -> None:
    async with database.transaction() as session:
        await papers.store(session=session, papers=[paper(1, "A NeRF"), paper(2, "A GAN")])
    assert await found(database, "nerf") == []
    async with database.reading() as session:
        assert await paper_index.unindexed_until(session=session) == NOW - HOUR
    assert await own_store.index_missing(database=database) == 2
    async with database.reading() as session:
        assert await paper_index.unindexed_until(session=session) is None
    assert await found(database, "nerf") == ["2611.00001"]
    assert await own_store.index_missing(database=database) == 0


async def test_text_that_changed_without_words_is_not_found_by_the_old_ones(
    database: Database,
) -> None:
    await store(database, paper(1, "A NeRF"))
    async with database.transaction() as session:
        newer = paper(1, "A GAN", version=2, updated_at=NOW)
        await papers.store(session=session, papers=[newer])
    assert await found(database, "nerf") == []
    assert await own_store.index_missing(database=database) == 1
    assert await found(database, "gan") == ["2611.00001"]


async def matched(database: Database, topic_id: int) -> Sequence[str]:
    async with database.reading() as session:
        return await found_by(session, topic_id)


async def registered(database: Database, query: str) -> int:
    async with database.transaction() as session:
        return (await topics.register(session=session, query=query)).id


@pytest.mark.parametrize("count", [0, 3, 1001])
async def test_topic_is_matched_against_all_that_the_store_holds(
    database: Database, count: int
) -> None:
    await store(database, paper(5000, "A GAN"))
    minute = timedelta(minutes=1)
    moments = [NOW - number * minute for number in range(count)]
    some = [
        paper(number, "A NeRF", published_at=moment, updated_at=moment)
        for number, moment in enumerate(moments, 1)
    ]
    for start in range(0, count, 500):
        await store(database, *some[start : start + 500])
    topic_id = await registered(database, "nerf")
    for _again in range(2):
        await own_store.match_topic(database=database, topic_id=topic_id)
        assert await matched(database, topic_id) == [one.id for one in some]
    async with database.reading() as session:
        topic = await topics.get(session=session, topic_id=topic_id)
        assert topic is not None
        assert topic.matched_at is not None


async def test_newest_of_a_topic_are_matched_before_all_the_others(database: Database) -> None:
    """What is verified, too: those who follow it in the next moment are owed these."""
    some = [paper(n, "A transformer", authors=["Ada K. Lovelace"]) for n in range(1, 9)]
    await store(database, *some, paper(9, "A transformer", authors=["Karl Lovelace", "Ada Li"]))
    topic_id = await registered(database, 'au:"A. K. Lovelace"')
    week = some[5].published_at
    for most, expected in ((2, some[:2]), (100, some[:6])):
        await own_store.match_newest(database=database, topic_id=topic_id, since=week, most=most)
        assert await matched(database, topic_id) == [one.id for one in expected]
    async with database.reading() as session:
        topic = await topics.get(session=session, topic_id=topic_id)
        assert topic is not None
        assert topic.matched_at is None, "the others are still to be matched"
    await own_store.match_topic(database=database, topic_id=topic_id)
    assert await matched(database, topic_id) == [one.id for one in some]


async def test_topic_is_not_done_while_papers_are_still_to_be_indexed(database: Database) -> None:
    await store(database, paper(1, "A NeRF"))
    async with database.transaction() as session:
        await papers.store(session=session, papers=[paper(2, "An older NeRF")])
    topic_id = await registered(database, "nerf")
    await own_store.match_topic(database=database, topic_id=topic_id)
    assert await matched(database, topic_id) == ["2611.00001"]
    await own_store.index_missing(database=database)
    await own_store.match_topic(database=database, topic_id=topic_id)
    assert await matched(database, topic_id) == ["2611.00001", "2611.00002"]


async def test_topic_that_nobody_knows_any_more_is_left_alone(database: Database) -> None:
    await own_store.match_topic(database=database, topic_id=7)
    await own_store.match_newest(database=database, topic_id=7, since=NOW - HOUR, most=10)


async def test_index_takes_whatever_a_paper_says(database: Database) -> None:
    hostile = "' \" \\ \x00 \ufffd * ( ) : ^ {title} NEAR AND OR NOT ' OR 1=1; -- " + "x" * 3000
    odd = paper(1, f"{hostile} NeRF", abstract=hostile * 20, authors=[hostile, ""], comment=hostile)
    odd.title, odd.abstract = (text.replace("\x00", "") for text in (odd.title, odd.abstract))
    odd.authors, odd.comment = [hostile.replace("\x00", "")], hostile.replace("\x00", "")
    await store(database, odd, paper(2, "A NeRF"))
    assert await found(database, "nerf") == ["2611.00001", "2611.00002"]
    assert await found(database, f"{'x' * 200}*") == ["2611.00001"]
    assert await found(database, '"near and or not"') == ["2611.00001"]


def test_numbers_grow_with_the_date() -> None:
    moments = [NOW - timedelta(days=365 * 40), NOW, NOW + timedelta(seconds=1)]
    numbers = [paper_index.number_at(moment) for moment in moments]
    assert sorted(set(numbers)) == numbers
    assert numbers[-1] - numbers[-2] == 1024


async def test_what_has_the_words_in_its_title_or_has_them_often_is_most_relevant(
    database: Database,
) -> None:
    """Of equals the newer; what the query leaves out stays out."""
    once = "We study a quokka among many other animals of the island."
    await store(
        database,
        paper(1, "Animals", abstract=once),
        paper(2, "More animals", abstract=once),
        paper(3, "Life", abstract="A quokka meets a quokka, and a quokka more."),
        paper(4, "Where a quokka lives", abstract=once),
        paper(5, "A quokka survey", abstract=once),
        paper(6, "Wombats"),
    )

    async def ranked(query: str, most: int = 9) -> list[str]:
        best = await own_store.most_relevant(database=database, query=parse(query), most=most)
        return [one.title for one in best]

    order = ["Where a quokka lives", "Life", "Animals", "More animals"]
    assert await ranked("quokka -survey") == order
    assert await ranked("quokka -survey", most=2) == order[:2]
    assert len(await ranked("quokka cat:cs.CV")) == 5
    assert await ranked("primary:cs.CV wombats") == ["Wombats"], "where the matcher decides"
    assert await ranked("zyzzyva") == []

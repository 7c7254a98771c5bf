"""/search: the own store's papers at once, arXiv's older ones in a while, and nothing made up."""

import re
from datetime import timedelta

import pytest

from bot.playground.arxiv.faults import ArxivFault
from bot.playground.telegram.world import Message
from tests.bot_under_test import BotUnderTest
from tests.outside import famous, record
from tests.seldom import seldom

DAY = timedelta(days=1)
RANK = "↕️ Most relevant first"


async def finished(app: BotUnderTest, words: str) -> Message:
    """Search, and return the answer once arXiv's is in it."""
    answer = await app.say(app.ada, f"/search {words}")
    await app.until(lambda: "🔎" not in answer.text)
    return answer


def head(message: Message) -> list[str]:
    return message.text.split("\n\n")[0].split("\n")


async def test_the_own_store_answers_at_once_while_arxiv_is_still_asked(app: BotUnderTest) -> None:
    app.arxiv.faults.always(ArxivFault.HANG)
    answer = await app.say(app.ada, "/search transformer")
    assert head(answer) == [
        "transformer",
        "6 papers in the last 30 days",
        "🔎 Looking for older papers on arXiv …",
    ]
    assert len(re.findall(r"\b20\d\d\b", answer.text)) == 5, "a page, each with its date"
    assert answer.buttons == ["1", "2", "3", "4", "5", "›", RANK, "✅ Follow this"]


async def test_what_arxiv_knows_of_older_times_is_added(app: BotUnderTest) -> None:
    app.arxiv.publish([record(1, "An old zyzzyva", days_ago=300)])
    answer = await finished(app, "zyzzyva")
    assert head(answer) == ["zyzzyva", "No papers in the last 30 days", "Found 1 paper in all"]
    assert "1. An old zyzzyva · " in answer.text


async def test_arxiv_is_asked_for_what_is_older_than_the_store_alone(app: BotUnderTest) -> None:
    await finished(app, "transformer")
    (asked,) = {request.arguments["search_query"] for request in app.arxiv.requests}
    assert " AND submittedDate:[197001010000 TO " in asked


async def test_what_arxiv_does_not_have_either_is_said_to_be_so(app: BotUnderTest) -> None:
    answer = await finished(app, "zyzzyva")
    assert head(answer) == ["zyzzyva", "arXiv's search finds nothing on this."]
    assert answer.buttons == ["‹ Other topics", "✅ Follow this"]


async def test_plain_words_are_searched_for_without_what_asks(app: BotUnderTest) -> None:
    answer = await finished(app, "papers by Teng Guo")
    assert head(answer)[0] == "Teng Guo"
    assert "Teng Guo, Jingjin Yu" in answer.text


@pytest.mark.parametrize(
    ("words", "why", "offer", "found"),
    seldom(
        [
            ("大语言模型", "Did you mean this?", "large language model · 15", "1. "),
            ("zyzzyva splatting", "No paper has the word zyzzyva.", "splatting · 11", "1. "),
            ("何恺明", "Did you mean one of these?", "Kaiming He · 1", "Kaiming He, Xiangyu Zhang"),
            (
                "作者何恺明",
                "Did you mean one of these?",
                "Kaiming He · 1",
                "Kaiming He, Xiangyu Zhang",
            ),
        ]
    ),
)
async def test_a_search_that_finds_nothing_offers_searches_that_find_papers(
    app: BotUnderTest, words: str, why: str, offer: str, found: str
) -> None:
    app.arxiv.publish(famous())
    answer = await finished(app, words)
    assert why in answer.text
    assert answer.buttons[-1] == "✅ Follow this", "last of all"
    instead = await app.tap(app.ada, offer, message=answer)
    await app.until(lambda: "🔎" not in instead.text)
    assert head(instead)[0] == offer.partition(" · ")[0]
    assert found in instead.text


async def test_an_arxiv_that_does_not_answer_is_named_beside_what_the_bot_has(
    app: BotUnderTest,
) -> None:
    app.arxiv.down = True
    answer = await finished(app, "transformer")
    assert head(answer)[1:] == [
        "6 papers in the last 30 days",
        "⚠️ arXiv is not answering. These are the papers I have myself.",
    ]
    nothing = await finished(app, "zyzzyva")
    assert head(nothing)[1:] == [
        "No papers in the last 30 days",
        "⚠️ arXiv is not answering, so there may be older ones.",
    ]


async def test_a_query_that_arxiv_refuses_is_not_called_an_arxiv_that_is_silent(
    app: BotUnderTest,
) -> None:
    app.arxiv.faults.always(ArxivFault.ERROR_ENTRY)
    answer = await finished(app, "transformer")
    assert head(answer)[1:] == [
        "6 papers in the last 30 days",
        "⚠️ arXiv's search can't handle this query, so older papers may be missing.",
    ]


async def test_who_had_no_turn_is_told_so(app: BotUnderTest) -> None:
    app.arxiv.faults.always(ArxivFault.HANG)
    for words in ("aardvarks", "badgers", "camels", "dingos"):
        await app.say(app.ada, f"/search {words}")
    answer = await finished(app, "elks")
    assert head(answer)[1:] == [
        "No papers in the last 30 days",
        "⏳ arXiv takes one question at a time, and many are waiting. Try again soon.",
    ]


async def test_before_the_first_sweep_arxiv_alone_is_asked(app: BotUnderTest) -> None:
    await app.forget_arxiv()
    answer = await finished(app, "transformer")
    assert head(answer) == ["transformer", "Found 6 papers in all"]
    assert head(await finished(app, "zyzzyva"))[1:] == ["arXiv's search finds nothing on this."]
    app.arxiv.down = True
    assert head(await finished(app, "quokka"))[1:] == [
        "arXiv isn't answering right now. Please try again in a while."
    ]


async def test_while_the_store_is_filling_it_says_from_when_on_it_knows(app: BotUnderTest) -> None:
    app.arxiv.down = True
    await app.read_arxiv(7 * DAY)
    told = head(await finished(app, "transformer"))
    assert told[1].startswith("2 papers since ")
    assert told[2] == "⏳ I'm still reading older papers."


async def test_of_a_cut_answer_only_the_day_that_it_reaches_to_is_told(app: BotUnderTest) -> None:
    app.arxiv.publish(record(n, f"Zyzzyva number {n}", days_ago=40 + n) for n in range(210))
    answer = await finished(app, "zyzzyva")
    assert head(answer)[1] == "No papers in the last 30 days"
    assert head(answer)[2].startswith("Searched on arXiv back to ")
    assert "200" not in answer.text


async def test_nobody_else_s_paper_is_ever_shown(app: BotUnderTest) -> None:
    """arXiv's search takes the words of a name in any order, and from several authors."""
    app.arxiv.publish(
        [
            record(1, "Hers", days_ago=60, authors=["Fei-Fei Li"]),
            record(2, "Theirs", days_ago=61, authors=["Fei Wang", "Li Hua"]),
        ]
    )
    answer = await finished(app, 'au:"Fei-Fei Li"')
    assert head(answer)[2] == "Found 1 paper in all"
    assert "1. Hers" in answer.text
    assert "Theirs" not in answer.text


@pytest.mark.parametrize(
    "words",
    [
        "2611.00001",
        "arXiv:2611.00001v2",
        "https://arxiv.org/abs/2611.00001",
        "have a look: https://arxiv.org/pdf/2611.00001",
    ],
)
async def test_an_id_or_a_link_finds_its_paper(app: BotUnderTest, words: str) -> None:
    app.arxiv.publish([record(1, "An old zyzzyva", days_ago=300)])
    answer = await finished(app, words)
    assert head(answer)[0] == "id:2611.00001"
    assert "1. An old zyzzyva · " in answer.text


async def test_pages_keep_the_head_of_the_first(app: BotUnderTest) -> None:
    answer = await finished(app, "Transformer")
    assert head(answer) == [
        "Transformer",
        "6 papers in the last 30 days",
        "Found 6 papers in all",
    ]
    further = await app.tap(app.ada, "›", message=answer)
    assert head(further) == [
        "Transformer",
        "6 papers in the last 30 days",
        "Found 6 papers in all",
    ]
    assert "\n6. " in further.text
    assert head(await app.tap(app.ada, "‹", message=further)) == head(answer)


async def test_the_most_relevant_can_come_first_and_the_newest_again(app: BotUnderTest) -> None:
    answer = await finished(app, "Transformer")
    dated = answer.text
    ranked = await app.tap(app.ada, RANK, message=answer)
    assert head(ranked)[-1].startswith("↕️ Most relevant first: ")
    assert "Transformer" in ranked.text.split("\n1. ")[1].split("\n")[0]
    further = await app.tap(app.ada, "›", message=ranked)
    assert head(further)[-1].startswith("↕️ Most relevant first: "), "also on the next page"
    assert "\n6. " in further.text
    again = await app.tap(app.ada, "↕️ Newest first", message=further)
    assert again.text == dated


async def test_whoever_turned_a_page_meanwhile_is_not_turned_back(app: BotUnderTest) -> None:
    app.arxiv.faults.always(ArxivFault.HANG)
    answer = await app.say(app.ada, "/search transformer")
    further = await app.tap(app.ada, "›", message=answer)
    assert head(further) == ["transformer", "6 papers in the last 30 days"]
    app.arxiv.faults.clear()
    await app.say(app.ada, "/help")
    assert "\n6. " in further.text


async def test_a_search_can_be_followed(app: BotUnderTest) -> None:
    answer = await finished(app, "Transformer")
    followed = await app.tap(app.ada, "✅ Follow this", message=answer)
    assert "You now follow Transformer" in followed.text
    assert await app.labels(app.ada) == ["Transformer"]
    again = await app.say(app.ada, "/search transformer")
    assert again.buttons[-1] == "✓ You follow this"


async def test_what_was_asked_of_arxiv_is_not_asked_again(app: BotUnderTest) -> None:
    app.arxiv.publish([record(1, "An old zyzzyva", days_ago=300)])
    await finished(app, "zyzzyva")
    asked = len(app.arxiv.requests)
    again = await app.say(app.ada, "/search zyzzyva")
    assert head(again) == ["zyzzyva", "No papers in the last 30 days"]
    assert "1. An old zyzzyva · " in again.text
    assert len(app.arxiv.requests) == asked
    await finished(app, "quokka")
    nothing = await app.say(app.ada, "/search quokka")
    asked = len(app.arxiv.requests)
    nothing = await app.answer(app.ada, since=app.mark()) if "🔎" in nothing.text else nothing
    assert head(nothing) == ["quokka", "arXiv's search finds nothing on this."]
    assert len(app.arxiv.requests) == asked


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("", "What are you looking for?"),
        ("((((", "This bracket has no match."),
    ],
)
async def test_no_words_or_no_sense_is_answered_with_a_way_on(
    app: BotUnderTest, words: str, answer: str
) -> None:
    told = await app.say(app.ada, f"/search {words}")
    assert answer in told.text


async def test_a_search_without_words_waits_for_them(app: BotUnderTest) -> None:
    await app.say(app.ada, "/search")
    assert (await app.say(app.ada, "transformer")).text.startswith("transformer\n6 papers")
    await app.say(app.ada, "/search")
    assert (await app.tap(app.ada, "✖️ Cancel")).text == "OK, cancelled."


async def test_members_of_a_group_may_search(app: BotUnderTest) -> None:
    await app.join(app.ada, app.group)
    answer = await app.say(app.lin, "/search transformer", chat=app.group)
    assert "transformer" in answer.text


async def test_somebody_s_questions_are_few_in_however_many_chats(app: BotUnderTest) -> None:
    await app.join(app.ada, app.group)
    app.arxiv.faults.always(ArxivFault.HANG)
    for number in range(4):  # one is asked, three wait
        await app.say(app.ada, f"/search zyzzyva{number}")
    answer = await app.say(app.ada, "/search quixotry", chat=app.group)
    await app.until(lambda: "🔎" not in answer.text)
    assert "many are waiting" in answer.text
    theirs = await app.say(app.lin, "/search quixotry")
    assert "🔎" in theirs.text, "others have their turn"

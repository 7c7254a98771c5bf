"""From words or a tap over a preview to a subscription, and the first papers."""

import re
from functools import partial

import pytest
from sqlmodel import col, select

from bot.i18n import texts
from bot.playground.arxiv.faults import ArxivFault
from bot.playground.telegram.world import Event
from storage import paper_index
from storage.columns import utc_now
from storage.models import ChatState, Paper
from tests.bot_under_test import BotUnderTest
from tests.on_connection import found_by
from tests.outside import DAY, record
from tests.seldom import seldom


async def test_while_the_index_is_filling_a_preview_counts_from_where_it_is_whole(
    app: BotUnderTest,
) -> None:
    async with app.database.transaction() as session:
        old = select(Paper).where(col(Paper.published_at) < utc_now() - 3 * DAY)
        newest = (await session.exec(old.order_by(col(Paper.published_at).desc()))).first()
        assert newest is not None
    await app.database.write(partial(paper_index.forget, paper_ids=[newest.id]))
    day = texts("en").date(newest.published_at + DAY)
    preview = await app.say(app.ada, "transformer")
    assert f" since {day}\n⏳ I'm still reading older papers." in preview.text


READING = "⏳ I'm still reading arXiv. The newest I know of:"


@pytest.mark.parametrize(
    ("person", "topic", "days", "follow"),
    [
        ("ada", "Large language models", "papers in the last 30 days", "✅ Follow"),
        ("lin", "LLM", "最近 30 天有", "✅ 订阅"),
    ],
)
async def test_a_ready_made_topic_is_previewed_in_place(
    app: BotUnderTest, person: str, topic: str, days: str, follow: str
) -> None:
    who = getattr(app, person)
    await app.say(who, "/subscribe")
    preview = await app.tap(who, topic)
    assert preview.text.startswith(f"{topic}\n")
    assert days in preview.text
    assert preview.text.count("•") == 3
    assert follow in preview.buttons
    assert len(app.shown(who)) == 1
    assert await app.labels(who) == []


async def test_a_preview_comes_at_once_and_costs_arxiv_nothing(app: BotUnderTest) -> None:
    app.arxiv.faults.always(ArxivFault.HANG)
    preview = await app.say(app.ada, "transformer")
    assert preview.text.startswith("transformer\n6 papers in the last 30 days\n\n• ")
    assert preview.text.count("•") == 3
    assert app.arxiv.requests == []
    assert not app.telegram.calls_to("editMessageText"), "one message, and no other in its place"


async def test_while_the_store_is_filling_a_preview_says_from_when_on_it_counts(
    app: BotUnderTest,
) -> None:
    app.arxiv.down = True
    await app.read_arxiv(7 * DAY)
    day = texts("en").date(utc_now() - 6 * DAY)
    preview = await app.say(app.ada, "transformer")
    assert preview.text.startswith(
        f"transformer\n2 papers since {day}\n⏳ I'm still reading older papers.\n\n• "
    )
    nothing = await app.say(app.ada, "zyzzyva")
    assert f"No papers since {day}\n⏳ I'm still reading older papers." in nothing.text


async def test_a_preview_says_when_arxiv_was_last_reached_where_that_is_long_ago(
    app: BotUnderTest,
) -> None:
    app.arxiv.down = True
    await app.read_arxiv(35 * DAY, 3 * DAY)
    day = texts("en").date(utc_now() - 3 * DAY)
    preview = await app.say(app.ada, "transformer")
    assert f"⚠️ I last reached arXiv on {day}: newer papers are missing." in preview.text


async def test_before_the_first_sweep_a_preview_asks_arxiv(app: BotUnderTest) -> None:
    await app.forget_arxiv()
    preview = await app.say(app.ada, "transformer")
    assert preview.text.startswith(f"transformer\n{READING}\n\n• ")
    assert app.arxiv.requests
    nothing = await app.say(app.ada, "zyzzyva")
    assert "arXiv's search finds nothing on this." in nothing.text


async def test_before_the_first_sweep_arxiv_s_number_is_told_where_it_means_the_same(
    app: BotUnderTest,
) -> None:
    await app.forget_arxiv()
    app.arxiv.publish([record(1, "A zyzzyva", days_ago=3, categories=["hep-th"])])
    preview = await app.say(app.ada, "hep-th")
    assert preview.text.startswith("hep-th\n1 paper in the last 30 days\n\n• ")
    assert "No papers in the last 30 days" in (await app.say(app.ada, "hep-lat")).text


async def test_of_an_answer_that_arxiv_cuts_off_no_number_is_told(app: BotUnderTest) -> None:
    await app.forget_arxiv()
    app.arxiv.publish(record(n, f"Zyzzyva number {n}", days_ago=0.01) for n in range(210))
    preview = await app.say(app.ada, "zyzzyva")
    assert preview.text.startswith(f"zyzzyva\n{READING}\n\n• Zyzzyva number ")
    assert "papers" not in preview.text


async def test_all_of_the_stored_week_is_owed_to_whoever_follows_at_once(
    app: BotUnderTest,
) -> None:
    """However few papers a push brings, and before arXiv has told anything."""
    app.arxiv.publish(record(n, f"Zyzzyva number {n}", days_ago=n % 7) for n in range(50))
    app.arxiv.publish([record(50, "An older zyzzyva", days_ago=8)])
    await app.sweep()
    app.arxiv.faults.always(ArxivFault.HANG)
    followed = await app.follow(app.ada, "zyzzyva*")
    assert "50 papers from this week are ready for you." in followed.text
    assert "You get 10 at a time." in followed.text
    assert "📬 50 papers waiting" in (await app.say(app.ada, "/status")).text
    arrived = await app.tap(app.ada, "📬 Send them now", message=followed)
    assert arrived.text.startswith("☀️ 10 of 50 new papers")


async def test_what_the_store_has_is_on_the_topic_when_it_is_followed(app: BotUnderTest) -> None:
    app.arxiv.faults.always(ArxivFault.HANG)
    await app.follow(app.ada, "transformer")

    async def is_matched() -> bool:
        (entry,) = await app.followed(app.ada)
        return entry.topic.matched_at is not None

    await app.eventually(is_matched)
    (entry,) = await app.followed(app.ada)
    async with app.database.reading() as session:
        found = await found_by(session, entry.topic.id)
    assert len(found) == 6, "all of the month, and not only those of the week"


async def test_following_a_ready_made_topic_says_what_comes_when(app: BotUnderTest) -> None:
    await app.say(app.ada, "/subscribe")
    await app.tap(app.ada, "Large language models")
    followed = await app.tap(app.ada, "✅ Follow")
    assert followed.text.startswith("✅ You now follow Large language models.")
    assert re.search(r"\d+ papers? from this week (is|are) ready for you\.", followed.text)
    assert "New papers come at 09:00. What time is it where you are?" in followed.text
    asked = followed.buttons
    assert asked[6:] == [
        *("📍 Use my location", "🌍 Somewhere else", "📬 Send them now", "➕ Another topic"),
        "🎯 Learn from examples",
    ]
    told = await app.tap(app.ada, next(one for one in asked if one.endswith("· London")))
    assert re.search(r"Next papers: (today|tomorrow) at 09:00 \(London\)\.", told.text)
    assert re.search(r"\d+ papers? from this week (is|are) ready for you\.", told.text)
    assert told.buttons == [
        *("📬 Send them now", "➕ Another topic", "⏰ Change the time"),
        "🎯 Learn from examples",
    ]
    assert (await app.chat(app.ada)).timezone == "Europe/London"
    assert await app.labels(app.ada) == ["Large language models"]


async def test_what_is_sent_now_is_sent_once(app: BotUnderTest) -> None:
    confirmation = await app.follow(app.ada, "transformer")
    assert "2 papers from this week are ready for you." in confirmation.text
    arrived = await app.tap(app.ada, "📬 Send them now")
    assert arrived.text.startswith("☀️ 2 new papers")
    await app.all_sent(app.ada, 2)
    await app.say(app.ada, "/topics")
    await app.until(lambda: "📬 Send them now" not in confirmation.buttons)
    stored = await app.chat(app.ada)
    assert await app.push(now=stored.next_push_at) == 0
    assert len(app.papers(app.ada)) == len(set(app.papers(app.ada))) == 2


async def test_papers_come_in_the_chat_s_language(app: BotUnderTest) -> None:
    await app.follow(app.lin, "transformer")
    arrived = await app.tap(app.lin, "📬 现在就发给我")
    assert "篇新论文" in arrived.text
    assert any(entity.type == "expandable_blockquote" for entity in arrived.formatted.entities)
    assert len(re.findall(r"[\u4e00-\u9fff]", arrived.text)) > 200
    assert "翻译服务没有响应" not in arrived.text


async def test_words_are_previewed_and_keep_the_writer_s_own_name_for_them(
    app: BotUnderTest,
) -> None:
    preview = await app.say(app.ada, "Vision  Transformer | VLM")
    assert preview.text.startswith("Vision Transformer | VLM\n")
    await app.tap(app.ada, "✅ Follow")
    assert await app.labels(app.ada) == ["Vision Transformer | VLM"]


async def test_a_name_with_signs_that_mean_something_in_html_survives(app: BotUnderTest) -> None:
    await app.say(app.ada, '"vision <language> & more"')
    await app.tap(app.ada, "✅ Follow")
    assert await app.labels(app.ada) == ['"vision <language> & more"']
    assert '"vision <language> & more"' in (await app.say(app.ada, "/topics")).text


async def test_a_long_query_gets_a_short_name_on_one_line(app: BotUnderTest) -> None:
    words = "transformer\n" + " OR ".join(f'"attention head {n}"' for n in range(10))
    await app.say(app.ada, words)
    await app.tap(app.ada, "✅ Follow")
    (label,) = await app.labels(app.ada)
    assert label.startswith('transformer "attention head 0" OR')
    assert label.endswith("…")
    assert len(label) <= 60
    (entry,) = await app.followed(app.ada)
    assert "attention head 9" in entry.topic.query


async def test_a_topic_is_named_as_in_the_preview_that_was_tapped(app: BotUnderTest) -> None:
    first = await app.say(app.ada, "Vision Transformer")
    await app.say(app.ada, "VISION transformer")
    await app.tap(app.ada, "✅ Follow", message=first)
    assert await app.labels(app.ada) == ["Vision Transformer"]


@pytest.mark.parametrize("person", ["ada", "lin"])
async def test_subscribe_takes_words_as_arguments(app: BotUnderTest, person: str) -> None:
    who = getattr(app, person)
    preview = await app.say(who, '/subscribe "large language model" -survey')
    assert preview.text.startswith('"large language model" -survey\n')
    await app.tap(who, preview.buttons[0])
    assert await app.labels(who) == ['"large language model" -survey']


async def test_equal_queries_are_one_topic_with_two_names(app: BotUnderTest) -> None:
    await app.follow(app.ada, "LLM agents")
    await app.follow(app.lin, "agents llm")
    (hers,), (his,) = await app.followed(app.ada), await app.followed(app.lin)
    assert hers.topic.id == his.topic.id
    assert (hers.subscription.label, his.subscription.label) == ("LLM agents", "agents llm")
    asked = [r.arguments["search_query"] for r in app.arxiv.requests]
    assert len(set(asked)) == 1, "arXiv was asked for one topic"


async def test_what_is_followed_is_not_offered_again_but_opened(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    preview = await app.say(app.ada, "TRANSFORMER")
    assert preview.buttons[0] == "✓ You follow this"
    opened = await app.tap(app.ada, "✓ You follow this")
    assert "🗑 Unsubscribe" in opened.buttons


async def test_following_twice_changes_nothing_and_says_so(app: BotUnderTest) -> None:
    first = await app.say(app.ada, "transformer")
    second = await app.say(app.ada, "transformer")
    await app.tap(app.ada, "✅ Follow", message=first)
    said = await app.alert(app.ada, "✅ Follow", message=second)
    assert said == "You follow this already."
    assert await app.labels(app.ada) == ["transformer"]


@pytest.mark.parametrize(
    ("person", "nothing", "hint"),
    [
        ("ada", "No papers in the last 30 days", "Papers on arXiv are in English"),
        ("lin", "最近 30 天没有论文", "arXiv 上的论文是英文的"),
    ],
)
async def test_chinese_words_that_find_nothing_are_answered_with_a_hint(
    app: BotUnderTest, person: str, nothing: str, hint: str
) -> None:
    who = getattr(app, person)
    preview = await app.say(who, "龙虾养殖")
    assert nothing in preview.text
    assert hint in preview.text
    for words in ("zyzzyva", "Zyzzyvä", "ζyzzyva", "作者：zyzzyva"):
        assert hint not in (await app.say(who, words)).text


async def test_following_what_has_no_papers_yet_offers_nothing_to_send(app: BotUnderTest) -> None:
    await app.say(app.ada, "/settings Tokyo")
    followed = await app.follow(app.ada, "zyzzyva")
    assert "ready for you" not in followed.text
    assert "📬 Send them now" not in followed.buttons
    assert "Next papers:" in followed.text


async def test_a_paused_chat_that_follows_more_is_told_that_it_is_paused(app: BotUnderTest) -> None:
    await app.say(app.ada, "/start")
    await app.change(app.ada, state=ChatState.PAUSED)
    followed = await app.follow(app.ada, "transformer")
    assert "Paused. Nothing is sent until you resume in /settings." in followed.text
    assert "Next papers" not in followed.text


async def test_the_time_of_the_push_is_one_tap_from_the_first_topic(app: BotUnderTest) -> None:
    followed = await app.follow(app.lin, "transformer")
    await app.tap(app.lin, next(one for one in followed.buttons if one.endswith("· 上海")))
    times = await app.tap(app.lin, "⏰ 更改时间")
    assert "每天几点推送？" in times.text
    saved = await app.tap(app.lin, "07:00")
    assert "⏰ 每日推送：07:00" in saved.text


async def test_a_newcomer_who_is_somewhere_else_says_where(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    asked = await app.tap(app.ada, "🌍 Somewhere else")
    assert "Which city or country are you in?" in asked.text
    assert "I don't know “zyzzyva”." in (await app.say(app.ada, "zyzzyva")).text
    several = await app.say(app.ada, "Australia")
    assert several.text == "Which one do you mean?"
    assert [one.split()[0] for one in several.buttons[:2]] == ["Sydney", "Brisbane"]
    assert (await app.say(app.ada, "Bostn")).buttons == ["Boston -5", "‹ Back"]
    several = await app.say(app.ada, "Australia")
    card = await app.tap(app.ada, next(one for one in several.buttons if "Perth" in one))
    assert "🌍 Time zone: Perth" in card.text
    assert (await app.chat(app.ada)).timezone == "Australia/Perth"


async def test_who_said_where_they_are_is_not_asked_again(app: BotUnderTest) -> None:
    followed = await app.follow(app.ada, "transformer")
    await app.tap(app.ada, next(one for one in followed.buttons if one.endswith("· Berlin")))
    more = await app.follow(app.ada, "gaussian splatting")
    assert "What time is it" not in more.text
    assert more.buttons[-2:] == ["➕ Another topic", "⏰ Change the time"]


async def test_another_topic_is_one_tap_away(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    topics = await app.tap(app.ada, "➕ Another topic")
    assert "What do you want to follow?" in topics.text
    await app.tap(app.ada, "OCR")
    others = await app.tap(app.ada, "‹ Other topics")
    assert "What do you want to follow?" in others.text


async def test_the_zone_of_the_next_push_is_a_city_s_name(app: BotUnderTest) -> None:
    await app.say(app.lin, "/settings 上海")
    followed = await app.follow(app.lin, "transformer")
    assert "（上海）" in followed.text


async def test_a_preview_whose_message_is_deleted_meanwhile_harms_nothing(
    app: BotUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    await app.forget_arxiv()

    def delete(event: Event) -> None:
        told = event.message
        if event.kind == "message" and told is not None and told.text.startswith("🔎"):
            app.telegram.world.delete(told)

    app.telegram.world.watch(delete)
    app.telegram.send_text(app.ada, app.ada, "transformer")
    await app.until(lambda: app.telegram.calls_to("editMessageText"))
    assert "don't follow anything" in (await app.say(app.ada, "/topics")).text
    assert "ERROR" not in caplog.text


@pytest.mark.parametrize(
    ("person", "hint"),
    [
        ("ada", "Small “or” and “not” are ordinary words."),
        ("lin", "小写的 or、not 只是普通单词。"),
    ],
)
async def test_operators_in_small_letters_are_answered_with_a_hint(
    app: BotUnderTest, person: str, hint: str
) -> None:
    who = getattr(app, person)
    answer = await app.say(who, "gan or nerf")
    assert hint in answer.text
    assert (await app.tap(who, "gan OR nerf")).text.startswith("gan OR nerf\n")
    assert hint not in (await app.say(who, "gan OR nerf")).text


async def test_the_bot_s_own_name_in_front_is_no_word_of_the_query(app: BotUnderTest) -> None:
    """As when somebody sends `@bot words` before inline mode has found anything."""
    name = app.telegram.world.bot.username
    assert (await app.say(app.ada, f"@{name} nerf")).text.startswith("nerf\n")


@pytest.mark.parametrize(
    "words", seldom(["cs.RO", "Node.js", "d.py runtimes", "cat:cs.CV llama.cpp"])
)
async def test_a_topic_with_a_dot_in_its_name_keeps_the_name_and_is_no_link(
    app: BotUnderTest, words: str
) -> None:
    """What the fake Telegram would make a link of fails any test; here the label is read back."""
    await app.follow(app.ada, words)
    assert await app.labels(app.ada) == [words]
    for command in ("/topics", f"/search {words}", "/status", "/week"):
        await app.say(app.ada, command)
        await app.until(lambda: "🔎" not in app.last(app.ada).text)
    card = await app.tap(app.ada, words, message=await app.say(app.ada, "/topics"))
    assert card.text.startswith(words)

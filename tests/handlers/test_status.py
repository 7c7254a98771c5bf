"""/status: when arXiv was looked at, what waits, and why nothing came."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlmodel import delete

from bot.arxiv.transport import SourceError
from bot.handlers.status import _Looked, _State, _why_nothing_came
from bot.i18n import texts
from bot.playground.arxiv.faults import ArxivFault
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.translator.stand_in import TranslatorFault
from storage import sweeps
from storage.columns import utc_now
from storage.models import Chat, ChatKind, ChatState, Sweep, SweepFault, SweepState
from tests.bot_under_test import BotUnderTest, open_bot
from tests.outside import record
from tests.seldom import seldom


async def look(app: BotUnderTest, *, days_ago: float, **values: object) -> None:
    """Write a sweep into the diary."""
    moment = utc_now() - timedelta(days=days_ago)
    entry = Sweep(window_from=moment - timedelta(days=7), window_to=moment, started_at=moment)
    for name, value in values.items():
        setattr(entry, name, value)
    async with app.database.transaction() as session:
        await sweeps.add(session=session, sweep=entry)


async def empty_diary(app: BotUnderTest) -> None:
    async with app.database.transaction() as session:
        await session.exec(delete(Sweep))


async def test_somebody_without_topics_is_told_so_and_shown_the_way(app: BotUnderTest) -> None:
    answer = await app.say(app.ada, "/status")
    assert answer.text.startswith("Status\n")
    assert answer.text.endswith("You don't follow anything yet.")
    assert answer.buttons == ["➕ Follow a topic"]


async def test_a_sweep_s_findings_are_counted_for_the_chat_s_own_topics(app: BotUnderTest) -> None:
    await app.follow(app.ada, "cat:cs.CV")
    await app.follow(app.lin, "zyzzyva")
    app.arxiv.publish(record(n, f"A NeRF number {n}", days_ago=0) for n in range(3))
    app.arxiv.publish([record(3, "Galaxies", days_ago=0, categories=["astro-ph.GA"])])
    await app.sweep()
    mine = await app.say(app.ada, "/status")
    assert "4 new papers, 3 on your topics" in mine.text
    theirs = await app.say(app.lin, "/status")
    assert "新论文 4 篇，其中 0 篇符合你的主题" in theirs.text
    assert "📭 没有待推送的论文" in theirs.text
    assert theirs.text.endswith("没有给你的论文：最近的新论文都不符合你的主题。")


async def test_whoever_follows_after_a_sweep_is_told_what_it_found_and_no_more(
    app: BotUnderTest,
) -> None:
    app.arxiv.publish([record(1, "A transformer of today", days_ago=0)])
    await app.sweep()
    await app.follow(app.ada, "transformer")
    told = (await app.say(app.ada, "/status")).text
    assert "1 new paper, 1 on your topics" in told, "the older ones were new to other sweeps"


async def test_what_waits_is_counted_and_its_time_is_the_chat_s_own(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    await app.change(
        app.ada,
        timezone="Asia/Tokyo",
        next_push_at=datetime(2030, 1, 1, 23, 30, tzinfo=UTC),
        push_time=time(8, 30),
    )
    answer = await app.say(app.ada, "/status")
    assert "⏰ Next papers: Jan 2, 2030, 08:30" in answer.text
    assert re.search(r"📬 \d+ papers waiting", answer.text)


async def test_the_next_look_is_the_schedule_s(app: BotUnderTest) -> None:
    answer = await app.say(app.ada, "/status")
    found = re.search(r"⏭ Next check: .*, (\d\d):(\d\d)$", answer.text, re.MULTILINE)
    assert found is not None
    assert found[2] == "17"
    assert found[1] in {"01", "03", "07", "13"}


async def test_how_far_back_arxiv_is_known_is_told_until_35_days_are(app: BotUnderTest) -> None:
    app.arxiv.down = True  # nothing is read meanwhile
    await app.say(app.ada, "/settings Los Angeles")  # days are arXiv's, whatever the chat's clock
    await empty_diary(app)
    assert "all of arXiv" not in (await app.say(app.ada, "/status")).text
    await look(app, days_ago=0, whole=True)
    # The day in whose midst that begins is not known as a whole.
    day, end = (utc_now() - timedelta(days=6), utc_now() - timedelta(days=35))
    told = f"since {texts('en').date(day)}, and am reading further back, to {texts('en').date(end)}"
    assert f"🗄 I know all of arXiv {told}." in (await app.say(app.ada, "/status")).text
    assert "正在继续往前读取" in (await app.say(app.lin, "/status")).text
    await look(app, days_ago=0, whole=True, window_from=utc_now() - timedelta(days=36))
    assert "all of arXiv" not in (await app.say(app.ada, "/status")).text


@pytest.mark.parametrize(
    ("fault", "english", "chinese"),
    [
        (ArxivFault.RESET, "arXiv has been unreachable since", "无法连接 arXiv"),
        (ArxivFault.TOO_MANY_REQUESTS, "arXiv has been too busy to answer", "arXiv 过于繁忙"),
        (ArxivFault.HTML, "arXiv has been sending garbage since", "arXiv 返回的内容不正常"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
async def test_a_sweep_that_failed_is_told_in_a_person_s_words(
    app: BotUnderTest, fault: ArxivFault, english: str, chinese: str
) -> None:
    await app.follow(app.ada, "zyzzyva")
    app.arxiv.faults.always(fault)
    with pytest.raises(SourceError):
        await app.sweep()
    answer = await app.say(app.ada, "/status")
    assert english in answer.text
    assert "I keep trying; nothing gets lost." in answer.text
    assert chinese in (await app.say(app.lin, "/status")).text
    assert not re.search(r"http|127\.0\.0\.1|Error", answer.text)
    assert "🔭 Last checked arXiv:" in answer.text, "the last good one is told all the same"


async def test_trouble_is_told_since_its_beginning_and_forgotten_after_its_end(
    app: BotUnderTest,
) -> None:
    broken = {"state": SweepState.FAILED, "fault": SweepFault.OWN}
    await look(app, days_ago=2, **broken)
    await look(app, days_ago=1, **broken)
    began = texts("en").date(utc_now() - timedelta(days=2))
    answer = await app.say(app.ada, "/status")
    assert f"⚠️ Something has been wrong on my side since {began}" in answer.text
    await look(app, days_ago=0)
    assert "⚠️" not in (await app.say(app.ada, "/status")).text


async def test_before_the_first_look_nothing_is_made_up(app: BotUnderTest) -> None:
    await empty_diary(app)
    answer = await app.say(app.ada, "/status")
    assert "🔭 I haven't checked arXiv yet." in answer.text
    assert "new paper" not in answer.text


async def test_an_idle_look_also_names_the_last_one_with_news(app: BotUnderTest) -> None:
    await look(app, days_ago=3, new=1204, found=5000)
    await look(app, days_ago=0.1)
    day = texts("en").date(utc_now() - timedelta(days=3))
    answer = await app.say(app.ada, "/status")
    assert f"No new papers\n📰 Last new papers: {day}" in answer.text
    assert "1,204 new papers, 0 on your topics" in answer.text


async def test_a_paused_chat_is_told_that_it_is_paused(app: BotUnderTest) -> None:
    await app.follow(app.ada, "zyzzyva")
    await app.change(app.ada, state=ChatState.PAUSED)
    answer = await app.say(app.ada, "/status")
    assert "⏸ Paused. Nothing is sent until you resume." in answer.text
    assert "Next papers" not in answer.text


async def test_what_was_sent_today_is_counted(app: BotUnderTest) -> None:
    await app.follow(app.ada, "nerf")
    sent = await app.push(now=(await app.chat(app.ada)).next_push_at)
    assert sent
    answer = await app.say(app.ada, "/status")
    assert answer.text.endswith(f"You have it all: {sent} papers came in the last 24 hours.")


ADA = 700_000_001

# Calls side by side: how many are on their way when the engine is given up is chance.
FAILED = r"libre: 0 used, 0 refused, [1-9] failed"
REFUSED = r"libre: 0 used, [1-9] refused, 0 failed"
RESTS = r"Asked again in [45] minutes"


@pytest.fixture
async def run_by_ada(
    telegram: FakeTelegram, tmp_path: Path, empty_database: Path
) -> AsyncIterator[BotUnderTest]:
    async with open_bot(telegram, folder=tmp_path, empty=empty_database, admins=str(ADA)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("fault", "expected"),
    seldom(
        [
            (
                TranslatorFault.TOO_MANY_REQUESTS,
                f"⚠️ {FAILED}\nLast problem: too-many-requests\n{RESTS}",
            ),
            (TranslatorFault.SERVER_ERROR, f"⚠️ {FAILED}\nLast problem: server-error\n{RESTS}"),
            (TranslatorFault.QUOTA, f"⚠️ {REFUSED}\nLast problem: notice\n{RESTS}"),
            (TranslatorFault.ECHO, f"✅ {REFUSED}\nLast problem: echo"),
            (None, "✅ libre: 5 used, 0 refused, 0 failed"),
        ]
    ),
)
async def test_an_operator_sees_how_each_engine_does_and_why_it_fails_a_reader_does_not(
    run_by_ada: BotUnderTest, fault: TranslatorFault | None, expected: str
) -> None:
    app = run_by_ada
    await app.follow(app.lin, "transformer")
    app.libre.fault = fault
    await app.say(app.lin, "/latest 5")
    text = (await app.say(app.ada, "/status")).text
    assert re.search(f"Translators since the start\n{expected}$", text)
    assert not re.search(r"http|127\.0\.0\.1", text)
    assert "libre" not in (await app.say(app.lin, "/status")).text
    await app.join(app.ada, app.group)
    assert "libre" not in (await app.say(app.ada, "/status", chat=app.group)).text


SCHEDULE = "Nothing new: arXiv announces from Sunday to Thursday, 20:00 US Eastern"
SATURDAY = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
THANKSGIVING = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def ago(now: datetime, hours: float, *, mine: int = 0) -> _Looked:
    return _Looked(at=now - timedelta(hours=hours), new=100, mine=mine)


@pytest.mark.parametrize(
    ("now", "news", "expected"),
    [
        (
            SATURDAY,
            ago(SATURDAY, 35),
            f"{SCHEDULE}. That is next on Nov 30, 2026, 09:00 your time.",
        ),
        (
            THANKSGIVING,
            ago(THANKSGIVING, 30),
            f"{SCHEDULE}, but not on its holidays.",
        ),
        (
            THANKSGIVING,
            ago(THANKSGIVING, 10),
            "Nothing for you: none of the latest papers is on your topics.",
        ),
        (THANKSGIVING, ago(THANKSGIVING, 10, mine=2), None),
    ],
)
def test_why_nothing_came(now: datetime, news: _Looked, expected: str | None) -> None:
    chat = Chat(id=1, telegram_id=1, kind=ChatKind.PRIVATE, timezone="Asia/Shanghai")
    state = _State(
        follows=True,
        paused=0,
        last=_Looked(at=now, new=0, mine=0),
        news=news,
        failing_since=None,
        fault=None,
        held=None,
        next_look=None,
        owed=0,
        sent_lately=0,
    )
    assert _why_nothing_came(state, chat, now, texts("en")) == expected

"""Publishing: from what the database has to the files in the folder."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from structlog.testing import capture_logs

from bot.digest import compose
from bot.runtime.jobs import Jobs
from bot.site.publish import of_all, publish
from storage import outbox, topics
from storage.models import Chat
from tests.outside import Outside, record


async def test_labels_of_chats_are_published_for_their_own_chat_only(
    outside: Outside, tmp_path: Path
) -> None:
    _ada, following = await outside.person()
    await outside.follow(following, "gaussian splatting")
    async with outside.database.transaction() as session:
        [followed] = await topics.subscriptions(session=session, chat_id=following.id)
        followed.subscription.label = "My secret plan"

    async def index(folder: str, chat: Chat | None = None) -> str:
        await publish(
            database=outside.database,
            translator=outside.translator,
            folder=tmp_path / folder,
            sections=await compose.headings(database=outside.database, chat=chat)
            if chat
            else await of_all(database=outside.database, language="en"),
            wanted=compose.Wanted(language="en", updated=datetime(2026, 11, 25, tzinfo=UTC).date()),
        )
        return (tmp_path / folder / "index.html").read_text()

    everybody = await index("all")
    assert "gaussian splatting" in everybody
    assert "My secret plan" not in everybody
    assert "My secret plan" in await index("one", chat=following)


async def test_a_topic_that_nobody_follows_any_more_is_gone_with_the_next_site(
    outside: Outside, tmp_path: Path
) -> None:
    _ada, following = await outside.person()
    await outside.follow(following, "splatting", "nerf")
    (tmp_path / "topics").mkdir()
    (tmp_path / "topics/mine.xml").write_text("not ours")

    async def feeds() -> list[str]:
        await publish(
            database=outside.database,
            translator=outside.translator,
            folder=tmp_path,
            sections=await of_all(database=outside.database, language="en"),
            wanted=compose.Wanted(language="en", updated=datetime(2026, 11, 25, tzinfo=UTC).date()),
        )
        return sorted(path.name.partition("-")[0] for path in (tmp_path / "topics").iterdir())

    assert await feeds() == ["mine.xml", "nerf", "splatting"]
    async with outside.database.transaction() as session:
        [first, _] = await topics.subscriptions(session=session, chat_id=following.id)
        await topics.unsubscribe(session=session, chat_id=following.id, topic_id=first.topic.id)
    assert await feeds() == ["mine.xml", "nerf"]
    assert "splatting" not in (tmp_path / "index.html").read_text()


async def test_every_sweep_publishes_and_a_folder_that_fails_harms_nothing(
    outside: Outside, tmp_path: Path
) -> None:
    _ada, following = await outside.person(language="zh-CN")
    await outside.follow(following, "splatting")
    outside.arxiv.publish([record(1, "Splatting at dawn")])
    in_the_way = tmp_path / "site"
    in_the_way.write_text("a file where the folder is to be")
    settings = outside.settings.model_copy(update={"publish_dir": in_the_way})
    container = replace(outside.container, settings=settings)
    jobs = Jobs(container, outside.bot, outside.pusher)
    with capture_logs() as logged:
        await jobs.sweep()
    assert [line["event"] for line in logged if line["log_level"] == "error"] == [
        "the site can't be written"
    ]
    async with outside.database.reading() as session:
        assert await outbox.pending_count(session=session, chat_id=following.id) == 1
    in_the_way.unlink()
    await jobs.sweep()
    page = (in_the_way / "index.html").read_text()
    assert "Splatting at dawn" in page
    assert 'class="translated" lang="zh-CN"' in page
    assert {path.name for path in in_the_way.iterdir()} == {
        ".paperboy",
        *("README.md", "archive", "index.html", "papers.json", "topics"),
    }

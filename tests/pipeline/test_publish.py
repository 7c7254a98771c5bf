"""Publishing: from what the database has to the files in the folder."""

from datetime import UTC, datetime
from pathlib import Path

from bot.publish.publish import publish
from storage import topics
from storage.models import Chat
from tests.pipeline.conftest import Outside


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
            language="en",
            updated=datetime(2026, 11, 25, tzinfo=UTC).date(),
            chat=chat,
        )
        return (tmp_path / folder / "index.html").read_text()

    everybody = await index("all")
    assert "gaussian splatting" in everybody
    assert "My secret plan" not in everybody
    assert "My secret plan" in await index("one", chat=following)

"""`paperboy import`: a chat follows what an existing page has."""

import sys
from pathlib import Path

from bot.commands.arguments import known_chats, topic_file
from bot.container import open_container
from bot.search.own_store import match_waiting
from bot.settings.model import Settings
from bot.transfer.apply import apply, prepare
from bot.transfer.entries import ChatFile
from storage import chats
from storage.columns import utc_now


async def import_topics(settings: Settings, *, file: Path, chat: int) -> None:
    """Let a chat follow the topics of a page, of its settings, or of a list."""
    page = topic_file(file)
    async with open_container(settings) as opened:
        found = (await known_chats(opened, chat))[0]
        wanted = ChatFile(topics=page.topics)
        await prepare(database=opened.database, chat=found, wanted=wanted)
        async with opened.database.transaction() as session:
            stored = await chats.get(session=session, chat_id=found.id)
            if stored is None:
                return
            done = await apply(session=session, chat=stored, wanted=wanted, now=utc_now())
        await match_waiting(database=opened.database)
    for entry in done.new:
        print(f"+ {entry.label}: {entry.query}")
    followed = len(page.topics) - len(done.new)
    print(f"{len(done.new)} topics are new to the chat, {followed} it follows already.")
    if done.new:
        print(
            "What arXiv has on them beyond the own store comes with the next sweep: paperboy sweep"
        )
    for label in page.unknown:
        sys.stderr.write(f"{label}: arXiv is English, so this needs a query: /subscribe\n")

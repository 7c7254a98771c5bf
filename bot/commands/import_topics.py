"""`paperboy import`: a chat follows what an existing page has."""

import sys
from pathlib import Path

from bot.commands.arguments import known_chats, topic_file
from bot.container import open_container
from bot.settings import Settings
from bot.transfer.apply import apply
from bot.transfer.entries import ChatFile
from storage import chats
from storage.columns import utc_now


async def import_topics(settings: Settings, *, file: Path, chat: int) -> None:
    """Let a chat follow the topics of a page, of its settings, or of a list."""
    page = topic_file(file)
    async with open_container(settings) as opened:
        found = (await known_chats(opened, chat))[0]
        async with opened.database.transaction() as session:
            stored = await chats.get(session=session, chat_id=found.id)
            if stored is None:
                return
            done = await apply(
                session=session, chat=stored, wanted=ChatFile(topics=page.topics), now=utc_now()
            )
    for entry in done.new:
        print(f"+ {entry.label}: {entry.query}")
    followed = len(page.topics) - len(done.new)
    print(f"{len(done.new)} topics are new to the chat, {followed} it follows already.")
    if done.new:
        print("Their papers of the last weeks come with the next sweep: paperboy sweep")
    for label in page.unknown:
        sys.stderr.write(f"{label}: arXiv is English, so this needs a query: /subscribe\n")

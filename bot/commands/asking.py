"""Topics that a command names itself, in words or in a file: nobody need follow them."""

import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from bot.arxiv.transport import SourceError
from bot.commands.outcome import CommandError
from bot.commands.progress import Counter
from bot.commands.sweep import no_answer
from bot.commands.topic_file import topic_file
from bot.digest import compose
from bot.parts import Parts
from bot.sweep import sweep
from bot.transfer.pages import Page
from storage import topics
from storage.columns import utc_now

FRESH = timedelta(hours=1)
"""What arXiv said about a query that nobody follows is believed for so long."""


def listed(file: Path) -> Page:
    """Return the topics of a file, and say which of its headings name none.

    Raises:
        CommandError: nothing in it can be looked for.

    """
    page = topic_file(file)
    for label in page.unknown:
        sys.stderr.write(f"{label}: arXiv is English, so this needs a query of its own\n")
    if not page.topics:
        raise CommandError(f"{file}: no topic in it can be looked for")
    return page


def known_language(language: str, known: Sequence[str]) -> str:
    """Return the code of a language as it is written, whatever its case."""
    for code in known:
        if code.casefold() == language.casefold():
            return code
    raise CommandError(f"--language {language}: the engines can do only {', '.join(known)}")


async def asked_for(opened: Parts, queries: Sequence[tuple[str, str]]) -> list[compose.Heading]:
    """Return queries as sections, each asked for anew where nobody follows it.

    What arXiv does not answer is shown as it was known before, and said; where it answers nothing
    at all, that is an error.
    """
    counter = Counter("asked arXiv")
    sections = []
    failures: list[CommandError] = []
    for number, (label, query) in enumerate(queries):
        counter.show(number, len(queries))
        section = await _registered(opened, label, query)
        sections.append(section)
        try:
            await sweep.backfill(
                database=opened.database, source=opened.source, topic_id=section.topic_id
            )
        except SourceError as error:
            reason = f"arXiv gave no answer for {label!r}: {no_answer(error, opened.settings)}"
            failures.append(CommandError(reason))
    counter.show(len(queries), len(queries))
    if len(failures) == len(queries):
        raise failures[0]
    for failure in failures:
        sys.stderr.write(f"{failure}; what was known before is shown\n")
    return sections


async def _registered(opened: Parts, label: str, query: str) -> compose.Heading:
    async with opened.database.transaction() as session:
        topic = await topics.register(session=session, query=query)
        followed = {other.id for other in await topics.followed(session=session)}
        old = topic.backfilled_at is not None and topic.backfilled_at < utc_now() - FRESH
        if topic.id not in followed and old:
            topic.backfilled_at = None
        return compose.Heading(label, topic.id)

"""Topic history: what the own store lacks of a topic is asked of arXiv, in the background."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.arxiv.transport import CrowdedError, RejectedQueryError, SourceError
from bot.conversation.context import Context
from bot.render.counts import Span, known_span
from bot.sweep.backfill import EVER
from storage.columns import utc_now

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What arXiv's answer to a topic's own search is worth."""

    came: bool
    """It was asked, now or before, and answered."""
    is_refused: bool = False
    """arXiv does not take the question, whenever it is asked."""
    is_crowded: bool = False
    """It was not asked, for others came first."""
    since: datetime | None = None
    """The answer has all papers from then on; None: that is not known."""

    @property
    def is_whole(self) -> bool:
        """Whether it has all papers of all times."""
        return self.since == EVER

    @property
    def span(self) -> Span | None:
        """The time of the last month of which it has all papers."""
        now = utc_now()
        return known_span(self.since, read_at=now, now=now)


def fill(context: Context, topic_id: int) -> None:
    """Record all that the own store has of a topic that is followed now, and ask for the rest.

    What a stop of the bot interrupts is made up for by its jobs.
    """
    context.application.create_task(_fill(context, topic_id))


async def ask_arxiv(context: Context, topic_id: int) -> Answer:
    """Ask arXiv for a topic's older papers, once; whoever asks meanwhile waits for the same."""
    if not context.application.running:  # it was told to stop meanwhile
        return Answer(came=False)
    tasks, key = context.bot_data.tasks, ("arxiv", topic_id)
    if key not in tasks:
        tasks[key] = context.application.create_task(_ask(context, topic_id))
        tasks[key].add_done_callback(lambda _done: tasks.pop(key, None))
    answer: Answer = await asyncio.shield(tasks[key])
    return answer


async def _fill(context: Context, topic_id: int) -> None:
    await context.services.match(topic_id)
    await ask_arxiv(context, topic_id)


async def _ask(context: Context, topic_id: int) -> Answer:
    try:
        return Answer(came=True, since=await context.services.backfill(topic_id))
    except RejectedQueryError as error:
        _log.info("arXiv refuses a topic's question", topic=topic_id, error=str(error))
        return Answer(came=False, is_refused=True)
    except CrowdedError:
        _log.info("arXiv was not asked for a topic: others come first", topic=topic_id)
        return Answer(came=False, is_crowded=True)
    except (SourceError, TimeoutError) as error:
        _log.info("arXiv did not answer for a topic", topic=topic_id, error=str(error))
        return Answer(came=False)

"""Look up code links: an index is asked about papers whose authors named none."""

import random
from datetime import datetime, timedelta

import structlog

from bot.code_links.huggingface import BadAnswerError, CodeIndex, CodeIndexError, IndexBusyError
from storage import papers
from storage.columns import utc_now
from storage.database import Database

AGAIN_AFTER = timedelta(days=7)
"""Code is often published some days after its paper."""

WHILE_NEW = timedelta(days=30)
"""An older paper is not asked about a second time."""

PAPERS_A_ROUND = 300
"""At a question a second a round takes five minutes, and an hour between two leaves room."""

_FAILURES_IN_A_ROW = 3
"""After so many the index counts as down."""

_log = structlog.get_logger(__name__)


async def look_up(
    *,
    database: Database,
    index: CodeIndex,
    now: datetime | None = None,
    limit: int = PAPERS_A_ROUND,
) -> int:
    """Ask about the newest papers that have no link; return how many got one.

    Each answer is stored at once, so a round may end at any moment. It ends early where the index
    wants patience or seems to be down; what it did not answer is asked in the next round.
    """
    started = now or utc_now()
    async with database.reading() as session:
        asked = await papers.without_code_link(
            session=session,
            now=started,
            again_after=AGAIN_AFTER,
            while_new=WHILE_NEW,
            limit=limit,
        )
    # A few papers that make the index stumble must not stand before the others in every round.
    random.shuffle(asked)
    told = found = failures = 0
    for paper_id in asked:
        code_url = None
        try:
            known = await index.lookup(paper_id)
        except IndexBusyError as error:
            _log.info("the index of code links wants patience", seconds=round(error.retry_after))
            break
        except CodeIndexError as error:
            failures += 1
            if failures == _FAILURES_IN_A_ROW:
                _log.warning("the index of code links fails", reason=error.reason)
                break
            if not isinstance(error, BadAnswerError):
                continue
        else:
            failures = 0
            code_url = known.best if known else None
        async with database.transaction() as session:
            await papers.record_code_link(
                session=session, paper_id=paper_id, code_url=code_url, now=started
            )
        told += 1
        found += code_url is not None
    if told:
        _log.info("looked up code", papers=told, found=found)
    return found

"""New matches as a sweep records them: with the note that they are still to be owed."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from storage import fan_out, matches
from storage.columns import utc_now
from storage.database import Database


async def announce(
    database: Database, found: dict[int, Iterable[str]], before: datetime | None = None
) -> None:
    """Record what each topic found, published just now; before: for those who followed by then."""
    moment = utc_now()

    def work(connection: Connection) -> None:
        ids = {topic_id: list(some) for topic_id, some in found.items()}
        dates = {one: (moment, moment) for some in ids.values() for one in some}
        pairs = [(one, topic_id) for topic_id, some in ids.items() for one in some]
        matches.note_topics(connection, pairs)
        done = matches.record(connection, ids, matches.moments(connection, dates))
        fan_out.note(connection, [(topic_id, moment, before) for topic_id in done.topics])

    await database.write(work)

"""Fan-out of new matches into deliveries, a slice (one short transaction) at a time."""

from storage import fan_out
from storage.database import Database

SLICE = 500
"""Deliveries in one transaction: so few that whoever taps a button meanwhile does not notice."""


async def fan_out_new_matches(database: Database) -> int:
    """Fan out new matches to all who follow their topics; return how many deliveries were added.

    What a crash interrupts goes on with the next call, in whatever process.
    """
    added = 0
    while True:
        async with database.transaction() as session:
            some = await fan_out.fan_out_slice(session=session, most=SLICE)
        if some is None:
            return added
        added += some

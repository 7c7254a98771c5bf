"""Fan-out of new matches into deliveries, a slice (one short transaction) at a time."""

import time
from collections.abc import Mapping, Sequence
from functools import partial

from storage import fan_out
from storage.batches import batches
from storage.database import Database
from storage.fan_out import START, Place
from storage.slices import Slices

_READ_AT_ONCE = 10_000
"""Subscriptions."""
_FORGOTTEN_AT_ONCE = 2_000
FIRST, LEAST, MOST = 4_000, 4_000, 20_000
"""Deliveries in a slice. Each slice writes a page of an index for each of its papers: a small one
costs nearly as much as a large one."""


async def fan_out_new_matches(database: Database) -> int:
    """Fan out new matches to all who follow their topics; return how many deliveries were added.

    Chat after chat, with one cursor for all topics, which nothing remembers: what a crash
    interrupts begins anew with the next call, in whatever process, and adds nothing twice.
    """
    fresh = await database.read(fan_out.fresh_batches, long=True)
    if not fresh:
        return 0
    papers = await database.read(fan_out.papers_to_be_owed, long=True)
    await database.write(partial(fan_out.note_delivered, paper_ids=papers))
    sizes: dict[int, int] = {}
    for one in fresh:
        sizes[one.topic_id] = sizes.get(one.topic_id, 0) + one.matches
    added, place = 0, START
    slices = Slices(first=FIRST, least=LEAST, most=MOST)
    while True:
        page = partial(fan_out.following, after=place, limit=_READ_AT_ONCE)
        some = await database.read(page, long=True)
        rest = some
        while rest:
            end = _end(rest, sizes, slices.size)
            last, rest = Place(*rest[end - 1]), rest[end:]
            work = partial(fan_out.fan_out_slice, after=place, last=last)
            added += await slices.write(database, work)
            place = last
        if len(some) < _READ_AT_ONCE:
            break
    for gone in batches(fresh, _FORGOTTEN_AT_ONCE):
        # What came to be noted meanwhile stays for the next time.
        await database.write(partial(fan_out.forget, batches=gone))
    return added


async def fan_out_to_followers(
    database: Database, *, topic_id: int, paper_ids: Sequence[str]
) -> int:
    """Owe some papers of a topic, matched lately or not, to all who follow it; count what is new.

    A second time adds nothing, so whoever is interrupted begins anew.
    """
    matches = [(topic_id, paper_id) for paper_id in paper_ids]
    added = after = 0
    slices = Slices(first=FIRST, least=LEAST, most=MOST)
    while matches:
        most = max(1, slices.size // len(matches))
        async with database.transaction() as session:
            began = time.perf_counter()
            followers = await fan_out.next_followers(
                session=session, topic_id=topic_id, after=after, most=most
            )
            if followers is None:
                break
            added += await fan_out.fan_out_now(
                session=session, matches=matches, followers=followers
            )
        slices.took(time.perf_counter() - began)
        after = followers.last
    return added


def _end(places: Sequence[tuple[int, int]], sizes: Mapping[int, int], most: int) -> int:
    """Return how many of these subscriptions make about so many deliveries."""
    reckoned = 0
    for count, (_chat_id, topic_id) in enumerate(places, 1):
        reckoned += sizes.get(topic_id, 0)
        if reckoned >= most:
            return count
    return len(places)

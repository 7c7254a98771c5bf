"""Fair share: max-min fairness (water-filling) of what many may have in all.

https://en.wikipedia.org/wiki/Max-min_fairness
"""

from collections.abc import Collection, Iterable


def fair_share(sizes: Iterable[int], most: int) -> int | None:
    """Return how much each may have at most, so that it is `most` in all; None: all of it is less.

    Whoever wants less than that has all of it.
    """
    ordered = sorted(sizes)
    left = most
    for place, size in enumerate(ordered):
        share = left // (len(ordered) - place)
        if size > share:
            return share
        left -= size
    return None


def trim(lists: Collection[list[str]], most: int) -> int | None:
    """Cut lists to their fair share, the longest ones; return it, None where nothing was cut."""
    share = fair_share(map(len, lists), most)
    if share is not None:
        for one in lists:
            del one[share:]
    return share

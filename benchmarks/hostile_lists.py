"""How long everybody else waits while a hostile reading list of ten megabytes is read.

    .venv/bin/python benchmarks/hostile_lists.py

It is read in a thread, which shares the interpreter with the event loop: what takes long in one
step of Python's own lets nobody else have a turn.
"""

import asyncio
import time
from contextlib import suppress

from bot.transfer.examples import read_examples
from bot.transfer.reading_list import KINDS, LARGEST, ReadingListError

TURN_SECONDS = 0.005
PIECES = {
    "at signs": b"@",
    "braces": b"{",
    "entries that never begin": b"@a{",
    "entries that never end": b'@a{b,"',
    "entries": b"@misc{k, title={Robots}}",
    "strings": b"@string{a = a # a}",
    "fields": b",b=c",
    "empty lines": b"\n",
    "tags": b"TY  - \n",
    "rows": b"a,b\n",
    "spaces": b" ",
}
BEGINNINGS = (b"", b"title,url\n@misc{a, title={")


async def worst_wait(name: str, content: bytes) -> float:
    """Return how many seconds somebody's turn was late at most."""
    reading = asyncio.create_task(asyncio.to_thread(read_examples, name, content))
    worst = 0.0
    while not reading.done():
        began = time.monotonic()
        await asyncio.sleep(TURN_SECONDS)
        worst = max(worst, time.monotonic() - began - TURN_SECONDS)
    with suppress(ReadingListError):
        reading.result()
    return worst


async def main() -> None:
    """Print the longest wait, kind by kind."""
    for name, piece in PIECES.items():
        waits = dict.fromkeys(sorted(KINDS), 0.0)
        for begin in BEGINNINGS:
            content = (begin + piece * (LARGEST // len(piece)))[:LARGEST]
            for kind in waits:
                waits[kind] = max(waits[kind], await worst_wait(f"a{kind}", content))
        told = ", ".join(f"{kind} {wait * 1000:.0f} ms" for kind, wait in waits.items())
        print(f"{name}: {told}")


if __name__ == "__main__":
    asyncio.run(main())

"""Interrupts: what SQLite does is ended by the clock, or by somebody's word."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

_LOOK_SECONDS = 0.02
"""How often somebody looks whether it is over: a start waits a second for the whole."""


@contextmanager
def interrupted_when(connection: sqlite3.Connection, is_over: Callable[[], bool]) -> Iterator[None]:
    """Interrupt whatever a connection does within the block, as soon as that is so.

    It fails with sqlite3.OperationalError. A progress handler is asked between steps, and to look
    through all of a file is one step to SQLite 3.40: of one that is in no cache it took a minute.
    https://www.sqlite.org/c3ref/interrupt.html
    """
    done = Event()

    def watch() -> None:
        while not done.wait(_LOOK_SECONDS):
            if is_over():
                connection.interrupt()

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()

"""Threads: CPU affinity, all on one core, and a short switch interval between them.

Python runs one thread at a time, and each statement of the database hands the interpreter from one
thread to another. Where that is from core to core, what they share moves from cache to cache, and a
command costs half as much again, and twice as much at full load.
https://docs.python.org/3.11/glossary.html#term-GIL
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

_STAT = Path("/proc/thread-self/stat")
_PROCESSOR = 39
"""Which of its fields says where a thread runs, https://man7.org/linux/man-pages/man5/proc.5.html.
"""

_SWITCH_SECONDS = 0.0005
"""Python's own are ten times as long, and a transaction changes threads some twenty times: beside a
thread that reads arXiv's answer, a button's waited for 0.1 s and more.
"""


def switch_often() -> None:
    """Switch interval: let a thread that computes hand the interpreter on soon.

    https://docs.python.org/3.11/library/sys.html#sys.setswitchinterval
    """
    sys.setswitchinterval(_SWITCH_SECONDS)


def stay_on_one_core() -> None:
    """Keep the threads that are begun from here on where this one runs now; Linux alone can."""
    if sys.platform != "linux":
        return
    with suppress(OSError, ValueError, IndexError):
        # The name before it, in brackets, may hold spaces; the field behind it is the third.
        fields = _STAT.read_text().rpartition(")")[2].split()
        os.sched_setaffinity(0, {int(fields[_PROCESSOR - 3])})

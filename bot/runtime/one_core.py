"""CPU affinity: all threads of the bot stay on one core.

Python runs one thread at a time, and each statement of the database hands the interpreter from one
thread to another. Where that is from core to core, what they share moves from cache to cache, and a
command costs nearly twice as much. https://docs.python.org/3.11/glossary.html#term-GIL
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

_STAT = Path("/proc/thread-self/stat")
_PROCESSOR = 39
"""Which of its fields says where a thread runs, https://man7.org/linux/man-pages/man5/proc.5.html.
"""


def stay_on_one_core() -> None:
    """Keep the threads that are begun from here on where this one runs now; Linux alone can."""
    if sys.platform != "linux":
        return
    with suppress(OSError, ValueError, IndexError):
        # The name before it, in brackets, may hold spaces; the field behind it is the third.
        fields = _STAT.read_text().rpartition(")")[2].split()
        os.sched_setaffinity(0, {int(fields[_PROCESSOR - 3])})

"""What the process gives back of the memory that it had."""

import ctypes
import resource
from pathlib import Path

import pytest

from bot.runtime.jobs import release_memory

MEGABYTE = 1 << 20
STATM = Path("/proc/self/statm")


def resident() -> float:
    """Return the memory that this process has, in megabytes."""
    return int(STATM.read_text(encoding="ascii").split()[1]) * resource.getpagesize() / MEGABYTE


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="only glibc can be asked for it"
)
def test_memory_between_what_lasts_goes_back_to_the_system() -> None:
    pieces = [b"x" * (MEGABYTE // 16 + n) for n in range(1600)]
    lasting = pieces[::50]
    full = resident()
    del pieces
    release_memory()
    assert full - resident() > 80
    assert len(lasting) == 32


def test_where_nothing_can_be_given_back_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    release_memory()

"""Pulse: what the bot does again and again, and when it did it last; for the health check."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

LONGEST_SECONDS = 2 * 3600.0
"""What is under way for longer hangs."""


@dataclass(slots=True)
class _Beat:
    every: float
    at: float
    running_since: float | None = None


@dataclass
class Pulse:
    """Tells whether what should happen again and again did so lately."""

    clock: Callable[[], float] = time.monotonic
    _beats: dict[str, _Beat] = field(default_factory=dict)

    def expect(self, name: str, *, every: float) -> None:
        """Expect something at least every so many seconds from now on."""
        self._beats[name] = _Beat(every, self.clock())

    def beat(self, name: str) -> None:
        """Note that it happened."""
        if (beat := self._beats.get(name)) is not None:
            beat.at = self.clock()

    @contextmanager
    def running(self, name: str) -> Iterator[None]:
        """Note that it happens as long as the block runs."""
        if (beat := self._beats.get(name)) is not None:
            beat.running_since = self.clock()
        try:
            yield
        finally:
            if beat is not None:
                beat.running_since = None
            self.beat(name)

    def clear(self) -> None:
        """Expect nothing: this copy stands by."""
        self._beats.clear()

    @property
    def late(self) -> list[str]:
        """What did not happen lately, or hangs."""
        now = self.clock()
        return [
            name
            for name, beat in self._beats.items()
            if (
                now - beat.at > beat.every
                if beat.running_since is None
                else now - beat.running_since > LONGEST_SECONDS
            )
        ]

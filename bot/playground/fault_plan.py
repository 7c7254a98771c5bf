"""Fault injection: which requests to a fake server fail, and how; the same seed, the same luck."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

_Fault = TypeVar("_Fault")


@dataclass(slots=True)
class _Planned(Generic[_Fault]):
    fault: _Fault
    left: int | None
    """How many more requests it hits; None: all."""
    probability: float
    spared: int
    """How many requests it still spares."""


class FaultPlan(Generic[_Fault]):
    """What is planned to go wrong, in its order."""

    def __init__(self, seed: int = 0) -> None:
        self._planned: list[_Planned[_Fault]] = []
        self._random = random.Random(seed)  # noqa: S311 - no secret

    def add(
        self,
        fault: _Fault,
        *,
        times: int | None = None,
        probability: float = 1.0,
        after: int = 0,
    ) -> None:
        """Let so many requests fail (None: until `clear`), once `after` requests went well."""
        self._planned.append(_Planned(fault, times, probability, after))

    def clear(self) -> None:
        """End what was planned."""
        self._planned.clear()

    def strike(self, concerns: Callable[[_Fault], bool] = lambda _: True) -> _Fault | None:
        """Return what happens to this request, None: nothing. `concerns`: a fault is about it."""
        for plan in self._planned:
            if not concerns(plan.fault):
                continue
            if plan.spared:
                plan.spared -= 1
                continue
            if plan.probability < 1.0 and self._random.random() >= plan.probability:
                continue
            if plan.left is not None:
                plan.left -= 1
                if plan.left <= 0:
                    self._planned.remove(plan)
            return plan.fault
        return None

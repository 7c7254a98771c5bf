"""Metrics for Prometheus: counters and gauges of database, rate limiter and engines."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

import structlog
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from bot.telegram.rate_limiter import RateLimiter
from bot.translation.service import EngineHealth
from storage.columns import utc_now
from storage.database import Database
from storage.database_problem import problem_of
from storage.statistics import Numbers, Totals, numbers, totals

FRESH_SECONDS = 30.0
"""Numbers of the database are counted no more often than this."""

TOTALS_SECONDS = 3_600.0
"""And the rows of its large tables no more often than this."""

_FIRST_SECONDS = 1.0
"""Whoever asks first waits so long for these; all others get what was counted last."""

_log = structlog.get_logger(__name__)

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics(Collector):
    """One bot's metrics, in a registry of their own."""

    def __init__(
        self, *, database: Database, pacer: RateLimiter, engines: Callable[[], list[EngineHealth]]
    ) -> None:
        self._database, self._pacer, self._engines = database, pacer, engines
        self.dropped: Counter[str] = Counter()
        """The intake's own."""
        self._numbers: Numbers | None = None
        self._counted_at = float("-inf")
        self._totals: Totals | None = None
        self._totalled_at = float("-inf")
        self._totalling: asyncio.Task[None] | None = None
        self._counting = asyncio.Lock()
        self._registry = CollectorRegistry()
        self._latency = Histogram(
            "paperboy_update_seconds",
            "From when an update's turn came until it was answered, Telegram's part included.",
            ["kind"],
            registry=self._registry,
            buckets=_BUCKETS,
        )
        self._registry.register(self)

    def handled(self, kind: str, seconds: float) -> None:
        """Note that an update was handled; `kind` is one of a few words, never what people say."""
        self._latency.labels(kind).observe(seconds)

    async def text(self) -> bytes:
        """Return all metrics in Prometheus' text format; raises SQLAlchemyError."""
        async with self._counting:
            if time.monotonic() - self._counted_at > FRESH_SECONDS:
                self._numbers = await self._database.read(numbers)
                self._counted_at = time.monotonic()
                await self._total()
        return generate_latest(self._registry)

    async def _total(self) -> None:
        """Have the large tables counted in the background, where that is due."""
        if time.monotonic() - self._totalled_at > TOTALS_SECONDS and self._totalling is None:
            self._totalling = asyncio.create_task(self._count())
        if self._totals is None and self._totalling is not None:
            await asyncio.wait({self._totalling}, timeout=_FIRST_SECONDS)

    async def _count(self) -> None:
        try:
            self._totals = await self._database.read(totals, long=True)
            self._totalled_at = time.monotonic()
        except SQLAlchemyError as error:
            _log.warning("the database's tables could not be counted", problem=problem_of(error))
        finally:
            self._totalling = None

    def collect(self) -> Iterator[Metric]:
        """Give the registry what is not counted as it happens."""
        if self._numbers is not None:
            yield from _of_database(self._numbers, self._totals, utc_now())
        requests = CounterMetricFamily(
            "paperboy_telegram_requests", "Requests to Telegram.", labels=["what", "outcome"]
        )
        for (what, outcome), count in sorted(self._pacer.outcomes.items()):
            requests.add_metric([what, outcome], count)
        yield requests
        answers = CounterMetricFamily(
            "paperboy_translations", "Answers of translation engines.", labels=["engine", "outcome"]
        )
        down = GaugeMetricFamily(
            "paperboy_engine_down", "1 where an engine failed too often.", labels=["engine"]
        )
        for engine in self._engines():
            answers.add_metric([engine.name, "accepted"], engine.accepted)
            answers.add_metric([engine.name, "rejected"], engine.rejected)
            answers.add_metric([engine.name, "failed"], engine.failed)
            down.add_metric([engine.name], float(engine.is_down))
        dropped = CounterMetricFamily(
            "paperboy_updates_dropped", "Updates that were not handled.", labels=["reason"]
        )
        for reason, count in sorted(self.dropped.items()):
            dropped.add_metric([reason], count)
        yield from (answers, down, dropped)


def _of_database(counted: Numbers, total: Totals | None, now: datetime) -> Iterator[Metric]:
    deliveries = (total.deliveries if total else {}) | counted.deliveries
    for name, words, value in (
        ("topics", "Topics.", counted.topics),
        ("papers", "Papers.", total and total.papers),
        ("matches", "Papers on topics.", total and total.matches),
        ("stored_translations", "Translations that are kept.", total and total.translations),
        ("notices_waiting", "Notices of broadcasts that wait.", counted.notices),
        ("sweep_good", "1 where the newest sweep was good.", float(counted.is_sweep_good)),
        ("sweep_age_seconds", "Since the last good sweep.", _age(counted.good_sweep_at, now)),
        ("outbox_age_seconds", "Of what waits longest.", _age(counted.oldest_owed_at, now) or 0),
    ):
        if value is not None:
            yield GaugeMetricFamily(f"paperboy_{name}", words, value=value)
    for name, words, states in (
        ("chats", "Chats by state.", counted.chats),
        ("deliveries", "Deliveries by state; pending ones are the outbox.", deliveries),
    ):
        family = GaugeMetricFamily(f"paperboy_{name}", words, labels=["state"])
        for state, count in states.items():
            family.add_metric([state.value], count)
        yield family


def _age(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else (now - moment).total_seconds()

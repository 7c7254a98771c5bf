"""Health check and metrics over HTTP: `/healthz` and `/metrics`, on a port of their own."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from tornado.web import Application, RequestHandler

from bot.runtime.bounded_server import bounded_server
from bot.runtime.metrics import Metrics
from bot.runtime.pulse import Pulse
from storage.database import Database
from storage.database_problem import problem_of
from storage.shielded import execute


@asynccontextmanager
async def listening(
    address: tuple[str, int], *, database: Database, metrics: Metrics, pulse: Pulse
) -> AsyncIterator[int]:
    """Serve both while the block runs; give its port, which port 0 leaves to the system.

    Raises:
        OSError: somebody else listens there.

    """
    given = {"database": database, "metrics": metrics, "pulse": pulse}
    routes = [("/healthz", _Health, given), ("/metrics", _Metrics, given)]
    server = bounded_server(
        Application(routes, log_function=lambda _: None), most=50, largest_bytes=1024
    )
    try:
        yield server.listen_on(address)
    finally:
        server.stop()
        await server.close_all_connections()


class _Handler(RequestHandler):
    def initialize(self, database: Database, metrics: Metrics, pulse: Pulse) -> None:
        self.database, self.metrics, self.pulse = database, metrics, pulse


class _Health(_Handler):
    async def get(self) -> None:
        """Answer the health check: the database answers, and the bot does what it should.

        It asked for updates, swept and pushed lately. An arXiv or a Telegram out of order is no
        reason to start it anew: that it asked is enough.
        """
        answer: dict[str, str | list[str]] = {"status": "ok"}
        if late := self.pulse.late:
            self.set_status(503)
            answer = {"status": "late", "late": late}
        try:
            async with self.database.reading() as session:
                await execute(session, text("SELECT 1"))
        except SQLAlchemyError as error:
            self.set_status(503)
            answer = {"status": "database", "problem": problem_of(error).value}
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(answer))


class _Metrics(_Handler):
    async def get(self) -> None:
        """Answer in Prometheus' text format."""
        try:
            body = await self.metrics.text()
        except SQLAlchemyError as error:
            self.set_status(503)
            self.finish(problem_of(error).value)
            return
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.finish(body)

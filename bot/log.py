"""Logs for people or for machines, with no secret in any line."""

import logging
import sys
from collections.abc import Iterable

import structlog
from structlog.typing import Processor

__all__ = ["configure"]

_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]

_CHATTY = ("httpx", "httpcore", "apscheduler", "telegram", "alembic", "arxiv", "tornado.access")
"""Libraries that tell each request or job at INFO; httpx tells the URL, which holds the token."""


def configure(*, level: str, style: str, secrets: Iterable[str] = ()) -> None:
    """Log to standard error from `level` on, as `console` or `json`; never any of `secrets`."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    renderers: list[Processor]
    if style == "json":
        renderers = [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
    else:
        plain = structlog.dev.plain_traceback
        renderers = [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=plain, pad_event_to=28
            )
        ]
    formatter = _Discreet(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        foreign_pre_chain=_SHARED,
    )
    formatter.secrets = [secret for secret in secrets if secret]
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


class _Discreet(structlog.stdlib.ProcessorFormatter):
    """Cuts secrets out of the finished line, whoever wrote it and whatever it quotes."""

    secrets: list[str]

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self.secrets:
            line = line.replace(secret, "[secret]")
        return line

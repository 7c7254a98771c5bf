"""Logging: structured, as lines for people or JSON for machines, with secrets redacted."""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import quote

import structlog
from structlog.typing import EventDict, ExcInfo, Processor

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069]")
_WHITE = re.compile(r"[ \t\r\n='\"]")

_OURS = ("bot", "storage")
"""Everybody else is heard from WARNING on: libraries tell each request and each SQL statement."""


@dataclass(slots=True)
class _State:
    """What `configure` said; logging itself is one for the whole process, too."""

    secrets: list[str] = field(default_factory=list)
    for_machines: bool = False


_state = _State()


def configure(*, level: str, style: str, secrets: Iterable[str] = ()) -> None:
    """Log to standard error from `level` on, as `console` or `json`; never any of `secrets`."""
    spellings = {spelling for secret in secrets for spelling in _spellings(secret)}
    # The longest first: a part of a secret must not be cut out of the whole.
    _state.secrets = sorted(filter(None, spellings), key=len, reverse=True)
    _state.for_machines = style == "json"
    number = logging.getLevelNamesMapping()[level]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(
            fmt="iso" if style == "json" else "%Y-%m-%d %H:%M:%SZ", utc=True
        ),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    formatter = _Redacting(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *(_json() if style == "json" else _console()),
        ],
        foreign_pre_chain=shared,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler], force=True)
    for name in _OURS:
        logging.getLogger(name).setLevel(number)
    # It logs a traceback of what it raises as well.
    logging.getLogger("telegram.request").setLevel(logging.CRITICAL)


def redact(text: str) -> str:
    """Return a text without the secrets, whoever wrote it and whatever it quotes."""
    for secret in _state.secrets:
        text = text.replace(secret, "[secret]")
    return text


def tell(line: str) -> None:
    """Say on standard error, to a person or to whoever reads the log, why a command ended."""
    if _state.for_machines:
        structlog.get_logger(__name__).error(line)
    else:
        sys.stderr.write(f"{_harmless(redact(line))}\n")


def _spellings(secret: str) -> set[str]:
    """Return a secret as it is, and as it stands in quotation marks and in an address."""
    quoted = repr(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]
    return {secret, *quoted, quote(secret, safe="")}


def _json() -> list[Processor]:
    return [
        structlog.processors.ExceptionRenderer(_as_data),
        structlog.processors.JSONRenderer(ensure_ascii=False),
        # JSON leaves the control characters beyond ASCII as they are.
        lambda _logger, _method, line: _harmless(str(line)),
    ]


def _console() -> list[Processor]:
    return [
        structlog.processors.ExceptionRenderer(_indented),
        _on_one_line,
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            pad_event_to=28,
        ),
    ]


def _on_one_line(_logger: object, _method: str, event: EventDict) -> EventDict:
    event["event"] = _harmless(" ".join(str(event["event"]).split()))
    for name, value in event.items():
        # What has white space in it is quoted by the renderer, and escaped on the way.
        if isinstance(value, str) and name != "exception" and not _WHITE.search(value):
            event[name] = _harmless(value)
    return event


def _indented(exc_info: ExcInfo) -> str:
    """Return a traceback of which no line looks like an event, whatever the error quotes."""
    first, *lines = _harmless("".join(_frames(*exc_info))).splitlines()
    return "\n".join([first, *(f"  {line}" for line in lines)])


# No local variables: they hold what people wrote.
_to_data = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)


def _as_data(exc_info: ExcInfo) -> list[dict[str, Any]]:
    """Return a traceback as data, without what the errors say."""
    found = _to_data(exc_info)
    for error in found:
        error["exc_value"], error["exc_notes"] = "", []
    return found


def _frames(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> Iterator[str]:
    """Yield where an error came from and what it is, and the same of those behind it.

    What it says is left out: it may quote anything, such as a query or the values of a row. Only
    the number and the words of the operating system's own errors are harmless.
    """
    behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if behind is not None:
        yield from _frames(type(behind), behind, behind.__traceback__)
        yield "\nAnd then:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(trace)
    place = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    yield f"{place}{kind.__qualname__}{_said(error)}\n"


def _said(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno is not None and isinstance(error.strerror, str):
        return f": [Errno {error.errno}] {error.strerror}"
    return ""


def _harmless(text: str) -> str:
    """Escape what would do something to a terminal or to the order of what is read.

    Those are control characters, among them the ones that begin ANSI's sequences, line breaks of
    other alphabets, and what turns the direction of text around.
    """
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class _Redacting(structlog.stdlib.ProcessorFormatter):
    """Renders a line, then redacts the secrets in it."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))

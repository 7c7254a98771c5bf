"""Exit codes and error messages: 0, or 1 after one clear line about what is wrong."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram.error import InvalidToken, TelegramError

from bot import log
from bot.http.address import CannotListenError, shown
from bot.http.event_loop import Loop
from bot.settings.model import BadSettingsError, Settings
from storage.database_problem import DatabaseProblem, DatabaseUnavailableError, cause_of, problem_of

FOREIGN_SCHEMA = {
    DatabaseProblem.TOO_NEW: "is of a newer Paperboy; update this one",
    DatabaseProblem.TOO_OLD: "is from before version 0.1.0;"
    " `paperboy check` of commit b5c012c upgrades it, and then this one opens it",
}
_ADVICE = {
    DatabaseProblem.BAD_URL: "DATABASE_URL looks like sqlite:///data/paperboy.db",
    DatabaseProblem.NO_DRIVER: "PostgreSQL needs: pip install 'paperboy-bot[postgres]'",
    DatabaseProblem.CANNOT_OPEN: "does the place exist, and may Paperboy use it?",
    DatabaseProblem.LOCKED: "another program holds it; nothing was changed, try again",
    DatabaseProblem.READ_ONLY: "Paperboy has to write to it; nothing was changed",
    DatabaseProblem.FULL: "nothing was changed; make room and try again",
    DatabaseProblem.DISK: "the disk fails; nothing was changed, and a backup is due: elsewhere",
    DatabaseProblem.CORRUPT: "it is damaged or none at all;"
    " restore a backup: paperboy restore FILE --force",
    DatabaseProblem.GONE: "stop the bot before you move it; a copy of what it had lies beside",
    **{problem: f"its schema {what}" for problem, what in FOREIGN_SCHEMA.items()},
    DatabaseProblem.SLOW: "reading took too long; nothing was changed, try again",
    DatabaseProblem.NOT_UTF8: "Paperboy needs UTF8: createdb --encoding=UTF8 --template=template0",
    DatabaseProblem.OTHER: "nothing was changed",
}

_INTERRUPTED = 130
"""What a shell says of a program that Ctrl+C ended."""

_log = structlog.get_logger(__name__)


class CommandError(Exception):
    """A command can't do what was asked; the text is one line for the person who asked."""


def outcome(command: Coroutine[Any, Any, bool | None]) -> int:
    """Run a command to its end; return its exit code, 1 where it failed or returned False."""
    try:
        with asyncio.Runner(loop_factory=Loop) as runner:
            good = runner.run(command)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read has read enough, as `head` does; the interpreter flushes once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 - what nobody expected goes through our log as well
        line = _line(error)
        if line is None:
            _log.error("a mistake in Paperboy itself", exc_info=error)
        else:
            log.tell(line)
        return 1
    return 1 if good is False else 0


def why_unusable(error: DatabaseUnavailableError) -> str:
    """Say in one line what is wrong with the database, and what to do about it."""
    what = error.detail or error.problem
    return f"{error.url + ': ' if error.url else ''}{what} ({_ADVICE[error.problem]})"


def _line(error: Exception) -> str | None:
    match error:
        case BadSettingsError() | CommandError():
            return str(error)
        case DatabaseUnavailableError():
            return f"The database can't be used: {why_unusable(error)}"
        case CannotListenError(strerror=problem):
            return f"METRICS_LISTEN or WEBHOOK_LISTEN can't be listened on: {problem}"
        case SQLAlchemyError():
            problem = problem_of(error)
            if problem is not DatabaseProblem.OTHER:
                return f"The database failed: {cause_of(error)} ({_ADVICE[problem]})"
    return None


def token_of(settings: Settings) -> str:
    """Return the token; raises CommandError where there is none."""
    if settings.telegram_bot_token is None:
        raise CommandError("TELEGRAM_BOT_TOKEN is not set; `paperboy playground` needs none")
    return settings.telegram_bot_token.get_secret_value()


@asynccontextmanager
async def telegram_errors(settings: Settings) -> AsyncIterator[None]:
    """Turn what Telegram refuses, or does not answer at all, into a CommandError."""
    try:
        yield
    except InvalidToken as error:
        raise CommandError(
            f"TELEGRAM_BOT_TOKEN: Telegram at {shown(settings.telegram_api_url)} does not know"
            " this token; BotFather shows the right one"
        ) from error
    except TelegramError as error:
        raise CommandError(
            f"Telegram does not answer at {shown(settings.telegram_api_url)}: {said(error)}"
        ) from error


def said(error: TelegramError) -> str:
    """Return what an error says, without the name of the library's class before it."""
    return re.sub(r"^(?:aiohttp|httpx)\.\w+: (?=.)", "", error.message)

"""The command line: `python -m bot`, installed as `paperboy`."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bot import commands, log
from bot.commands import CommandError, DigestWish
from bot.settings import BadSettingsError, Settings, load
from storage.database import DatabaseProblem, DatabaseUnavailableError

__all__ = ["main"]

_ADVICE = {
    DatabaseProblem.BAD_URL: "DATABASE_URL looks like sqlite:///data/paperboy.db",
    DatabaseProblem.NO_DRIVER: "PostgreSQL needs: pip install 'paperboy-bot[postgres]'",
    DatabaseProblem.CANNOT_OPEN: "does the place exist, and may Paperboy use it?",
    DatabaseProblem.LOCKED: "another program holds it; nothing was changed, try again",
    DatabaseProblem.READ_ONLY: "Paperboy may not write to it; nothing was changed",
    DatabaseProblem.FULL: "the disk is full; nothing was changed",
    DatabaseProblem.CORRUPT: "this file is damaged or no database; restore a backup",
    DatabaseProblem.TOO_NEW: "a newer Paperboy made it; update this one",
    DatabaseProblem.OTHER: "nothing was changed",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 after one clear line about what is wrong."""
    wish = _parser().parse_args(arguments)
    try:
        settings = load()
        log.configure(
            level=settings.log_level, style=settings.log_format, secrets=_secrets(settings)
        )
        result = asyncio.run(_command(wish, settings))
    except (BadSettingsError, CommandError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except DatabaseUnavailableError as error:
        sys.stderr.write(f"The database can't be used: {error}. {_ADVICE[error.problem]}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 1 if result is False else 0


def _command(wish: argparse.Namespace, settings: Settings) -> Coroutine[Any, Any, bool | None]:
    does: dict[str, Callable[[], Coroutine[Any, Any, bool | None]]] = {
        "run": lambda: _run(settings),
        "playground": lambda: commands.playground(
            settings, port=wish.port, feeds=wish.feeds, live=wish.live
        ),
        "sweep": lambda: commands.sweep(settings),
        "push": lambda: commands.push_papers(settings, chat=wish.chat, now=wish.now),
        "digest": lambda: commands.digest(
            settings, DigestWish(wish.chat, tuple(wish.query or ()), wish.language, wish.out)
        ),
        "check": lambda: commands.check(settings),
        "backup": lambda: commands.backup(settings, wish.file),
    }
    return does[wish.command]()


def _run(settings: Settings) -> Coroutine[Any, Any, None]:
    if settings.telegram_bot_token is None:
        return commands.playground(settings, port=None, feeds=None, live=False)
    return commands.run(settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="paperboy",
        description="New arXiv papers, translated, in your Telegram chat every morning.",
        epilog="Settings come from the environment and from .env; .env.example explains each.",
    )
    parser.add_argument("--version", action="version", version=version("paperboy-bot"))
    add = parser.add_subparsers(dest="command", required=True, metavar="COMMAND").add_parser
    add("run", help="run the bot; without TELEGRAM_BOT_TOKEN, the playground")
    playground = add("playground", help="try everything in the browser, without Telegram")
    playground.add_argument("--port", type=int, help="of the page (default: 8765, or any free one)")
    playground.add_argument("--feeds", type=Path, help="a folder of recorded Atom files to replay")
    playground.add_argument(
        "--live", action="store_true", help="ask the real arXiv and the real engines"
    )
    add("sweep", help="look at arXiv once, now, and say what was found")
    push = add("push", help="send what is due")
    push.add_argument("--chat", type=int, metavar="ID", help="only to this chat")
    push.add_argument("--now", action="store_true", help="send everything that is owed")
    digest = add("digest", help="write the full digest as Markdown")
    what = digest.add_mutually_exclusive_group()
    what.add_argument("--chat", type=int, metavar="ID", help="the topics of this chat")
    what.add_argument("--query", action="append", metavar="Q", help="a topic; may be repeated")
    digest.add_argument(
        "--language", metavar="L", help="of the abstracts, such as zh-CN; en: original"
    )
    digest.add_argument("--out", type=Path, metavar="FILE", help="default: standard output")
    add("check", help="say for each part whether it works")
    backup = add("backup", help="copy the database, also while the bot runs")
    backup.add_argument("file", type=Path, metavar="FILE")
    return parser


def _secrets(settings: Settings) -> list[str]:
    kept = (settings.telegram_bot_token, settings.libretranslate_api_key)
    return [secret.get_secret_value() for secret in kept if secret is not None]

"""Command-line interface: `python -m bot`, installed as `paperboy`.

Everything heavy is imported only once it is known what is asked for, so `--help` answers at once.
"""

import argparse
import atexit
import gc
import os
import sys
import time
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from bot.settings.model import Settings

_HIGHEST_PORT = 65_535
_MOST = 500


def program() -> NoReturn:
    """Run one command, and end the process at once.

    All is closed by then. What the interpreter does after that is, on a busy machine, most of the
    time that a stop takes.
    """
    try:
        code = main()
    except SystemExit as asked:  # by argparse, after --help or a mistake
        code = asked.code if isinstance(asked.code, int) else 1
    atexit._run_exitfuncs()  # noqa: SLF001 - it has no other name
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 after one clear line about what is wrong."""
    wish = _parser().parse_args(arguments)
    _count_in_utc()
    with _importing():
        from bot import log
        from bot.commands.errors import outcome
        from bot.settings.model import BadSettingsError, load
        from bot.settings.secrets import secrets_in

        try:
            settings = load()
        except BadSettingsError as error:
            sys.stderr.write(f"{error}\n")
            return 1
        secrets = secrets_in(settings)
        log.configure(level=settings.log_level, style=settings.log_format, secrets=secrets)
        _use_proxies(settings)
        command = _command(wish, settings)
    return outcome(command)


def _count_in_utc() -> None:
    """Let the whole process count in UTC: the machine's own zone is nobody's business.

    It may be none, and libraries ask for it as they are imported.
    """
    os.environ["TZ"] = "UTC"
    time.tzset()


@contextmanager
def _importing() -> Iterator[None]:
    """Look for no garbage while modules are imported, and never among what they are made of.

    They stay, and to look through them again and again is a good part of what importing them takes.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _use_proxies(settings: "Settings") -> None:
    """Let the whole process ask through the proxies that are set, also those in `.env`."""
    from bot.http.proxies import use

    secret = {name: getattr(settings, name) for name in ("http_proxy", "https_proxy", "all_proxy")}
    proxies = {name: value and value.get_secret_value() for name, value in secret.items()}
    use({**proxies, "no_proxy": settings.no_proxy})


def _command(wish: argparse.Namespace, settings: "Settings") -> Coroutine[Any, Any, bool | None]:
    command: Coroutine[Any, Any, bool | None]
    match wish.command:
        case "run" if settings.telegram_bot_token is not None:
            from bot.commands.run import run

            command = run(settings)
        case "run" | "playground":
            from bot.commands.playground import playground

            command = playground(settings, port=wish.port, feeds=wish.feeds, live=wish.live)
        case "sweep":
            from bot.commands.sweep import sweep

            command = sweep(settings)
        case "push":
            from bot.commands.push import push

            command = push(settings, chat=wish.chat, now=wish.now)
        case "digest":
            from bot.commands.digest import digest
            from bot.transfer.pages import Look

            look = Look(
                language=wish.language,
                papers=wish.papers,
                topics=wish.first,
                contents=wish.contents,
                authors=wish.authors,
                category=wish.category,
            )
            command = digest(
                settings,
                chat=wish.chat,
                queries=wish.query or (),
                topics=wish.topics,
                look=look,
                days=wish.days,
                out=wish.out,
            )
        case "import":
            from bot.commands.import_topics import import_topics

            command = import_topics(settings, file=wish.file, chat=wish.chat)
        case "publish":
            from bot.commands.publish import publish

            command = publish(settings, chat=wish.chat, topics=wish.topics, language=wish.language)
        case "check":
            from bot.commands.check import check

            command = check(settings)
        case _:
            command = _look_after_data(wish, settings)
    return command


def _look_after_data(wish: argparse.Namespace, settings: "Settings") -> Coroutine[Any, Any, None]:
    match wish.command:
        case "move":
            from bot.commands.move import move

            return move(wish.source, wish.target)
        case "restore":
            from bot.commands.restore import restore

            return restore(settings, wish.file, force=wish.force)
        case _:
            from bot.commands.backup import backup

            return backup(settings, wish.file)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="paperboy",
        description="New arXiv papers, translated, in your Telegram chat every morning.",
        epilog="Settings come from the environment and from .env; .env.example explains each.",
    )
    parser.add_argument("--version", action=_Version, help="show the version and exit")
    add = parser.add_subparsers(dest="command", required=True, metavar="COMMAND").add_parser
    run = add("run", help="run the bot; without TELEGRAM_BOT_TOKEN, the playground")
    run.set_defaults(port=None, feeds=None, live=False)
    playground = add("playground", help="try everything in the browser, without Telegram")
    playground.add_argument(
        "--port", type=_port, metavar="N", help="of the page (default: 8765, or any free one)"
    )
    playground.add_argument(
        "--feeds", type=Path, metavar="DIR", help="a folder of recorded Atom files to replay"
    )
    playground.add_argument(
        "--live", action="store_true", help="ask the real arXiv and the real engines"
    )
    add("sweep", help="look at arXiv once, now, and say what was found")
    push = add("push", help="send what is due")
    push.add_argument("--chat", type=int, metavar="ID", help="only to this chat")
    push.add_argument("--now", action="store_true", help="send everything that is owed")
    _add_digest(add("digest", help="write the full digest as Markdown"))
    imports = add("import", help="let a chat follow the topics of an existing page")
    imports.add_argument(
        "file", type=Path, metavar="FILE", help="a digest in Markdown, a config.yaml, or a list"
    )
    imports.add_argument(
        "--chat", type=int, metavar="ID", required=True, help="who will follow them"
    )
    publish = add("publish", help="write the digest as a site to PUBLISH_DIR")
    whose = publish.add_mutually_exclusive_group()
    whose.add_argument("--chat", type=int, metavar="ID", help="only the topics of this chat")
    whose.add_argument("--topics", type=Path, metavar="LIST", help="the topics of a file instead")
    publish.add_argument("--language", metavar="L", help="of the abstracts; en: original")
    add("check", help="say for each part whether it works")
    backup = add("backup", help="copy the database, also while the bot runs")
    backup.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="new, or an older backup, replaced once the copy is whole and verified",
    )
    restore = add("restore", help="put a backup in the database's place; the bot must be stopped")
    restore.add_argument("file", type=Path, metavar="FILE", help="what `backup` made")
    restore.add_argument(
        "--force", action="store_true", help="also where a database is, which is put aside"
    )
    move = add("move", help="copy everything into another, empty database")
    move.add_argument("source", metavar="FROM", help="such as sqlite:///data/paperboy.db")
    move.add_argument("target", metavar="TO", help="such as postgresql://user@host/paperboy")
    return parser


def _add_digest(digest: argparse.ArgumentParser) -> None:
    what = digest.add_mutually_exclusive_group()
    what.add_argument("--chat", type=int, metavar="ID", help="the topics of this chat")
    what.add_argument("--query", action="append", metavar="Q", help="a topic; may be repeated")
    what.add_argument(
        "--topics", type=Path, metavar="LIST", help="a TOML or YAML file, or a page, of topics"
    )
    digest.add_argument(
        "--language", metavar="L", help="of the abstracts, such as zh-CN; en: original"
    )
    digest.add_argument("--papers", type=_count, metavar="N", help="a topic (default: 10)")
    digest.add_argument("--first", type=_count, metavar="N", help="only the first N topics")
    digest.add_argument("--days", type=_count, metavar="N", help="all papers of the last N days")
    for name, words in (
        ("contents", "with a table of contents"),
        ("authors", "with authors below the titles"),
        ("category", "with categories below the titles"),
    ):
        digest.add_argument(f"--{name}", action="store_true", help=words)
    digest.add_argument("--out", type=Path, metavar="FILE", help="default: standard output")


class _Version(argparse.Action):
    """Says the version; looking it up takes longer than all the rest of --help."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:  # noqa: A002 - argparse's name
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *unused: object) -> None:
        del unused
        from importlib.metadata import version

        sys.stdout.write(f"paperboy {version('paperboy-bot')}\n")
        parser.exit()


def _count(text: str) -> int:
    return _number(text, 1, _MOST, f"number from 1 to {_MOST}")


def _port(text: str) -> int:
    return _number(
        text, 0, _HIGHEST_PORT, f"port; they go from 1 to {_HIGHEST_PORT}, and 0 is any free one"
    )


def _number(text: str, lowest: int, highest: int, wanted: str) -> int:
    number = int(text) if text.isdecimal() else -1
    if not lowest <= number <= highest:
        message = f"{text} is no {wanted}"
        raise argparse.ArgumentTypeError(message)
    return number

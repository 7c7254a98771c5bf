"""A benchmark's process as `paperboy run` sets up its own, in whatever version of the bot it is."""

from contextlib import suppress
from importlib import import_module


def begin_as_run() -> None:
    """Keep what is begun from here on to one core, change threads often, and share memory."""
    _call("bot.runtime.threads", "stay_on_one_core")
    _call("bot.runtime.one_core", "stay_on_one_core")  # its room before
    _call("bot.runtime.threads", "switch_often")
    _call("bot.runtime.memory", "share_one_arena")


def ready_as_run() -> None:
    """Spare the garbage collector what is there once the bot is ready."""
    _call("bot.runtime.memory", "freeze")


def _call(module: str, name: str) -> None:
    with suppress(ImportError, AttributeError):  # the version does not know it
        getattr(import_module(module), name)()

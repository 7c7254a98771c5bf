"""Starts commands by forking: what each of them loads takes a second, and there are many.

`python -m tests.commands.nursery FD` takes wishes from a socket. A wish is JSON and three pipes:
for standard output, standard error, and for the process id and, once it has ended, the exit code.
"""

import asyncio
import gc
import json
import os
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx

from bot.cli import main
from bot.commands import backup, check, digest, playground, push, restore, run, sweep
from storage.database import Database

__all__ = ["IMPORTED"]

IMPORTED = (backup, check, digest, playground, push, restore, run, sweep)


async def _load(folder: Path) -> None:
    """Do what loads the rest: Alembic, the driver and httpx's transports come with first use."""
    database = Database(f"sqlite:///{folder / 'empty.db'}")
    await database.open()
    await database.close()
    async with httpx.AsyncClient():
        pass


def _serve(wishes: socket.socket) -> None:
    # Whoever is forked here ends unwaited for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, pipes, _flags, _address = socket.recv_fds(wishes, 1 << 16, 3)
        if os.fork() == 0:
            wishes.close()
            _watch(json.loads(message), *pipes)
        for pipe in pipes:
            os.close(pipe)


def _watch(wish: dict[str, Any], out: int, err: int, word: int) -> None:
    """Fork the command, and pass on its id and how it ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        os.close(word)
        _become(wish, out, err)
    os.close(out)
    os.close(err)
    os.write(word, f"{child}\n".encode())
    _pid, status = os.waitpid(child, 0)
    os.write(word, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(wish: dict[str, Any], out: int, err: int) -> None:
    """Be the command, as if it had been started in its folder with its environment."""
    silence = os.open(os.devnull, os.O_RDONLY)
    for descriptor, number in ((silence, 0), (out, 1), (err, 2)):
        os.dup2(descriptor, number)
        os.close(descriptor)
    # Whoever runs the tests under `nohup` would hand that on.
    signal.signal(signal.SIGHUP, signal.SIG_IGN if wish["nohup"] else signal.SIG_DFL)
    os.chdir(wish["folder"])
    os.environ.clear()
    os.environ.update(wish["environment"])
    sys.exit(main(wish["arguments"]))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        asyncio.run(_load(Path(temporary)))
    tempfile.tempdir = None  # each command has its own
    # A forked process would copy every page in which its collector notes what it has seen.
    gc.freeze()
    _serve(socket.socket(fileno=int(sys.argv[1])))

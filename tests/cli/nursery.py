"""Starts commands by forking: what each of them imports takes a second, and there are many.

`python -m tests.cli.nursery FD` takes wishes from a socket. A wish is JSON and three pipes: for
standard output, standard error, and for the process id and, once it has ended, the exit code.
"""

import json
import os
import signal
import socket
import sys
from typing import Any

from bot.cli import main
from bot.commands import backup, check, digest, playground, push, restore, run, sweep

__all__ = ["IMPORTED"]

IMPORTED = (backup, check, digest, playground, push, restore, run, sweep)


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
    os.chdir(wish["folder"])
    os.environ.clear()
    os.environ.update(wish["environment"])
    sys.exit(main(wish["arguments"]))


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))

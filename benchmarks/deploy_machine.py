"""A clean Debian in a folder, booted or not, and the world around it; deploy.py uses both."""

import asyncio
import shutil
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot.playground.arxiv.stand_in import FakeArxiv
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.translator.stand_in import FakeLibreTranslate

PATIENCE_SECONDS = 120
REBOOTS: Final = 133
"""What systemd-nspawn ends with when the machine inside wants to start again."""

Run = Callable[[str], Awaitable[tuple[int, str]]]

ENTER = """
set -e
root=$1; shift
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
exec chroot "$root" "$@"
"""


class World:
    """The fake servers, and one person who writes to the bot."""

    def __init__(self) -> None:
        self.telegram = FakeTelegram()
        self.arxiv = FakeArxiv([])
        self.libre = FakeLibreTranslate(unknown="pseudo")
        self.ada = self.telegram.world.add_person("Ada", "en")
        self._also: list[asyncio.Server] = []

    async def open(self, address: str = "127.0.0.1") -> str:
        """Start them where they are reached; return the settings that lead there."""
        telegram, arxiv = await self.telegram.start(), await self.arxiv.start()
        libre = await self.libre.start()
        settings = {
            "TELEGRAM_BOT_TOKEN": self.telegram.token,
            "TELEGRAM_API_URL": await self._at(address, telegram),
            "ARXIV_API_URL": await self._at(address, arxiv),
            "ARXIV_DELAY_SECONDS": "0.1",
            "TRANSLATORS": "libre",
            "LIBRETRANSLATE_URL": await self._at(address, libre),
        }
        return "".join(f"{name}={value}\n" for name, value in settings.items())

    async def answers(self) -> None:
        """Wait until the bot answers `/help`."""
        before = len(self.telegram.from_bot(self.ada))
        at = time.monotonic()
        self.telegram.send_text(self.ada, self.ada, "/help")
        await self.telegram.wait_for(lambda: len(self.telegram.from_bot(self.ada)) > before, 20)
        print(f"answers /help in {time.monotonic() - at:.2f} s", flush=True)

    async def _at(self, address: str, url: str) -> str:
        """Let others in at another address of this machine, on the same port."""
        if address != "127.0.0.1":
            port = urlsplit(url).port or 80
            self._also.append(await asyncio.start_server(partial(_forward, port), address, port))
        return url.replace("127.0.0.1", address)


async def _forward(port: int, read: asyncio.StreamReader, write: asyncio.StreamWriter) -> None:
    theirs, ours = await asyncio.open_connection("127.0.0.1", port)
    with suppress(asyncio.CancelledError):  # the program ends
        await asyncio.gather(_copy(read, ours), _copy(theirs, write))


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while some := await source.read(1 << 16):
            target.write(some)
            await target.drain()
    target.close()


class Machine:
    """A clean Debian in a folder; commands run in a chroot, or inside once it is booted."""

    def __init__(self, folder: Path, lent: Sequence[Path]) -> None:
        self.folder = folder
        self._lent = lent
        self._booted: Process | None = None

    async def install(self, release: str, *packages: str) -> None:
        """Install the smallest Debian there is."""
        shutil.rmtree(self.folder, ignore_errors=True)
        chosen = f"--include={','.join(('ca-certificates', *packages))}"
        await must(here, f"debootstrap --variant=minbase {chosen} {release} {self.folder}")
        for path in (Path("/etc/resolv.conf"), *self._lent):
            there = self.folder / path.relative_to("/")
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, there)

    async def boot(self) -> None:
        """Start its systemd, and wait until that says it runs."""
        options = ["--register=no", "--keep-unit", "--resolv-conf=off", "--console=pipe"]
        self._booted = await asyncio.create_subprocess_exec(
            *("systemd-nspawn", "--quiet", "--boot", f"--directory={self.folder}", *options),
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=DEVNULL,
        )
        await until(self.run, "systemctl is-system-running --wait", "running")

    async def reboot(self) -> None:
        """Start it again from within."""
        assert self._booted
        await must(self.run, "systemctl reboot")
        assert await self._booted.wait() == REBOOTS
        await self.boot()

    async def power_off(self) -> None:
        assert self._booted
        await must(self.run, "systemctl poweroff")
        await self._booted.wait()

    async def start(self, command: str) -> Process:
        """Start a command inside, as a terminal would."""
        if self._booted:
            _, leader = await here(f"pgrep --parent {self._booted.pid} | head -1")
            parts = ["--mount", "--uts", "--ipc", "--pid", "--cgroup"]
            inside = ["nsenter", f"--target={leader.strip()}", *parts]
        else:
            inside = ["unshare", "-m", "bash", "-c", ENTER, "-", str(self.folder)]
        return await asyncio.create_subprocess_exec(
            *(*inside, "bash", "-c", command),
            env={
                "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME": "/root",
                "DEBIAN_FRONTEND": "noninteractive",
            },
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            start_new_session=True,
        )

    async def run(self, command: str) -> tuple[int, str]:
        """Run a command inside; return its exit code and what it said."""
        process = await self.start(command)
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode()


async def here(command: str, folder: Path | None = None) -> tuple[int, str]:
    """Run a command on this machine; return its exit code and what it said."""
    process = await asyncio.create_subprocess_shell(
        command, cwd=folder, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def must(run: Run, command: str) -> str:
    """Run what has to work; return what it said."""
    code, said = await run(command)
    if code:
        sys.exit(f"{command}: exit {code}\n{said}")
    return said.strip()


async def follow(run: Run, command: str, *, loud: bool = False) -> None:
    """Run a command of the page, and say how it went."""
    at = time.monotonic()
    said = await must(run, command)
    print(f"{time.monotonic() - at:5.1f} s: {command}", flush=True)
    if loud:
        print(said, flush=True)


async def until(run: Run, command: str, wanted: str) -> None:
    """Wait until a command says what is wanted, and how long that took."""
    at = time.monotonic()
    while True:
        _, said = await run(command)
        if wanted in said:
            break
        if time.monotonic() - at > PATIENCE_SECONDS:
            sys.exit(f"{command}: never said {wanted!r}\n{said}")
        await asyncio.sleep(0.1)
    print(f"{time.monotonic() - at:5.1f} s until {wanted!r}", flush=True)

"""Follow docs/deploy.md on a clean Debian, word for word; build the image, and run it locked down.

    python benchmarks/deploy.py --systemd
    python benchmarks/deploy.py --image

Needs root, debootstrap and, for the image, buildah; neither Docker nor systemd. In place of
`python:3.13-slim` the image stands on Debian 13 with its own Python 3.13. Outside of both are the
stand-ins. Where pip has settings or folders that it can't do without, `--lend` names them.
"""

import argparse
import asyncio
import os
import re
import shutil
import statistics
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Sequence
from pathlib import Path

from bot.playground.arxiv import ArxivStandIn
from bot.playground.libretranslate import LibreTranslateStandIn
from bot.playground.telegram import TelegramStandIn

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "deploy.md"
STARTS = 5
READY = "Paperboy is running"
IMAGE = "localhost/paperboy"
BASE = "docker.io/library/python:3.13-slim"

# What is in a chroot: everything read-only but one folder and /tmp, where that is wanted.
ENTER = """
set -e
root=$1; writable=$2; shift 2
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
for lent in $LENT; do mount --bind "$lent" "$root$lent"; done
if [ -n "$writable" ]; then
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
  mount --bind "$root$writable" "$root$writable"
  mount -o remount,bind,ro "$root"
fi
exec chroot "$root" "$@"
"""
LOCKED = ["--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--"]


class World:
    """The stand-ins, and one person who writes to the bot."""

    def __init__(self) -> None:
        self.telegram = TelegramStandIn()
        self.arxiv = ArxivStandIn([])
        self.libre = LibreTranslateStandIn(unknown="pseudo")
        self.ada = self.telegram.world.add_person("Ada", "en")

    async def open(self) -> dict[str, str]:
        """Start them; return the settings that lead to them."""
        return {
            "TELEGRAM_BOT_TOKEN": self.telegram.token,
            "TELEGRAM_API_URL": await self.telegram.start(),
            "ARXIV_API_URL": await self.arxiv.start(),
            "ARXIV_DELAY_SECONDS": "0.1",
            "TRANSLATORS": "libre",
            "LIBRETRANSLATE_URL": await self.libre.start(),
        }

    async def answers(self) -> bool:
        """Say whether the bot answers `/help`."""
        before = len(self.telegram.from_bot(self.ada))
        self.telegram.send_text(self.ada, self.ada, "/help")
        await self.telegram.wait_for(lambda: len(self.telegram.from_bot(self.ada)) > before, 20)
        return True


class Machine:
    """A clean Debian in a folder."""

    def __init__(self, folder: Path, lent: Sequence[Path]) -> None:
        self.folder = folder
        self.lent = [path for path in lent if path.is_dir()]
        self._files = [path for path in lent if path.is_file()]

    async def install(self, release: str, *packages: str) -> None:
        """Install the smallest Debian there is."""
        shutil.rmtree(self.folder, ignore_errors=True)
        chosen = f"--include={','.join(('ca-certificates', *packages))}"
        await run("debootstrap", "--variant=minbase", chosen, release, str(self.folder))
        names = (Path("/etc/resolv.conf"), Path("/etc/hosts"), *self._files)
        for path in names:
            there = self.folder / path.relative_to("/")
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, there)
        for path in self.lent:
            (self.folder / path.relative_to("/")).mkdir(parents=True, exist_ok=True)

    async def start(
        self, *command: str, writable: str = "", settings: dict[str, str] | None = None
    ) -> Process:
        """Start a command inside; `writable`: the one folder that is."""
        environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "DEBIAN_FRONTEND": "noninteractive",
            "LENT": " ".join(map(str, self.lent)),
            **(settings or {}),
        }
        inside = ["bash", "-c", ENTER, "-", str(self.folder), writable, *command]
        return await asyncio.create_subprocess_exec(
            "unshare", "-m", *inside, env=environment, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT
        )

    async def run(self, *command: str, writable: str = "", **settings: str) -> tuple[int, str]:
        """Run a command inside; return its exit code and what it said."""
        process = await self.start(*command, writable=writable, settings=settings)
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode()


async def run(*command: str, folder: Path | None = None) -> str:
    """Run a command here; return what it said."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT
    )
    said, _ = await process.communicate()
    if process.returncode:
        sys.exit(f"{' '.join(command)}:\n{said.decode()}")
    return said.decode()


async def ready(process: Process) -> None:
    """Wait until a bot is at work."""
    assert process.stdout is not None
    said = []
    while line := await process.stdout.readline():
        said.append(line.decode())
        if READY in said[-1]:
            return
    sys.exit(f"it never began:\n{''.join(said)}")


def cpu_seconds(process: Process) -> float:
    """Return what a process has used of a processor."""
    fields = (
        Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    )
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(process: Process) -> int:
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    [resident] = re.findall(r"VmRSS:\s+(\d+)", status)
    return round(int(resident) * 1024 / 1e6)


async def source() -> list[str]:
    """Return the names of the source's files, as a clone or an archive has them."""
    return (await run("git", "ls-files", folder=ROOT)).splitlines()


def put(names: Sequence[str], there: Path) -> None:
    """Put the source where the page wants it."""
    for name in names:
        (there / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, there / name)


def steps(heading: str) -> list[str]:
    """Return the commands that stand under a heading of the page."""
    found = re.search(
        rf"^## {heading}$\n(.*?)(?=^## )",
        PAGE.read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    assert found
    return re.findall(r"^    (.+)$", found[1], re.MULTILINE)


async def follow_systemd(machine: Machine, world: World) -> None:
    await machine.install("bookworm")
    put(await source(), machine.folder / "opt" / "paperboy")
    settings = await world.open()
    began = time.monotonic()
    for step in steps("systemd"):
        if step.startswith(("cp ", "systemctl", "journalctl", "cd ")):
            print(f"(left out) {step}")
            continue
        if " check" in step:
            with (machine.folder / "var/lib/paperboy/.env").open("a", encoding="utf-8") as env:
                env.writelines(f"{name}={value}\n" for name, value in settings.items())
        at = time.monotonic()
        code, said = await machine.run("bash", "-c", f"cd /var/lib/paperboy 2>/dev/null; {step}")
        print(f"{time.monotonic() - at:5.1f} s, exit {code}: {step}", flush=True)
        if code or " check" in step:
            print(said)
    print(f"{time.monotonic() - began:5.1f} s altogether")
    locked = ["setpriv", "--reuid=paperboy", "--regid=paperboy", *LOCKED]
    unit = (machine.folder / "opt/paperboy/docs/paperboy.service").read_text(encoding="utf-8")
    [started] = re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE)
    command = f"cd /var/lib/paperboy && exec {' '.join(locked)} {started}"
    bot = await machine.start("bash", "-c", command, writable="/var/lib/paperboy")
    await report(bot, world)


async def report(bot: Process, world: World) -> None:
    """Say how a bot that has just been started does, and end it."""
    began = time.monotonic()
    await ready(bot)
    print(f"ready in {time.monotonic() - began:.1f} s, {cpu_seconds(bot):.1f} s of a processor")
    print(f"answers: {await world.answers()}; {megabytes(bot)} MB resident")
    at = time.monotonic()
    bot.terminate()
    print(f"ended with {await bot.wait()} in {time.monotonic() - at:.1f} s")


async def build(machine: Machine) -> None:
    """Build the image on Debian's Python, and put what it holds into the machine's folder."""
    await machine.install("trixie", "python3", "python3-pip", "python3-venv")
    for marker in (machine.folder / "usr" / "lib").glob("python3*/EXTERNALLY-MANAGED"):
        marker.unlink()
    for name, real in (("python", "python3"), ("pip", "pip3")):
        (machine.folder / "usr/local/bin" / name).symlink_to(f"/usr/bin/{real}")
    base = (await run("buildah", "from", "scratch")).strip()
    await run("buildah", "add", "--quiet", base, str(machine.folder), "/")
    await run("buildah", "commit", "--quiet", "--rm", base, BASE)
    context = machine.folder.with_name("source")
    shutil.rmtree(context, ignore_errors=True)
    put(await source(), context)
    volumes = [option for path in machine.lent for option in ("--volume", f"{path}:{path}:ro")]
    at = time.monotonic()
    options = ["--isolation", "chroot", "--pull-never", "--format", "docker", "--no-cache"]
    await run("buildah", "bud", *options, *volumes, "--tag", IMAGE, str(context))
    print(f"built in {time.monotonic() - at:.0f} s", flush=True)
    built = (await run("buildah", "from", "--pull-never", IMAGE)).strip()
    mounted = (await run("buildah", "mount", built)).strip()
    shutil.rmtree(machine.folder)
    await run("cp", "--archive", mounted, str(machine.folder))
    await run("buildah", "rm", built)
    for name in ("packages", "paperboy"):
        folder = machine.folder / "opt" / name
        [size] = re.findall(r"^(\d+)", await run("du", "-sb", str(folder)))
        packed = await run("bash", "-c", f"tar -cf - {folder} 2>/dev/null | gzip | wc -c")
        print(f"/opt/{name}: {int(size) / 1e6:.0f} MB, {int(packed) / 1e6:.0f} MB compressed")


async def run_image(machine: Machine, world: World) -> None:
    await build(machine)
    settings = await world.open()
    recipe = (ROOT / "Dockerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    [said] = re.findall(r"^ENV ((?:.*\\\n)*.*)", recipe, re.MULTILINE)
    usual = "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    for name, value in re.findall(r'(\w+)="?([^\s"]+)"?', said):
        settings[name] = value.replace("$PATH", usual)
    [health] = re.findall(r'CMD \["python", "-c", "(.+)"\]', recipe)
    user = ["setpriv", "--reuid=10001", "--regid=10001", *LOCKED]
    empty = machine.folder.with_name("data")
    shutil.rmtree(empty, ignore_errors=True)
    data = machine.folder / "data"
    await run("cp", "--archive", str(data), str(empty))
    walls, processors = [], []
    for number in range(STARTS):
        shutil.rmtree(data)
        await run("cp", "--archive", str(empty), str(data))
        began = time.monotonic()
        bot = await machine.start(*user, "paperboy", "run", writable="/data", settings=settings)
        await ready(bot)
        walls.append(time.monotonic() - began)
        processors.append(cpu_seconds(bot))
        if number < STARTS - 1:
            bot.terminate()
            await bot.wait()
    print(
        f"ready, empty, {STARTS} starts: median {statistics.median(walls):.1f} s,"
        f" fastest {min(walls):.1f} s; of a processor {statistics.median(processors):.1f} s"
    )
    print(f"answers: {await world.answers()}; {megabytes(bot)} MB resident")
    for words, command in (
        ("check", ["paperboy", "check"]),
        ("backup", ["paperboy", "backup", "/data/backup.db"]),
        ("health", ["python", "-c", health]),
        ("writing elsewhere", ["touch", "/opt/paperboy/x"]),
    ):
        code, told = await machine.run(*user, *command, writable="/data", **settings)
        print(f"{words}: exit {code}; {' / '.join(told.strip().splitlines())}")
    at = time.monotonic()
    bot.terminate()
    print(f"ended with {await bot.wait()} in {time.monotonic() - at:.1f} s")
    code, _ = await machine.run(*user, "python", "-c", health, writable="/data", **settings)
    print(f"health of a bot that is not there: exit {code}")


async def main() -> None:
    parser = argparse.ArgumentParser()
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--systemd", action="store_true")
    what.add_argument("--image", action="store_true")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp/paperboy-deploy"))  # noqa: S108 - of root's own
    parser.add_argument("--lend", type=Path, nargs="*", default=[])
    asked = parser.parse_args()
    machine = Machine(asked.folder / "machine", asked.lend)
    follow = follow_systemd if asked.systemd else run_image
    await follow(machine, World())


if __name__ == "__main__":
    asyncio.run(main())

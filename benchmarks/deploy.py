"""Follow docs/deploy.md word for word: with Docker, with systemd, by hand.

    python benchmarks/deploy.py --docker
    python benchmarks/deploy.py --systemd
    python benchmarks/deploy.py --by-hand

All need root and debootstrap; the first a Docker engine with its compose plugin, the second
systemd-nspawn. It is for a machine where nothing is called `paperboy`. Telegram, arXiv and the
translator are fake servers. Where `python:3.13-slim` or `postgres:17` is not there, Debian 13
with its own Python or PostgreSQL stands in for it. Files that pip can't do without, such as a
certificate, are named with `--lend`.
"""

import argparse
import asyncio
import os
import re
import shutil
import signal
import sys
import time
from pathlib import Path

from deploy_machine import Machine, Run, World, follow, here, must, until

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
READY = "Paperboy is running"
POSTGRES = r"""
FROM python:3.13-slim
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-17
ENV LANG=C.UTF-8 PATH=/usr/lib/postgresql/17/bin:$PATH PGDATA=/var/lib/postgresql/data
RUN install --directory --owner=postgres --mode=700 $PGDATA
USER postgres
CMD test -s $PGDATA/PG_VERSION || { \
        initdb --username=$POSTGRES_USER --auth=$POSTGRES_HOST_AUTH_METHOD \
        && echo "host all all all $POSTGRES_HOST_AUTH_METHOD" >> $PGDATA/pg_hba.conf \
        && echo "CREATE DATABASE $POSTGRES_USER" | postgres --single postgres; \
    } && exec postgres -c listen_addresses='*'
"""

# What must be refused to the process, and what must not.
WALLS = """
import ctypes, mmap, os, socket
libc = ctypes.CDLL(None)
def write(path):
    open(path, "w").close()
def call(*asked):
    if getattr(libc, asked[0])(*asked[1:]) < 0:
        raise OSError
everything = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
for name, attempt in {
    "its own folder": lambda: write(os.environ["OWN"] + "/wall"),
    "/tmp": lambda: write("/tmp/wall"),
    "/dev/shm": lambda: write("/dev/shm/wall"),
    "/etc": lambda: write("/etc/wall"),
    "/opt": lambda: write("/opt/paperboy/wall"),
    "/var/lib": lambda: write("/var/lib/wall"),
    "looking into /root": lambda: os.listdir("/root"),
    "memory to write and run": lambda: mmap.mmap(-1, 4096, prot=everything),
    "becoming root": lambda: os.setuid(0),
    "mounting": lambda: call("mount", b"tmpfs", b"/mnt", b"tmpfs", 0, None),
    "a namespace": lambda: call("unshare", 0x10000000),
    "a raw socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "renaming the machine": lambda: call("sethostname", b"x", 1),
    "real time": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
}.items():
    try:
        attempt()
        print("allowed:", name)
    except OSError:
        print("refused:", name)
print("processes seen:", sum(name.isdigit() for name in os.listdir("/proc")))
"""


async def put_source(there: Path) -> None:
    """Put the source there, as a clone or an archive has it."""
    shutil.rmtree(there, ignore_errors=True)
    for name in (await must(here, f"git -C {ROOT} ls-files")).splitlines():
        (there / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, there / name)


def steps(heading: str) -> list[str]:
    """Return the commands that stand under a heading of the page."""
    found = re.search(rf"^##+ {heading}$\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, heading
    blocks = found[1].replace("\\\n", "")
    return [
        re.sub(r"\s{2,}", " ", line) for line in re.findall(r"^    (.+)$", blocks, re.MULTILINE)
    ]


def inline(beginning: str) -> str:
    """Return the command that the page has in a line of text."""
    found = re.search(rf"`({re.escape(beginning)}[^`]*)`", PAGE)
    assert found, beginning
    return found[1]


def add(settings: str, env: Path) -> None:
    with env.open("a", encoding="utf-8") as file:
        file.write(settings)


async def stand_in_for_images(machine: Machine) -> None:
    code, _ = await here("docker image inspect python:3.13-slim")
    if code:
        await machine.install("trixie", "python3", "python3-pip", "python3-venv")
        for marker in (machine.folder / "usr" / "lib").glob("python3*/EXTERNALLY-MANAGED"):
            marker.unlink()
        for name, real in (("python", "python3"), ("pip", "pip3")):
            (machine.folder / "usr/local/bin" / name).symlink_to(f"/usr/bin/{real}")
        await must(here, f"tar -C {machine.folder} -c . | docker import - python:3.13-slim")
    code, _ = await here("docker image inspect postgres:17")
    if code:
        recipe = machine.folder.with_name("postgres")
        recipe.mkdir(exist_ok=True)
        (recipe / "Dockerfile").write_text(POSTGRES, encoding="utf-8")
        await must(here, f"docker build --tag postgres:17 {recipe}")


async def follow_docker(machine: Machine, world: World) -> None:
    await stand_in_for_images(machine)
    source = machine.folder.with_name("source")
    await put_source(source)

    async def run(command: str) -> tuple[int, str]:
        return await here(command, source)

    gateway = "{{(index .IPAM.Config 0).Gateway}}"
    address = await must(run, f"docker network inspect bridge --format '{gateway}'")
    settings = await world.open(address)
    copy, up, check, build, start = steps("Docker")
    await follow(run, copy)
    add(settings, source / ".env")
    await follow(run, up)
    logs = "docker compose logs --since {}"
    await until(run, "docker compose logs", READY)
    await follow(run, check, loud=True)
    await world.answers()
    one = "$(docker compose ps --all --quiet paperboy)"
    stats = "docker stats --no-stream --format '{{.MemUsage}}' "
    print(await must(run, stats + one), "of memory")
    print(
        await must(run, "docker history --format '{{.Size}} {{.CreatedBy}}' paperboy | grep -v ^0")
    )
    (source / "walls.py").write_text(WALLS, encoding="utf-8")
    walls = 'docker compose exec --env OWN=/data paperboy python -c "$(cat walls.py)"'
    print(await must(run, walls))
    await until(run, "docker inspect --format '{{.State.Health.Status}}' " + one, "healthy")
    await follow(run, inline("docker compose exec paperboy paperboy backup"), loud=True)
    await follow(run, inline("docker compose cp"))
    state = "docker inspect --format '{{.State.Status}} {{.State.ExitCode}}, {{.RestartCount}}' "
    at = await must(run, "date +%s")
    await must(run, "kill -9 $(docker inspect --format '{{.State.Pid}}' " + one + ")")
    await until(run, logs.format(at), READY)
    print("after kill -9:", await must(run, state + one), "restart")
    await world.answers()
    await follow(run, inline("docker compose up --detach --build"))
    for step in steps("From SQLite to PostgreSQL, in Docker"):
        await follow(run, step)
    print(await must(run, state + one))
    add("DATABASE_URL=postgresql://paperboy@postgres/paperboy\n", source / ".env")
    at = await must(run, "date +%s")
    await follow(run, inline("docker compose --profile postgres up"))
    await until(run, logs.format(at), READY)
    await follow(run, check, loud=True)
    await world.answers()
    await follow(run, "docker compose --profile postgres down --volumes")
    add("DATABASE_URL=sqlite:////data/paperboy.db\n", source / ".env")
    for step in (build, start):
        await follow(run, step)
    await until(run, "docker logs paperboy", READY)
    await world.answers()
    print(await must(run, walls.replace("compose exec", "exec")))
    await follow(run, "docker stop paperboy")
    print(await must(run, state + "paperboy"))
    await must(run, "docker rm paperboy && docker volume rm paperboy")


async def follow_systemd(machine: Machine, world: World) -> None:
    await machine.install("bookworm", "systemd", "systemd-sysv", "dbus")
    await put_source(machine.folder / "opt" / "paperboy")
    settings = await world.open()
    await machine.boot()
    began = time.monotonic()

    async def run(command: str) -> tuple[int, str]:
        return await machine.run(f"cd /var/lib/paperboy 2>/dev/null; {command}")

    env = machine.folder / "var/lib/paperboy/.env"
    for step in steps("systemd"):
        if " check" in step:
            add(settings, env)
        if "--follow" in step:
            # What never ends by itself is looked at for as long as it takes.
            await until(run, step.replace("--follow", "--no-pager"), READY)
        else:
            await follow(run, step, loud=" check" in step)
    print(f"{time.monotonic() - began:5.1f} s altogether")
    await world.answers()
    main_process = "$(systemctl show --property=MainPID --value paperboy)"
    print(await must(run, f"grep VmRSS /proc/{main_process}/status"))
    print(await must(run, "systemd-analyze security paperboy --no-pager | tail -1"))
    (machine.folder / "opt" / "walls.py").write_text(WALLS, encoding="utf-8")
    unit = (machine.folder / "etc/systemd/system/paperboy.service").read_text(encoding="utf-8")
    probe = re.sub(r"ExecStart=.+", "ExecStart=/usr/bin/python3 /opt/walls.py", unit)
    probe = probe.replace("Restart=always", "Type=oneshot\nEnvironment=OWN=/var/lib/paperboy")
    (machine.folder / "etc/systemd/system/walls.service").write_text(probe, encoding="utf-8")
    await must(run, "systemctl daemon-reload && systemctl start walls")
    print(await must(run, "journalctl --unit walls --output cat --no-pager"))
    await restart_and_move(machine, world, run)
    await machine.power_off()


async def restart_and_move(machine: Machine, world: World, run: Run) -> None:
    """Go on with what the page says of a bot that systemd runs."""
    since = "journalctl --no-pager --unit paperboy --since @{}"
    paperboy = "runuser -u paperboy -- /opt/paperboy/.venv/bin/paperboy"

    async def comes_back(doing: str) -> None:
        at = await must(run, "sleep 1; date +%s")
        await follow(run, doing)
        await until(run, since.format(at), READY)
        await world.answers()

    await comes_back("systemctl restart paperboy")
    await comes_back(inline("make -C /opt/paperboy setup && "))
    await comes_back("kill -9 $(systemctl show --property=MainPID --value paperboy)")
    await machine.reboot()
    await until(run, "journalctl --no-pager --boot --unit paperboy", READY)
    await world.answers()
    await follow(run, steps("Backups")[0].replace(".venv/bin/paperboy", paperboy), loud=True)
    await follow(run, "systemctl stop paperboy")
    print(await must(run, "systemctl show --property=ExecMainStatus --property=Result paperboy"))
    await follow(run, f"{paperboy} restore paperboy-backup.db --force", loud=True)
    await comes_back("systemctl start paperboy")
    await follow(run, "systemctl stop paperboy")
    _, extra, *server = steps("PostgreSQL")
    await follow(run, extra.replace("make", "make -C /opt/paperboy"))
    for step in server:
        await follow(run, step)
    url = inline("DATABASE_URL=postgresql://paperboy@/").partition("=")[2]
    [move] = steps("From SQLite to PostgreSQL")
    source, _ = move.replace(".venv/bin/paperboy", paperboy).rsplit(" ", 1)
    await follow(run, f"{source} '{url}'", loud=True)
    add(f"DATABASE_URL={url}\n", machine.folder / "var/lib/paperboy/.env")
    await follow(run, f"{paperboy} check", loud=True)
    await comes_back("systemctl start paperboy")


async def follow_by_hand(machine: Machine, world: World) -> None:
    await machine.install("bookworm")
    await put_source(machine.folder / "srv")
    settings = await world.open()

    async def run(command: str) -> tuple[int, str]:
        return await machine.run(f"cd /srv; {command}")

    for step in steps("systemd")[:2]:
        await follow(run, step)
    copy, start = steps("By hand")
    await follow(run, copy)
    add(settings, machine.folder / "srv" / ".env")
    for again in (False, True):
        at = time.monotonic()
        bot = await machine.start(f"cd /srv; exec {start}")
        assert bot.stdout
        while READY not in (line := (await bot.stdout.readline()).decode()):
            if not line:
                sys.exit(f"{start} ended with {await bot.wait()}")
        print(f"{time.monotonic() - at:5.1f} s until ready: {start}{' again' if again else ''}")
        await world.answers()
        await follow(run, inline(".venv/bin/paperboy check"), loud=True)
        at = time.monotonic()
        os.killpg(bot.pid, signal.SIGINT)
        code = await bot.wait()
        # A shell says 128 and the number of the signal.
        print(f"Ctrl+C: exit {code if code >= 0 else 128 - code}, {time.monotonic() - at:.1f} s")


async def main() -> None:
    parser = argparse.ArgumentParser()
    what = parser.add_mutually_exclusive_group(required=True)
    ways = {"--docker": follow_docker, "--systemd": follow_systemd, "--by-hand": follow_by_hand}
    for option, way in ways.items():
        what.add_argument(option, action="store_const", const=way, dest="way")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp/paperboy-deploy"))  # noqa: S108 - of root's own
    parser.add_argument("--lend", type=Path, nargs="*", default=[])
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    await asked.way(Machine(asked.folder / "machine", asked.lend), World())


if __name__ == "__main__":
    asyncio.run(main())

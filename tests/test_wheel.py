"""The wheel: installed with its dependencies into an empty environment, far from the checkout."""

import asyncio
import re
import signal
import socket
import subprocess
import sys
import zipfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from bot.playground.arxiv.stand_in import FakeArxiv

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 90.0

pytestmark = pytest.mark.slow


def pip(python: Path | str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - pip and paths of our own
        [python, "-m", "pip", "--disable-pip-version-check", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    asked = pip(sys.executable, "download", "--no-deps", "--dest", str(folder), "hatchling")
    if asked.returncode:
        pytest.skip(f"no package index answers: {asked.stderr.strip().splitlines()[-1]}")
    built = pip(sys.executable, "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    assert built.returncode == 0, built.stderr
    (made,) = folder.glob("paperboy_bot-*.whl")
    return made


@pytest.fixture(scope="module")
def paperboy(wheel: Path) -> Path:
    """Return the program as pip installed it."""
    environment = wheel.parent / "environment"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)  # noqa: S603 - our own path
    installed = pip(environment / "bin" / "python", "install", str(wheel))
    assert installed.returncode == 0, installed.stderr
    return environment / "bin" / "paperboy"


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Give a port at which nobody listens, and nobody else may."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


async def start(program: Path, *arguments: str, folder: Path, **settings: str) -> Process:
    return await asyncio.create_subprocess_exec(
        program,
        *arguments,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1", **settings},
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )


async def ended(process: Process) -> tuple[int | None, str, str]:
    """Wait for the end of a program; return its exit code and what it said."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert "Traceback" not in err.decode()
    return process.returncode, out.decode(), err.decode()


def test_the_wheel_has_every_file_of_the_packages(wheel: Path) -> None:
    wanted = {
        str(path.relative_to(ROOT))
        for package in ("bot", "storage")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as content:
        assert {name for name in content.namelist() if ".dist-info/" not in name} == wanted


async def test_an_installed_paperboy_says_its_version(paperboy: Path, tmp_path: Path) -> None:
    process = await start(paperboy, "--version", folder=tmp_path)
    code, out, _err = await ended(process)
    assert code == 0
    assert re.fullmatch(r"paperboy \d+\.\d+\.\d+\n", out)


async def test_an_installed_paperboy_checks_each_part(
    paperboy: Path, tmp_path: Path, closed_port: int
) -> None:
    nobody = f"http://127.0.0.1:{closed_port}"
    process = await start(
        paperboy,
        "check",
        folder=tmp_path,
        TELEGRAM_BOT_TOKEN="123456789:AAF-a-token-of-nobody_abcdefghijklm",
        TELEGRAM_API_URL=nobody,
        ARXIV_API_URL=nobody,
        TRANSLATORS="libre",
        LIBRETRANSLATE_URL=nobody,
    )
    code, out, _err = await ended(process)
    assert code == 1
    assert re.findall(r"^(.) ([^:]+):", out, re.MULTILINE) == [
        ("✓", "settings"),
        ("✓", "database"),
        ("✗", "token"),
        ("✗", "arXiv"),
        ("✗", "translator libre"),
    ]


async def test_an_installed_playground_serves_its_page_and_ends_when_interrupted(
    paperboy: Path, tmp_path: Path
) -> None:
    process = await start(paperboy, "playground", "--port", "0", folder=tmp_path)
    try:
        url = (await line_with("http://", process.stdout)).split()[-1]
        await line_with("Paperboy is running", process.stderr)
        async with httpx.AsyncClient() as client:
            page = await client.get(url)
            assert "<title>" in page.text
            assert await missing(client, url, page.text) == []
    finally:
        process.send_signal(signal.SIGINT)
    code, _out, _err = await ended(process)
    assert code == 0


async def line_with(words: str, said: asyncio.StreamReader | None) -> str:
    """Wait for a line of what a program says."""
    assert said is not None
    async with asyncio.timeout(PATIENCE_SECONDS):
        while line := (await said.readline()).decode():
            if words in line:
                return line
    message = f"it ended without {words!r}"
    raise AssertionError(message)


async def missing(client: httpx.AsyncClient, url: str, page: str) -> list[str]:
    """Return what a page and its scripts load and do not get."""
    waiting = [urljoin(url, name) for name in re.findall(r'(?:src|href)="(?!\w+:)([^"#]+)"', page)]
    seen: set[str] = set()
    lost = []
    while waiting:
        asset = waiting.pop()
        if asset in seen:
            continue
        seen.add(asset)
        answer = await client.get(asset)
        if answer.status_code != httpx.codes.OK or not answer.content:
            lost.append(asset)
        elif asset.endswith(".js"):
            loaded = re.findall(r'(?:from|import) "(\.{0,2}/[^"]+)"', answer.text)
            waiting += [urljoin(asset, name) for name in loaded]
    return lost


async def test_an_installed_paperboy_writes_a_digest(paperboy: Path, tmp_path: Path) -> None:
    arxiv = FakeArxiv(newest=datetime.now(UTC))
    address = await arxiv.start()
    try:
        process = await start(
            paperboy,
            "digest",
            "--query",
            "cat:cs.CV",
            folder=tmp_path,
            ARXIV_API_URL=address,
            ARXIV_DELAY_SECONDS="0.01",
            DEFAULT_LANGUAGE="en",
        )
        code, out, err = await ended(process)
    finally:
        await arxiv.stop()
    assert code == 0, err
    assert "## cat:cs.CV" in out
    assert out.count("https://arxiv.org/abs/") >= 1

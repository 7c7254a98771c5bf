"""The documentation says what is so: names, defaults, links, pictures."""

import argparse
import asyncio
import re
import shutil
import tomllib
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.cli import _parser
from bot.commands.playground import MORNING
from bot.digest.markdown import Digest
from bot.playground.arxiv.oai import FakeOai
from bot.playground.arxiv.stand_in import FakeArxiv
from bot.playground.box import _controls
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.translator.stand_in import FakeLibreTranslate
from bot.query.parser import parse
from bot.runtime.application import COMMANDS
from bot.settings.model import Settings
from bot.translation.languages import LANGUAGES

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCS = ROOT / "docs"
BENCHMARKS = ROOT / "benchmarks" / "README.md"
CHANGELOG = ROOT / "CHANGELOG.md"
REFERENCE = DOCS / "reference.md"
CHINESE = ROOT / "README.zh-CN.md"
PAGES = [README, CHINESE, CHANGELOG, BENCHMARKS, *sorted(DOCS.rglob("*.md"))]
PICTURES = sorted((DOCS / "images").iterdir())

SECURITY = "What Paperboy defends, and against whom"
LARGEST_PICTURE = 150_000
ALL_PICTURES = 1_200_000


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def section(page: Path, heading: str) -> str:
    """Return what stands under a heading, up to the next one of its level or above."""
    found = re.search(rf"^(#+) {re.escape(heading)}$\n", text(page), re.MULTILINE)
    assert found, f"{page.name} has no heading {heading!r}"
    rest = text(page)[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def rows(page: Path, heading: str) -> list[list[str]]:
    """Return the cells of the tables under a heading, without their heads."""
    lines = [line for line in section(page, heading).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    heads = {place - 1 for place, row in enumerate(cells) if set(row[0]) == {"-"}}
    return [row for place, row in enumerate(cells) if place not in heads and set(row[0]) != {"-"}]


def code(cell: str) -> str:
    assert re.fullmatch(r"`[^`]+`", cell), cell
    return cell[1:-1].replace(r"\|", "|")


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", text(page), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Return what a link to the page may have behind its `#`, as GitHub makes it."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readme_is_read_to_its_end() -> None:
    assert len(text(README).splitlines()) <= 120
    assert len(text(CHINESE).splitlines()) <= 120


def test_every_command_of_the_bot_is_in_the_reference_in_the_menus_order() -> None:
    named = [code(row[0]) for row in rows(REFERENCE, "Commands of the bot")]
    assert named == [f"/{command}" for command in COMMANDS]


def subcommands() -> dict[str, argparse.ArgumentParser]:
    [action] = [
        action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)
    ]
    return dict(action.choices)


def test_every_command_and_option_of_the_command_line_is_in_the_reference() -> None:
    described = {code(row[0]).split()[1]: row for row in rows(REFERENCE, "Command line")}
    assert list(described) == list(subcommands())
    for name, parser in subcommands().items():
        command, words = described[name]
        known: list[str] = []
        places = ""
        for action in parser._actions:
            if isinstance(action, argparse._HelpAction):
                continue
            value = f" {action.metavar}" if action.metavar else ""
            if action.option_strings:
                known.append(f"{action.option_strings[-1]}{value}")
            else:
                places += value
        assert command.endswith(f"{name}{places}`"), f"{name} takes {places}"
        assert sorted(re.findall(r"`(--[^`]+)`", words)) == sorted(known), name


def test_no_page_names_an_option_that_there_is_not() -> None:
    known = {"--help", "--version"}
    for parser in subcommands().values():
        known.update(*(action.option_strings for action in parser._actions))
    for page in PAGES:
        for command in re.findall(r"`(?:paperboy|python -m bot) [^`]*`", text(page)):
            assert set(re.findall(r"--[\w-]+", command)) <= known, f"{page.name}: {command}"
    explained = re.findall(
        r"^- `(--[\w-]+)", section(DOCS / "playground.md", "Options"), re.MULTILINE
    )
    options = [action.option_strings[-1] for action in subcommands()["playground"]._actions]
    assert explained == [option for option in options if option != "--help"]


def written(value: object) -> str:
    """Return a setting's value as it stands in `.env`."""
    match value:
        case SecretStr():
            return value.get_secret_value()
        case tuple() | frozenset():
            return ",".join(map(str, value))
        case time():
            return value.strftime("%H:%M")
        case bool():
            return str(value).lower()
        case None:
            return ""
        case _:
            return str(value)


def test_every_setting_is_in_the_reference_with_its_default() -> None:
    told = {code(row[0]): row[1] for row in rows(REFERENCE, "Settings")}
    assert set(told) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        default = written(field.default)
        assert told[name.upper()] == (f"`{default}`" if default else "–"), name


def test_the_example_file_shows_the_same_defaults() -> None:
    shown = dict(re.findall(r"^#([A-Z_]+)=(.*)$", text(ROOT / ".env.example"), re.MULTILINE))
    assert shown == {
        name.upper(): written(field.default) for name, field in Settings.model_fields.items()
    }


def test_how_many_languages_each_engine_speaks_is_told_right() -> None:
    page = DOCS / "translation.md"
    assert f"languages of our {len(LANGUAGES)} |" in section(page, "Choosing engines")
    for name, _needs, languages, *_more in rows(page, "Choosing engines"):
        if code(name) == "llm":
            continue
        spoken = sum(bool(getattr(language, code(name))) for language in LANGUAGES.values())
        assert languages == str(spoken), name


def test_every_query_in_the_pages_is_one() -> None:
    told = [
        row[0] for row in rows(REFERENCE, "Queries") + rows(DOCS / "README.md", "Writing a query")
    ]
    queries = [
        query.replace(r"\|", "|") for cell in told for query in re.findall("`([^`]+)`", cell)
    ]
    assert queries
    for query in queries:
        parse(query)


def test_every_control_of_the_playground_is_described() -> None:
    arxiv = FakeArxiv([])
    controls = _controls(FakeTelegram(), arxiv, FakeOai(arxiv), FakeLibreTranslate({}))
    told = [row[0] for row in rows(DOCS / "playground.md", "Controls")]
    assert told == [*(control.label for control in controls), MORNING]


@pytest.mark.parametrize(
    ("page", "heading"),
    [
        ("security.md", SECURITY),
        ("testing.md", "Promises"),
        ("testing.md", "Every fault that was tried"),
    ],
)
def test_every_test_that_a_page_names_is_there(page: str, heading: str) -> None:
    written_down = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", text(file), re.MULTILINE)
    }
    named = {
        name for row in rows(DOCS / page, heading) for name in re.findall(r"`(test_\w+)`", row[-1])
    }
    assert named
    assert named <= written_down


PROMISES = 7
"""As many as the design makes."""


def test_every_promise_has_a_test_that_bears_its_name() -> None:
    promises = [row for row in rows(DOCS / "testing.md", "Promises") if "**" in row[0]]
    assert len(promises) == PROMISES
    for promise, test, _more in promises:
        name = " ".join(re.findall(r"\*\*(.+?)\*\*", promise))
        spoken = "_".join(re.findall(r"[a-z]+", name.lower()))
        assert code(test).startswith(f"test_{spoken}"), promise


def test_every_room_is_in_the_design() -> None:
    told = {code(row[0]) for row in rows(DOCS / "design.md", "The rooms")}
    folders = {f"bot/{path.parent.name}/" for path in ROOT.glob("bot/*/__init__.py")}
    loose = {f"bot/{path.name}" for path in ROOT.glob("bot/[!_]*.py")}
    assert told == {*folders, *loose, "bot/locales/", "storage/"}


def names(requirements: list[str]) -> list[str]:
    return [re.split(r"[\[<>=]", requirement)[0] for requirement in requirements]


def test_every_dependency_is_explained() -> None:
    declared = tomllib.loads(text(ROOT / "pyproject.toml"))
    project = declared["project"]
    optional = [name for extra in project["optional-dependencies"].values() for name in extra]
    groups = declared["dependency-groups"]
    developing = {*names(groups["dev"]), *names(groups["interop"])} - set(names(optional))
    for heading, wanted in (
        ("To run", names(project["dependencies"])),
        ("Optional", names(optional)),
        ("To develop", developing),
    ):
        told = [code(row[0]) for row in rows(DOCS / "dependencies.md", heading)]
        assert sorted(told) == sorted(wanted), heading


def test_everybody_reads_the_lock_with_the_same_uv() -> None:
    [wanted] = re.findall(r"^UV_VERSION := (\S+)$", text(ROOT / "Makefile"), re.MULTILINE)
    assert f"uv=={wanted} " in text(ROOT / "Dockerfile").replace("\n", " ")
    assert f"`uv` ({wanted})" in text(DOCS / "dependencies.md")


def test_the_readme_names_the_python_that_is_needed() -> None:
    project = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]
    assert f"Python {project['requires-python'].removeprefix('>=')} or newer" in text(README)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if target.startswith("https://"):
            continue
        place, _, anchor = target.partition("#")
        there = (page.parent / place).resolve() if place else page
        assert there.is_relative_to(ROOT), target
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there), target


def test_the_digest_s_link_to_its_usage_leads_somewhere() -> None:
    place, _, anchor = Digest(datetime.now(UTC).date(), ()).usage_url.partition("#")
    assert anchor in anchors(ROOT / place)


def test_every_file_and_test_that_a_page_names_is_there() -> None:
    everything = "".join(text(path) for path in (ROOT / "tests").rglob("*.py"))
    for page in PAGES:
        for name in re.findall(r"`((?:bot|storage|tests|docs)/[\w/.]+)`", prose(page)):
            assert (ROOT / name).exists(), f"{page.name}: {name}"
        for name in re.findall(r"`(test_\w+)`", prose(page)):
            assert f"def {name}(" in everything, f"{page.name}: {name}"


def measuring() -> set[str]:
    """Return the commands of the benchmarks' tables: each figure stands beside one."""
    told = {row[-1] for row in rows(BENCHMARKS, "Benchmarks")}
    return {code(cell) for cell in told - {"the tests that the table names"}}


def with_a_path(command: str) -> str:
    """Return a command that names the script of a package that is run as a module."""
    return re.sub(r"-m benchmarks\.(\w+)", r"benchmarks/\1/__main__.py", command)


@pytest.mark.parametrize("command", sorted(measuring()))
def test_every_figure_has_a_command_that_there_is(command: str) -> None:
    if command == "make test":
        return
    known = re.fullmatch(r"python (?:-m pytest )?(.+)", with_a_path(command))
    assert known, command
    scripts = re.findall(r"(?:benchmarks|tests)/[\w/]+\.py", known[1])
    assert scripts, command
    options = " ".join(text(ROOT / script) for script in scripts)
    for option in re.findall(r"--[\w-]+", known[1]):
        assert f'"{option}"' in options, option


USED_BY_BENCHMARKS = {
    "as_run.py",
    "bare_loop.py",
    "beside.py",
    "counting_telegram.py",
    "crash_bot.py",
    "deploy_machine.py",
    "large_file.py",
    "load_bot.py",
    "push_bot.py",
    "push_world.py",
    "real_papers.py",
    "sweep_bot.py",
    "topics.py",
}


def test_every_benchmark_is_in_the_table() -> None:
    told = {
        name
        for command in measuring()
        for name in re.findall(r"benchmarks/(.+?\.py)", with_a_path(command))
    }
    there = {path.name for path in BENCHMARKS.parent.glob("*.py")}
    packages = {
        f"{path.parent.name}/{path.name}" for path in BENCHMARKS.parent.glob("*/__main__.py")
    }
    assert told == (there - USED_BY_BENCHMARKS) | packages


def test_the_changelog_begins_with_the_version_that_is_built() -> None:
    project = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]
    versions = re.findall(r"^## \[(.+?)\] - \d{4}-\d{2}-\d{2}$", text(CHANGELOG), re.MULTILINE)
    assert versions[0] == project["version"]


def test_make_does_what_the_pages_say() -> None:
    targets = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.MULTILINE))
    for page in PAGES:
        told = re.findall(r"(?:^    |`)make ([a-z]+)(?:`|$)", text(page), re.MULTILINE)
        assert set(told) <= targets, page.name


def test_pictures_are_shown_and_small() -> None:
    shown = {
        (page.parent / target).resolve()
        for page in PAGES
        for target in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text(page))
        if not target.startswith("https://")
    }
    assert shown == set(PICTURES)
    assert max(picture.stat().st_size for picture in PICTURES) <= LARGEST_PICTURE
    assert sum(picture.stat().st_size for picture in PICTURES) <= ALL_PICTURES


def test_the_pictures_are_taken_by_buttons_that_there_are() -> None:
    pressed = re.findall(r'_\.plain\("([^"]+)"\)', text(DOCS / "screenshots.py"))
    places = [ROOT / "bot" / "handlers", ROOT / "bot" / "conversation"]
    product = "".join(text(path) for place in places for path in place.glob("*.py"))
    assert pressed
    for button in pressed:
        assert f'"{button}"' in product, button


# Classes of one letter, so that these patterns do not find themselves.
PACKAGE_INDEX = r"python[h]osted\.org|pypi[.]org|registry[.]npmjs"
SOMEBODY_S_FOLDER = r"/home/(?!libretranslate/)[a-z]|/[U]sers/[a-z]|/roo[t]/|[A-Z]:\\[U]sers"
STRANGERS = re.compile(f"{PACKAGE_INDEX}|{SOMEBODY_S_FOLDER}")


async def test_no_file_knows_the_machine_that_it_was_written_on() -> None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    listing = await asyncio.create_subprocess_exec(
        git, "ls-files", "-z", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    listed, _ = await listing.communicate()
    assert listing.returncode == 0
    for name in filter(None, listed.decode().split("\0")):
        path = ROOT / name
        if not path.is_file() or path.suffix in {".png", ".xz"}:
            continue
        content = text(path)
        stranger = STRANGERS.search(content)
        assert stranger is None, f"{name}: {stranger[0]}"
        # A short path such as `/data` may well be meant for another machine.
        if len(ROOT.parts) > 2:
            assert f"{ROOT}/" not in content, f"{name} has this checkout's path"


def test_the_lock_has_no_addresses() -> None:
    assert "://" not in text(ROOT / "uv.lock")

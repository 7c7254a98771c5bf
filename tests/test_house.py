"""The rules of docs/design.md that import-linter does not check: sizes and names of modules."""

import re
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.mutants import own_tests

ROOT = Path(__file__).parents[1]

ATTICS = {"util", "utils", "helper", "helpers", "common", "misc", "consts", "constants"}


def modules() -> dict[str, Path]:
    found = {}
    for folder in ("bot", "storage"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(part for part in parts if part != "__init__")
            found[name] = path
    return found


MODULES = modules()
SOURCES = [
    str(path.relative_to(ROOT))
    for folder in ("bot", "storage")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".html", ".css", ".js", ".lark", ".toml"}
]


def test_the_product_never_names_the_playground() -> None:
    for name, path in MODULES.items():
        if name != "bot.cli" and not name.startswith(("bot.commands", "bot.playground")):
            assert "playground" not in path.read_text(encoding="utf-8").lower(), name


def test_no_module_is_an_attic() -> None:
    assert [name for name in MODULES if name.rpartition(".")[2] in ATTICS] == []


def test_no_source_file_has_more_than_400_lines() -> None:
    lengths = {
        place: len((ROOT / place).read_text(encoding="utf-8").splitlines()) for place in SOURCES
    }
    assert [place for place, lines in lengths.items() if lines > 400] == []


def test_imports_of_the_page_run_one_way() -> None:
    imports = {
        path.name: re.findall(
            r'^import .* from "\./(.+)";$', path.read_text(encoding="utf-8"), re.MULTILINE
        )
        for path in (ROOT / "bot/playground/page").glob("*.js")
    }
    order = list(TopologicalSorter(imports).static_order())  # a circle raises CycleError
    assert order[-1] == "page.js"


MUTATION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]


@pytest.mark.parametrize("place", MUTATION["only_mutate"])
def test_every_module_whose_mutants_are_counted_has_tests_that_are_run(place: str) -> None:
    module = place.removesuffix(".py").replace("/", ".")
    assert module in MODULES
    selected = MUTATION["pytest_add_cli_args_test_selection"]
    for path in own_tests(module):
        assert any(f"/{test}".startswith(f"/tests/{path}") for test in selected), path
        assert path.endswith("/") or (ROOT / f"tests/{path}.py").exists()

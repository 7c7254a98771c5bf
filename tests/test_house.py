"""The rooms of docs/design.md: who may import whom, how large a room may be, its name."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 400

ATTICS = {"util", "utils", "helper", "helpers", "common", "misc", "consts", "constants"}


def modules() -> dict[str, Path]:
    found = {}
    for folder in ("bot", "storage"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(part for part in parts if part != "__init__")
            found[name] = path
    return found


def imports(name: str, path: Path, known: set[str]) -> set[str]:
    """Return the modules of the house that a module imports."""
    found: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    # What only the type checker reads makes no circle when the house is entered.
    tree.body = [node for node in tree.body if not _for_types_only(node)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in known else str(node.module))
    return {module for module in found if module.partition(".")[0] in {"bot", "storage"}}


def _for_types_only(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


MODULES = modules()
IMPORTS = {name: imports(name, path, set(MODULES)) for name, path in MODULES.items()}


def test_handlers_import_neither_each_other_nor_a_step_of_the_pipeline() -> None:
    for name, used in IMPORTS.items():
        if name.startswith("bot.handlers."):
            helpers = {"bot.handlers.explain_query", "bot.handlers.settings_menu"}
            others = {m for m in used if m.startswith("bot.handlers") and m not in helpers}
            assert not others, f"{name} imports {others}"


def test_the_product_never_knows_the_playground() -> None:
    for name, used in IMPORTS.items():
        if not name.startswith(("bot.commands", "bot.playground")):
            assert not {m for m in used if m.startswith("bot.playground")}, name
    for name, path in MODULES.items():
        if name != "bot.cli" and not name.startswith(("bot.commands", "bot.playground")):
            assert "playground" not in path.read_text(encoding="utf-8").lower(), name


def test_imports_run_in_no_circle() -> None:
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join((*way, name))
        if name in done or name not in IMPORTS:
            return
        for module in IMPORTS[name]:
            if module != name:
                visit(module, (*way, name))
        done.add(name)

    for name in IMPORTS:
        visit(name, ())


@pytest.mark.parametrize("name", MODULES)
def test_no_module_is_an_attic_or_a_hall(name: str) -> None:
    assert name.rpartition(".")[2] not in ATTICS
    if "migrations.versions" not in name:
        assert len(MODULES[name].read_text(encoding="utf-8").splitlines()) <= LONGEST

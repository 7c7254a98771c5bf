"""The rooms of docs/design.md: who may import whom, how large a room may be, its name."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 400

MODELS = {"storage.models"}
STORAGE = {"storage"}
SPEECH = {"bot.i18n"}
TALK = {
    "bot.context",
    "bot.access",
    "bot.keyboards",
    "bot.answers",
    "bot.preview",
    "bot.managing",
    "bot.cards",
    "bot.listing",
}

# A room is the longest prefix that fits a module; it may import itself and what stands here.
MAY_IMPORT: dict[str, set[str]] = {
    "storage.columns": set(),
    "storage.models": {"storage.columns"},
    "storage.upsert": set(),
    "storage.database": MODELS,
    "storage.backups": set(),
    "storage.restoring": {"storage.backups", "storage.database"},
    "storage.retention": MODELS,
    "storage.leading": {"storage.database"},
    "storage.moving": MODELS | {"storage.database", "storage.operating"},
    "storage.operating": MODELS | {"storage.columns"},
    "storage.migrations": MODELS | {"storage.operating"},
    "storage.chats": MODELS,
    "storage.channels": MODELS | {"storage.upsert"},
    "storage.topics": MODELS | {"storage.upsert"},
    "storage.papers": MODELS | {"storage.upsert"},
    "storage.code_links": MODELS,
    "storage.sweeps": MODELS,
    "storage.translations": MODELS,
    "storage.votes": MODELS | {"storage.upsert"},
    "storage.saved": MODELS | {"storage.upsert"},
    "storage.owing": MODELS | {"storage.upsert"},
    "storage.outbox": MODELS | {"storage.owing"},
    "storage.allowed": {"storage.operating", "storage.upsert"},
    "storage.alarms": {"storage.operating", "storage.upsert"},
    "storage.broadcasts": MODELS | {"storage.operating", "storage.upsert", "storage.outbox"},
    "storage.numbers": STORAGE,
    "bot.settings": set(),
    "bot.i18n": set(),
    "bot.log": set(),
    "bot.memory": set(),
    "bot.time_zones": {"bot.i18n"},
    "bot.pace": set(),
    "bot.papers": MODELS,
    "bot.translation": MODELS,
    "bot.translation.service": MODELS | {"storage.translations", "bot.translation"},
    "bot.digest": MODELS | SPEECH | {"bot.papers.latex", "bot.papers.announcements"},
    "bot.ranking": MODELS | {"storage.database", "storage.votes"},
    "bot.pipeline": STORAGE
    | SPEECH
    | {"bot.papers", "bot.translation", "bot.digest", "bot.ranking", "bot.pace"},
    "bot.publish": STORAGE
    | SPEECH
    | {"bot.papers", "bot.translation", "bot.digest", "bot.pipeline"},
    "bot.schedule": MODELS | {"bot.settings"},
    "bot.context": SPEECH
    | STORAGE
    | {
        "bot.pace",
        "bot.settings",
        "bot.translation.languages",
        "bot.digest.wish",
        "bot.digest.view",
    },
    "bot.access": {"bot.context"},
    "bot.keyboards": SPEECH | {"bot.papers", "bot.translation.languages"},
    "bot.answers": STORAGE | {"bot.context", "bot.access", "bot.keyboards"},
    "bot.managing": STORAGE | SPEECH | {"bot.context", "bot.access", "bot.keyboards"},
    "bot.transfer": STORAGE | {"bot.papers", "bot.choices", "bot.time_zones"},
    "bot.preview": STORAGE | SPEECH | {"bot.context", "bot.papers", "bot.digest"},
    "bot.cards": STORAGE | SPEECH | {"bot.context", "bot.papers", "bot.digest"},
    "bot.listing": SPEECH | {"storage.models", "bot.keyboards", "bot.papers.latex"},
    "bot.choices": SPEECH
    | {"storage.models", "storage.chats", "bot.keyboards", "bot.time_zones"}
    | {"bot.translation.languages"},
    "bot.handlers": STORAGE
    | SPEECH
    | TALK
    | {"bot.papers", "bot.digest", "bot.choices", "bot.time_zones", "bot.settings"}
    | {"bot.translation.languages", "bot.transfer"},
    "bot.turns": set(),
    "bot.ops": STORAGE | {"bot.pace", "bot.translation"},
    "bot.flood": {"bot.context", "bot.keyboards"},
    "bot.playground": set(),
    "bot.parts": STORAGE
    | {"bot.settings", "bot.papers", "bot.translation", "bot.ranking", "bot.pace"},
    "bot.services": STORAGE
    | {"bot.context", "bot.parts", "bot.pipeline", "bot.digest", "bot.ranking"}
    | {"bot.translation", "bot.pace"},
    "bot.app": STORAGE | {"bot"},
    "bot.polling": {"bot.context"},
    "bot.webhook": {"bot.context", "bot.polling"},
    "bot.jobs": STORAGE | {"bot"},
    "bot.serve": STORAGE | {"bot"},
    "bot.commands": STORAGE | {"bot"},
    "bot.cli": STORAGE | {"bot"},
    "bot.__main__": {"bot.cli"},
}
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


def room(module: str) -> str:
    fitting = [name for name in MAY_IMPORT if module == name or module.startswith(f"{name}.")]
    return max(fitting, key=len, default="")


def within(module: str, rooms: set[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in rooms)


MODULES = modules()
IMPORTS = {name: imports(name, path, set(MODULES)) for name, path in MODULES.items()}


@pytest.mark.parametrize("name", [name for name in MODULES if name not in {"bot", "storage"}])
def test_every_module_has_a_room_and_keeps_to_it(name: str) -> None:
    home = room(name)
    assert home, f"{name} stands in no room of the table"
    allowed = MAY_IMPORT[home] | {home}
    strangers = {module for module in IMPORTS[name] if not within(module, allowed)}
    assert not strangers, f"{name} may not import {sorted(strangers)}"


def test_every_room_of_the_table_is_there() -> None:
    assert {name for name in MAY_IMPORT if name not in MODULES} == set()


def test_handlers_import_neither_each_other_nor_a_step_of_the_pipeline() -> None:
    for name, used in IMPORTS.items():
        if name.startswith("bot.handlers."):
            helpers = {"bot.handlers.query_errors", "bot.handlers.file_errors"}
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

"""Mutation testing: what `make mutants` tells pytest, and the table that it prints.

mutmut (https://mutmut.readthedocs.io) writes the mutants, runs the tests that reach each of them,
and keeps what it found in the folder `mutants`. It is set up in pyproject.toml.
"""

import json
import os
import sys
from collections import Counter
from pathlib import Path

import pytest

_KEPT = Path("mutants")
_ELSEWHERE = {
    "bot.conversation.permissions": ("conversation/test_permissions", "handlers/"),
    "bot.push.delivery": ("push/test_delivery", "push/test_broadcasts"),
    "bot.translation.checks.numbers": (
        "translation/checks/test_numbers",
        "translation/checks/test_validation",
    ),
    "storage.fan_out": ("storage/test_fan_out", "storage/test_outbox"),
    "storage.outbox": ("storage/test_outbox", "storage/test_admin"),
    "storage.pending": ("storage/test_outbox", "push/test_selection"),
}
"""Modules whose promises are tested also, or only, in another file than the one of their name."""
_ENDS = {0: "survived", 5: "survived", 33: "survived", 37: "types", None: "not tried"}
"""mutmut's exit codes; 5 and 33: no test reaches the mutant. Any other means that a test failed."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what a mutant is to be noticed by: the tests of its own module, and quick ones."""
    module = os.environ.get("MUTANT_UNDER_TEST", "").partition(".x")[0]
    kept = [
        item
        for item in items
        # A server takes seconds to start, so it is left to the tests that are about one.
        if "[postgresql" not in item.name or item.path.name == "test_leader.py"
    ]
    if "." in module:
        own = own_tests(module)
        kept = [item for item in kept if any(f"/tests/{path}" in str(item.path) for path in own)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def own_tests(module: str) -> tuple[str, ...]:
    """Return how the paths of a module's own tests begin, below `tests`."""
    room, _dot, name = module.removeprefix("bot.").rpartition(".")
    return _ELSEWHERE.get(module, (f"{room.replace('.', '/')}/test_{name}",))


def main() -> None:
    """Print for each module what became of its mutants, and name the survivors."""
    found = {
        str(path.relative_to(_KEPT)).removesuffix(".meta"): json.loads(path.read_text("utf-8"))[
            "exit_code_by_key"
        ]
        for path in sorted(_KEPT.rglob("*.meta"))
    }
    total: Counter[str] = Counter()
    survivors: list[str] = []
    _say(f"{'module':<34}{'mutants':>9}{'types':>8}{'tests':>8}{'survived':>10}{'killed':>9}")
    for module, ends in found.items():
        counted = Counter(_ENDS.get(code, "tests") for code in ends.values())
        if counted["not tried"] == len(ends):
            continue
        _row(module, counted)
        total += counted
        survivors += [name for name, code in ends.items() if _ENDS.get(code) == "survived"]
    _row("all", total)
    for name in survivors:
        _say(f"survived: {name}")


def _row(name: str, counted: Counter[str]) -> None:
    tried = counted["types"] + counted["tests"] + counted["survived"]
    share = (tried - counted["survived"]) / tried if tried else 1.0
    numbers = f"{tried:>9}{counted['types']:>8}{counted['tests']:>8}{counted['survived']:>10}"
    _say(f"{name:<34}{numbers}{share:>9.1%}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()

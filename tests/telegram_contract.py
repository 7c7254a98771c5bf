"""The official description of the Bot API, held against every request and every answer.

`Contract` is a hook for `FakeTelegram.on_call`. Requests are checked against the
machine-readable description where it lies beside the checkout, against aiogram's models otherwise;
answers are read by aiogram in any case, as a client that knows nothing of ours.
"""

import importlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import pytest

from bot.playground.telegram.parameters import ApiCall
from tests.material import shared_data

__all__ = ["Contract", "prepare"]

_CONSTANT: Final = re.compile(r"(?:must be|always) [“\"*]?(\w+)")
_KINDS: Final = frozenset({"type", "status", "source"})

_in_order: set[int] = set()
"""Hashes of requests with their answers, word for word, that were found in order."""


class Contract:
    """Collects what is wrong with the requests and answers that it is shown."""

    def __init__(self) -> None:
        self.breaches: list[str] = []

    def __call__(self, call: ApiCall) -> None:
        """Check one request and its answer."""
        # Whoever starts says and hears the same as all who started before.
        said = hash(repr((call.method, call.raw, call.ok, call.result)))
        if not call.files and said in _in_order:
            return
        description = _description()
        if description is None:
            problems = list(_by_aiogram(call))
        else:
            problems = list(_request_problems(description, call))
        if call.ok:
            if description is not None:
                returns = description["methods"][call.method]["returns"]
                rules = _Rules(description["types"], open=True)
                problems += _value_problems(rules, returns, call.result, "result")
            problems += _answer_problems(call)
        if not problems and not call.files:
            _in_order.add(said)
        self.breaches += [f"{call.method}: {problem}" for problem in problems]

    def check(self) -> None:
        """Raise AssertionError that lists the breaches, if there are any."""
        assert not self.breaches, "\n".join(["the Bot API says otherwise:", *self.breaches])


@dataclass(frozen=True, slots=True)
class _Rules:
    types: Mapping[str, Any]
    open: bool = False
    """Whether objects may have more fields: answers are those of a newer version."""


@cache
def _description() -> Mapping[str, Any] | None:
    try:
        path = shared_data("bot_api.json")
    except pytest.skip.Exception:
        return None
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    _add_buttons_of_10_3(loaded["types"])
    return loaded


def _add_buttons_of_10_3(types: dict[str, Any]) -> None:
    """Add what rich messages have since 10.3, where the description is older than that.

    https://core.telegram.org/bots/api#richblockbuttons, #richmessagebutton.
    """

    def field(name: str, kind: str, *, required: bool = False, says: str = "") -> dict[str, Any]:
        return {"name": name, "types": [kind], "required": required, "description": says}

    if "RichBlockButtons" in types:
        return
    types["RichBlock"]["subtypes"].append("RichBlockButtons")
    types["RichBlockButtons"] = {
        "name": "RichBlockButtons",
        "fields": [
            field("type", "String", required=True, says='Type of the block, always "buttons"'),
            field("buttons", "Array of RichMessageButton", required=True),
            field("align", "String"),
        ],
    }
    types["RichMessageButton"] = {
        "name": "RichMessageButton",
        "fields": [
            field("text", "RichText", required=True),
            *(field(name, "String") for name in ("style", "url", "callback_data")),
            field("copy_text", "CopyTextButton"),
        ],
    }


def _request_problems(description: Mapping[str, Any], call: ApiCall) -> Iterator[str]:
    rules = _Rules(description["types"])
    method = description["methods"].get(call.method)
    if method is None:
        yield "is no method"
        return
    fields = {field["name"]: field for field in method.get("fields", [])}
    for name in fields:
        if fields[name]["required"] and name not in call.raw and name not in call.files:
            yield f"{name} is required"
    parts = {str(value).removeprefix("attach://") for value in call.raw.values()}
    for name in call.files:
        if name not in fields and name not in parts and not _is_attached(call, name):
            yield f"the file {name} belongs to no parameter"
    for name, value in call.raw.items():
        if name not in fields:
            yield f"{name} is no parameter"
        else:
            yield from _parameter_problems(rules, fields[name]["types"], value, name)


def _is_attached(call: ApiCall, part: str) -> bool:
    return any(f"attach://{part}" in json.dumps(value) for value in call.raw.values())


def _parameter_problems(rules: _Rules, types: list[str], value: Any, where: str) -> list[str]:
    """Check a value as it travels: a form has strings only, in which the rest is JSON."""
    if not isinstance(value, str) or "String" in types or "InputFile" in types:
        return _value_problems(rules, types, value, where)
    try:
        decoded = json.loads(value)
    except ValueError:
        return [f"{where} should be {_named(types)}, not the text {value!r}"]
    return _value_problems(rules, types, decoded, where)


def _value_problems(rules: _Rules, types: list[str], value: Any, where: str) -> list[str]:
    """Return what is wrong with a value by that of its possible types which fits it best."""
    found = [_type_problems(rules, kind, value, where) for kind in types]
    return min(found, key=len) if found else []


def _type_problems(rules: _Rules, kind: str, value: Any, where: str) -> list[str]:
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            return [f"{where} should be {kind}, not {value!r}"]
        inner = kind.removeprefix("Array of ").split(" or ")
        return [
            problem
            for position, item in enumerate(value)
            for problem in _value_problems(rules, inner, item, f"{where}[{position}]")
        ]
    plain: dict[str, bool] = {
        "String": isinstance(value, str),
        "InputFile": isinstance(value, str),
        "Integer": isinstance(value, int) and not isinstance(value, bool),
        "Float": isinstance(value, int | float) and not isinstance(value, bool),
        "Boolean": isinstance(value, bool),
        "True": value is True,
    }
    if kind in plain:
        return [] if plain[kind] else [f"{where} should be {kind}, not {value!r}"]
    declared = rules.types[kind]
    if declared.get("subtypes"):
        return _value_problems(rules, declared["subtypes"], value, where)
    return _object_problems(rules, declared, value, where)


def _object_problems(
    rules: _Rules, declared: Mapping[str, Any], value: Any, where: str
) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where} should be {declared['name']}, not {value!r}"]
    fields = {field["name"]: field for field in declared.get("fields", [])}
    missing = [n for n, field in fields.items() if field["required"] and n not in value]
    problems = [f"{where}.{name} is required in {declared['name']}" for name in missing]
    for name, item in value.items():
        if name not in fields:
            if not rules.open:
                problems.append(f"{where}.{name} is not in {declared['name']}")
            continue
        constant = _CONSTANT.search(fields[name]["description"]) if name in _KINDS else None
        if constant is not None and item != constant[1]:
            # Worth more than any other problem: it is another of the possible types.
            problems += [f"{where}.{name} should be {constant[1]}, not {item!r}"] * 9
            continue
        problems += _value_problems(rules, fields[name]["types"], item, f"{where}.{name}")
    return problems


def _named(types: list[str]) -> str:
    return " or ".join(types)


def prepare() -> None:
    """Load aiogram: its hundreds of models take seconds, in which no server answers anybody."""
    for module in ("methods", "types"):
        _aiogram(module)


@cache
def _aiogram(module: str) -> Any:
    return importlib.import_module(f"aiogram.{module}")


def _model(call: ApiCall) -> Any:
    return getattr(_aiogram("methods"), call.method[0].upper() + call.method[1:])


@cache
def _response(returned: Any) -> Any:
    # pydantic forgets a generic model that nobody holds, and making one takes milliseconds.
    return _aiogram("methods").Response[returned]


def _by_aiogram(call: ApiCall) -> Iterator[str]:
    model = _model(call)
    given = dict(call.params)
    for name in {*call.files, *(n for n, v in given.items() if str(v).startswith("attach://"))}:
        given[name] = _aiogram("types").BufferedInputFile(b"x", "x")
    given = {name: value for name, value in given.items() if name in model.model_fields}
    for name in call.params:
        if name not in model.model_fields:
            yield f"{name} is no parameter"
    try:
        read = model.model_validate(given)
    except ValueError as error:
        yield str(error)
        return
    yield from _extras(read, call.method)


def _extras(read: Any, where: str) -> Iterator[str]:
    """Find fields that no model knows, however deep."""
    if isinstance(read, list):
        for item in read:
            yield from _extras(item, where)
    elif hasattr(read, "model_extra"):
        for name in read.model_extra or {}:
            yield f"{where}.{name} is not in {type(read).__name__}"
        for name in read.model_fields_set:
            yield from _extras(getattr(read, name), f"{where}.{name}")


def _answer_problems(call: ApiCall) -> Iterator[str]:
    response = _response(_model(call).__returning__)
    try:
        read = response.model_validate({"ok": True, "result": call.result})
    except ValueError as error:
        yield f"aiogram cannot read the answer: {error}"
        return
    yield from _extras(read.result, "result")

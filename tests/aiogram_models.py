"""aiogram, with its models built when they are first used.

It builds all of its 650 at import, which takes longer than most test files. pydantic builds a model
by itself when something is first read by it; what the names in it mean is told then.
"""

from typing import Any

import pydantic

_names: dict[str, Any] = {}


def _note(_model: type[pydantic.BaseModel], /, **given: Any) -> None:
    _names.update(given["_types_namespace"])


def _build(model: type[pydantic.BaseModel], /, **given: Any) -> bool | None:
    return _at_once.__func__(model, **{"_types_namespace": _names, **given})  # type: ignore[no-any-return]


_at_once: Any = pydantic.BaseModel.__dict__["model_rebuild"]
pydantic.BaseModel.model_rebuild = classmethod(_note)  # type: ignore[method-assign, assignment]
try:
    from aiogram.methods import Response, TelegramMethod
    from aiogram.types import TelegramObject
finally:
    pydantic.BaseModel.model_rebuild = _at_once  # type: ignore[method-assign]
for kind in (Response, TelegramMethod, TelegramObject):
    kind.model_rebuild = classmethod(_build)  # type: ignore[method-assign, assignment]

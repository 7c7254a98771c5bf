"""Presets: topics to follow with one tap, ready-made or everything in a field of arXiv."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot import i18n
from bot.query import names
from bot.query.categories import FIELDS, TREE

_WHOLE_FIELD = "cat."


@dataclass(frozen=True, slots=True)
class Preset:
    """A topic that is offered ready-made."""

    key: str
    """Short and ASCII, for callback data; it never changes."""
    name: str
    """In English; catalogues translate it."""
    query: str
    field: str | None = None
    """The category or archive of which it is all, if it is."""
    prefix: str = ""
    """What stands before the name in every language."""

    def label(self, _: i18n.Texts) -> str:
        """Return what the topic is called in a language."""
        return self.prefix + _.name(self.name)

    def labels(self) -> Mapping[str, str]:
        """Return what the topic is called, by catalogue."""
        return {language: self.prefix + name for language, name in i18n.names(self.name).items()}


PRESETS = tuple(
    Preset(one["key"], one["name"], " OR ".join(one["any"])) for one in names.PRESET_ROWS
)
"""In the order in which they are offered."""


def whole_field(field: str) -> Preset:
    """Return the topic of everything in a category or an archive of `FIELDS`."""
    pattern = f"{field}.*" if field in TREE else field
    return Preset(
        f"{_WHOLE_FIELD}{field}", FIELDS[field], f"cat:{pattern}", field, prefix=f"{pattern} · "
    )


def offered(key: str) -> Preset | None:
    """Return the topic that is offered under a key, of these or of a whole field; else None."""
    field = key.removeprefix(_WHOLE_FIELD)
    if key != field and field in FIELDS:
        return whole_field(field)
    return next((topic for topic in PRESETS if topic.key == key), None)

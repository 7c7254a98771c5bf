"""Which entities may stand together, and what Telegram makes of those that may not.

Bold and its kin may lie anywhere outside code, and are cut where they cross something; of links,
code and quotes that overlap their like, the first stays. As in tdlib/td, MessageEntity.cpp.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

STYLES: Final = ("bold", "italic", "underline", "strikethrough", "spoiler")
QUOTES: Final = ("blockquote", "expandable_blockquote")
CODE: Final = ("pre", "code")
_RANK: Final = {kind: rank for rank, kind in enumerate((*QUOTES, *CODE, *STYLES))}


@dataclass(frozen=True, slots=True)
class Entity:
    """One stretch of text with a meaning; `detail` is what the type needs beside its place."""

    type: str
    offset: int
    """UTF-16 units before it."""
    length: int
    """UTF-16 units."""
    detail: tuple[tuple[str, Any], ...] = ()

    @property
    def end(self) -> int:
        """The offset behind the last unit."""
        return self.offset + self.length

    def as_json(self) -> dict[str, Any]:
        """Return Telegram's MessageEntity."""
        place = {"type": self.type, "offset": self.offset, "length": self.length}
        return {**place, **dict(self.detail)}


def in_order(entities: Sequence[Entity]) -> list[Entity]:
    """Return the entities by place, an outer one before what lies inside."""
    return sorted(entities, key=lambda e: (e.offset, -e.length, _RANK.get(e.type, len(_RANK))))


def overlap(one: Entity, other: Entity) -> bool:
    """Return whether two entities share a unit."""
    return one.offset < other.end and other.offset < one.end


def inside(inner: Entity, outer: Entity) -> bool:
    """Return whether one entity lies within another."""
    return outer.offset <= inner.offset and inner.end <= outer.end


def nested(entities: Sequence[Entity]) -> list[Entity]:
    """Return entities that may stand together: the same ones where they already may."""
    ordered = in_order(entities)
    if _may_stand(ordered):
        return ordered
    quotes: list[Entity] = []
    solid: list[Entity] = []
    for entity in ordered:
        if entity.type not in STYLES:
            rivals = quotes if entity.type in QUOTES else solid
            if not any(overlap(entity, rival) for rival in rivals):
                rivals.append(entity)
    solid = [e for e in solid if all(inside(e, q) for q in quotes if overlap(e, q))]
    firm = in_order([*quotes, *solid])
    styles = [entity for entity in ordered if entity.type in STYLES]
    return in_order([*firm, *_cut(styles, firm)])


def _may_stand(ordered: Sequence[Entity]) -> bool:
    around: list[Entity] = []
    style_ends: dict[str, int] = {}
    for entity in ordered:
        while around and around[-1].end <= entity.offset:
            around.pop()
        if around and not _may_lie_in(entity, around):
            return False
        if entity.type in STYLES:
            # Touching pieces of one style are one piece.
            if style_ends.get(entity.type, -1) >= entity.offset:
                return False
            style_ends[entity.type] = entity.end
        around.append(entity)
    return True


def _may_lie_in(entity: Entity, around: Sequence[Entity]) -> bool:
    kinds = {outer.type for outer in around}
    if entity.end > around[-1].end or around[-1].type in CODE:
        return False
    if entity.type in STYLES:
        return entity.type not in kinds
    if entity.type in CODE:
        return kinds <= {*QUOTES}
    if entity.type in QUOTES:
        return kinds <= {*STYLES}
    return kinds <= {*STYLES, *QUOTES}


def _cut(styles: Sequence[Entity], firm: Sequence[Entity]) -> list[Entity]:
    """Cut styles wherever anything begins or ends, and leave out what lies in code."""
    merged = [piece for kind in STYLES for piece in _merged(styles, kind)]
    starts = {style.offset for style in merged}
    edges = {edge for entity in firm for edge in (entity.offset, entity.end)}
    code = [entity for entity in firm if entity.type in CODE]
    pieces: list[Entity] = []
    for style in merged:
        cuts = sorted(cut for cut in starts | edges if style.offset < cut < style.end)
        for start, end in pairwise([style.offset, *cuts, style.end]):
            piece = replace(style, offset=start, length=end - start)
            if not any(inside(piece, block) for block in code):
                pieces.append(piece)
    return pieces


def _merged(styles: Sequence[Entity], kind: str) -> list[Entity]:
    merged: list[Entity] = []
    for style in styles:
        if style.type != kind:
            continue
        if merged and style.offset <= merged[-1].end:
            last = merged[-1]
            merged[-1] = replace(last, length=max(last.end, style.end) - last.offset)
        else:
            merged.append(style)
    return merged

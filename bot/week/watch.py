"""Watches: what became of a saved paper since the chat was last told of it."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from storage.models import Paper


class Change(StrEnum):
    """What is new about a paper."""

    WITHDRAWN = "withdrawn"
    TITLE = "title"
    ABSTRACT = "abstract"
    COMMENT = "comment"
    VERSION = "version"  # a new one in which none of these changed
    JOURNAL = "journal"
    DOI = "doi"
    CODE = "code"


_OF_A_VERSION = (Change.TITLE, Change.ABSTRACT, Change.COMMENT)


def facts(paper: Paper) -> dict[str, Any]:
    """Return what is remembered of a paper, to be compared with later: some hundred bytes."""
    return {
        "version": paper.version,
        "title": _digest(paper.title),
        "abstract": _digest(paper.abstract),
        "comment": _digest(paper.comment),
        "journal": _digest(paper.journal_ref),
        "doi": _digest(paper.doi),
        "code": _digest(paper.code_url),
        "withdrawn": paper.withdrawn,
    }


def changes(known: Mapping[str, Any], paper: Paper) -> tuple[Change, ...]:
    """Return what changed since then; what is gone, such as a link that was taken out, is no news.

    Of a version the parts that changed are told. A typo mended within a version is no news either.
    """
    now = facts(paper)
    if now["withdrawn"] and not known.get("withdrawn"):
        return (Change.WITHDRAWN,)
    found: list[Change] = []
    if now["version"] > known.get("version", paper.version):
        parts = [part for part in _OF_A_VERSION if now[part] != known.get(part)]
        found += parts or [Change.VERSION]
    found += [
        part
        for part in (Change.JOURNAL, Change.DOI, Change.CODE)
        if now[part] is not None and known.get(part) is None
    ]
    return tuple(found)


def _digest(text: str | None) -> str | None:
    """Return a few letters that differ where the text does."""
    if not text:
        return None
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]

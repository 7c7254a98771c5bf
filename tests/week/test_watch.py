"""What is told of a saved paper, and what is no news."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.week.watch import Change, changes, facts
from storage.models import Paper


def paper(**more: Any) -> Paper:
    moment = datetime(2026, 11, 2, tzinfo=UTC)
    plain: dict[str, Any] = {
        "id": "2611.00001",
        "title": "A",
        "abstract": "B",
        "published_at": moment,
        "updated_at": moment,
    }
    return Paper(**plain | more)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ({}, ()),
        ({"version": 2}, (Change.VERSION,)),
        ({"version": 2, "title": "A better A"}, (Change.TITLE,)),
        ({"version": 3, "title": "A2", "abstract": "B2"}, (Change.TITLE, Change.ABSTRACT)),
        ({"version": 2, "comment": "Accepted"}, (Change.COMMENT,)),
        ({"abstract": "B, without a typo"}, ()),
        ({"journal_ref": "J. Foo 1"}, (Change.JOURNAL,)),
        ({"doi": "10.1/x", "code_url": "https://a.b"}, (Change.DOI, Change.CODE)),
        ({"version": 2, "doi": "10.1/x"}, (Change.VERSION, Change.DOI)),
        ({"withdrawn": True, "version": 2, "title": "Gone"}, (Change.WITHDRAWN,)),
    ],
)
def test_what_changed_is_told(now: dict[str, Any], told: tuple[Change, ...]) -> None:
    assert changes(facts(paper()), paper(**now)) == told


def test_what_is_gone_or_only_put_differently_is_no_news() -> None:
    before = facts(paper(doi="10.1/x", journal_ref="J. Foo 1", withdrawn=True, version=2))
    assert changes(before, paper(journal_ref="Journal of Foo, vol. 1", version=2)) == ()
    assert changes(before, paper(version=1)) == ()


def test_what_is_remembered_is_small() -> None:
    assert len(str(facts(paper(abstract="long " * 10_000, comment="x" * 5_000)))) < 300

"""Real papers for the benchmarks: a folder beside the checkout, which need not be there."""

import gzip
import json
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from storage.models import Paper

__all__ = ["FILE", "read", "real_papers", "sample"]

FILE = Path(__file__).resolve().parents[2] / "shared" / "data" / "papers.jsonl.gz"


def real_papers() -> Path:
    """Return the path of the real papers, or end the benchmark with a word about it."""
    if not FILE.exists():
        print("Nothing to measure: this needs ../shared/data/papers.jsonl.gz beside the checkout.")
        sys.exit(0)
    return FILE


def sample(path: Path, target: Path, count: int) -> None:
    """Copy so many papers, the same ones each time."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        chosen = random.Random(1).sample(list(lines), count)
    with gzip.open(target, "wt", encoding="utf-8") as copy:
        copy.writelines(chosen)


def read(path: Path) -> Iterator[Paper]:
    """Yield the papers of a file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for found in map(json.loads, lines):
            published = datetime.fromisoformat(found["published"][:10]).replace(tzinfo=UTC)
            yield Paper(
                id=found["id"],
                title=found["title"],
                abstract=found["abstract"],
                authors=found["authors"],
                categories=found["categories"],
                comment=found.get("comment"),
                published_at=published,
                updated_at=published,
            )

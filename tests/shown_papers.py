"""Papers to show: real ones, and ones made to break what shows them."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.translation.paper_view import PaperView
from tests.material import real_rows


@pytest.fixture(scope="session")
def real_papers() -> list[PaperView]:
    return [
        PaperView(
            id=paper["id"],
            version=paper["version"],
            title=paper["title"],
            abstract=paper["abstract"],
            authors=tuple(paper["authors"]),
            categories=tuple(paper["categories"]),
            published_at=datetime.fromisoformat(paper["published"][:10]).replace(tzinfo=UTC),
            abs_url=f"https://arxiv.org/abs/{paper['id']}",
            pdf_url=f"https://arxiv.org/pdf/{paper['id']}",
            code_url="https://github.com/a/b_c" if number % 3 == 0 else None,
            labels=("3DGS", "多模态")[: number % 3],
        )
        for number, paper in enumerate(real_rows())
    ]


@pytest.fixture
def make_paper() -> Callable[..., PaperView]:
    def make(paper_id: str = "2406.11840", **changes: object) -> PaperView:
        fields: dict[str, object] = {
            "id": paper_id,
            "version": 1,
            "title": "A Title",
            "abstract": "An abstract.",
            "authors": ("Ada Lovelace",),
            "categories": ("cs.CV",),
            "published_at": datetime(2024, 6, 17, 17, 59, tzinfo=UTC),
            "abs_url": f"https://arxiv.org/abs/{paper_id}",
            "pdf_url": f"https://arxiv.org/pdf/{paper_id}",
        }
        return PaperView(**(fields | changes))  # type: ignore[arg-type]  # tests pass what fits

    return make

"""A chat sees a paper in its own words where there are any."""

from datetime import UTC, datetime, timedelta, timezone

from bot.translation.paper_view import view
from storage.models import Paper, Translation

PAPER = Paper(
    id="2406.11840",
    version=2,
    title="A Title",
    abstract="An abstract.",
    authors=["Ada Lovelace"],
    categories=["cs.CV"],
    code_url="https://github.com/a/b",
    published_at=datetime(2024, 6, 17, 17, 59, tzinfo=UTC),
    updated_at=datetime(2024, 6, 18, tzinfo=UTC),
)


def translation(title: str | None) -> Translation:
    return Translation(
        paper_id=PAPER.id,
        language="zh-CN",
        title=title,
        abstract="摘要。",
        engine="google",
        source_digest="x",
    )


def test_without_a_translation_a_paper_speaks_as_arxiv_does() -> None:
    seen = view(PAPER, translation=None, labels=("nerf",))
    assert (seen.title, seen.abstract) == ("A Title", "An abstract.")
    assert (seen.translated, seen.engine, seen.labels) == (False, None, ("nerf",))
    assert seen.abs_url == "https://arxiv.org/abs/2406.11840"
    assert seen.code_url == "https://github.com/a/b"


def test_a_translation_without_a_title_leaves_the_title() -> None:
    seen = view(PAPER, translation=translation(None))
    assert (seen.title, seen.abstract) == ("A Title", "摘要。")
    assert (seen.translated, seen.engine) == (True, "google")
    assert view(PAPER, translation=translation("题目")).title == "题目"


def test_a_chat_that_wants_original_titles_gets_them() -> None:
    seen = view(PAPER, translation=translation("题目"), title=False)
    assert (seen.title, seen.abstract) == ("A Title", "摘要。")


def test_the_day_of_a_paper_is_arxivs_day() -> None:
    tokyo = timezone(timedelta(hours=9))
    paper = PAPER.model_copy(update={"published_at": datetime(2024, 6, 18, 2, tzinfo=tokyo)})
    assert str(view(paper).published_on) == "2024-06-17"

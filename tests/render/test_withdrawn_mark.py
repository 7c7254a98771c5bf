"""A withdrawn paper bears a mark wherever it is shown."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from bot.digest.markdown import Digest, Section, render
from bot.i18n import texts
from bot.render.push_message import push_messages
from bot.translation.paper_view import PaperView, view
from storage.models import Paper


def test_the_mark_comes_from_the_paper() -> None:
    moment = datetime(2025, 6, 1, tzinfo=UTC)
    paper = Paper(id="2506.00001", title="T", abstract="A.", published_at=moment, updated_at=moment)
    assert not view(paper).withdrawn
    assert view(paper.model_copy(update={"withdrawn": True})).withdrawn


@pytest.mark.parametrize(("language", "mark"), [("en", "Withdrawn"), ("zh_CN", "已撤稿")])
def test_a_message_shows_it(make_paper: Callable[..., PaperView], language: str, mark: str) -> None:
    [message] = push_messages([make_paper(withdrawn=True)], _=texts(language))
    assert f"⚠️ <b>{mark}</b>" in message.html
    [sound] = push_messages([make_paper()], _=texts(language))
    assert mark not in sound.html


@pytest.mark.parametrize(("language", "mark"), [("en", "Withdrawn"), ("zh-CN", "已撤稿")])
def test_the_digest_shows_it_beside_the_title(
    make_paper: Callable[..., PaperView], language: str, mark: str
) -> None:
    papers = (make_paper(withdrawn=True), make_paper(id="2406.00002"))
    page = render(Digest(date(2025, 6, 1), (Section("nerf", papers),), language=language))
    assert page.count(f") **{mark}**|") == 1

"""The site's page from a file, in a real browser."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from bot.digest.markdown import Digest, Section
from bot.digest.view import PaperView
from bot.publish.folder import write
from bot.publish.site import Site, files, slug
from tests.browser import Tab, chromium, in_a_browser

pytestmark = in_a_browser

SPLATS = PaperView(
    id="2611.00001",
    version=1,
    title=r"Splats of $\alpha_i^2 \in \mathbb{R}$",
    abstract="高斯摘要",
    authors=("Ada Lovelace",),
    categories=("cs.CV",),
    published_at=datetime(2026, 11, 20, tzinfo=UTC),
    abs_url="https://arxiv.org/abs/2611.00001",
    pdf_url="https://arxiv.org/pdf/2611.00001",
    code_url="https://github.com/a/b",
    translated=True,
)
POSES = replace(SPLATS, id="2611.00002", title="Poses", abstract="姿态摘要", withdrawn=True)
SITE = Site(
    Digest(
        date(2026, 11, 25),
        (Section("3DGS", (SPLATS,)), Section("Pose", (POSES,))),
        language="zh-CN",
    ),
    {
        paper.id: replace(paper, abstract="In English", translated=False)
        for paper in (SPLATS, POSES)
    },
    ("3dgs", "pose"),
    ((1, 4, 2), (0, 3, 9)),
)


def seen(driver: webdriver.Chrome, selector: str) -> list[str]:
    found = driver.find_elements(By.CSS_SELECTOR, selector)
    return [element.text for element in found if element.is_displayed()]


def test_search_topics_and_originals_work_without_a_server(tmp_path: Path) -> None:
    write(tmp_path / "site", files(SITE))
    with chromium(tmp_path / "profile") as driver:
        driver.get((tmp_path / "site/index.html").as_uri())
        assert seen(driver, "h3")[1:] == ["Poses 已撤稿"]
        assert seen(driver, "h3 math msubsup mi") == ["α", "i"]
        search = driver.find_element(By.ID, "search")
        search.send_keys("pose")
        assert seen(driver, "h2") == ["Pose"]
        search.clear()
        Select(driver.find_element(By.ID, "topic")).select_by_value(slug("3DGS", "3dgs"))
        assert len(seen(driver, "h3")) == 1
        assert seen(driver, "article p[lang]") == ["高斯摘要"]
        driver.find_element(By.ID, "original").click()
        assert seen(driver, "article p[lang]") == ["In English"]
        assert asyncio.run(Tab(driver).errors()) == []
        driver.set_window_size(500, 800)
        wide = driver.execute_script("return document.documentElement.scrollWidth > innerWidth")
        assert not wide

"""The site's page from a file, in a real browser."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from bot.digest.markdown import Digest, Section
from bot.site.folder import write
from bot.site.site import Site, files, slug
from bot.translation.paper_view import PaperView
from tests.axe import violations
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
LONG = r"$z=\mathbf{x}w + " + r"\sum_{i=1}^n \alpha_i^{(t)} + " * 12 + "y$"
POSES = replace(SPLATS, id="2611.00002", title="Poses", abstract="姿态摘要", withdrawn=True)
SITE = Site(
    Digest(
        date(2026, 11, 25),
        (Section("3DGS", (SPLATS,)), Section("Pose", (POSES,)), Section("Empty", ())),
        language="zh-CN",
    ),
    {
        paper.id: replace(paper, abstract=f"In English {LONG}", translated=False)
        for paper in (SPLATS, POSES)
    },
    ("3dgs", "pose", "empty"),
    ((1, 4, 2), (0, 3, 9), (0, 0, 0)),
)


def seen(driver: webdriver.Chrome, selector: str) -> list[str]:
    found = driver.find_elements(By.CSS_SELECTOR, selector)
    return [element.text for element in found if element.is_displayed()]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    folder = tmp_path_factory.mktemp("site")
    write(folder / "site", files(SITE))
    with chromium(folder / "profile") as running:
        running.get((folder / "site/index.html").as_uri())
        yield running


def test_search_topics_and_originals_work_without_a_server(driver: webdriver.Chrome) -> None:
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
    assert seen(driver, "article p[lang]")[0].startswith("In English")
    search.send_keys("z=xw")
    assert len(seen(driver, "article")) == 1
    assert asyncio.run(Tab(driver).errors()) == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_axe_finds_no_barrier_and_nothing_is_wider_than_the_window(
    driver: webdriver.Chrome, scheme: str, width: int
) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    wanted = {"name": "prefers-color-scheme", "value": scheme}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": [wanted]})
    driver.refresh()
    driver.find_element(By.ID, "original").click()
    assert len(seen(driver, "article")) == 2
    assert violations(driver) == []
    assert not driver.execute_script("return document.documentElement.scrollWidth > innerWidth")

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
from bot.site.page import PageTopic, page
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
    key_sentence="我们提出高斯。",
)
LONG = r"$z=\mathbf{x}w + " + r"\sum_{i=1}^n \alpha_i^{(t)} + " * 12 + "y$"
POSES = replace(
    SPLATS,
    id="2611.00002",
    title="Poses",
    abstract="姿态摘要",
    key_sentence="我们提出姿态。",
    published_at=datetime(2026, 11, 19, tzinfo=UTC),
    withdrawn=True,
)
SECTIONS = (Section("3DGS", (SPLATS,)), Section("Pose", (POSES,)), Section("Empty", ()))
SITE = Site(
    Digest(date(2026, 11, 25), SECTIONS, language="zh-CN"),
    {
        paper.id: replace(
            paper,
            abstract=f"In English {LONG}",
            key_sentence=f"We propose {name}.",
            translated=False,
        )
        for paper, name in ((SPLATS, "Gaussians"), (POSES, "Poses"))
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
    topics = [PageTopic(slug(one.label, one.label), one.label, one.papers, ()) for one in SECTIONS]
    alone = page(topics, SITE.original, language="zh-CN", updated=date(2026, 11, 25), alone=True)
    write(folder / "site", {**files(SITE), "alone.html": alone})
    with chromium(folder / "profile") as running:
        running.get((folder / "site/index.html").as_uri())
        yield running


def test_search_topics_and_originals_work_without_a_server(driver: webdriver.Chrome) -> None:
    assert seen(driver, "h3")[1:] == ["Poses 已撤稿"]
    assert seen(driver, "h3 math msubsup mi") == ["α", "i"]
    search = driver.find_element(By.ID, "search")
    search.send_keys("poses")
    assert seen(driver, "h3") == ["Poses 已撤稿"]
    assert seen(driver, "h2") == ["2026年11月19日"]
    search.clear()
    Select(driver.find_element(By.ID, "topic")).select_by_value(slug("3DGS", "3dgs"))
    assert len(seen(driver, "h3")) == 1
    assert seen(driver, "article > p[lang]") == ["我们提出高斯。"]
    driver.find_element(By.CSS_SELECTOR, "article summary").click()
    assert seen(driver, "article details p") == ["高斯摘要"]
    driver.find_element(By.ID, "original").click()
    assert seen(driver, "article > p[lang]") == ["We propose Gaussians."]
    assert seen(driver, "article details p")[0].startswith("In English")
    search.send_keys("z=xw")
    assert len(seen(driver, "article")) == 1
    assert seen(driver, "#found") == ["1 / 2"]
    assert asyncio.run(Tab(driver).errors()) == []


def test_the_filters_stand_in_the_address(driver: webdriver.Chrome) -> None:
    here = driver.current_url.partition("#")[0]
    driver.get("about:blank")
    driver.get(f"{here}#q=poses&original=1")
    assert seen(driver, "h3") == ["Poses 已撤稿"]
    assert seen(driver, "article > p[lang]") == ["We propose Poses."]
    driver.find_element(By.ID, "search").send_keys(" and more")
    assert driver.current_url == f"{here}#q=poses+and+more&original=1"
    assert seen(driver, "#nothing") == ["没有符合条件的论文。 显示全部论文"]
    driver.find_element(By.ID, "everything").click()
    assert len(seen(driver, "article")) == 2
    driver.find_element(By.CSS_SELECTOR, "article .topic").click()
    assert driver.current_url == f"{here}#topic={slug('3DGS', '3dgs')}"
    assert len(seen(driver, "article")) == 1
    driver.get(f"{here}#{slug('Pose', 'pose')}")  # an address of before there were filters in it
    assert seen(driver, "h3") == ["Poses 已撤稿"]


def test_a_page_alone_loads_nothing_and_finds_papers(driver: webdriver.Chrome) -> None:
    driver.get(f"{driver.current_url.rpartition('/')[0]}/alone.html")
    driver.find_element(By.ID, "search").send_keys("poses")
    assert seen(driver, "h3") == ["Poses 已撤稿"]
    driver.find_element(By.ID, "original").click()
    assert seen(driver, "article > p[lang]") == ["We propose Poses."]
    assert not driver.find_elements(By.CSS_SELECTOR, "nav, link, [href$='.json'], [href$='.md']")
    assert driver.execute_script("return performance.getEntriesByType('resource').length") == 0


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [
        ("index.html", "light", 1280),
        pytest.param("index.html", "dark", 360, marks=pytest.mark.slow),
        pytest.param("alone.html", "light", 1280, marks=pytest.mark.slow),
        pytest.param("alone.html", "dark", 360, marks=pytest.mark.slow),
    ],
)
def test_axe_finds_no_barrier_and_nothing_is_wider_than_the_window(
    driver: webdriver.Chrome, scheme: str, width: int, name: str
) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    wanted = {"name": "prefers-color-scheme", "value": scheme}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": [wanted]})
    driver.refresh()
    driver.get(f"{driver.current_url.partition('#')[0].rpartition('/')[0]}/{name}")
    driver.find_element(By.ID, "original").click()
    for summary in driver.find_elements(By.TAG_NAME, "summary"):
        summary.click()
    assert len(seen(driver, "article")) == 2
    assert violations(driver) == []
    assert not driver.execute_script("return document.documentElement.scrollWidth > innerWidth")

"""axe-core, which looks for what keeps people from using a page.

It comes with a package of the tests; `AXE_CORE` names another `axe.min.js`, such as npm's newest.
"""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest
from selenium import webdriver

__all__ = ["violations"]

_RUN = "const done = arguments[0]; axe.run().then(done, error => done({failed: String(error)}));"


def violations(driver: webdriver.Chrome) -> list[str]:
    """Return what axe-core finds wrong with the page that is open, or skip the test without it."""
    if "AXE_CORE" in os.environ:
        script = Path(os.environ["AXE_CORE"])
    else:
        # Not imported: it would want Playwright.
        package = find_spec("axe_playwright_python")
        if package is None or package.origin is None:
            pytest.skip("needs axe-core, of the package axe-playwright-python")
        script = Path(package.origin).with_name("axe.min.js")
    driver.execute_script(script.read_text(encoding="utf-8"))
    found = driver.execute_async_script(_RUN)
    assert "failed" not in found, found
    assert found["passes"]
    return [
        f"{rule['id']}: {node['html'][:200]}: {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]

"""A browser without a window, for the tests that look at pages as a reader does.

A machine without one gets a skip that says what to install; where CI is true it is a failure.
"""

import importlib.util
import os
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "tools"))     # scripts, not a package
from browser import FLAGS, HOW_TO_GET_ONE, find_browser

NO_BROWSER = f"The pages can't be tested without a browser: {HOW_TO_GET_ONE}"


def give_up(reason):
    """Fail where the tests must run, skip on a reader's machine."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@contextmanager
def launched():
    """A browser that is closed in the end; one at a time."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        give_up("The pages can't be tested without playwright: `pip install playwright`.")
    with sync_playwright() as playwright:
        path = find_browser(playwright.chromium.executable_path)
        if path is None:
            give_up(NO_BROWSER)
        with playwright.chromium.launch(executable_path=path, args=FLAGS) as browser:
            yield browser


def violations(page):
    """What axe finds wrong with a page as it stands: [rule, where and why], one for each place.

    Its script comes with a package; it runs in the page and asks nobody else.
    """
    home = importlib.util.find_spec("axe_playwright_python")
    if home is None:
        give_up("Accessibility can't be tested without axe: `pip install axe-playwright-python`.")
    page.evaluate((Path(home.origin).parent / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run()")["violations"]
    return [[rule["id"], node["html"], node["failureSummary"]]
            for rule in found for node in rule["nodes"]]

"""A browser without a window, for the tests that look at pages as a reader does.

A machine without one gets a skip that says what to install; where CI is true it is a failure.
"""

import importlib.util
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

NO_BROWSER = (
    "The pages can't be tested without a browser: install Chromium, Chrome or Edge, or run"
    " `python -m playwright install chromium`, or name one in the variable NNLIB_BROWSER."
)
ON_PATH = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
ON_WINDOWS = (
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def candidates(bundled):
    """Yield the places where a browser may be, the reader's own choice first."""
    yield os.environ.get("NNLIB_BROWSER")
    yield from map(shutil.which, ON_PATH)
    yield from APPLICATIONS
    for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        if os.environ.get(variable):
            yield from (Path(os.environ[variable], name) for name in ON_WINDOWS)
    yield bundled


def find_browser(bundled=None):
    """Return the path of the first browser that is there, or None."""
    return next((str(p) for p in candidates(bundled) if p and Path(p).is_file()), None)


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

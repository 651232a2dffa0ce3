"""Find a browser on this machine, for what only a browser can do: print, or look at pages."""

import os
import shutil
from pathlib import Path

HOW_TO_GET_ONE = (
    "install Chromium, Chrome or Edge, or run `python -m playwright install chromium`, or name"
    " one in the variable NNLIB_BROWSER."
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

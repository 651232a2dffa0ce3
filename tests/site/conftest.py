"""The built site, a server for it on this machine, and a browser to look at it."""

import importlib.util
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from tests.browser import launched

ROOT = Path(__file__).resolve().parents[2]


def load_tool(file, name):
    """Import a tool under a name of its own: `site`, say, is a module of Python's."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / file)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# In this order: the second imports the first.
GUARD = load_tool("guard.py", "guard")
SITE_TOOL = load_tool("site.py", "site_tool")
PAGES = GUARD.toc_pages()
ADDED_BY_SPHINX = ["search", "genindex"]
# Where the book has an address, the links of this page start from there, and not from here.
if "BOOK_ADDRESS" not in os.environ:
    ADDED_BY_SPHINX.append("404")


@pytest.fixture(scope="session")
def guard():
    """tools/guard.py as a module."""
    return GUARD


@pytest.fixture(scope="session")
def site_tool():
    """tools/site.py as a module."""
    return SITE_TOOL


@pytest.fixture(scope="module", params=PAGES)
def toc_page(request):
    """Each page of the table of contents in turn, without suffix."""
    return request.param


@pytest.fixture(scope="module", params=[*PAGES, *ADDED_BY_SPHINX])
def any_page(request):
    """Each page of the site in turn, those that Sphinx adds included, but no source code."""
    return request.param


@pytest.fixture(scope="session")
def built_site(site_tool):
    """The site where `make book` leaves it, built again only as far as something has changed."""
    command = [sys.executable, str(ROOT / "tools" / "site.py"), "build"]
    with FileLock(Path(tempfile.gettempdir()) / "spirals-site.lock"):     # one worker at a time
        result = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONUTF8": "1"},
            capture_output=True,
            encoding="utf-8",
        )
    if result.returncode:
        pytest.fail(f"The site does not build:\n{result.stdout}{result.stderr}", pytrace=False)
    return site_tool.SITE


@pytest.fixture(scope="session")
def other_pages(guard, built_site):
    """The pages that `any_page` leaves out: the code of nnlib, mostly."""
    pages = (path.relative_to(built_site) for path in sorted(built_site.rglob("*.html")))
    names = [page.as_posix() for page in pages if page.parts[0] not in guard.NO_PAGES]
    # the page for missing pages starts from the book's address, where it has one
    seen = {f"{name}.html" for name in [*PAGES, *ADDED_BY_SPHINX, "404"]}
    return [name for name in names if name not in seen]


@pytest.fixture(scope="session")
def site_address(site_tool, built_site):
    """The address of a server of the site on this machine."""
    with site_tool.make_server(built_site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield site_tool.address_of(server)
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser():
    """A browser without a window, closed before JupyterLab's tests may want theirs."""
    with launched() as browser:
        yield browser

"""What depends on where the book is published, tried on a book of one chapter.

The real one is built without an address, as everybody's own copy is: it must have no buttons
that lead nowhere.
"""

import http.server
import json
import os
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import nbformat
import pytest

from tests.site.conftest import load_tool

ROOT = Path(__file__).resolve().parents[2]
COLAB = load_tool("colab.py", "colab")
NAME = "notebooks/01_tiny"
CONFIG = """\
project = "Tiny"
extensions = ["sphinx_external_toc", "myst_nb", "ext_address"]
external_toc_path = "book/_toc.yml"
html_theme = "sphinx_book_theme"
html_theme_options = {{"use_download_button": True}}
html_title = "Tiny"
nb_execution_mode = "off"
templates_path = [{templates!r}]
html_additional_pages = {{"404": "404.html"}}
"""
TOC = f"format: jb-book\nroot: book/index\nchapters:\n  - file: {NAME}\n  - file: book/glossary\n"


def build(folder, **variables):
    """Build the tiny book; return the folder of its site."""
    for name in ("book", "notebooks"):
        (folder / name).mkdir(parents=True)
    templates = str(ROOT / "book" / "_templates")
    (folder / "conf.py").write_text(CONFIG.format(templates=templates), encoding="utf-8")
    (folder / "book" / "_toc.yml").write_text(TOC, encoding="utf-8")
    (folder / "book" / "index.md").write_text("# Tiny\n\nA book.\n", encoding="utf-8")
    (folder / "book" / "glossary.md").write_text("# Glossary\n", encoding="utf-8")
    cells = [nbformat.v4.new_markdown_cell("# 1 · Tiny"), nbformat.v4.new_code_cell("1 + 1")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"},
              "language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel),
                   folder / f"{NAME}.ipynb")
    inherited = {key: value for key, value in os.environ.items()
                 if key not in ("BOOK_ADDRESS", "GITHUB_REPOSITORY")}
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", ".", "site"], cwd=folder,
        env={**inherited, "PYTHONPATH": str(ROOT / "book" / "_ext"), **variables},
        capture_output=True, encoding="utf-8", check=False)
    assert not done.returncode, done.stderr
    return folder / "site"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The tiny book as a workflow publishes it."""
    return build(tmp_path_factory.mktemp("published"), BOOK_ADDRESS="http://127.0.0.1/tiny",
                 GITHUB_REPOSITORY="somebody/tiny")


def launch_links(page):
    return [a["href"] for a in page.select(".dropdown-launch-buttons a[href]")]


def test_a_chapter_opens_in_binder_and_in_colab(published, guard):
    """In Colab from the branch whose notebooks begin with a cell that installs nnlib."""
    assert launch_links(guard.read(published / f"{NAME}.html")) == [
        f"https://mybinder.org/v2/gh/somebody/tiny/main?urlpath=lab/tree/{NAME}.ipynb",
        f"https://colab.research.google.com/github/somebody/tiny/blob/colab/{NAME}.ipynb",
    ]
    assert launch_links(guard.read(published / "book" / "glossary.html")) == []


def test_search_engines_learn_every_page(published, guard):
    base = "http://127.0.0.1/tiny/"
    lines = (published / "sitemap.xml").read_text(encoding="utf-8").splitlines()
    assert [line.strip() for line in lines[2:-1]] == [
        f"<url><loc>{base}{page}.html</loc></url>" for page in ("book/index", NAME,
                                                               "book/glossary")]
    canonical = guard.read(published / f"{NAME}.html").select_one("link[rel=canonical]")
    assert canonical["href"] == f"{base}{NAME}.html"


class Server(http.server.SimpleHTTPRequestHandler):
    """Shows 404.html wherever nothing is, as the publisher's server does; all below /tiny."""

    def log_message(self, *args):
        """Keep quiet."""

    def translate_path(self, path):
        return super().translate_path(path.removeprefix("/tiny"))

    def send_error(self, code, message=None, explain=None):
        page = Path(self.directory, "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        # whoever builds does not know the port of a test
        port = self.server.server_address[1]
        self.wfile.write(page.replace(b"http://127.0.0.1/", f"http://127.0.0.1:{port}/".encode()))


def test_an_address_that_leads_nowhere_still_leads_to_the_book(published, browser):
    """At any depth: the page's styles come, and its links go to the book."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                         partial(Server, directory=published)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}/tiny/"
        page = browser.new_page()
        lost = []
        page.on("response", lambda r: lost.append(r.url) if r.status != 200 else None)
        asked = f"{base}some/where/else.html"
        page.goto(asked, wait_until="networkidle")
        assert lost == [asked]
        assert page.locator("h1").inner_text() == "This page is not here"
        page.get_by_role("link", name="first page").click()
        page.wait_for_url(f"{base}book/index.html", wait_until="networkidle")
        page.close()
        server.shutdown()


def test_a_copy_without_an_address_has_no_dead_buttons(built_site, guard):
    if {"BOOK_ADDRESS", "GITHUB_REPOSITORY"} & set(os.environ):
        pytest.skip("this copy is one with an address")
    page = guard.read(next((built_site / "notebooks").glob("01_*.html")))
    assert launch_links(page) == []
    assert not (built_site / "sitemap.xml").exists()


def test_every_chapter_offers_its_notebook(built_site, guard):
    """And the file is there: the guard holds links within the site to that."""
    for name in guard.toc_pages():
        if name.startswith("notebooks/"):
            links = guard.read(built_site / f"{name}.html").select(".dropdown-download-buttons a")
            assert f"../_sources/{name}.ipynb" in [link["href"] for link in links]


# -- Notebooks for Colab -----------------------------------------------------------------------


def test_notebooks_for_colab_differ_in_their_first_cell_alone(tmp_path):
    assert COLAB.main([str(tmp_path), "somebody/tiny@0abc"]) == 0
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        ours = json.loads(path.read_text(encoding="utf-8"))
        written = nbformat.read(tmp_path / "notebooks" / path.name, as_version=4)
        nbformat.validate(written)
        first, *others = written["cells"]
        assert [cell["id"] for cell in others] == [cell["id"] for cell in ours["cells"]]
        assert "nnlib @ git+https://github.com/somebody/tiny@0abc" in first["source"]


def test_the_first_cell_fetches_what_a_chapter_needs():
    cells = [{"cell_type": "markdown", "source": ["datasets.characters("]},
             {"cell_type": "code", "source": ["x = datasets.mnist(\n", "    )"]}]
    first, *_ = COLAB.for_colab({"cells": cells}, "https://example.org/a")["cells"]
    assert first["source"][-1] == "!python -m nnlib.datasets fetch mnist"
    without = COLAB.first_cell("https://example.org/a", [])
    assert not any("fetch" in line for line in without["source"])


def test_says_how_it_is_called(capsys):
    assert COLAB.main([]) == 2
    assert "tools/colab.py FOLDER" in capsys.readouterr().out


@pytest.mark.every
def test_the_first_cell_works_in_a_clean_environment(tmp_path):
    """And the others after it, as far as that can be tried here: this repository as the source."""
    environment = tmp_path / "empty"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    python = next(p for p in (environment / "bin" / "python",
                              environment / "Scripts" / "python.exe") if p.exists())
    # pip takes no address without a host
    address = ROOT.as_uri().replace("file:///", "file://localhost/")
    source = COLAB.first_cell(address, [])["source"]
    wanted = next(line for line in source if line.startswith("%pip install"))
    requirement = wanted.split('"')[1]
    # Colab has the other two, and much besides
    subprocess.run([python, "-m", "pip", "install", "--quiet", requirement, "nbclient",
                    "ipykernel"], check=True)
    COLAB.write(tmp_path, address)
    code = """
import nbformat, nbclient, nnlib
notebook = nbformat.read("notebooks/02_the_spiral.ipynb", 4)
notebook.cells = notebook.cells[1:]
nbclient.NotebookClient(notebook, timeout=300).execute()
print(nnlib.__file__)"""
    done = subprocess.run([python, "-c", code], cwd=tmp_path, capture_output=True,
                          encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert str(environment) in done.stdout

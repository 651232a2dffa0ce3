"""The guard must say nothing about a good site and name each thing that is wrong with a bad one.

Without these tests a guard that finds nothing would look like a site without faults.
"""

import base64
import json
import os

import pytest

ALT = "Three spiral arms, each in a colour of its own"
PNG = base64.b64encode(b"not looked at").decode()
TOC = """\
format: jb-book
root: book/index
parts:
  - caption: A part
    chapters:
      - file: notebooks/01_tiny
        sections:
          - file: book/end
"""
FIGURE = f'<div class="cell_output"><img alt="{ALT}" src="../_images/a.png"></div>'
PAGE = """\
<html><head><link rel="stylesheet" href="../_static/custom.css">
<link rel="canonical" href="https://example.org/"></head>
<body><article><h1>Title</h1>
<p>Text with <code>{{cite}}`key`</code> and a <a href="https://example.org">link</a>.</p>
{body}
</article><script src="../_static/a.js?v=1"></script></body></html>
"""


def output(alt=ALT):
    metadata = {"image/png": {"alt": alt, "width": 560}}
    data = {"image/png": PNG, "text/plain": "<Figure>"}
    return {"output_type": "display_data", "data": data, "metadata": metadata}


def code_cell(*outputs, tags=()):
    return {
        "cell_type": "code",
        "metadata": {"tags": list(tags)},
        "source": "pass",
        "execution_count": 1,
        "outputs": list(outputs),
    }


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


class Book:
    """A book of three pages with its built site; tests damage it and ask the guard."""

    def __init__(self, root, tool):
        self.root, self.site, self.tool = root, root / "html", tool
        self.chapter = self.site / "notebooks" / "01_tiny.html"
        write(root / "book" / "_toc.yml", TOC)
        cells = [code_cell(output()), code_cell(output(), tags=["remove-output"])]
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        write(root / "notebooks" / "01_tiny.ipynb", json.dumps(notebook))
        for name in ("_static/custom.css", "_static/a.js", "_images/a.png"):
            write(self.site / name, "")
        for name in ("book/index", "book/end"):
            write(self.site / f"{name}.html", PAGE.format(body=""))
        write(self.chapter, PAGE.format(body=FIGURE))

    def replace(self, old, new):
        text = self.chapter.read_text(encoding="utf-8")
        assert old in text
        self.chapter.write_text(text.replace(old, new), encoding="utf-8")

    def problems(self):
        return self.tool.problems(self.site, self.root)


@pytest.fixture
def book(tmp_path, site_tool):
    return Book(tmp_path, site_tool)


def test_says_nothing_about_a_good_site(book):
    """A guard with false alarms gets switched off."""
    assert book.problems() == []


def test_says_nothing_about_the_real_site(built_site, site_tool):
    """What `make book` has left can be published."""
    assert site_tool.problems(built_site) == []


def test_names_a_missing_page(book):
    """Jupyter Book can finish without an error and without a page."""
    (book.site / "book" / "end.html").unlink()
    assert book.problems() == ["book/end.html: the page is not there."]


DAMAGES = {
    "figure gone": (FIGURE, "", "it shows 0 figures, but the notebook stores 1"),
    "figure twice": (FIGURE, 2 * FIGURE, "it shows 2 figures, but the notebook stores 1"),
    "alt gone": (f'alt="{ALT}" ', "", "figure 1 has no alt text"),
    "alt empty": (ALT, "", "figure 1 has no alt text"),
    "alt a path": (
        ALT,
        "../_images/a.png",
        "figure 1 has a path as its alt text: ../_images/a.png",
    ),
    "alt short": (ALT, "Three arms", "figure 1 has an alt text of fewer than 6 words: Three arms"),
    "alt another": (
        ALT,
        ALT + " today",
        f"figure 1 has another alt text than the notebook stores: {ALT} today",
    ),
    "traceback": (
        "</article>",
        "<pre>Traceback (most recent call last):</pre></article>",
        "it shows a Python traceback",
    ),
    "raw role": ("</h1>", "</h1>{cite}`key`", "it shows the raw MyST role {cite}`"),
    "raw directive": ("</h1>", "</h1>:::{note}", "it shows the raw MyST directive :::{note}"),
    "raw fence": ("</h1>", "</h1>```{note}", "it shows the raw MyST directive ```{note}"),
    "raw reST": (
        "</h1>",
        "</h1>:cite:p:`key`",
        "it shows the raw reStructuredText role :cite:p:`",
    ),
    "citation": ("</h1>", "</h1>Adam [?]", "it shows the unresolved citation [?]"),
    "problematic": (
        "</h1>",
        '</h1><span class="problematic">:doc:</span>',
        "it holds something that Sphinx could not resolve: :doc:",
    ),
    "script from afar": (
        "../_static/a.js",
        "https://example.org/a.js",
        "it loads from another host: https://example.org/a.js?v=1",
    ),
    "style from afar": (
        "../_static/custom.css",
        "//example.org/a.css",
        "it loads from another host: //example.org/a.css",
    ),
    "frame from afar": (
        "</h1>",
        '</h1><iframe src="https://example.org/"></iframe>',
        "it loads from another host: https://example.org/",
    ),
    "image missing": (
        "_images/a.png",
        "_images/b.png",
        "it refers to a file that is missing: ../_images/b.png",
    ),
    "script missing": (
        "_static/a.js",
        "_static/b.js",
        "it refers to a file that is missing: ../_static/b.js",
    ),
    "page missing": (
        "https://example.org",
        "../book/none.html",
        "it refers to a file that is missing: ../book/none.html",
    ),
}


@pytest.mark.parametrize(("old", "new", "complaint"), DAMAGES.values(), ids=DAMAGES)
def test_names_the_damage(book, old, new, complaint):
    """Each kind of damage has its own sentence, and no other sentence comes with it."""
    book.replace(old, new)
    assert book.problems() == [f"notebooks/01_tiny.html: {complaint}."]


def test_lets_a_cell_raise_that_is_there_to_raise(book):
    """Chapters may show an error on purpose."""
    book.replace(
        "</h1>",
        '</h1><div class="cell tag_raises-exception">Traceback (most recent call last)</div>',
    )
    assert book.problems() == []


def test_command_fails_on_a_bad_site(site_tool, tmp_path, capsys):
    """CI sees the exit code only."""
    assert site_tool.main(["check", str(tmp_path)]) == 1
    assert "should not be published" in capsys.readouterr().out


def test_command_passes_on_the_real_site(built_site, site_tool, capsys):
    """And a good site must not stop CI."""
    assert site_tool.main(["check", str(built_site)]) == 0
    assert "The site is whole" in capsys.readouterr().out


def test_commands_say_that_nothing_is_built(site_tool, tmp_path, monkeypatch, capsys):
    """A newcomer's first command may be `make serve`."""
    monkeypatch.setattr(site_tool, "SITE", tmp_path / "none")
    assert site_tool.main(["serve", "--no-open"]) == 1
    assert site_tool.main(["check", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().out == 2 * (site_tool.NOT_BUILT + "\n")


def test_build_notices_a_new_style_sheet(site_tool, tmp_path, monkeypatch):
    """Sphinx does not: it would leave the old one on the site and say that nothing changed."""
    pickle, sheet = tmp_path / "doctrees" / "environment.pickle", tmp_path / "book/_static/a.css"
    write(sheet, "")
    monkeypatch.setattr(site_tool, "ROOT", tmp_path)
    monkeypatch.setattr(site_tool, "PICKLE", pickle)
    assert not site_tool.is_stale()
    write(pickle, "")
    os.utime(sheet, (1, 1))
    assert not site_tool.is_stale()
    os.utime(pickle, (0, 0))
    assert site_tool.is_stale()
    site_tool.forget_pages()
    assert not site_tool.is_stale()

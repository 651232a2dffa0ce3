"""The guard must say nothing about a good site and name each thing that is wrong with a bad one.

Without these tests a guard that finds nothing would look like a site without faults.
"""

import base64
import json

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
INPUT = '<div class="cell_input"><pre>pass</pre></div>'
PRINTED = '<div class="cell_output"><pre>0.5</pre></div>'
SOLUTION = f"""\
<details class="admonition hide above-input"><summary>
<p class="collapsed admonition-title">Show the solution</p>
<p class="expanded admonition-title">Hide the solution</p>
</summary>{INPUT}{PRINTED}</details>
"""
FOLDED = f"<details><summary><p>Show the code</p></summary>{INPUT}</details>"
PROSE = "<p>No line tells <em>them</em> apart.</p>"
HINT = "<details>\n<summary>Show a hint</summary>\n<p>Look at the arms.</p></details>"
CHAPTER = INPUT + FIGURE + 2 * INPUT + FOLDED + PROSE + HINT + SOLUTION
MARKDOWN = """\
<!-- Nobody reads such remarks. -->
# Title

No line tells *them* apart.

:::{note}
:class: one two three
:::

<details>
<summary>Show a hint</summary>

Look at the arms.

</details>
"""
PAGE = """\
<html><head><link rel="stylesheet" href="../_static/custom.css">
<link rel="canonical" href="https://example.org/"></head>
<body><article><h1>Title</h1>
<p>Text with <code>{{cite}}`key`</code> and a <a href="https://example.org">link</a>.</p>
{body}
</article><script>const key = "https://example.org/";</script>
<script src="../_static/a.js?v=1"></script></body></html>
"""
FRONT_DOOR = '<meta http-equiv="Refresh" content="0; url=book/index.html" />'
STYLE = """\
/* Not from url(https://example.org/). */
p { src: url("a.woff2?v=1"); background: url("data:image/svg+xml,%3csvg xmlns='a'/%3e"), url(#b); }
"""


def picture(alt=ALT):
    metadata = {"image/png": {"alt": alt, "width": 560}}
    data = {"image/png": PNG, "text/plain": "<Figure>"}
    return {"output_type": "display_data", "data": data, "metadata": metadata}


def printed():
    return {"output_type": "stream", "name": "stdout", "text": "0.5"}


def code_cell(*outputs, tags=(), **prompts):
    return {
        "cell_type": "code",
        "metadata": {"tags": list(tags), "mystnb": prompts},
        "source": "pass",
        "execution_count": 1,
        "outputs": list(outputs),
    }


def markdown_cell(text, tags=()):
    return {"cell_type": "markdown", "metadata": {"tags": list(tags)}, "source": text}


CELLS = [
    code_cell(picture()),
    code_cell(picture(), tags=["remove-output"]),
    code_cell(printed(), tags=["remove-cell"]),
    code_cell(tags=["remove-input"]),
    code_cell(tags=["hide-output"]),
    code_cell(tags=["hide-input"]),
    markdown_cell(MARKDOWN),
    markdown_cell("Nobody reads such drafts.", tags=["remove-cell"]),
    code_cell(printed(), tags=["hide-cell"], code_prompt_show="Show the solution"),
]


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


class Book:
    """A book of three pages with its built site; tests damage it and ask the guard."""

    def __init__(self, root, guard):
        self.root, self.site, self.guard = root, root / "html", guard
        write(root / "book" / "_toc.yml", TOC)
        notebook = {"cells": CELLS, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        write(root / "notebooks" / "01_tiny.ipynb", json.dumps(notebook))
        write(self.site / "notebooks" / "01_tiny.html", PAGE.format(body=CHAPTER))
        for name in ("book/index", "book/end"):
            write(root / f"{name}.md", MARKDOWN)
            write(self.site / f"{name}.html", PAGE.format(body=PROSE + HINT))
        # Sphinx writes these on its own.
        write(self.site / "index.html", FRONT_DOOR)
        write(self.site / "searchindex.js", "Search.setIndex({})")
        for name in ("404.html", "search.html", "genindex.html", "_modules/nnlib/model.html"):
            depth = "../" * name.count("/")
            write(self.site / name, PAGE.format(body="").replace("../", depth))
        write(self.site / "_static" / "template.html", '<script src="none.js"></script>')
        write(self.site / "_static" / "custom.css", STYLE)
        for name in ("_static/a.js", "_static/a.woff2", "_images/a.png"):
            write(self.site / name, "")

    def replace(self, old, new, name="notebooks/01_tiny.html"):
        text = (self.site / name).read_text(encoding="utf-8")
        assert old in text
        (self.site / name).write_text(text.replace(old, new), encoding="utf-8")

    def problems(self, memory=None):
        return self.guard.problems(self.site, self.root, memory)


@pytest.fixture
def book(tmp_path, guard):
    return Book(tmp_path, guard)


@pytest.fixture
def memory(tmp_path):
    return tmp_path / "guard.json"


@pytest.fixture
def pages_read(guard, monkeypatch):
    """The names of the pages that the guard has parsed; empty it to count from there."""
    names, read = [], guard.read
    monkeypatch.setattr(guard, "read", lambda path: names.append(path.name) or read(path))
    return names


def test_says_nothing_about_a_good_site(book):
    """A guard with false alarms gets switched off."""
    assert book.problems() == []


# A page of the table of contents, and what every site needs: a front door, a search, an index.
NEEDED = ("book/end.html", "index.html", "404.html", "search.html", "searchindex.js",
          "genindex.html")


@pytest.mark.parametrize("name", NEEDED)
def test_names_a_missing_file(book, name):
    """Jupyter Book can finish without an error and without a page."""
    (book.site / name).unlink()
    assert book.problems() == [f"{name}: the file is missing or empty."]


@pytest.mark.parametrize("name", ["book/end.html", "searchindex.js", "_modules/nnlib/model.html"])
def test_names_an_empty_file(book, name):
    """A full disk leaves files without content."""
    (book.site / name).write_text("", encoding="utf-8")
    assert book.problems() == [f"{name}: the file is missing or empty."]


@pytest.mark.parametrize("name", ["book/end.html", "notebooks/01_tiny.html"])
def test_names_a_page_without_its_article(book, name):
    """What is around the article, the header and the menus, does not make a page."""
    book.replace("article>", "div>", name)
    book.replace(PROSE, "", name)
    book.replace("<body>", f"<body><nav>{PROSE}</nav>", name)
    assert f"{name}: it lacks text of its source: No line tells." in book.problems()


DAMAGES = {
    "figure gone": (
        FIGURE,
        '<div class="cell_output"></div>',
        "it shows 0 figures, but the notebook stores 1",
    ),
    "figure twice": (
        "<img",
        f'<img alt="{ALT}" src="../_images/a.png"><img',
        "it shows 2 figures, but the notebook stores 1",
    ),
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
    "prose gone": (PROSE, "", "it lacks text of its source: No line tells"),
    "hint without its text": (
        "Look at the arms.",
        "",
        "it lacks text of its source: Look at the arms",
    ),
    "code gone": (
        2 * INPUT,
        INPUT,
        "it shows 4 pieces of code, but the notebook stores 5",
    ),
    "removed code shown": (
        2 * INPUT,
        3 * INPUT,
        "it shows 6 pieces of code, but the notebook stores 5",
    ),
    "output gone": (PRINTED, "", "it shows 1 outputs, but the notebook stores 2"),
    "hint not folded": (
        HINT,
        "<p>Show a hint</p><p>Look at the arms.</p>",
        "it shows 0 folds “Show a hint”, but the notebook stores 1",
    ),
    "code not folded": (
        FOLDED,
        INPUT,
        "it shows 0 folds “Show the code”, but the notebook stores 1",
    ),
    "solution not folded": (
        SOLUTION,
        INPUT + PRINTED,
        "it shows 0 folds “Show the solution”, but the notebook stores 1",
    ),
    "solution without its name": (
        "Show the solution",
        "Show code cell",
        "it shows 0 folds “Show the solution”, but the notebook stores 1",
    ),
    "error": (
        "</article>",
        '<div class="output traceback"><pre>SyntaxError: oh</pre></div></article>',
        "it shows the error of a cell: SyntaxError: oh",
    ),
    "error with its traceback": (
        "</article>",
        '<div class="output traceback"><b>Traceback (most recent call last)</b></div></article>',
        "it shows the error of a cell: Traceback (most recent call last)",
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


AFAR = "https://example.org/a"
LOADING = {
    "script": f'<script src="{AFAR}"></script>',
    "sound": f'<audio src="{AFAR}"></audio>',
    "poster": f'<video poster="{AFAR}"></video>',
    "object": f'<object data="{AFAR}"></object>',
    "drawing": f'<svg><use href="{AFAR}"></use></svg>',
    "first of a set": f'<img srcset="{AFAR}, ../_images/a.png 2x">',
    "last of a set": f'<source srcset="../_images/a.png 1x,{AFAR} 2x">',
    "style": f"<style>p {{ background: url({AFAR}) }}</style>",
    "style of an element": f'<p style="background: url(&quot;{AFAR}&quot;)"></p>',
    "style from a style": f"<style>@import '{AFAR}';</style>",
    "import": f'<script type="module">import("{AFAR}");</script>',
    "import of names": f"<script type='module'>import {{a}} from '{AFAR}';</script>",
    "fetch": f"<script>fetch(`{AFAR}`)</script>",
    "late script": f'<script>element.src = "{AFAR}";</script>',
    "refresh": f'<meta http-equiv="Refresh" content="9; url={AFAR}">',
}
KINDS_OF_PAGES = (
    "notebooks/01_tiny.html",
    "book/end.html",
    "search.html",
    "genindex.html",
    "_modules/nnlib/model.html",
)


@pytest.mark.parametrize("element", LOADING.values(), ids=LOADING)
def test_names_what_comes_from_another_host(book, element):
    """Nobody else should learn who reads the book, and it should open without a network."""
    book.replace("</article>", f"{element}</article>")
    assert book.problems() == [f"notebooks/01_tiny.html: it loads from another host: {AFAR}."]


@pytest.mark.parametrize("name", KINDS_OF_PAGES)
def test_looks_at_every_page_for_other_hosts_missing_files_and_tracebacks(book, name):
    """Sphinx adds pages that no table of contents names."""
    elements = {
        f'<script src="{AFAR}"></script>': f"it loads from another host: {AFAR}",
        '<a href="none.html"></a>': "it refers to a file that is missing: none.html",
        "<p>Traceback (most recent call last)</p>": "it shows a Python traceback",
    }
    book.replace("</article>", f"{''.join(elements)}</article>", name)
    assert set(book.problems()) == {f"{name}: {text}." for text in elements.values()}


def test_names_a_front_door_that_leads_nowhere(book):
    """The bare address must show the book."""
    book.replace("book/index.html", "book/none.html", "index.html")
    complaint = "it refers to a file that is missing: book/none.html"
    assert book.problems() == [f"index.html: {complaint}."]


STYLES = {
    "sheet": (f'@import "{AFAR}";', f"it loads from another host: {AFAR}"),
    "sheet at an address": (f"@import url({AFAR});", f"it loads from another host: {AFAR}"),
    "font": (f"p {{ src: url( '{AFAR}' ) }}", f"it loads from another host: {AFAR}"),
    "missing": ("p { src: url(b.woff2) }", "it refers to a file that is missing: b.woff2"),
}


@pytest.mark.parametrize(("text", "complaint"), STYLES.values(), ids=STYLES)
def test_names_what_is_wrong_with_a_style_sheet(book, text, complaint):
    """Style sheets load fonts, pictures and further sheets."""
    book.replace("p {", f"{text} p {{", "_static/custom.css")
    assert book.problems() == [f"_static/custom.css: {complaint}."]


@pytest.mark.parametrize("error", ["", ' class="output traceback"'], ids=["text", "output"])
def test_lets_a_cell_raise_that_is_there_to_raise(book, error):
    """Chapters may show an error on purpose."""
    book.replace(
        "</h1>",
        '</h1><div class="cell tag_raises-exception">'
        f"<p{error}>Traceback (most recent call last)</p></div>",
    )
    assert book.problems() == []


def test_reads_a_page_once_as_long_as_it_stays_the_same(book, memory, pages_read):
    """A build after one changed chapter should not take as long as the first."""
    assert book.problems(memory) == []
    assert len(pages_read) == 8
    pages_read.clear()
    assert book.problems(memory) == []
    assert pages_read == []
    book.replace("<h1>", "<h1>New ")
    assert book.problems(memory) == []
    assert pages_read == ["01_tiny.html"]


@pytest.mark.parametrize(("old", "new", "complaint"), DAMAGES.values(), ids=DAMAGES)
def test_a_memory_hides_no_damage(book, memory, old, new, complaint):
    """Neither the damage that comes after the page was remembered, nor that which stays."""
    assert book.problems(memory) == []
    book.replace(old, new)
    wanted = [f"notebooks/01_tiny.html: {complaint}."]
    assert book.problems(memory) == wanted
    assert book.problems(memory) == wanted


def test_a_repaired_page_is_good_again(book, memory):
    """What was wrong with a page must not stick to it."""
    book.replace("</h1>", "</h1>[?]")
    assert len(book.problems(memory)) == 1
    book.replace("[?]", "")
    assert book.problems(memory) == []


@pytest.mark.parametrize(("name", "user"), [
    ("_images/a.png", "notebooks/01_tiny.html: it refers to a file that is missing: "
                      "../_images/a.png."),
    ("_static/a.woff2", "_static/custom.css: it refers to a file that is missing: a.woff2."),
    ("book/end.html", "book/end.html: the file is missing or empty."),
])
def test_a_memory_knows_no_files(book, memory, name, user):
    """A page stays the same while a picture that it shows is deleted."""
    assert book.problems(memory) == []
    (book.site / name).unlink()
    assert book.problems(memory) == [user]


@pytest.mark.parametrize("name", ["notebooks/01_tiny.ipynb", "book/end.md"])
def test_a_page_is_compared_with_the_source_of_today(book, memory, name):
    """Jupyter Book can finish without an error and leave a page as it was."""
    assert book.problems(memory) == []
    text = (book.root / name).read_text(encoding="utf-8")
    write(book.root / name, text.replace("No line tells *them* apart.", "A line tells the lot."))
    page = name.rpartition(".")[0]
    assert book.problems(memory) == [f"{page}.html: it lacks text of its source: A line tells the "
                                     "lot."]


def test_a_page_without_a_chapter_is_remembered_as_such(book, memory):
    """A page that the table of contents names is held against more."""
    write(book.root / "book" / "new.md", MARKDOWN)
    write(book.site / "book" / "new.html", PAGE.format(body=""))
    assert book.problems(memory) == []
    write(book.root / "book" / "_toc.yml", TOC + "      - file: book/new\n")
    assert book.problems(memory) == ["book/new.html: it lacks text of its source: No line tells."]


def test_another_guard_has_no_memory(book, memory, pages_read, guard, monkeypatch, tmp_path):
    """It may look at what this one passed over."""
    book.problems(memory)
    pages_read.clear()
    write(tmp_path / "guard.py", "another")
    monkeypatch.setattr(guard, "__file__", str(tmp_path / "guard.py"))
    assert book.problems(memory) == []
    assert len(pages_read) == 8


@pytest.mark.parametrize("text", ["", '{"guard": ', "\x00"])
def test_a_broken_memory_is_none(book, memory, text):
    """A build can be interrupted while it writes."""
    write(memory, text)
    assert book.problems(memory) == []
    assert json.loads(memory.read_text(encoding="utf-8"))["findings"]


def test_command_fails_on_a_bad_site(site_tool, tmp_path, capsys):
    """CI sees the exit code only."""
    assert site_tool.main(["check", str(tmp_path)]) == 1
    assert "should not be published" in capsys.readouterr().out


def test_command_passes_on_the_real_site(built_site, site_tool, guard, capsys):
    """What `make book` has left can be published, and must not stop CI."""
    code = site_tool.main(["check", str(built_site)])
    pages = len(guard.toc_pages())
    assert (code, capsys.readouterr().out) == (0, f"The site is whole: {pages} pages.\n")

"""Formulas, glossary, and the links between chapters and API: complete, and leading somewhere.

They are made at the build from what the notebooks store, from book/glossary.yml and from the
docstrings of nnlib; see book/_ext.
"""

import inspect
import json
import re
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urldefrag

import pytest
import yaml
from docutils import nodes

import nnlib
from tests.notebooks.test_lint import FILLER

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = (ROOT / "book" / "glossary.yml").read_text(encoding="utf-8")
TERMS = yaml.safe_load(GLOSSARY)
API = "book/api/nnlib"

sys.path.append(str(ROOT / "book" / "_ext"))     # where Sphinx finds them, too
import ext_chapters  # noqa: E402
import ext_formulas  # noqa: E402
import ext_glossary  # noqa: E402


@pytest.fixture(scope="module")
def chapters(guard):
    """{number: page} of the chapters in the table of contents."""
    found = {int(Path(name).name[:2]): name for name in guard.toc_pages()
             if name.startswith("notebooks/")}
    assert found
    return found


@pytest.fixture(scope="module")
def page(built_site, guard):
    """Parse a page of the site, once."""
    pages = {}

    def read(name):
        if name not in pages:
            pages[name] = guard.read(built_site / f"{name}.html")
        return pages[name]

    return read


def target(link, name, built_site):
    """Return the page and the id to which a link on a page leads."""
    address, anchor = urldefrag(unquote(link["href"]))
    here = built_site / f"{name}.html"
    there = (here.parent / address).resolve() if address else here
    return there.relative_to(built_site.resolve()).with_suffix("").as_posix(), anchor


def app_of(folder, *pages):
    """As much of Sphinx's application as the extensions need; it notes dependencies."""
    noted = []
    env = SimpleNamespace(external_site_map=dict.fromkeys(pages), docname=None,
                          note_dependency=noted.append)
    return SimpleNamespace(srcdir=folder, env=env, noted=noted)


# -- Every formula ------------------------------------------------------------------------------

TABLE = ext_formulas.HEAD + "| $a = b$ | sums | 1,200 | ≤ 1e-7 | ✓ |"


def notebook(path, *cells):
    """Write a notebook of a title and code cells, (tags, what it shows) each."""
    path.parent.mkdir(exist_ok=True)
    code = [{"cell_type": "code", "source": [], "metadata": {"tags": tags}, "outputs": [
        {"output_type": "execute_result", "data": {"text/markdown": shown.splitlines(True)}}]}
        for tags, shown in cells]
    opening = {"cell_type": "markdown", "metadata": {}, "source": ["# 1 · One\n", "\n", "Text."]}
    path.write_text(json.dumps({"cells": [opening, *code]}), encoding="utf-8")


def test_collects_what_every_chapter_has_checked(page, chapters, built_site):
    """Chapter by chapter the same formulas and figures, and a link to where they come from."""
    shown = page("book/formulas").select("article section section")
    assert len(shown) == len(chapters)
    for section, name in zip(shown, chapters.values(), strict=True):
        rows = [[cell.get_text() for cell in row.select("td")]
                for row in page(name).select(".tag_formulas tbody tr")]
        assert rows
        assert [[cell.get_text() for cell in row.select("td")]
                for row in section.select("tbody tr")] == rows
        assert section.h2.get_text().rstrip("#") == page(name).h1.get_text().rstrip("#")
        (link,) = section.select("p > a")
        there, anchor = target(link, "book/formulas", built_site)
        assert there == name
        assert page(name).find(id=anchor).h2.get_text().startswith("Check it")


def test_no_formula_is_typed_by_hand():
    text = (ROOT / "book" / "formulas.md").read_text(encoding="utf-8")
    assert text.count(ext_formulas.MARK) == 1
    assert not re.search(r"[$|✓]|\d,\d", text)


def test_reads_tagged_cells_alone(tmp_path):
    """Other tables, such as that of gradient_check, stay where they are; several are joined."""
    notebook(tmp_path / "notebooks/01_one.ipynb", ([], "| layer | gradient |"),
             (["formulas"], TABLE), (["formulas"], TABLE.replace("a = b", "c = d")))
    app = app_of(tmp_path, "book/index", "notebooks/01_one")
    source = [f"# Title\n\n{ext_formulas.MARK}\n"]
    ext_formulas.write_tables(app, ext_formulas.PAGE, source)
    assert "## 1 · One\n" in source[0]
    assert re.findall(r"\$(.*?)\$", source[0]) == ["a = b", "c = d"]
    assert "2 formulas from 1 chapters, compared in 2,400 numbers" in source[0]
    assert "layer" not in source[0]


def test_is_read_again_when_a_notebook_changes(tmp_path):
    """And when a chapter comes or goes."""
    notebook(tmp_path / "notebooks/01_one.ipynb", (["formulas"], TABLE))
    app = app_of(tmp_path, "notebooks/01_one")
    ext_formulas.write_tables(app, "book/index", [""])
    assert app.noted == []
    ext_formulas.write_tables(app, ext_formulas.PAGE, [""])
    assert app.noted == ["book/_toc.yml", "notebooks/01_one.ipynb"]


@pytest.mark.parametrize("table", ["", "| a | b |\n|---|---|\n| 1 | 2 |",
                                   TABLE.replace("≤ 1e-7 | ✓", "= 2e+0 | ✗ WRONG")])
def test_a_wrong_formula_is_not_published(table):
    with pytest.raises(ValueError, match=r"^a (cell tagged formulas shows no|formula is wrong)"):
        ext_formulas.rows_of(table)


def test_on_a_phone_no_table_of_formulas_hides_its_verdicts(browser, site_address):
    """A formula has a line of its own, which scrolls if it must, and the rest stands below it."""
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(f"{site_address}book/formulas.html", wait_until="networkidle")
    page.evaluate("() => MathJax.startup.promise.then(() => true)")
    wide = """() => [...document.querySelectorAll(".pst-scrollable-table-container")]
        .map(table => table.scrollWidth - table.clientWidth)"""
    assert max(page.evaluate(wide)) <= 1
    page.close()


# -- Glossary -----------------------------------------------------------------------------------


def names(term):
    """Return all forms under which a term may stand in italics."""
    return [term, *TERMS[term].get("forms", [])]


def kept(chapters):
    """Return {term: number of its chapter} where that exists."""
    return {term: entry["chapter"] for term, entry in TERMS.items()
            if entry["chapter"] in chapters}


def test_terms_are_unique_and_in_order():
    """YAML would let the second of two equal terms win in silence, so count the lines."""
    lines = re.findall(r"^(\S.*):$", GLOSSARY, re.MULTILINE)
    assert lines == list(TERMS)
    assert lines == sorted(lines, key=str.casefold)
    every = [name.casefold() for term in TERMS for name in names(term)]
    assert len(every) == len(set(every))


@pytest.mark.parametrize("term", TERMS)
def test_a_meaning_is_a_sentence_or_two_in_plain_words(term):
    """No markup: the meaning is also a tooltip."""
    assert set(TERMS[term]) - {"forms"} == {"chapter", "means"}
    means = TERMS[term]["means"]
    assert not re.search(r"[*`$\[\]{}<>\\]", means)
    assert 1 <= len(re.findall(r"\.(?=\s|$)", means)) <= 2
    assert means.endswith(".")
    assert len(means.split()) <= 45
    assert not FILLER.search(means)


def test_lists_the_terms_whose_chapter_exists(page, chapters):
    shown = {dt.get_text().rstrip("#"): dt.find_next_sibling("dd").get_text()
             for dt in page("book/glossary").select("dl.glossary > dt")}
    assert list(shown) == list(kept(chapters))
    for term, text in shown.items():
        means = " ".join(TERMS[term]["means"].split())
        plain = re.sub(r"\s+", " ", text).strip().translate(str.maketrans("’“”", "'\"\""))
        assert plain == f"{means} Chapter {TERMS[term]['chapter']}."


def test_every_term_is_linked_with_its_chapter_both_ways(page, chapters, built_site):
    """From the entry to the place that introduces the term, and from there to the entry."""
    missing = []
    for term, number in kept(chapters).items():
        name = chapters[number]
        (dt,) = (dt for dt in page("book/glossary").select("dl.glossary > dt")
                 if dt.get_text().rstrip("#") == term)
        (link,) = dt.find_next_sibling("dd").select("a")
        there, anchor = target(link, "book/glossary", built_site)
        assert there == name
        place = page(name).find(id=anchor) if anchor else None
        if place is None:
            missing.append(f"*{term}* in chapter {number}")
            continue
        assert target(place, name, built_site) == ("book/glossary", dt["id"])
        assert place["title"] == " ".join(TERMS[term]["means"].split())
        assert place.get_text().casefold() in [form.casefold() for form in names(term)]
    assert not missing, ("set in italics where they are introduced, or give another chapter in "
                         f"book/glossary.yml: {missing}")


def test_links_the_first_use_alone(page, chapters):
    for name in chapters.values():
        linked = [link["href"] for link in page(name).select("a.term")]
        assert linked
        assert len(linked) == len(set(linked))


def emphasized(*texts):
    """A page of one paragraph with these words in italics."""
    document = nodes.document("", "")
    section = nodes.section("", nodes.title("", "", nodes.emphasis("", "nats")))
    section += nodes.paragraph("", "", *(nodes.emphasis("", text) for text in texts))
    document += section
    return document


def test_finds_a_term_in_its_other_forms_but_not_in_a_title():
    nat, hidden = (ext_glossary.Entry("nat", 4, "A unit.", ("nats",)),
                   ext_glossary.Entry("hidden", 1, "Said of neurons.", ("hidden layer",)))
    document = emphasized("very", "Nats", "nat", "hidden\nlayer")
    found = ext_glossary.first_uses(document, [nat, hidden])
    assert {entry: emphasis.astext() for entry, emphasis in found.items()} == {
        nat: "Nats", hidden: "hidden\nlayer"}


def test_an_entry_waits_for_its_chapter(tmp_path):
    path = tmp_path / "book" / "glossary.yml"
    path.parent.mkdir()
    path.write_text("a:\n  chapter: 1\n  means: First.\nb:\n  chapter: 2\n  means: Second.\n")
    for pages, terms in ((["notebooks/01_one"], ["a"]),
                         (["notebooks/02_two", "notebooks/01_one"], ["a", "b"])):
        app = app_of(tmp_path, *pages)
        assert [entry.term for entry in ext_glossary.entries(app)] == terms
        source = [ext_glossary.MARK]
        ext_glossary.write_entries(app, ext_glossary.PAGE, source)
        assert source[0].count("\n: ") == len(terms)


def test_pages_are_read_again_when_the_glossary_changes(tmp_path):
    app = app_of(tmp_path, "book/index", "notebooks/01_one")
    for docname, noted in (("book/index", []),
                           ("notebooks/01_one", ["book/glossary.yml", "book/_toc.yml"]),
                           ("book/glossary", ["book/glossary.yml", "book/_toc.yml",
                                              "notebooks/01_one.ipynb"])):
        app.noted.clear()
        app.env.docname = docname
        ext_glossary.note_dependencies(app, None)
        assert app.noted == noted


# -- API and chapters ---------------------------------------------------------------------------


@pytest.mark.parametrize(("docstring", "numbers"), [
    ("Built in chapter 3.", [3]),
    ("Map.\n\n    Built in\n    chapters 1 and 6, its penalties in chapter 11. See chapter 2.",
     [1, 6, 11]),
    ("Built in chapters 1, 2 and 6.", [1, 2, 6]),
    ("Built in chapter 9; chapter 10 derives it.", [9, 10]),
    ("Built in chapter 6; CS231n's notes (2019) are its source.", [6]),
    ("Used in chapter 20.", [20]),
    ("As chapter 7 says.", []),
    (None, []),
])
def test_reads_the_chapters_of_a_part(docstring, numbers):
    assert ext_chapters.chapters_of(docstring) == numbers


def parts():
    """Return {full name: docstring} of what the API shows, found by another way than there."""
    found = {}
    for path in sorted((ROOT / "nnlib").glob("[!_]*")):
        if path.suffix == ".py" or (path / "__init__.py").is_file():
            module = import_module(f"nnlib.{path.stem}")
            for name in getattr(module, "__all__", dir(module)):
                thing = getattr(module, name)
                home = getattr(thing, "__module__", "")
                if (inspect.isclass(thing) or inspect.isfunction(thing)) and name[0] != "_" and (
                        home == module.__name__ or home.startswith(f"{module.__name__}.")):
                    found[f"nnlib.{path.stem}.{name}"] = thing.__doc__ or ""
    return found


def test_every_chapter_lists_its_parts_in_the_api(page, chapters, built_site):
    """At the end of “In nnlib”, all whose docstring names the chapter, each with its place."""
    for number, name in chapters.items():
        wanted = {full for full, doc in parts().items() if re.search(
            rf"(Built|Used)\s+in\s+chapters?\b[^.]*\b{number}\b", doc)}
        lines = page(name).select("p.in-api")
        assert len(lines) == bool(wanted)
        for line in lines:
            section = line.find_parent("section")
            assert section.h2.get_text().startswith("In nnlib")
            assert section.find_all(recursive=False)[-1] is line
            links = [target(link, name, built_site) for link in line.select("a")]
            assert {there for there, _ in links} == {API}
            assert {anchor for _, anchor in links} == wanted
            for _, anchor in links:
                assert page(API).find(id=anchor)


@pytest.mark.parametrize("name", [API, "book/cheatsheet"])
def test_the_words_chapter_3_lead_there(page, name, chapters, built_site):
    """Each number of a chapter that exists is a link to it, the others are words."""
    article = page(name).article
    linked = set()
    for text in article.find_all(string=re.compile(r"\d")):
        parent = text.parent
        if parent.name == "a" and re.fullmatch(r"(?:[Cc]hapters?\s+)?\d+", text.strip()):
            number = int(re.search(r"\d+", text)[0])
            assert target(parent, name, built_site) == (chapters[number], "")
            linked.add(number)
        elif not text.find_parent(["code", "pre", "a", "dt"]):
            for words in ext_chapters.WORDS.findall(text):
                assert not {int(n) for n in re.findall(r"\d+", words)} & set(chapters), words
    assert linked


def test_the_cheat_sheet_says_where_each_part_is_built(page, built_site, chapters):
    full = {name.rpartition(".")[2]: name for name in parts()}
    for heading in page("book/cheatsheet").select("article h3"):
        part = heading.get_text().rstrip("#")
        line = heading.find_next_sibling("p", class_="in-api")
        assert target(line.select("a")[-1], "book/cheatsheet", built_site) == (API, full[part])
        said = set(map(int, re.findall(r"\d+", line.get_text())))
        numbers = ext_chapters.chapters_of(getattr(nnlib, part).__doc__)
        assert said == set(numbers) & set(chapters)     # of those that are written


def test_pages_are_read_again_when_a_part_changes_its_chapter(monkeypatch):
    env = SimpleNamespace(external_site_map=dict.fromkeys(
        ["book/index", "notebooks/01_one", "notebooks/02_two", "notebooks/03_three"]))
    sheet = ext_chapters.SHEET
    for parts_now, pages in (
            ({"nnlib.a.A": [1]}, ["notebooks/01_one", sheet]),
            ({"nnlib.a.A": [1]}, []),
            ({"nnlib.a.A": [2]}, ["notebooks/01_one", "notebooks/02_two", sheet]),
            ({}, ["notebooks/02_two", sheet])):
        monkeypatch.setattr(ext_chapters, "built", lambda now=parts_now: now)
        assert ext_chapters.outdated(None, env, set(), set(), set()) == pages


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_term_shows_that_it_is_a_link(browser, site_address, chapters, scheme):
    """Not by its colour, which is that of the text, but by a line; and the keyboard finds it."""
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{site_address}{chapters[min(chapters)]}.html")
    term = page.locator("article a.term:visible").first
    style = term.evaluate("""term => {
        const own = getComputedStyle(term), around = getComputedStyle(term.parentElement);
        return [own.color === around.color, own.textDecorationLine, own.textDecorationStyle];
    }""")
    assert style == [True, "underline", "dotted"]
    term.focus()
    assert term.evaluate("term => term === document.activeElement")
    context.close()

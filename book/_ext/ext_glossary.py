"""Write the glossary page, and link the chapters with it both ways.

book/glossary.yml holds the terms. The page book/glossary has one comment, `<!-- glossary -->`,
in whose place come those whose chapter exists. In the chapters nothing has to be marked: the
first time that a page sets a term, or one of its other forms, in italics, it becomes a link to
the glossary, with the definition as its title. JupyterLab shows plain italics. From the glossary
a link leads back to that very place. Sphinx's own glossary links only where a role asks for it,
which JupyterLab would show as it stands, so this extension stays.
"""

import functools
from dataclasses import dataclass
from pathlib import Path

import yaml
from chapters import TOC, chapters
from docutils import nodes

PAGE = "book/glossary"
TERMS = "book/glossary.yml"
MARK = "<!-- glossary -->"


@dataclass(frozen=True)
class Entry:
    """A term, its other forms, the number of its chapter, and what it means."""

    term: str
    chapter: int
    means: str
    forms: tuple = ()


@functools.cache
def read_terms(path):
    """Return the entries of a file, in its order."""
    terms = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [Entry(term, entry["chapter"], " ".join(entry["means"].split()),
                  tuple(entry.get("forms", ()))) for term, entry in terms.items()]


def entries(app):
    """Return the entries whose chapter exists."""
    existing = chapters(app.env)
    return [e for e in read_terms(Path(app.srcdir, TERMS)) if e.chapter in existing]


def write_entries(app, docname, source):
    """Replace the comment on the page."""
    if docname == PAGE:
        found = entries(app)
        text = "\n\n".join(f"{entry.term}\n: {entry.means}" for entry in found)
        source[0] = source[0].replace(MARK, f"{{.glossary}}\n{text}" if found else "")


def note_dependencies(app, doctree):
    """Read a page again when what it shows of the glossary may have changed."""
    pages = chapters(app.env)
    if app.env.docname == PAGE or app.env.docname in pages.values():
        app.env.note_dependency(TERMS)
        app.env.note_dependency(TOC)
    if app.env.docname == PAGE:
        for docname in pages.values():          # is a term still in italics there?
            app.env.note_dependency(f"{docname}.ipynb")


def first_uses(doctree, known):
    """Return {entry: emphasis} for the first place where a page sets each term in italics."""
    names = {name.casefold(): e for e in known for name in (e.term, *e.forms)}
    found = {}
    for emphasis in doctree.findall(nodes.emphasis):
        entry = names.get(" ".join(emphasis.astext().split()).casefold())
        if entry and isinstance(emphasis.parent, nodes.paragraph):
            found.setdefault(entry, emphasis)
    return found


def place(entry):
    """Return the id of the place in a chapter where a term comes first."""
    return nodes.make_id(f"first-{entry.term}")


def link(app, source, target, *content, anchor="", **attributes):
    """Return a link from one page to another."""
    uri = app.builder.get_relative_uri(source, target) + (anchor and f"#{anchor}")
    return nodes.reference("", "", *content, internal=True, refuri=uri, **attributes)


def link_pages(app, doctree, docname):
    """Link the terms of a chapter with the glossary, and the glossary with the chapters."""
    if docname == PAGE:
        link_chapters(app, doctree)
    elif docname in chapters(app.env).values():
        for entry, emphasis in first_uses(doctree, entries(app)).items():
            _, anchor = app.env.get_domain("std").objects["term", entry.term]
            emphasis.replace_self(link(
                app, docname, PAGE, emphasis.deepcopy(), anchor=anchor, reftitle=entry.means,
                ids=[place(entry)], classes=["term"]))


def link_chapters(app, doctree):
    """End each entry of the glossary with a link to the place that introduces its term."""
    pages, known = chapters(app.env), entries(app)
    uses = {number: first_uses(app.env.get_doctree(docname), known)
            for number, docname in pages.items()}
    listed = {entry.term: entry for entry in known}
    for item in doctree.findall(nodes.definition_list_item):
        term, meaning = item.children
        entry = listed.get(term.astext())
        if entry:
            words = f"Chapter {entry.chapter}"
            anchor = place(entry) if entry in uses[entry.chapter] else ""
            docname = pages[entry.chapter]
            meaning[-1] += [nodes.Text(" "), link(
                app, PAGE, docname, nodes.Text(words), anchor=anchor,
                reftitle=app.env.titles[docname].astext()), nodes.Text(".")]


def setup(app):
    """Register the extension."""
    app.connect("source-read", write_entries)
    app.connect("doctree-read", note_dependencies)
    app.connect("doctree-resolved", link_pages)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

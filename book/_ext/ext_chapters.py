"""Lead from the API to the chapters, and from the chapters to the API.

The docstrings of nnlib say where a part is built: “Built in chapters 1 and 6, its penalties in
chapter 11.” From that come two things. Each chapter's section “In nnlib” ends with
the parts that are built in it, and on the cheat sheet the heading of a part is followed by its
chapters and its place in the API.

On these pages and in all chapters the words “chapter 1” are links to another chapter; where the
API names one that is not written yet, the page says so. The notebooks and docstrings stay plain
text, which they have to be in JupyterLab and in a terminal.
"""

import inspect
import re
from importlib import import_module
from pathlib import Path

from chapters import TOC, chapters
from docutils import nodes
from ext_api import PAGE as API
from ext_api import module_names
from sphinx.addnodes import pending_xref

SHEET = "book/cheatsheet"
SECTION = "In nnlib"
PACKAGE = Path(API).name
SENTENCE = re.compile(r"\b(?:Built|Used) in chapters? .*?\.(?=\s|$)")
WORDS = re.compile(r"\b[Cc]hapters?\s+\d+(?:(?:,\s+|,?\s+and\s+)\d+)*\b")
ONE = re.compile(r"(?:[Cc]hapters?\s+)?\d+")
NOT_PROSE = (nodes.literal, nodes.literal_block, nodes.reference, nodes.title)


def chapters_of(docstring):
    """Return the numbers of the chapters that build what a docstring describes."""
    sentences = SENTENCE.findall(" ".join((docstring or "").split()))
    groups = (words for sentence in sentences for words in WORDS.findall(sentence))
    return sorted({int(number) for words in groups for number in re.findall(r"\d+", words)})


def public(module):
    """Return {name: object} of the classes and functions that the API page shows of a module."""
    own = {name: thing for name, thing in vars(module).items()
           if inspect.isclass(thing) or inspect.isfunction(thing)}
    listed = getattr(module, "__all__", None)
    return {name: thing for name, thing in own.items() if (
        name in listed if listed is not None
        else thing.__module__ == module.__name__ and not name.startswith("_"))}


def built():
    """Return {full name: numbers of its chapters} for what the docstrings tell."""
    found = {}
    for module in module_names(import_module(PACKAGE)):
        name = f"{PACKAGE}.{module}"
        for part, thing in public(import_module(name)).items():
            if numbers := chapters_of(thing.__doc__):
                found[f"{name}.{part}"] = numbers
    return found


def outdated(app, env, added, changed, removed):
    """Read the pages again whose parts have changed."""
    before, now = getattr(env, "built_in", {}), built()
    env.built_in = now
    different = {name for name in before.keys() | now if before.get(name) != now.get(name)}
    numbers = {n for name in different for n in [*before.get(name, []), *now.get(name, [])]}
    pages = [docname for number, docname in chapters(env).items() if number in numbers]
    return [*pages, *([SHEET] if different else [])]


def to_api(name, text):
    """Return a link to a part's place in the API; one that leads nowhere stops the build."""
    literal = nodes.literal("", text, classes=["xref", "py", "py-obj"])
    return pending_xref("", literal, refdomain="py", reftype="obj", reftarget=name,
                        refexplicit=True, refwarn=True)


def add_links(app, doctree):
    """Put the links to the API onto the chapters and onto the cheat sheet."""
    env = app.env
    if env.docname in (API, SHEET):
        env.note_dependency(TOC)
    if env.docname == SHEET:
        describe_parts(env, doctree)
    for number, docname in chapters(env).items():
        if docname == env.docname:
            list_parts(env, doctree, number)


def sections(doctree):
    """Return {what the title says: section}."""
    return {s[0].astext(): s for s in doctree.findall(nodes.section)}


def list_parts(env, doctree, number):
    """End a chapter's section “In nnlib” with what the API holds of it."""
    names = [name for name, numbers in env.built_in.items() if number in numbers]
    section = sections(doctree).get(SECTION)
    if names and section:
        line = nodes.paragraph("", "In the API: ", classes=["in-api"])
        for name in sorted(names, key=lambda name: name.rpartition(".")[2].casefold()):
            line += [to_api(name, name.rpartition(".")[2]), nodes.Text(", ")]
        line[-1] = nodes.Text(".")
        section += line


def describe_parts(env, doctree):
    """Say below the heading of each part where it is built, with a link to its place."""
    full = {name.rpartition(".")[2]: name for name in env.built_in}
    written = chapters(env)
    for heading, section in sections(doctree).items():
        if heading in full:
            numbers = [str(n) for n in env.built_in[full[heading]] if n in written]
            words = " and ".join(filter(None, [", ".join(numbers[:-1]), *numbers[-1:]]))
            words = f"Chapter{'s' * (len(numbers) > 1)} {words}. In the API: " if words else (
                "In the API: ")
            section.insert(1, nodes.paragraph(
                "", words, to_api(full[heading], heading), nodes.Text("."),
                classes=["in-api"]))


def link_words(app, doctree, docname):
    """Turn the words “chapter 3” into links, but not within chapter 3."""
    pages = chapters(app.env)
    if docname not in (API, SHEET, *pages.values()):
        return
    for text in list(doctree.findall(nodes.Text)):
        if not in_prose(text):
            continue
        parts, end = [], 0
        for match in WORDS.finditer(text):
            for one in ONE.finditer(text, *match.span()):
                number = int(re.search(r"\d+", one[0])[0])
                if pages.get(number) == docname:
                    continue
                parts += [nodes.Text(text[end:one.start()]),
                          to_chapter(app, docname, number, one[0])]
                end = one.end()
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(text[end:])])


def to_chapter(app, docname, number, words):
    """Return a link to a chapter; of one that is planned, the words that it is to come."""
    page = chapters(app.env).get(number)
    if page is None:
        return nodes.Text(f"{words} (to come)")
    uri = app.builder.get_relative_uri(docname, page)
    return nodes.reference("", words, internal=True, refuri=uri, classes=["to-chapter"])


def in_prose(text):
    """Tell whether a text is one that people read as a sentence, and no link yet."""
    node = text.parent
    while node is not None:
        if isinstance(node, NOT_PROSE):
            return False
        node = node.parent
    return True


def setup(app):
    """Register the extension."""
    # later than the table of contents, which reads itself at the same event
    app.connect("env-get-outdated", outdated, priority=600)
    app.connect("doctree-read", add_links)
    app.connect("doctree-resolved", link_words)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

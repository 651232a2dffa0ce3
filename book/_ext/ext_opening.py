"""Open a chapter: its part, a spiral that shows how far the book has come, its question.

A chapter's notebook begins with its title, its question in bold, and two paragraphs “You will”
and “You need” (tests/notebooks/test_contract.py). They stay plain Markdown, and get classes here
that custom.css knows. The first chapter of a part opens with the part's name and what the book's
first page says of it. No theme knows of such openings, so this extension stays.
"""

import re
from itertools import accumulate, pairwise
from math import cos, dist, pi, sin

from chapters import NOTEBOOK, TOC, chapters
from docutils import nodes

FRONT = "book/index"
OPTION = re.compile(r"[a-d]\. ")
PROMISES = ("You will", "You need")
TURNS = 2.75
RADIUS = 46                                 # of a picture of 100 by 100
STEPS = 480


def parts(env):
    """Return [(caption, its chapters)] of the table of contents; the reference has no chapter."""
    subtrees = env.external_site_map[FRONT].subtrees
    listed = [(tree.caption, [str(item) for item in tree.items]) for tree in subtrees]
    return [(caption, pages) for caption, pages in listed if any(map(NOTEBOOK.fullmatch, pages))]


def spiral():
    """Return the spiral's points, from the centre outwards."""
    return [(50 + RADIUS * t / STEPS * cos(2 * pi * TURNS * t / STEPS),
             50 + RADIUS * t / STEPS * sin(2 * pi * TURNS * t / STEPS)) for t in range(STEPS + 1)]


def stations(points, count):
    """Return the indices of as many points, with the same length of spiral between them."""
    lengths = [0.0, *accumulate(dist(a, b) for a, b in pairwise(points))]
    wanted = [lengths[-1] * (i + 0.5) / (count - 0.5) for i in range(count)]
    return [min(range(len(lengths)), key=lambda j: abs(lengths[j] - at)) for at in wanted]


def drawn(number, count):
    """Return the spiral as SVG, with a dot for each chapter and the way up to this one inked."""
    points = spiral()
    at = stations(points, count)
    path = [f"{x:.1f},{y:.1f}" for x, y in points[::6]]
    here = at[number - 1]
    inked = [f"{x:.1f},{y:.1f}" for x, y in points[:here:6] + points[here:here + 1]]
    dots = "".join(
        f'<circle class="{"here" if i == number else "past" if i < number else "ahead"}" '
        f'cx="{points[j][0]:.1f}" cy="{points[j][1]:.1f}" r="{4.2 if i == number else 1.9}"/>'
        for i, j in enumerate(at, 1))
    return (f'<svg class="way" viewBox="0 0 100 100" role="img" '
            f'aria-label="Chapter {number} of {count}">'
            f'<polyline class="ahead" points="{" ".join(path)}"/>'
            f'<polyline class="past" points="{" ".join(inked)}"/>{dots}</svg>')


def introduction(env, caption):
    """Return the paragraph with which the book's first page introduces a part."""
    for section in env.get_doctree(FRONT).findall(nodes.section):
        if section[0].astext() == caption:
            return next(section.findall(nodes.paragraph)).deepcopy()
    raise ValueError(f"{FRONT} has no section “{caption}”.")


def note(app, doctree):
    """Read a chapter again when the table of contents or the first page changes."""
    if NOTEBOOK.fullmatch(app.env.docname):
        app.env.note_dependency(TOC)
        app.env.note_dependency(f"{FRONT}.md")


def open_chapter(app, doctree, docname):
    """Put the part and the spiral above a chapter's title, and name what has a style."""
    if docname == FRONT:
        next(doctree.findall(nodes.section))["classes"].append("front")
    numbers = {page: number for number, page in chapters(app.env).items()}
    if docname not in numbers:
        return
    caption, pages = next(part for part in parts(app.env) if docname in part[1])
    title = next(doctree.findall(nodes.title))
    name_paragraphs(title.parent)
    name_options(doctree)
    number, _, words = title.astext().partition(" · ")
    title[:] = [nodes.inline("", f"{number} · ", classes=["number"]), nodes.Text(words)]
    way = nodes.raw("", drawn(numbers[docname], len(numbers)), format="html")
    eyebrow = nodes.paragraph("", caption, classes=["eyebrow"])
    opening = nodes.container("", way, eyebrow, classes=["opening"])
    if docname == pages[0]:
        part, _, name = caption.partition(" · ")
        eyebrow[:] = [nodes.Text(part)]
        words = introduction(app.env, caption)
        words["classes"] = ["part-words"]
        opening += [nodes.paragraph("", name, classes=["part-name"]), words]
        opening["classes"].append("part")
    title.parent.insert(0, opening)


def name_paragraphs(section):
    """Give the question and the two promises below a chapter's title their classes."""
    for paragraph in section.children:
        if not isinstance(paragraph, nodes.paragraph):
            continue
        # MyST puts an empty text before and after what is bold.
        first, *rest = [part for part in paragraph if part.astext()]
        if isinstance(first, nodes.strong) and not rest:
            paragraph["classes"].append("question")
        elif isinstance(first, nodes.emphasis) and first.astext() in PROMISES:
            paragraph["classes"].append("promise")


def name_options(doctree):
    """Give the answers to choose from, in a chapter's quiz, their class."""
    for section in doctree.findall(nodes.section):
        if section[0].astext() == "Quiz":
            for paragraph in unfolded(section):
                if OPTION.match(paragraph.astext()):
                    paragraph["classes"].append("option")


def unfolded(section):
    """Yield the paragraphs of a section that no <details> encloses; its ends are raw HTML."""
    folds = 0
    for node in section.children:
        if isinstance(node, nodes.raw):
            folds += node.astext().count("<details") - node.astext().count("</details")
        elif isinstance(node, nodes.paragraph) and not folds:
            yield node


def setup(app):
    """Register the extension."""
    app.connect("doctree-read", note)
    app.connect("doctree-resolved", open_chapter)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

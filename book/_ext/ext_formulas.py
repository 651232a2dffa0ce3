"""Collect the formulas that the chapters have held against other ways to the same numbers.

Each chapter has a cell tagged `formulas`, whose stored output is a table of them. The page
book/formulas holds one comment, `<!-- formulas -->`; in its place come those tables, chapter by
chapter. A tagged cell without such a table, or with a formula that is wrong, is a warning, which
stops the build. No upstream tool collects outputs by their tag (myst-nb's glue needs a name for
each and a line on the page), so this extension stays until one does.
"""

import json
from pathlib import Path

from chapters import TOC, chapters
from sphinx.util import logging

PAGE = "book/formulas"
MARK = "<!-- formulas -->"
TAG = "formulas"
HEAD = "| formula | held against | numbers | relative error | |\n|---|---|---|---|---|\n"
SECTION = """
## {title}

:::{{div}} formulas
{head}{rows}
:::

From [Check it](../{docname}.ipynb#check-it), chapter {number}.
"""
SUMMARY = """
Here are {formulas} formulas from {chapters} chapters, compared in {numbers:,} numbers.
"""

logger = logging.getLogger(__name__)


def tables(cells):
    """Return, for each tagged cell, the Markdown that it put out."""
    return ["".join("".join(output.get("data", {}).get("text/markdown", ""))
                    for output in cell["outputs"])
            for cell in cells if TAG in cell["metadata"].get("tags", [])]


def rows_of(table):
    """Return the rows of a table of formulas; raise ValueError for anything else."""
    if not table.startswith(HEAD):
        raise ValueError("a cell tagged formulas shows no table of formulas")
    rows = table[len(HEAD):].strip().splitlines()
    wrong = [row for row in rows if not row.endswith("| ✓ |")]
    if wrong:
        raise ValueError(f"a formula is wrong: {wrong[0]}")
    return rows


def numbers_of(row):
    """Return how many numbers a row compares."""
    return int(row.split(" | ")[2].replace(",", ""))


def section(path, docname, number):
    """Return the section of one chapter, and its rows."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    rows = [row for table in tables(cells) for row in rows_of(table)]
    title = "".join(cells[0]["source"]).splitlines()[0].removeprefix("# ")
    return SECTION.format(title=title, head=HEAD, rows="\n".join(rows), docname=docname,
                          number=number), rows


def write_tables(app, docname, source):
    """Replace the comment on the page, which is read again whenever a notebook changes."""
    if docname != PAGE:
        return
    app.env.note_dependency(TOC)
    parts, collected = [], []
    for number, chapter in chapters(app.env).items():
        file = f"{chapter}.ipynb"
        app.env.note_dependency(file)
        try:
            text, rows = section(Path(app.srcdir, file), chapter, number)
        except ValueError as error:
            logger.warning("ext_formulas: %s", error, location=chapter)
            continue
        if rows:
            parts.append(text)
            collected += rows
    summary = SUMMARY.format(formulas=len(collected), chapters=len(parts),
                             numbers=sum(map(numbers_of, collected)))
    source[0] = source[0].replace(MARK, "\n".join([summary, *parts]))


def setup(app):
    """Register the extension."""
    app.connect("source-read", write_tables)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

"""The directive {official-results}: what tools/official.py measured, or that nobody did.

The numbers need a download that neither a reader's build nor the tests make; the publishing
workflow has a network. A page without them has to say so, and no number is typed by hand.
"""

import json
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

RESULTS = "book/official_splits.json"
TITLES = ("split", "images to learn from", "accuracy on the test images (%)", "luck (± points)",
          "macro F1", "right in three guesses (%)", "loss (nats)")
ABSENT = ("This copy of the book was built on a machine where nobody has run the official splits, "
          "so there are no numbers here. The published book has them, and below it says how to "
          "make them.")


def row(name, found):
    """Return the cells of a split's row, as text."""
    share = found["accuracy"]
    luck = (share * (1 - share) / found["test"]) ** 0.5
    return [name, f"{found['train']:,}", f"{100 * share:.1f}", f"{100 * luck:.1f}",
            f"{found['macro_f1']:.3f}", f"{100 * found['top_3']:.1f}", f"{found['loss']:.3f}"]


class OfficialResults(SphinxDirective):
    """A table with a row for each split that was run, or a note."""

    def run(self):
        """Return the table, and a line on what it was run with."""
        # No dependency, since a file that is missing makes Sphinx read the page at every build;
        # tools/site.py notices the file instead.
        path = Path(self.env.srcdir, RESULTS)
        if not path.is_file():
            return [nodes.note("", nodes.paragraph(text=ABSENT))]
        results = json.loads(path.read_text(encoding="utf-8"))
        lines = [row(name, found) for name, found in results["splits"].items()]
        text = f"Run with {results['with']}."
        return [_table(TITLES, lines), nodes.paragraph(text=text)]


def _table(titles, lines):
    group = nodes.tgroup(cols=len(titles))
    group += [nodes.colspec(colwidth=1) for _ in titles]
    group += nodes.thead("", _row(titles))
    group += nodes.tbody("", *map(_row, lines))
    return nodes.table("", group)


def _row(cells):
    return nodes.row("", *(nodes.entry("", nodes.paragraph(text=text)) for text in cells))


def setup(app):
    """Register the directive."""
    app.add_directive("official-results", OfficialResults)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

"""Say on a chapter's page that its outputs come from real data, and who has checked that again.

A chapter that loads MNIST or EMNIST was stored from the real files: `make notebooks` refuses
stand-ins. The publishing workflow runs such chapters once more with tools/reruns.py, which keeps
what they were run with; a reader's own build has no such file, and does not claim it.
"""

import json
import sys
from pathlib import Path

from docutils import nodes

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))     # scripts, not a package
from needs import named

RERUNS = "book/reruns.json"
TITLES = {"mnist": "MNIST", "characters": "EMNIST"}


def real_data(cells):
    """Return the names, for readers, of the data sets that a notebook's cells load."""
    code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    return [TITLES[name] for name in named(code)]


def sentence(names, rerun):
    """Return the line; rerun is what it was run with, or None where nobody has run it again."""
    text = f"Computed from the real {' and '.join(names)}"
    if rerun is None:
        return f"{text}."
    return f"{text}. Run again for this edition with {rerun}, and the outputs held."


def show_reruns(app, doctree):
    """Put the line below what the chapter costs."""
    path = Path(app.env.doc2path(app.env.docname))
    line = next((p for p in doctree.findall(nodes.paragraph) if "costs" in p["classes"]), None)
    if path.suffix != ".ipynb" or line is None:
        return
    names = real_data(json.loads(path.read_text(encoding="utf-8"))["cells"])
    if not names:
        return
    # No dependency, since a file that is missing makes Sphinx read the page at every build;
    # tools/site.py notices the file instead.
    stored = Path(app.srcdir, RERUNS)
    found = json.loads(stored.read_text(encoding="utf-8")) if stored.is_file() else {}
    rerun = found.get("with") if path.stem in found.get("chapters", ()) else None
    text = sentence(names, rerun)
    line.parent.insert(line.parent.index(line) + 1,
                       nodes.paragraph(text, text, classes=["real-data"]))


def setup(app):
    """Register the extension, after ext_costs, whose line it follows."""
    app.setup_extension("ext_costs")
    app.connect("doctree-read", show_reruns)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

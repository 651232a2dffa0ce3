"""Say below a chapter's title how long it takes to read, and what it costs to run.

Reading: the page from top to bottom without its exercises, 200 words of prose a minute and half
a minute for each cell of code with what it gave; what is folded away is not counted. Running: as
`make notebooks` measured it and keeps it in notebooks/costs.json; a chapter that is not in there
yet says how long it takes to read. No upstream tool knows either, so this extension stays until
one does.
"""

import json
import re
from pathlib import Path

from docutils import nodes

COSTS = "notebooks/costs.json"
WORDS_A_MINUTE = 200
MINUTES_A_CELL = 0.5
STEP = 5
PART = re.compile(r"^## (.+)$", re.M)
FOLD = re.compile(r"<details>.*?</details>", re.S)
FOLDED = {"hide-cell", "hide-input"}        # tags


def reading_minutes(cells):
    """Return how long a notebook's cells take to read, in steps of five minutes."""
    words = code = 0
    exercises = False
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            part = PART.search(source)
            exercises = part[1] == "Exercises" if part else exercises
            words += 0 if exercises else len(FOLD.sub("", source).split())
        elif cell["cell_type"] == "code" and not FOLDED & {*cell["metadata"].get("tags", ())}:
            code += not exercises
    minutes = words / WORDS_A_MINUTE + code * MINUTES_A_CELL
    return max(STEP, STEP * round(minutes / STEP))


def sentence(minutes, cost):
    """Return the line; the cost of a run is None where nobody has measured it."""
    reading = f"About {minutes} minutes to read, exercises apart"
    if cost is None:
        return reading
    return f"{reading} · {cost['seconds']} seconds and {cost['megabytes']} MB to run on two cores"


def show_costs(app, doctree):
    """Put the line below the title of a page that comes from a notebook."""
    path = Path(app.env.doc2path(app.env.docname))
    title = next(doctree.findall(nodes.title), None)
    if path.suffix != ".ipynb" or title is None:
        return
    costs = Path(app.srcdir, COSTS)
    app.env.note_dependency(COSTS)
    stored = json.loads(costs.read_text(encoding="utf-8")) if costs.is_file() else {}
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    text = sentence(reading_minutes(cells), stored.get(path.stem))
    # "small" is the theme's; its "text-muted" stays dark on a dark page
    line = nodes.paragraph(text, text, classes=["costs", "small"])
    title.parent.insert(title.parent.index(title) + 1, line)


def setup(app):
    """Register the extension."""
    app.connect("doctree-read", show_costs)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

"""Write the notebooks as Colab wants them: each begins with a cell that installs nnlib.

    python tools/colab.py FOLDER OWNER/NAME[@COMMIT]

Colab opens a notebook from a repository, on a machine that has the notebook and nothing else.
The notebooks here stay without such a cell, which would be noise everywhere else; the publishing
workflow puts what this writes on a branch of its own, to which the site's buttons lead.
"""

import json
import sys
from pathlib import Path

from needs import named

ROOT = Path(__file__).resolve().parents[1]
INSTALL = """\
# Colab's machine is empty: this brings the book's library (about half a minute).
%pip install --quiet "nnlib @ git+{source}"
"""
FETCH = """\
# And the data of this chapter.
!python -m nnlib.datasets fetch {names}
"""


def first_cell(source, data):
    """Return the cell that installs nnlib from a repository and fetches the data sets."""
    text = INSTALL.format(source=source)
    if data:
        text += FETCH.format(names=" ".join(data))
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": "colab",
        "metadata": {},
        "outputs": [],
        "source": text.rstrip().splitlines(keepends=True),
    }


def for_colab(notebook, source):
    """Return a notebook, as JSON holds it, with the first cell before its others."""
    code = "\n".join("".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code")
    return notebook | {"cells": [first_cell(source, named(code)), *notebook["cells"]]}


def write(folder, source):
    """Write all notebooks into the folder notebooks below another; return how many."""
    target = Path(folder, "notebooks")
    target.mkdir(parents=True, exist_ok=True)
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    for path in paths:
        notebook = for_colab(json.loads(path.read_text(encoding="utf-8")), source)
        text = json.dumps(notebook, ensure_ascii=False, indent=1)
        (target / path.name).write_text(text + "\n", encoding="utf-8")
    return len(paths)


def main(arguments):
    """Do what the command line says; return an exit code."""
    if len(arguments) != 2:
        print(__doc__)
        return 2
    folder, repository = arguments
    count = write(folder, f"https://github.com/{repository}")
    print(f"{count} notebooks are in {Path(folder, 'notebooks')}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

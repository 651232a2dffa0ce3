"""Run the notebooks from top to bottom and store what they print and draw.

``python tools/notebooks.py [NOTEBOOK ...]``, all of them by default. A notebook is stored in
one normal form, so that a diff shows what changed and nothing else.
"""

import argparse
import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python",
                   "name": "python3"},
    "language_info": {"name": "python"},
}
# what a cell may declare: how it is shown, and the tolerance of a long run
KEPT = ("jupyter", "mystnb", "nnlib", "tags")


def normalized(notebook):
    """Return the notebook without anything that depends on who ran it, where and when."""
    notebook = nbformat.from_dict(notebook)
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(
            {key: cell.metadata[key] for key in KEPT if key in cell.metadata})
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
    return notebook


def joined(outputs):
    """Return the outputs with neighbouring pieces of the same stream as one."""
    whole = []
    for output in outputs:
        if (output.output_type == "stream" and whole
                and whole[-1].get("name") == output.name):
            whole[-1].text += output.text
        else:
            whole.append(output)
    return whole


def text(notebook):
    """Return the file's text."""
    return nbformat.writes(notebook) + "\n"


def execute(path):
    """Run one notebook in its own folder and store it; raise if a cell does."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=None, kernel_name="python3",
                   resources={"metadata": {"path": str(path.parent)}}).execute()
    path.write_text(text(normalized(notebook)), encoding="utf-8", newline="\n")


def main():
    """Run the notebooks that the command line names, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", nargs="*", type=Path, help="all by default")
    paths = parser.parse_args().notebook or sorted(FOLDER.glob("*.ipynb"))
    os.environ["TQDM_DISABLE"] = "1"
    for path in paths:
        print(f"running {path.name} ...", flush=True)
        try:
            execute(path)
        except CellExecutionError as error:
            sys.exit(f"{path.name} was not stored, as a cell failed:\n{error}")


if __name__ == "__main__":
    main()

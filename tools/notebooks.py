"""Run the notebooks from top to bottom and store what they print and draw, and what it cost.

``python tools/notebooks.py [NOTEBOOK ...]``, all of them by default. A notebook is stored in
one normal form, so that a diff shows what changed and nothing else. What it cost, the seconds
on two cores and the most memory that its kernel held, goes into ``notebooks/costs.json``, from
where its page on the site says it.
"""

import argparse
import json
import math
import os
import sys
import time
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from needs import needed
from nnlib.datasets import is_here
from nnlib.datasets.stand_ins import VARIABLE

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
COSTS = FOLDER / "costs.json"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python",
                   "name": "python3"},
    "language_info": {"name": "python"},
}
# what a cell may declare: how it is shown, and the tolerance of a long run
KEPT = ("jupyter", "mystnb", "nnlib", "tags")

CORES = 2
# coarse, as a reader wants to know whether to wait, and nobody a diff after every run
STEPS = {"megabytes": 50, "seconds": 5}
# A last cell, run and taken off again: how many bytes the kernel held at most. (Linux counts
# what our process held when it started the kernel, which is less than a kernel with NumPy.)
PEAK = """\
import sys
try:
    import resource
except ImportError:     # Windows
    import psutil
    print(psutil.Process().memory_info().peak_wset)
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak if sys.platform == "darwin" else 1024 * peak)
"""


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
    """Run one notebook in its own folder and store it; return its cost; raise if a cell does."""
    notebook = nbformat.read(path, as_version=4)
    if missing := [name for name in needed(notebook) if not is_here(name)]:
        # stored outputs come from the real files and never from what stands in for them
        sys.exit(f"{path.name} was not run: it needs real data; get them with "
                 f"python -m nnlib.datasets fetch {' '.join(missing)}")
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK))
    start = time.perf_counter()
    NotebookClient(notebook, timeout=None, kernel_name="python3",
                   resources={"metadata": {"path": str(path.parent)}}).execute()
    seconds = time.perf_counter() - start
    peak = "".join(output.text for output in notebook.cells.pop().outputs)
    path.write_text(text(normalized(notebook)), encoding="utf-8", newline="\n")
    return {"megabytes": int(peak) / 1e6, "seconds": seconds}


def settled(stored, measured):
    """Return the cost to store, in whole steps; what is within a quarter of the old stays."""
    new = {}
    for key, step in STEPS.items():
        old = stored.get(key)
        if old is not None and abs(measured[key] - old) <= old / 4:
            new[key] = old
        else:
            new[key] = step * math.ceil(measured[key] / step)
    return new


def updated(costs, name, measured, existing):
    """Return the costs with one notebook measured, and without those that are gone."""
    costs = {**costs, name: settled(costs.get(name, {}), measured)}
    return {name: cost for name, cost in costs.items() if name in existing}


def read_costs():
    """Return the stored costs by the name of the notebook, without suffix."""
    return json.loads(COSTS.read_text(encoding="utf-8")) if COSTS.is_file() else {}


def costs_text(costs):
    """Return the text of the file of costs."""
    return json.dumps(costs, indent=1, sort_keys=True) + "\n"


def confine():
    """Keep to the two cores that the costs are told for, where the system lets us (not macOS)."""
    process = psutil.Process()
    if hasattr(process, "cpu_affinity"):
        process.cpu_affinity(process.cpu_affinity()[:CORES])


def main():
    """Run the notebooks that the command line names, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", nargs="*", type=Path, help="all by default")
    paths = parser.parse_args().notebook or sorted(FOLDER.glob("*.ipynb"))
    os.environ["TQDM_DISABLE"] = "1"
    os.environ.pop(VARIABLE, None)
    confine()
    for path in paths:
        print(f"running {path.name} ...", flush=True)
        try:
            measured = execute(path)
        except CellExecutionError as error:
            sys.exit(f"{path.name} was not stored, as a cell failed:\n{error}")
        print("{seconds:.1f} seconds, {megabytes:.0f} MB".format(**measured), flush=True)
        # a notebook from elsewhere may have a chapter's name, but is not the chapter
        if path.resolve().parent == FOLDER:
            existing = {chapter.stem for chapter in FOLDER.glob("*.ipynb")}
            costs = updated(read_costs(), path.stem, measured, existing)
            COSTS.write_text(costs_text(costs), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

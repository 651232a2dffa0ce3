"""Run the chapters that need downloaded data once more, and keep what they were run with.

``python tools/reruns.py`` holds each such chapter against the outputs that it stores, on the real
data, and writes ``book/reruns.json``, from which the chapter's page says so. It stops where a data
set is not here (``python -m nnlib.datasets fetch mnist characters``) or an output differs. The
publishing workflow runs it; the file is never committed.
"""

import json
import subprocess
import sys
from pathlib import Path

import nbformat

from needs import needed
from nnlib.datasets import is_here
from official import made_with

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "book" / "reruns.json"


def with_data():
    """Return {notebook: names of its data sets} of the chapters that need downloaded data."""
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    names = {path: needed(nbformat.read(path, as_version=4)) for path in paths}
    return {path: sets for path, sets in names.items() if sets}


def compare(paths):
    """Run notebooks and hold them against what they store; return an exit code."""
    # a chapter that takes minutes, too
    command = [sys.executable, "-m", "pytest", "-q", "-m", "", *map(str, paths)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def main():
    """Run them all, and write what they were run with; return an exit code."""
    chapters = with_data()
    for name in sorted({name for sets in chapters.values() for name in sets}):
        if not is_here(name):
            print(f"{name} is not here: python -m nnlib.datasets fetch {name}")
            return 1
    RESULTS.unlink(missing_ok=True)
    if compare(chapters):
        print("What differs above must not be published.")
        return 1
    stored = {path.stem: sets for path, sets in chapters.items()}
    text = json.dumps({"chapters": stored, "with": made_with()}, indent=1)
    RESULTS.write_text(f"{text}\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

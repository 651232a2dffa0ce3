"""A pytest plugin: how nbval compares the outputs of a notebook with the stored ones.

nbval wants text to be equal, letter by letter. Two things are put right before it looks:

- A cell with a long run may declare ``{"nnlib": {"tolerance": 0.02}}`` in its metadata, or
  ``"20 %"``. Its decimal numbers may then differ from the stored ones by so much; words may
  not, nor whole numbers, which count things.
- Bytes of pictures are not compared, as processors draw them a shade differently. That a
  picture is there, and its alt text, is.

A chapter that takes longer than a minute is compared in `make test-all` and by the test of
kernels alone; `make test` still runs all of its cells, on stand-ins, for their shapes.

Chapters on real handwriting were stored from the real files. Where those are not on this
machine, the chapter runs on what stands in for them, no output is compared, and a line at the
end says so and how to get the files.

And it keeps coverage out of the kernels, where nbval (0.11) starts it by importing nnlib and
dropping it again, which NumPy 2 refuses.
"""

import copy
import functools
import json
import os
import re
import sys
from contextlib import contextmanager
from pathlib import Path

import nbformat
import nbval.plugin
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

from nnlib.datasets import is_here
from nnlib.datasets.stand_ins import VARIABLE

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))     # scripts, not a package
from needs import needed

COSTS = Path(__file__).resolve().parents[2] / "notebooks" / "costs.json"
LONG = 60                                   # seconds
nbval.plugin.setup_coverage = nbval.plugin.teardown_coverage = lambda *_: None

# with a decimal point or an exponent; a digit inside a name (x1, 3rd) makes no number
NUMBER = re.compile(r"(?<![\w.])[-+−]?(?:\d+(?:,\d{3})*\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)"
                    r"(?!\w|\.\d)")
PICTURE = re.compile(r"(data:image/[\w+.-]+;base64,)[\w+/=\n]+")

_exact = IPyNbCell.compare_outputs
_start = IPyNbFile.setup


def close(stored, new, tolerance):
    """Say whether two texts have the same words, and decimal numbers within the tolerance."""
    words, new_words = (" ".join(NUMBER.sub(" # ", text).split()) for text in (stored, new))
    pairs = zip(numbers(stored), numbers(new), strict=False)
    return words == new_words and all(
        abs(a - b) <= allowed(tolerance, a, b) * (1 + 1e-9) for a, b in pairs)


def numbers(text):
    """Return the decimal numbers of a text."""
    return [float(number.replace(",", "").replace("−", "-")) for number in NUMBER.findall(text)]


def allowed(tolerance, *values):
    """Return how far apart numbers of this size may be."""
    if isinstance(tolerance, str):
        return float(tolerance.removesuffix("%")) / 100 * max(map(abs, values))
    return tolerance


def prepared(new, stored, tolerance):
    """Return copies of both lists of outputs, new texts made equal where they are close."""
    new, stored = copy.deepcopy(new), copy.deepcopy(stored)
    for output in (*new, *stored):
        for place, key in texts(output):
            place[key] = PICTURE.sub(r"\1…", place[key])
    if tolerance is not None:
        for output, old in zip(new, stored, strict=False):
            old_places = {key: place for place, key in texts(old)}
            for place, key in texts(output):
                if key in old_places and close(old_places[key][key], place[key], tolerance):
                    place[key] = old_places[key][key]
    return new, stored


def texts(output):
    """Yield (dictionary, key) of every text that an output holds."""
    if "text" in output:
        yield output, "text"
    for mime, value in output.get("data", {}).items():
        if isinstance(value, str) and not mime.startswith("image/"):
            yield output["data"], mime


def missing(path):
    """Return the names of the data sets that a notebook needs and this machine lacks.

    All that it needs, where the environment variable NNLIB_STAND_IN asks for stand-ins.
    """
    asked = os.environ.get(VARIABLE)
    return [name for name in _needed(path) if asked or not is_here(name)]


@functools.cache
def _needed(path):
    return needed(nbformat.read(path, as_version=4))


@contextmanager
def stand_ins(wanted):
    """Have kernels that start meanwhile use stand-ins, without waiting for a network first."""
    asked = os.environ.get(VARIABLE)
    if wanted:
        os.environ[VARIABLE] = "1"
    try:
        yield
    finally:
        if wanted and asked is None:
            del os.environ[VARIABLE]


def start(self):
    """Start a notebook's kernel as nbval does, on stand-ins where data are missing."""
    with stand_ins(missing(self.path)):
        _start(self)


def compare_outputs(self, test, ref, skip_compare=None):
    """Compare as nbval does, after the above."""
    if missing(self.parent.path):
        return True
    tolerance = self.cell.metadata.get("nnlib", {}).get("tolerance")
    return _exact(self, *prepared(test, ref, tolerance), skip_compare)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Leave what takes long to `make test-all`, and to the test of kernels."""
    long = {name for name, cost in json.loads(COSTS.read_text(encoding="utf-8")).items()
            if cost["seconds"] > LONG}
    for item in items:
        if isinstance(item, IPyNbCell) and item.parent.path.stem in long:
            item.add_marker("every")


def pytest_configure(config):
    """Put our comparison in nbval's place."""
    IPyNbCell.compare_outputs = compare_outputs
    IPyNbFile.setup = start


def pytest_terminal_summary(terminalreporter):
    """Say which notebooks ran on stand-ins, and how to get the real data."""
    places = {report.location[0] for reports in terminalreporter.stats.values()
              for report in reports if hasattr(report, "when")}
    ran = sorted(place for place in places if place.endswith(".ipynb"))
    lacking = {place: missing(terminalreporter.config.rootpath / place) for place in ran}
    lacking = {path: names for path, names in lacking.items() if names}
    if lacking:
        names = sorted({name for names in lacking.values() for name in names})
        terminalreporter.write_line(
            f"STAND-INS: {', '.join(Path(path).stem for path in lacking)} ran without real data, "
            f"and what they print was not compared; to get the data: python -m nnlib.datasets "
            f"fetch {' '.join(names)}")

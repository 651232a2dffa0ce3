"""The comparison of outputs: what nbval must let pass, and what it must not."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

from nnlib.datasets.stand_ins import VARIABLE
from tests.notebooks.outputs import COSTS, LONG, close

ROOT = Path(__file__).resolve().parents[2]

sys.path.append(str(ROOT / "tools"))     # scripts, not a package
import notebooks  # noqa: E402


@pytest.mark.parametrize(("stored", "new", "tolerance"), [
    ("accuracy 0.8212", "accuracy 0.8200", 0.002),
    ("epoch 10,000   loss 0.99", "epoch 10,000  loss 1.01", 0.02),      # one digit wider
    ("from -0.01 to 1e-3", "from 0.01 to −0.001", 0.02),
    ("x1 is nan", "x1 is nan", 0),
    ("loss 2.00 and 0.10", "loss 2.40 and 0.12", "20 %"),
    ("−0.5", "-0.49", 0.02),
    ("", "", 0),
])
def test_numbers_within_the_tolerance_pass(stored, new, tolerance):
    assert close(stored, new, tolerance)


@pytest.mark.parametrize(("stored", "new"), [
    ("accuracy 0.82", "accuracy 0.85"),         # too far
    ("accuracy 0.82", "precision 0.82"),        # another word
    ("0.82", "0.82 0.82"),                      # one more number
    ("0.82", "nan"),
    ("nan", "0.82"),
    ("x1 0.5", "x2 0.5"),                       # a digit in a name is no number
    ("1,000", "1,001"),
    ("epoch 1,000", "epoch 1"),
    ("(10, 64)", "(11, 64)"),
    ("of 300 points", "of 301 points"),         # whole numbers count things
])
def test_anything_else_fails(stored, new):
    assert not close(stored, new, 0.02)
    assert not close(stored, new, "2 %")


def test_a_relative_tolerance_knows_small_from_large():
    assert not close("0.10", "0.13", "20 %")


PICTURE = """\
class Picture:
    def _repr_mimebundle_(self, include=None, exclude=None):
        html = '<img alt="Three arms" src="data:image/png;base64,BBBB">'
        return {"image/png": "BBBB", "text/html": html, "text/plain": "Three arms"}
Picture()"""


def picture(data, tag):
    return {"image/png": data, "text/plain": "Three arms",
            "text/html": f'<img {tag}src="data:image/png;base64,{data}">'}


LONG_RUN = {"nnlib": {"tolerance": 0.02}}
SHARE = {"nnlib": {"tolerance": "2 %"}}
CASES = {
    # what is stored for the cell: its source, the stored output, its metadata, whether it holds
    "equal": ("0.82", {"text/plain": "0.82"}, {}, True),
    "near, but declares nothing": ("0.82", {"text/plain": "0.83"}, {}, False),
    "near, and declares it": ("0.82", {"text/plain": "0.83"}, LONG_RUN, True),
    "beyond what it declares": ("0.82", {"text/plain": "0.85"}, LONG_RUN, False),
    "near by its share": ("8.2", {"text/plain": "8.3"}, SHARE, True),
    "beyond its share": ("0.82", {"text/plain": "0.84"}, SHARE, False),
    "printed, near": ("print('loss 0.82')", "loss 0.83\n", LONG_RUN, True),
    "printed, beyond": ("print('loss 0.82')", "loss 0.85\n", LONG_RUN, False),
    "printed, another word": ("print('loss 0.82')", "lost 0.82\n", LONG_RUN, False),
    "another word": ("'a 0.82'", {"text/plain": "'b 0.82'"}, LONG_RUN, False),
    "prints nothing any more": ("None", {"text/plain": "0.82"}, LONG_RUN, False),
    "picture with other bytes": (PICTURE, picture("AAAA", 'alt="Three arms" '), {}, True),
    "picture with another alt": (PICTURE, picture("BBBB", 'alt="Two arms" '), {}, False),
    "picture without alt": (PICTURE, picture("BBBB", ""), {}, False),
    "no picture any more": ("'Three arms'", picture("BBBB", 'alt="Three arms" '), {}, False),
}


def notebook_of(cells, path):
    """Write a notebook of cells, each a source, its stored output and its metadata."""
    notebook = nbformat.v4.new_notebook()
    for i, (source, data, metadata) in enumerate(cells, 1):
        cell = nbformat.v4.new_code_cell(source, execution_count=i, metadata=metadata)
        cell.outputs = [
            nbformat.v4.new_output("stream", name="stdout", text=data) if isinstance(data, str)
            else nbformat.v4.new_output("execute_result", data, execution_count=i)]
        notebook.cells.append(cell)
    nbformat.write(notebook, path)


def nbval(path, *options, **variables):
    """Run a notebook through nbval as the project does."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", ROOT / "pyproject.toml", "-p",
         "tests.notebooks.outputs", "-p", "no:cacheprovider", *options, path],
        cwd=ROOT, env=os.environ | variables, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """What nbval says of each case, all of them cells of one notebook."""
    folder = tmp_path_factory.mktemp("nbval")
    notebook_of([case[:3] for case in CASES.values()], folder / "cases.ipynb")
    done = nbval(folder / "cases.ipynb", "--junitxml", folder / "verdicts.xml")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "STAND-INS" not in done.stdout
    tests = ElementTree.parse(folder / "verdicts.xml").iter("testcase")
    return [test.find("failure") is None for test in tests]


@pytest.mark.parametrize("case", CASES)
def test_nbval_with_our_comparison(verdicts, case):
    assert len(verdicts) == len(CASES)
    assert verdicts[list(CASES).index(case)] == CASES[case][-1]


# -- Without the real data ---------------------------------------------------------------------

STORED = "Dataset('MNIST')"
LOADING = "from nnlib import datasets\nprint(datasets.mnist(stand_in=True))"


def test_without_real_data_cells_run_and_nothing_is_compared(tmp_path):
    """An error is still one; and one line at the end says how to get the data."""
    notebook_of([(LOADING, STORED, {}), ("1 / 0", "1", {})], tmp_path / "data.ipynb")
    done = nbval(tmp_path / "data.ipynb", **{VARIABLE: "1"})
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "1 failed, 1 passed" in done.stdout
    said = [line for line in done.stdout.splitlines() if line.startswith("STAND-INS: ")]
    assert len(said) == 1
    assert "data ran without real data" in said[0]
    assert "python -m nnlib.datasets fetch mnist" in said[0]


def test_a_notebook_without_such_data_is_compared_all_the_same(tmp_path):
    notebook_of([("print(1)", "2", {})], tmp_path / "other.ipynb")
    assert nbval(tmp_path / "other.ipynb", **{VARIABLE: "1"}).returncode == 1


def test_stand_ins_are_never_stored(tmp_path, monkeypatch):
    """`make notebooks` refuses to run a chapter whose data is not here."""
    path = tmp_path / "data.ipynb"
    notebook_of([(LOADING, STORED, {})], path)
    before = path.read_bytes()
    monkeypatch.setattr(notebooks, "is_here", lambda name: False)
    with pytest.raises(SystemExit, match=r"needs real data.*fetch mnist"):
        notebooks.execute(path)
    assert path.read_bytes() == before


def test_long_notebooks_are_left_to_the_long_run(tmp_path):
    """By their cost; asked for by name, too, so that the test of kernels must ask for all."""
    costs = json.loads(COSTS.read_text(encoding="utf-8"))
    longest = max(costs, key=lambda name: costs[name]["seconds"])
    assert costs[longest]["seconds"] > LONG
    path = tmp_path / f"{longest}.ipynb"
    notebook_of([("print(1)", "2", {})], path)
    assert nbval(path, "--co").returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    assert nbval(path, "--co", "-m", "").returncode == pytest.ExitCode.OK

"""What a chapter costs: measured, stored in coarse steps, and little. See CONTRIBUTING.md."""

import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]

sys.path.append(str(ROOT / "tools"))     # scripts, not a package
import notebooks  # noqa: E402
from needs import needed  # noqa: E402
from notebooks import COSTS, STEPS, costs_text, read_costs, settled, updated  # noqa: E402

NOTEBOOKS = {path.stem for path in notebooks.FOLDER.glob("*.ipynb")}
MOST_SECONDS = 60
REAL_SECONDS = 90                           # chapters that learn from real handwriting


def test_every_notebook_is_measured_and_nothing_else():
    """One without an entry has not been run by `make notebooks`."""
    assert set(read_costs()) == NOTEBOOKS


def test_no_chapter_keeps_its_reader_waiting():
    slow = {}
    for name, cost in read_costs().items():
        real = needed(nbformat.read(notebooks.FOLDER / f"{name}.ipynb", as_version=4))
        if cost["seconds"] > (REAL_SECONDS if real else MOST_SECONDS):
            slow[name] = cost
    assert not slow


def test_stored_in_coarse_steps():
    for cost in read_costs().values():
        assert set(cost) == set(STEPS)
        for key, step in STEPS.items():
            assert cost[key] > 0
            assert cost[key] % step == 0


def test_stored_in_normal_form():
    """So that no diff shows anything but a new figure."""
    assert COSTS.read_bytes() == costs_text(read_costs()).encode()


def test_the_normal_form_itself():
    costs = {"02_b": {"seconds": 5, "megabytes": 50}, "01_a": {"megabytes": 50, "seconds": 5}}
    assert costs_text(costs) == costs_text(dict(reversed(costs.items())))
    assert costs_text(costs).index("01_a") < costs_text(costs).index("02_b")
    assert costs_text(costs).endswith("}\n")


def test_what_was_never_measured_is_rounded_up_to_a_step():
    """Nothing costs 0 seconds."""
    assert settled({}, {"megabytes": 200.1, "seconds": 0.2}) == {"megabytes": 250, "seconds": 5}
    assert settled({}, {"megabytes": 200, "seconds": 10}) == {"megabytes": 200, "seconds": 10}


@pytest.mark.parametrize(("seconds", "kept"), [
    (20, 20),
    (25, 20),       # a quarter more, exactly
    (25.1, 30),
    (15, 20),       # a quarter less, exactly
    (14.9, 15),
    (4, 5),
    (90, 90),
])
def test_only_a_change_of_more_than_a_quarter_is_stored(seconds, kept):
    stored = {"megabytes": 400, "seconds": 20}
    assert settled(stored, {"megabytes": 400, "seconds": seconds})["seconds"] == kept


def test_each_figure_changes_for_itself():
    stored = {"megabytes": 400, "seconds": 20}
    measured = {"megabytes": 710.5, "seconds": 24}
    assert settled(stored, measured) == {"megabytes": 750, "seconds": 20}


def test_the_entry_of_a_notebook_that_is_gone_goes():
    cost = {"megabytes": 100, "seconds": 5}
    costs = {"01_a": cost, "02_gone": cost, "03_c": cost}
    after = updated(costs, "03_c", {"megabytes": 340, "seconds": 7}, {"01_a", "03_c"})
    assert after == {"01_a": cost, "03_c": {"megabytes": 350, "seconds": 10}}
    assert set(costs) == {"01_a", "02_gone", "03_c"}


@pytest.fixture
def chapter(tmp_path, monkeypatch):
    """A chapter in a folder of its own that holds 300 MB for a moment."""
    monkeypatch.setattr(notebooks, "FOLDER", tmp_path)
    monkeypatch.setattr(notebooks, "COSTS", tmp_path / "costs.json")
    # the test's own process shall keep its cores
    monkeypatch.setattr(notebooks, "confine", lambda: None)
    monkeypatch.setattr(sys, "argv", ["notebooks.py"])
    path = tmp_path / "01_held.ipynb"
    cell = nbformat.v4.new_code_cell("held = b'1' * 300_000_000; del held; print('done')")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


# what the kernel warns of, and how it ends, is Jupyter's
@pytest.mark.filterwarnings("default")
def test_a_run_measures_and_leaves_no_trace_in_the_notebook(chapter):
    """The cell that asks for the memory is run, but not stored."""
    notebooks.main()
    (cell,) = nbformat.read(chapter, as_version=4).cells
    assert [output.text for output in cell.outputs] == ["done\n"]
    (cost,) = notebooks.read_costs().values()
    assert 300 <= cost["megabytes"] <= 3000
    assert 0 < cost["seconds"] <= MOST_SECONDS


@pytest.mark.filterwarnings("default")
def test_a_notebook_from_elsewhere_leaves_the_costs_alone(chapter, monkeypatch):
    """A copy in a scratch folder has the chapter's name and may cost anything."""
    folder = chapter.parent / "scratch"
    folder.mkdir()
    copy = chapter.rename(folder / chapter.name)
    monkeypatch.setattr(sys, "argv", ["notebooks.py", str(copy)])
    notebooks.main()
    assert nbformat.read(copy, as_version=4).cells[0].outputs
    assert not notebooks.COSTS.exists()

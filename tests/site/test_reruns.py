"""What a page on real data says of its run: what it knows, and no more.

Protects from a page that claims a check nobody made, and from publishing what came out otherwise.
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes

from tests.site.conftest import ROOT, load_tool

sys.path += [str(ROOT / "tools"), str(ROOT / "book" / "_ext")]      # where they find one another
import ext_reruns

TOOL = load_tool("reruns.py", "reruns")
DIGITS = "notebooks/14_digits"


def shown(folder, code, reruns=None):
    """Return the lines below a chapter's title, for a notebook of this code."""
    (folder / "notebooks").mkdir()
    (folder / "book").mkdir()
    notebook = folder / f"{DIGITS}.ipynb"
    notebook.write_text(json.dumps({"cells": [{"cell_type": "code", "source": [code]}]}))
    if reruns:
        (folder / ext_reruns.RERUNS).write_text(json.dumps(reruns))
    env = SimpleNamespace(docname=DIGITS, doc2path=lambda name: str(notebook))
    costs = nodes.paragraph("", "About 5 minutes to read", classes=["costs"])
    section = nodes.section("", nodes.title("", "14 · Digits"), costs, nodes.paragraph("", "Why?"))
    ext_reruns.show_reruns(SimpleNamespace(env=env, srcdir=folder), section)
    return [line.astext() for line in section.children[1:-1]]


@pytest.mark.parametrize(("code", "said"), [
    ("data = datasets.mnist(stand_in=True)", ["Computed from the real MNIST."]),
    ('datasets.paths("characters", stand_in=True)', ["Computed from the real EMNIST."]),
    ("X, y = datasets.spiral(100)", [])])
def test_says_from_which_data(tmp_path, code, said):
    assert shown(tmp_path, code)[1:] == said


@pytest.mark.parametrize(("chapter", "again"), [("14_digits", True), ("15_other", False)])
def test_says_what_it_was_run_with_where_it_was(tmp_path, chapter, again):
    reruns = {"chapters": {chapter: ["mnist"]}, "with": "nnlib 1, NumPy 2"}
    (line,) = shown(tmp_path, "datasets.mnist()", reruns)[1:]
    assert line.endswith("Run again for this edition with nnlib 1, NumPy 2, and the outputs held."
                         ) == again
    assert line.startswith("Computed from the real MNIST")


def test_the_pages_say_so(built_site, guard):
    """Every chapter on downloaded data, and no other."""
    said = {name for name in guard.toc_pages() if "Computed from the real" in (
        built_site / f"{name}.html").read_text(encoding="utf-8")}
    assert said == {f"notebooks/{path.stem}" for path in TOOL.with_data()}
    assert said


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Return what runs the tool: with data or without, its comparison ending with this code."""
    def run(*, here=True, code=0):
        asked = []
        monkeypatch.setattr(TOOL, "RESULTS", tmp_path / "reruns.json")
        monkeypatch.setattr(TOOL, "is_here", lambda name: here)
        monkeypatch.setattr(TOOL, "compare", lambda paths: asked.extend(paths) or code)
        return TOOL.main(), [path.stem for path in asked]
    return run


def test_keeps_what_the_chapters_were_run_with(run, tmp_path):
    code, asked = run()
    kept = json.loads((tmp_path / "reruns.json").read_text())
    assert (code, asked) == (0, list(kept["chapters"]))
    assert kept["chapters"]["14_digits"] == ["mnist"]
    assert kept["with"].startswith("nnlib ")


@pytest.mark.parametrize("fault", [{"here": False}, {"code": 1}])
def test_claims_nothing_where_it_failed(run, fault, tmp_path, capsys):
    """Without data nothing runs; where an output differs, an older claim goes too."""
    run()
    assert run(**fault)[0] == 1
    assert (tmp_path / "reruns.json").exists() == ("here" in fault)
    assert ("fetch" in capsys.readouterr().out) == ("here" in fault)


def test_a_comparison_that_fails_is_noticed(tmp_path):
    """pytest's exit code arrives: a file that is not there fails."""
    assert TOOL.compare([Path(tmp_path / "missing.ipynb")]) != 0

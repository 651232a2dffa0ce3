"""The page of official splits: numbers from a run on real data, or a plain word that none is here.

Protects from a page that shows results nobody measured, or loses those that somebody did.
"""

import json
import subprocess
import sys

import numpy as np
import pytest
from bs4 import BeautifulSoup
from sklearn.metrics import accuracy_score, f1_score, log_loss

from nnlib import datasets
from tests.site.conftest import ROOT, load_tool

OFFICIAL = load_tool("official.py", "official")
CONF = """\
import sys
sys.path.append({ext!r})
extensions = ["myst_parser", "ext_official"]
root_doc = "book/page"
"""
FOUND = {"train": 112_800, "test": 18_800, "accuracy": 0.8, "macro_f1": 0.7899, "top_3": 0.96,
         "loss": 0.5}


@pytest.fixture
def page(tmp_path):
    """Return what builds a page with the directive, with these results or none."""
    def page(results=None):
        book = tmp_path / "book"
        book.mkdir()
        (tmp_path / "conf.py").write_text(CONF.format(ext=str(ROOT / "book" / "_ext")))
        (book / "page.md").write_text("# Splits\n\n```{official-results}\n```\n")
        if results is not None:
            (book / "official_splits.json").write_text(json.dumps(results))
        subprocess.run([sys.executable, "-m", "sphinx", "-q", "-W", tmp_path, tmp_path / "out"],
                       check=True)
        return BeautifulSoup((tmp_path / "out" / "book" / "page.html").read_text("utf-8"),
                             "html.parser")
    return page


def test_without_results_the_page_says_so(page):
    soup = page()
    assert "nobody has run the official splits" in soup.select_one(".admonition.note").get_text()
    assert not soup.select("table")


def test_results_stand_in_a_table(page):
    soup = page({"splits": {"EMNIST balanced": FOUND, "EMNIST bymerge": FOUND | {"accuracy": 0.9}},
                 "with": "nnlib 1"})
    rows = [[cell.get_text(strip=True) for cell in row.select("th, td")]
            for row in soup.select("table tr")]
    assert len(rows) == 3
    assert len({len(row) for row in rows}) == 1
    # the luck of 80 % on 18,800 images is √(0.8 · 0.2 / 18,800) = 0.29 points
    assert rows[1] == ["EMNIST balanced", "112,800", "80.0", "0.3", "0.790", "96.0", "0.500"]
    assert rows[2][:3] == ["EMNIST bymerge", "112,800", "90.0"]
    assert "Run with nnlib 1." in soup.get_text()
    assert not soup.select(".admonition")


def test_the_built_page_says_one_or_the_other(built_site):
    soup = BeautifulSoup((built_site / "book" / "official_splits.html").read_text("utf-8"),
                         "html.parser")
    measured = (ROOT / "book" / "official_splits.json").is_file()
    assert bool(soup.select("article table")) == measured
    assert ("nobody has run the official splits" in soup.get_text()) != measured


def test_what_is_measured_is_what_scikit_learn_measures(monkeypatch):
    """On a few glyphs; the network must have learnt something, or all scores could be alike."""
    kept = {}
    network = OFFICIAL.network

    def keep(k, rng):
        kept["model"] = network(k, rng)
        return kept["model"]

    monkeypatch.setattr(OFFICIAL, "network", keep)
    data = datasets.glyphs(30, rng=0)
    found = OFFICIAL.measure(data, epochs=4)
    X, y = data.X_test.reshape(len(data.X_test), -1), data.y_test
    p = kept["model"].predict_proba(X).astype(float)
    p /= p.sum(axis=1, keepdims=True)               # float32 is near enough to 1 for us alone
    top = np.argsort(p, axis=1)[:, -3:]
    assert (found["train"], found["test"]) == (len(data.X_train), len(y))
    assert found["accuracy"] == pytest.approx(accuracy_score(y, p.argmax(axis=1)))
    assert found["macro_f1"] == pytest.approx(f1_score(y, p.argmax(axis=1), average="macro"))
    assert found["loss"] == pytest.approx(log_loss(y, p), rel=1e-4)
    assert found["top_3"] == pytest.approx((top == y[:, np.newaxis]).any(axis=1).mean())
    assert 0.1 < found["accuracy"] < found["top_3"] <= 1


def test_a_split_that_is_not_here_is_not_made_up(monkeypatch, tmp_path):
    """Nothing stands in for it, and nothing is downloaded or written."""
    monkeypatch.setattr(OFFICIAL, "RESULTS", tmp_path / "results.json")
    monkeypatch.setattr(OFFICIAL.datasets, "is_here", lambda name: False)
    monkeypatch.setattr(sys, "argv", ["official.py", "balanced"])
    with pytest.raises(SystemExit, match="fetch emnist-balanced"):
        OFFICIAL.main()
    assert not any(tmp_path.iterdir())


def test_splits_are_added_to_those_measured_before(monkeypatch, tmp_path):
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"splits": {"EMNIST letters": FOUND}, "with": "nnlib 0"}))
    monkeypatch.setattr(OFFICIAL, "RESULTS", path)
    monkeypatch.setattr(OFFICIAL.datasets, "is_here", lambda name: True)
    monkeypatch.setattr(OFFICIAL.datasets, "emnist", lambda name: name)
    monkeypatch.setattr(OFFICIAL, "measure", lambda data: FOUND | {"accuracy": 0.5})
    monkeypatch.setattr(sys, "argv", ["official.py", "balanced"])
    OFFICIAL.main()
    results = json.loads(path.read_text())
    assert {name: found["accuracy"] for name, found in results["splits"].items()} == {
        "EMNIST letters": 0.8, "EMNIST balanced": 0.5}
    assert results["with"].startswith("nnlib ")

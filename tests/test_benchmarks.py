"""benchmarks/: the peers do the same work, and the report says what was measured.

No test looks at a clock: what is fast differs from machine to machine.
"""

import copy
import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import costs, peers, report, run
from benchmarks.nets import LR, NETS, Net, batch, weights
from benchmarks.textbook import Network
from nnlib import blas

ROOT = Path(__file__).resolve().parents[1]
SMALL = Net("small", (6, 16, 8, 4), 24)
TRAINED = ["nnlib", "torch", "jax", "sklearn", "textbook"]
RATIOS = {"torch": 1.25, "jax": 0.5, "sklearn": 2.0, "textbook": 1.75, "products": 1.6}
FIGURES = {
    "machine": {"date": "2026-01-02", "processor": "Abacus, 2 cores", "system": "Linux",
                "memory": 8 * 2**30, "blas": "OpenBLAS 0.3", "load": 0.25,
                "versions": {"Python": "3.11.0", "numpy": "2.4.0"}},
    "left_out": [],
    "kernels": {"": 200.0, "Haswell": 100.0},
    "conditions": {
        "found": {"kernel": "Haswell", "set": "Haswell", "spread": 0.04,
                  "ratios": dict.fromkeys(NETS, RATIOS),
                  "milliseconds": dict.fromkeys(NETS, 1.5)},
        "best": {"kernel": "SkylakeX", "set": None, "spread": 0.02,
                 "ratios": {net: RATIOS | {"jax": 1.5, "torch": 1.75} for net in NETS},
                 "milliseconds": dict.fromkeys(NETS, 0.75)},
    },
    "fit": {**dict.fromkeys(NETS, 1.02), "wide": 1.1},
    "import": 12.5,
    "memory": 7.5e8,
}


def make(key, net=SMALL):
    package = peers.PEERS[key].package
    if not peers.is_installed(key):
        pytest.skip(f"{package} is not installed; benchmarks/requirements.txt names it")
    return peers.PEERS[key](net)


# The peers --------------------------------------------------------------------------------


@pytest.mark.parametrize("key", TRAINED)
def test_peer_trains(key):
    """A step that moves nothing would be a fast one."""
    peer = make(key)
    first = peer.steps(1)
    assert peer.steps(300) < 0.97 * first


@pytest.mark.parametrize("key", ["torch", "jax", "textbook"])
def test_peer_takes_the_same_steps_as_nnlib(key):
    """The same net from the same weights on the same batch, step by step."""
    peer, ours = make(key), make("nnlib")
    losses = [[each.steps(1) for _ in range(5)] for each in (ours, peer)]
    assert losses[0] == pytest.approx(losses[1], rel=3e-5)


def test_sklearn_takes_the_same_steps_as_nnlib():
    """Its optimizer lasts for one fit, so the steps must be those of one."""
    peer, ours = make("sklearn"), make("nnlib")
    peer.steps(5)
    assert [ours.steps(1) for _ in range(5)] == pytest.approx(peer.model.loss_curve_, rel=3e-5)


def test_textbook_form_and_nnlib_end_in_the_same_theta():
    ours, network = make("nnlib"), Network(weights(SMALL), LR)
    X, y = batch(SMALL)
    for _ in range(5):
        network.step(X, y)
    ours.steps(5)
    theta = np.concatenate([*(layer.weights.ravel() for layer in network.dense),
                            *(layer.biases.ravel() for layer in network.dense)])
    assert theta.dtype == np.float32
    np.testing.assert_allclose(ours.model.theta, theta, rtol=0, atol=1e-6)


def test_products_multiply_what_a_step_multiplies():
    """Two products for the first layer and three for each other."""
    products = make("products")
    assert [tuple(a.shape for a in layer) for layer in products.layers] == [
        ((24, 6), (6, 16), (24, 16)), ((24, 16), (16, 8), (24, 8)), ((24, 8), (8, 4), (24, 4))]
    assert np.isnan(products.steps(1))


@pytest.mark.parametrize("key", NETS)
def test_batches_hold_every_class(key):
    """MLPClassifier learns from the labels how many there are."""
    X, y = batch(NETS[key])
    assert X.dtype == np.float32
    assert X.shape == (NETS[key].n, NETS[key].widths[0])
    assert set(y) == set(range(NETS[key].widths[-1]))


def test_a_peer_that_is_not_installed_is_left_out(monkeypatch):
    monkeypatch.setattr(peers.Torch, "package", "no_such_package")
    assert not peers.is_installed("torch")
    with pytest.raises(pytest.skip.Exception, match="requirements"):
        make("torch")


def test_worker_answers_with_seconds(monkeypatch, capsys):
    monkeypatch.setattr(peers, "keep_to_two_cores", lambda: None)
    monkeypatch.setattr(sys, "stdin", io.StringIO("spiral 0\nspiral 0\n"))
    peers.main("nnlib")
    assert all(float(line) > 0 for line in capsys.readouterr().out.splitlines())


# The run ----------------------------------------------------------------------------------


def test_a_run_times_peers_in_turn(monkeypatch, tmp_path, capsys):
    """The whole of it but for its length, with the peers that are always there."""
    monkeypatch.setattr(run, "PEERS", {key: peers.PEERS[key] for key in ("nnlib", "products")})
    monkeypatch.setattr(run, "NETS", {"spiral": NETS["spiral"]})
    monkeypatch.setattr(run, "PAUSE", 0)
    monkeypatch.setattr(run, "SECONDS", 0)
    monkeypatch.setattr(blas, "measured", lambda again: {"": 1.0})
    monkeypatch.setattr(blas, "best", lambda: None)
    monkeypatch.setattr(run, "cost", lambda variables, *what: None)
    found = run.measure(rounds=2, seconds=0)
    assert found["conditions"]["found"]["ratios"]["spiral"]["products"] > 0
    assert found["conditions"]["found"]["kernel"] == str(blas.library().kernel)
    json.dumps(found)


def test_ratios_compare_neighbours():
    """A machine that slows down for a while slows both, and their ratio stays."""
    times = {"net": {"nnlib": [1.0, 10.0, 1.0], "torch": [2.0, 20.0, 3.0],
                     "products": [0.5, 5.0, 0.5]}}
    found = run.ratios(times)
    assert run.medians(found) == {"net": {"torch": 2.0, "products": 2.0}}
    assert run.spread(found) == pytest.approx(0.25)


def test_a_peer_that_dies_is_named():
    worker = run.Worker("nnlib", {**run.os.environ})
    try:
        with pytest.raises(RuntimeError, match="the process of nnlib ended"):
            worker.ask("spiral", "not-a-number")
    finally:
        worker.close()


def test_fit_costs_are_measured_with_a_progress_bar(monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "")
    monkeypatch.setitem(costs.NETS, "spiral", SMALL)
    stderr = sys.stderr
    assert costs.fit("spiral", rounds=1, seconds=0) > 0
    assert sys.stderr is stderr


def test_import_cost_is_measured():
    assert costs.imported(rounds=1) > 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no resource module")
def test_memory_is_measured():
    assert costs.memory(images=600) > 1e6


def test_a_cost_that_cannot_be_measured_is_left_out(capfd):
    assert run.cost({**run.os.environ}, "no such figure") is None
    assert "left out: no such figure: KeyError" in capfd.readouterr().err


# The report -------------------------------------------------------------------------------


@pytest.mark.parametrize(("figure", "sign"), [(2.3, "●"), (2.0, "○"), (1.8, "✕")])
def test_marks_of_what_should_be_large(figure, sign):
    assert report.mark(figure, 1.9, 2.3) == sign


@pytest.mark.parametrize(("figure", "sign"), [(3.3, "●"), (4.0, "○"), (4.1, "✕")])
def test_marks_of_what_should_be_small(figure, sign):
    assert report.mark(figure, 4.0, 3.3) == sign


def test_report_of_fixed_figures(tmp_path):
    report.write(FIGURES, tmp_path)
    text = (tmp_path / "README.md").read_text(encoding="utf-8").replace("\xa0", " ")
    lines = text.splitlines()
    assert "**NumPy as found: the Haswell kernel, as OPENBLAS_CORETYPE=Haswell is set here**" in (
        lines)
    assert ("| PyTorch ÷ nnlib | 1.25 ✕ (1.9, 2.3) | 1.25 ● (1, 1.15) "
            "| 1.25 ● (0.95, 1.1) | 1.25 ● (1.05, 1.15) |") in lines
    assert ("| nnlib ÷ its products | 1.60 ● (4, 3.3) | 1.60 ○ (1.65, 1.5) "
            "| 1.60 ○ (1.6, 1.35) | 1.60 ✕ (1.25, 1.15) |") in lines
    assert "| JAX ÷ nnlib | 0.50 | 0.50 | 0.50 | 0.50 |" in lines
    assert "**The fastest kernel: the SkylakeX kernel**" in lines
    assert "| *nnlib's step itself* | 0.75 ms | 0.75 ms | 0.75 ms | 0.75 ms |" in lines
    assert "| OpenBLAS's own choice | 200 | 2.00 |" in lines
    assert "1.100 (784-512-256-47, n = 128), 1.020 (784-512-256-47, n = 512). ✕ at most" in text
    assert "adds 12.5 ms to `import numpy`. ● at most 20 ms" in text
    assert "750 MB in all. ● at most 1,000 MB" in text
    assert "- 2026-01-02, Abacus, 2 cores, 8 GiB, Linux" in lines
    assert "spans 4% and 2% of it" in text
    assert (tmp_path / "speed.png").read_bytes().startswith(b"\x89PNG")


def test_report_of_a_machine_with_less():
    """No peers, no OpenBLAS, one kernel, nothing that only some systems tell."""
    figures = copy.deepcopy(FIGURES)
    figures["machine"] |= {"memory": None, "load": None}
    figures |= {"left_out": ["torch"], "kernels": {}, "import": None, "memory": None,
                "fit": dict.fromkeys(NETS)}
    del figures["conditions"]["best"]
    figures["conditions"]["found"] |= {
        "kernel": None, "set": None,
        "ratios": {net: {"products": 1.2, "jax": 0.6} for net in NETS}}
    text = report.readme(figures).replace("\xa0", " ")
    assert "**NumPy as installed**" in text
    assert "PyTorch was not installed and is left out" in text
    assert "there is no kernel to choose" in text
    assert "| JAX ÷ nnlib | 0.60 ○ (0.55, 0.8)" in text      # it answers to both halves
    assert "`import nnlib` adds" not in text
    report.plot(figures)


def test_title_counts_the_nets_where_nnlib_leads():
    assert report.finding(FIGURES["conditions"]["found"]).endswith("first in 0 of 4")
    assert report.finding(FIGURES["conditions"]["best"]) == (
        "SkylakeX kernel: nnlib is first in 4 of 4")


def test_readme_is_what_the_figures_say():
    """Nobody has mended a number by hand."""
    folder = ROOT / "benchmarks"
    figures = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    assert (folder / "README.md").read_text(encoding="utf-8") == report.readme(figures)


def test_page_of_the_book_describes_the_same_picture():
    page = (ROOT / "book" / "speed.md").read_text(encoding="utf-8")
    assert f":alt: {report.ALT}" in page
    for mark in re.findall(r":(?:start-after|end-before): (<!-- /?\w+ -->)", page):
        assert mark in report.TEXT

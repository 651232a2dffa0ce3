"""moons, circles, sine and vertical are the packages' own, and leave NumPy's state alone."""

import nnfs.datasets
import numpy as np
import pytest
import sklearn.datasets

from nnlib import datasets


@pytest.mark.parametrize(("ours", "theirs"), [
    (datasets.moons, sklearn.datasets.make_moons),
    (datasets.circles, sklearn.datasets.make_circles)])
def test_moons_and_circles(ours, theirs):
    X, y = ours(50, noise=0.2, rng=3)
    seed = int(np.random.default_rng(3).integers(2**32))
    settings = {} if ours is datasets.moons else {"factor": 0.5}
    X_theirs, y_theirs = theirs((50, 50), noise=0.2, random_state=seed, **settings)
    assert np.array_equal(X, X_theirs.astype(np.float32))
    assert np.array_equal(y, y_theirs)
    assert (X.dtype, y.dtype) == (np.float32, np.int64)
    assert not np.array_equal(X, ours(50, noise=0.2, rng=4)[0])


def test_vertical_and_sine():
    X, y = datasets.vertical(50, 4, rng=5)
    before = np.random.get_state()[1:3]
    again, _ = datasets.vertical(50, 4, rng=5)
    after = np.random.get_state()[1:3]
    assert np.array_equal(X, again)
    assert np.array_equal(before[0], after[0])
    assert before[1] == after[1]
    assert np.bincount(y).tolist() == [50] * 4
    assert np.allclose([X[y == c].mean(axis=0) for c in range(4)],
                       [[c / 3, 0.5] for c in range(4)], atol=0.06)
    assert (X.dtype, y.dtype) == (np.float32, np.int64)
    x, t = datasets.sine(100)
    x_nnfs, t_nnfs = nnfs.datasets.sine_data(100)
    assert np.array_equal(x, x_nnfs.astype(np.float32))
    assert np.array_equal(t, t_nnfs.astype(np.float32))


def test_the_state_stays_when_nnfs_fails(monkeypatch):
    def fail(**_):
        np.random.random()
        raise RuntimeError

    monkeypatch.setattr(nnfs.datasets, "vertical_data", fail)
    before = np.random.get_state()[1:3]
    with pytest.raises(RuntimeError):
        datasets.vertical(10, rng=0)
    assert before[1] == np.random.get_state()[2]
    assert np.array_equal(before[0], np.random.get_state()[1])


@pytest.mark.parametrize(("call", "says"), [
    (lambda: datasets.moons(0), "moons: n_per_class"),
    (lambda: datasets.moons(5, noise=-1), "moons: noise must be at least 0"),
    (lambda: datasets.circles(5, inner=1), "circles: inner must be above 0 and below 1"),
    (lambda: datasets.sine(0), "sine: n must"),
    (lambda: datasets.vertical(0), "vertical: n_per_class"),
    (lambda: datasets.vertical(1, 0), "vertical: n_classes"),
    (lambda: datasets.vertical(1, 257), "vertical: nnfs counts at most 256 classes")])
def test_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()

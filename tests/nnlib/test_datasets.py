"""The spiral is nnfs's own, the best classifier is the best, and parts are fair."""

import math

import nnfs.datasets
import numpy as np
import pytest

from nnlib import datasets


def test_the_points_are_those_of_nnfs():
    X, y = datasets.spiral(50, 3, rng=5)
    seed = np.random.default_rng(5).integers(2**32)
    state = np.random.get_state()
    np.random.seed(seed)
    try:
        X_nnfs, y_nnfs = nnfs.datasets.spiral_data(samples=50, classes=3)
    finally:
        np.random.set_state(state)
    assert np.array_equal(X, X_nnfs.astype(np.float32))
    assert np.array_equal(y, y_nnfs)
    assert (X.dtype, y.dtype) == (np.float32, np.int64)


def test_the_process_wide_random_state_stays():
    np.random.random()
    before = np.random.get_state()
    datasets.spiral(10, rng=0)
    after = np.random.get_state()
    assert np.array_equal(before[1], after[1])
    assert before[2:] == after[2:]


def test_it_stays_when_nnfs_fails(monkeypatch):
    def fail(**_):
        np.random.random()
        raise RuntimeError

    monkeypatch.setattr(nnfs.datasets, "spiral_data", fail)
    before = np.random.get_state()[1:3]
    with pytest.raises(RuntimeError):
        datasets.spiral(10, rng=0)
    assert np.array_equal(before[0], np.random.get_state()[1])


def test_a_generator_moves_on_and_a_seed_repeats():
    rng = np.random.default_rng(0)
    first, second = (datasets.spiral(10, rng=rng)[0] for _ in range(2))
    assert not np.array_equal(first, second)
    assert np.array_equal(datasets.spiral(10, rng=3)[0], datasets.spiral(10, rng=3)[0])


def test_numpy_is_not_patched():
    """nnfs.init() replaces np.dot and others for the whole process; we never call it."""
    datasets.spiral(10, rng=0)
    assert np.dot([1, 2], [3, 4]) == 11
    assert np.zeros(2).dtype == np.float64


@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_bayes_against_the_density_written_out(n_classes):
    """p(c | x) from the normal density of the angle itself, all turns added up one by one."""
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (20, 2))
    expected = np.zeros((20, n_classes))
    for i, (x1, x2) in enumerate(X):
        r, phi = math.hypot(x1, x2), math.atan2(x1, x2)
        for c in range(n_classes):
            for turn in range(-20, 21):
                miss = phi + 2 * math.pi * turn - 10 * r - 10 * c
                expected[i, c] += math.exp(-(miss**2) / (2 * 0.5**2))
    expected /= expected.sum(axis=1, keepdims=True)
    assert np.allclose(datasets.spiral_bayes(X, n_classes), expected, rtol=1e-9, atol=1e-12)


def test_the_bayes_limit():
    """91.0 %, by numerical integration over the angle; all radii are alike.

    The chance to be right is the integral of the largest of the three densities, over 3.
    """
    u = np.linspace(-math.pi, math.pi, 100_000, endpoint=False)
    densities = [sum(np.exp(-((u - 10 * c + 2 * math.pi * k)**2) / 0.5) for k in range(-6, 7))
                 / (0.5 * math.sqrt(2 * math.pi)) for c in range(3)]
    limit = np.max(densities, axis=0).mean() * 2 * math.pi / 3
    assert limit == pytest.approx(0.910, abs=0.0005)
    X, y = datasets.spiral(50_000, rng=1)
    right = (datasets.spiral_bayes(X).argmax(axis=1) == y).mean()
    assert right == pytest.approx(limit, abs=0.003)             # four standard errors


def test_split_is_fair_to_every_class_and_loses_nothing():
    X, y = np.arange(100.0)[:, None], np.repeat([0, 1, 2], [60, 30, 10])
    X_train, X_test, y_train, y_test = datasets.split(X, y, test=0.2, rng=0)
    assert np.bincount(y_test).tolist() == [12, 6, 2]
    assert sorted(np.concatenate([X_train, X_test]).ravel()) == list(range(100))
    assert (y[X_test.ravel().astype(int)] == y_test).all()
    assert (y[X_train.ravel().astype(int)] == y_train).all()


def test_split_draws_at_random():
    X, y = np.arange(100.0)[:, None], np.repeat([0, 1], 50)
    first, second = (datasets.split(X, y, rng=seed)[1].ravel() for seed in (0, 1))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first[:10], np.arange(10))


def test_split_keeps_every_class_in_both_parts():
    y = np.repeat([0, 1], [100, 2])
    _, _, y_train, y_test = datasets.split(y[:, None], y, test=0.01, rng=0)
    assert set(y_train) == set(y_test) == {0, 1}
    _, _, y_train, y_test = datasets.split(y[:, None], y, test=0.99, rng=0)
    assert set(y_train) == set(y_test) == {0, 1}


def test_split_of_whole_numbers_that_are_no_classes():
    assert len(datasets.split(np.ones((100, 1)), np.arange(100), test=0.2, rng=0)[1]) == 20


def test_split_of_numbers_that_are_no_classes():
    X, y = np.arange(10.0)[:, None], np.linspace(0, 1, 10)
    assert len(datasets.split(X, y, test=0.3, rng=0)[1]) == 3


@pytest.mark.parametrize(("n", "size"), [(10, 4), (10, 5), (10, 20), (1, 1)])
def test_batches_take_each_row_once(n, size):
    parts = list(datasets.batches(n, size, rng=0))
    assert sorted(np.concatenate(parts)) == list(range(n))
    assert all(len(part) == size for part in parts[:-1])

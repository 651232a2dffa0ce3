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


def test_other_noise_pushes_the_same_points_less():
    """Nearly nnfs's noise gives nearly nnfs's points; none leaves the arms as wound."""
    X, y = datasets.spiral(50, rng=5)
    near, labels = datasets.spiral(50, noise=0.5 + 1e-9, rng=5)
    assert np.allclose(near, X, atol=1e-6)
    assert np.array_equal(labels, y)
    assert (near.dtype, labels.dtype) == (np.float32, np.int64)
    bare = datasets.spiral(50, noise=0, rng=5)[0]
    r = np.linspace(0, 1, 50)
    assert np.allclose(bare[50:100], np.column_stack(
        [r * np.sin(10 * r + 10), r * np.cos(10 * r + 10)]), atol=1e-6)
    half = datasets.spiral(50, noise=0.25, rng=5)[0]
    angle, angle_half = (np.unwrap(np.arctan2(x[1:50, 0], x[1:50, 1])) for x in (bare, half))
    angle_full = angle + 2 * (angle_half - angle)
    assert np.allclose(np.sin(angle_full) * r[1:], X[1:50, 0], atol=1e-5)
    for noise in (-0.1, math.nan, math.inf):
        with pytest.raises(ValueError, match="noise"):
            datasets.spiral(10, noise=noise)


def test_numpy_is_not_patched():
    """nnfs.init() replaces np.dot and others for the whole process; we never call it."""
    datasets.spiral(10, rng=0)
    assert np.dot([1, 2], [3, 4]) == 11
    assert np.zeros(2).dtype == np.float64


@pytest.mark.parametrize("noise", [0.25, 0.5, 2.5])
@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_bayes_against_the_density_written_out(n_classes, noise):
    """p(c | x) from the normal density of the angle itself, all turns added up one by one."""
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (20, 2))
    expected = np.zeros((20, n_classes))
    for i, (x1, x2) in enumerate(X):
        r, phi = math.hypot(x1, x2), math.atan2(x1, x2)
        for c in range(n_classes):
            for turn in range(-20, 21):
                miss = phi + 2 * math.pi * turn - 10 * r - 10 * c
                expected[i, c] += math.exp(-(miss**2) / (2 * noise**2))
    expected /= expected.sum(axis=1, keepdims=True)
    found = datasets.spiral_bayes(X, n_classes, noise=noise)
    assert np.allclose(found, expected, rtol=1e-9, atol=1e-12)
    if noise == 0.5:
        assert np.array_equal(found, datasets.spiral_bayes(X, n_classes))


def test_bayes_with_hardly_any_noise():
    """Between the arms every density would round to 0, and 0 / 0 is no probability."""
    p = datasets.spiral_bayes(np.random.default_rng(0).uniform(-1, 1, (100, 2)), noise=0.01)
    assert np.allclose(p.sum(axis=1), 1)
    with pytest.raises(ValueError, match="noise"):
        datasets.spiral_bayes(np.eye(2), noise=0)


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


@pytest.mark.parametrize("labels", [[0, 1], [1, 0]])
@pytest.mark.parametrize("test", [0.01, 0.5, 0.99])
def test_split_keeps_every_class_in_both_parts(labels, test):
    y = np.repeat(labels, [100, 2])
    _, _, y_train, y_test = datasets.split(y[:, None], y, test=test, stratify=True, rng=0)
    assert set(y_train) == set(y_test) == {0, 1}


@pytest.mark.parametrize("y", [
    np.arange(100), np.repeat(np.arange(50), 2), np.repeat(np.arange(34), 3)[:101],
    np.random.default_rng(0).poisson(40, 100), np.repeat([7, *range(30)], [40, *[2] * 30])],
    ids=["all differ", "each twice", "each three times", "counts", "one often"])
@pytest.mark.parametrize("test", [0.1, 0.2, 0.5, 0.8])
def test_whole_numbers_that_are_no_classes_leave_the_share_as_it_is(y, test):
    """Half of the rows would go if of each number that occurs twice one row went."""
    for stratify in (None, False):
        aside = datasets.split_rows(y, test=test, stratify=stratify, rng=0)[1]
        assert len(aside) == round(test * len(y))


def test_split_guesses_classes_where_both_parts_have_room_for_all():
    """As scikit-learn asks it of a stratified split; with less room, all rows are alike."""
    def shares(y, **settings):
        return {tuple(np.bincount(y[datasets.split_rows(y, rng=seed, **settings)[1]], minlength=5))
                for seed in range(20)}

    y = np.repeat(np.arange(5), 4)
    assert shares(y, test=0.25) == {(1,) * 5}
    assert len(shares(y, test=0.2)) > 1                         # four rows for five classes
    assert shares(y, test=0.75) == {(3,) * 5}
    assert len(shares(y, test=0.8)) > 1
    assert shares(y, test=0.2, stratify=True) == {(1,) * 5}
    assert len(shares(y, test=0.25, stratify=False)) > 1


def test_a_split_by_class_is_as_large_as_asked():
    """Rounded class by class, 20 % of five classes of six rows would be 17 %."""
    y = np.tile(np.arange(5), 6)
    aside = datasets.split_rows(y, test=0.2, rng=0)[1]
    assert len(aside) == 6
    assert sorted(np.bincount(y[aside])) == [1, 1, 1, 1, 2]


def test_a_split_by_class_is_fair_and_exact_whatever_the_classes():
    rng = np.random.default_rng(0)
    for _ in range(300):
        sizes = rng.integers(2, rng.choice([4, 12, 100]), size=rng.integers(1, 20))
        y, test = rng.permutation(np.repeat(np.arange(len(sizes)), sizes)), rng.uniform(0.05, 0.95)
        aside = datasets.split_rows(y, test=test, stratify=True, rng=0)[1]
        counts = np.bincount(y[aside], minlength=len(sizes))
        assert ((counts > 0) & (counts < sizes)).all()
        if len(sizes) <= min(wanted := round(test * len(y)), len(y) - wanted):
            assert len(aside) == wanted
        if min(test, 1 - test) * sizes.min() >= 1:
            assert (np.abs(counts - test * sizes) <= 1).all()


def test_a_split_of_many_different_numbers_is_quick():
    """Comparing each number with all would take minutes."""
    rest, aside = datasets.split_rows(np.repeat(np.arange(200_000), 2), test=0.5, rng=0)
    assert len(rest) == len(aside) == 200_000


def test_a_class_of_one_row_stays_in_the_first_part():
    y = np.array([0] * 10 + [1])
    for seed in range(20):
        rest, aside = datasets.split_rows(y, test=0.5, stratify=True, rng=seed)
        assert (10 in rest, len(aside)) == (True, 5)
    drawn = {10 in datasets.split_rows(y, test=0.5, rng=seed)[1] for seed in range(20)}
    assert drawn == {True, False}                               # no class, as far as one can see


def test_split_of_numbers_that_are_no_classes():
    X, y = np.arange(10.0)[:, None], np.linspace(0, 1, 10)
    assert len(datasets.split(X, y, test=0.3, rng=0)[1]) == 3


@pytest.mark.parametrize(("n", "size"), [(10, 4), (10, 5), (10, 20), (1, 1)])
def test_batches_take_each_row_once(n, size):
    parts = list(datasets.batches(n, size, rng=0))
    assert sorted(np.concatenate(parts)) == list(range(n))
    assert all(len(part) == size for part in parts[:-1])

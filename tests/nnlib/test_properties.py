"""What holds for all inputs, tried on many: batches, splits, metrics, files.

Protects from a row lost or learnt twice, a class missing from validation, a metric that
differs from scikit-learn's in a corner (a class that nobody predicted, ties, one class only),
and a model that does not come back from its file.
"""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as theirs

from nnlib import (
    BatchNorm,
    CategoricalCrossEntropy,
    Dense,
    LeakyReLU,
    Model,
    ReLU,
    Rescaling,
    Sigmoid,
    Softmax,
    Tanh,
    datasets,
    metrics,
    schedules,
)

settings.register_profile("course", deadline=None, derandomize=True, database=None)
settings.load_profile("course")
seeds = st.integers(0, 2**32 - 1)


@given(n=st.integers(1, 200), size=st.integers(1, 250), seed=seeds)
def test_batches_hold_each_row_once(n, size, seed):
    parts = list(datasets.batches(n, size, rng=seed))
    assert sorted(np.concatenate(parts)) == list(range(n))
    assert [len(part) for part in parts[:-1]] == [size] * (len(parts) - 1)
    assert 1 <= len(parts[-1]) <= size


@given(labels=st.lists(st.integers(-3, 3), min_size=2, max_size=80), seed=seeds,
       share=st.floats(0.01, 0.99), stratify=st.sampled_from([None, True, False]))
def test_splits_are_parts_with_every_class_in_both(labels, seed, share, stratify):
    y = np.array(labels)
    classes, counts = np.unique(y, return_counts=True)
    stratify = stratify if counts.max() > 1 else None
    rest, aside = datasets.split_rows(y, test=share, stratify=stratify, rng=seed)
    assert sorted([*rest, *aside]) == list(range(len(y)))
    assert len(rest) > 0 < len(aside)
    assert all((np.diff(part) > 0).all() for part in (rest, aside))
    wanted = np.clip(round(share * len(y)), 1, len(y) - 1)
    room = len(classes) <= min(wanted, len(y) - wanted)
    if not stratify or (room and counts.min() > 1):
        assert len(aside) == wanted
    if stratify or (stratify is None and room and counts.min() > 1):
        for label, count in zip(classes, counts, strict=True):
            inside = (y[aside] == label).sum()
            assert 0 < inside < count or inside == 0 == count - 1
            assert abs(inside - share * count) <= 1 or min(share, 1 - share) * counts.min() < 1
    X = np.arange(len(y))[:, np.newaxis]
    X_rest, X_aside, y_rest, y_aside = datasets.split(
        X, y, test=share, stratify=stratify, rng=seed)
    assert np.array_equal(X_rest[:, 0], rest)
    assert np.array_equal(X_aside[:, 0], aside)
    assert np.array_equal(np.concatenate([y_rest, y_aside]), y[[*rest, *aside]])


pairs = st.integers(1, 60).flatmap(lambda n: st.tuples(
    *[st.lists(st.integers(0, 5), min_size=n, max_size=n).map(np.array)] * 2))


@given(pairs)
def test_accuracy_and_confusion_are_scikit_learns(pair):
    predictions, labels = pair
    assert metrics.accuracy(predictions, labels) == pytest.approx(
        theirs.accuracy_score(labels, predictions), rel=1e-12)
    assert np.array_equal(metrics.confusion_matrix(predictions, labels, n_classes=6),
                          theirs.confusion_matrix(labels, predictions, labels=range(6)))
    ours = metrics.confusion_matrix(predictions, labels)
    assert len(ours) == max(predictions.max(), labels.max()) + 1
    assert ours.sum() == len(labels)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
@pytest.mark.parametrize("average", ["macro", "micro", "weighted", None])
@given(pair=pairs)
def test_precision_recall_f1_are_scikit_learns(average, pair):
    predictions, labels = pair
    ours = metrics.precision_recall_f1(predictions, labels, average=average, n_classes=6)
    classes = range(6) if average is None else None
    expected = theirs.precision_recall_fscore_support(labels, predictions, average=average,
                                                      labels=classes, zero_division=0)
    for one, other in zip(ours, expected, strict=False):        # theirs adds the counts
        assert np.allclose(one, other, rtol=1e-12)


scores = st.integers(1, 30).flatmap(lambda n: st.integers(3, 6).flatmap(
    lambda k: st.tuples(st.permutations(range(n * k)).map(lambda p: np.reshape(p, (n, k)) / n),
                        st.lists(st.integers(0, k - 1), min_size=n, max_size=n).map(np.array))))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
@given(case=scores, k=st.integers(1, 7))
def test_top_k_is_scikit_learns_where_nothing_ties(case, k):
    p, labels = case
    expected = theirs.top_k_accuracy_score(labels, p, k=k, labels=range(p.shape[1]))
    assert metrics.top_k_accuracy(p, labels, k) == pytest.approx(expected, rel=1e-12)


def test_ties_count_for_the_share_that_fits():
    """A model that knows nothing must score k of n, not 0 and not 1."""
    assert metrics.top_k_accuracy(np.full((4, 5), 0.2), np.array([0, 1, 2, 4]), k=2) == 0.4
    assert metrics.top_k_accuracy([[0.5, 0.25, 0.25]], [2], k=2) == 0.5
    assert metrics.top_k_accuracy([[0.5, 0.25, 0.25]], [0], k=1) == 1


forecasts = st.integers(2, 4).flatmap(lambda k: st.lists(
    st.lists(st.integers(0, 10), min_size=k, max_size=k).filter(any), min_size=1, max_size=30)
    .flatmap(lambda rows: st.tuples(
        st.just(np.array([[part / sum(row) for part in row] for row in rows])),
        st.lists(st.integers(0, k - 1), min_size=len(rows), max_size=len(rows)).map(np.array))))


@given(case=forecasts, bins=st.integers(1, 12))
def test_calibration_is_what_counting_row_by_row_gives(case, bins):
    """Bins as Guo et al. have them: above (m − 1)/M, up to m/M, exactly."""
    p, labels = case
    found = metrics.calibration(p, labels, bins)
    assert [array.shape for array in found] == [(bins,)] * 3
    error = 0
    for m, (confidence, right, count) in enumerate(zip(*found, strict=True), 1):
        inside = [(max(row), row.index(max(row)) == label)
                  for row, label in zip(p.tolist(), labels.tolist(), strict=True)
                  if (m - 1) / bins < max(row) <= m / bins]
        assert count == len(inside)
        if not inside:
            assert np.isnan([confidence, right]).all()
            continue
        sure = sum(c for c, _ in inside) / count
        hits = sum(hit for _, hit in inside) / count
        assert (confidence, right) == pytest.approx((sure, hits), rel=1e-12)
        error += count / len(p) * abs(hits - sure)
    assert metrics.expected_calibration_error(p, labels, bins) == pytest.approx(error, abs=1e-12)


def test_a_confidence_on_an_edge_belongs_to_the_bin_below_it():
    """0.7 · 10 is a little more than 7 in floating point."""
    highest = np.arange(5, 11) / 10
    p = np.stack([highest, 1 - highest], axis=1)
    _, _, counts = metrics.calibration(p, np.zeros(6, int))
    assert counts.tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]


def test_a_model_that_keeps_its_word_is_calibrated():
    """Labels drawn from the probabilities themselves: the error is luck alone."""
    rng = np.random.default_rng(0)
    p = rng.dirichlet([0.5, 0.5, 0.5], 20_000)
    labels = (rng.random((len(p), 1)) > p.cumsum(axis=1)).sum(axis=1)
    assert metrics.expected_calibration_error(p, labels) < 0.01
    sharper = p**3 / (p**3).sum(axis=1, keepdims=True)
    assert metrics.expected_calibration_error(sharper, labels) > 0.1


def test_calibration_takes_what_a_model_gives():
    """Probabilities of float32 may be a last digit above 1."""
    p = np.array([[np.nextafter(np.float32(1), np.float32(2)), 0]], np.float32)
    _, right, counts = metrics.calibration(p, [0])
    assert (right[-1], counts[-1]) == (1, 1)


numbers = st.floats(-1e3, 1e3)


@given(st.integers(2, 30).flatmap(lambda n: st.integers(1, 3).flatmap(lambda k: st.tuples(
    *[st.lists(numbers, min_size=n * k, max_size=n * k).map(
        lambda values: np.reshape(values, (-1, k)))] * 2))))
def test_r2_is_scikit_learns(pair):
    predictions, targets = pair
    if (np.ptp(targets, axis=0) < 1e-3).any():
        return
    expected = theirs.r2_score(targets, predictions)
    assert metrics.r2(predictions, targets) == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert metrics.r2(predictions[:, 0], targets[:, 0]) == pytest.approx(
        theirs.r2_score(targets[:, 0], predictions[:, 0]), rel=1e-6, abs=1e-6)


def hidden(width, dtype):
    """Strategies for a layer that takes and gives so many columns."""
    return st.one_of(
        st.builds(ReLU), st.builds(Sigmoid), st.builds(Tanh),
        st.builds(LeakyReLU, st.floats(0, 0.99)), st.builds(Rescaling, numbers, numbers),
        st.builds(BatchNorm, st.just(width), eps=st.floats(1e-9, 1), frozen=st.booleans(),
                  momentum=st.floats(0, 0.99), dtype=st.just(dtype)),
        st.builds(Dense, st.just(width), st.just(width), l1=st.floats(0, 1), l2=st.floats(0, 1),
                  rng=seeds, dtype=st.just(dtype)))


models = st.tuples(st.integers(1, 5), st.sampled_from(["float32", "float64"])).flatmap(
    lambda case: st.lists(hidden(*case), max_size=5).map(lambda layers: Model(
        [Dense(2, case[0], rng=0, dtype=case[1]), *layers, Softmax()],
        loss=CategoricalCrossEntropy())))


@settings(max_examples=60)
@given(model=models, seed=seeds)
def test_load_undoes_save(tmp_path_factory, model, seed):
    path = tmp_path_factory.mktemp("store") / "m.npz"
    model.theta = np.random.default_rng(seed).standard_normal(model.theta.size)
    model.save(path)
    loaded = Model.load(path)
    assert repr(loaded) == repr(model)
    assert loaded.dtype == model.dtype
    assert np.array_equal(loaded.theta, model.theta)
    X = np.random.default_rng(0).standard_normal((5, 2))
    assert np.array_equal(loaded.predict_proba(X), model.predict_proba(X))


rates = st.floats(1e-6, 10)
falling = st.one_of(
    st.builds(schedules.Constant, rates), st.builds(schedules.InverseTime, rates, st.floats(0, 1)),
    st.builds(schedules.Step, rates, st.integers(1, 50), st.floats(0.01, 0.99)),
    st.builds(schedules.Exponential, rates, st.floats(0.01, 0.99)),
    st.builds(schedules.Cosine, rates, st.integers(1, 200)))


@given(schedule=falling, warm=st.integers(1, 20))
def test_schedules_never_rise_but_to_warm_up(schedule, warm):
    values = [schedule(step) for step in range(100)]
    assert values[0] == schedule.lr
    assert all(0 <= after <= before * (1 + 1e-12)
               for before, after in pairwise(values))
    warmed = [schedules.Warmup(schedule, warm)(step) for step in range(warm + 100)]
    assert warmed[warm:] == values
    assert all(a < b for a, b in pairwise(warmed[:warm]))
    assert math.isclose(warmed[warm - 1], schedule.lr)

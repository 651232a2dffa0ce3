"""Metrics: numbers that people read, as losses are numbers that training reads."""

import numpy as np

from ._validate import expect_count, expect_labels


def accuracy(predictions, labels):
    """Return the fraction of predictions that equal the labels, from 0 to 1.

    predictions, labels: n integers each. Built in chapter 2.

    Raises
    ------
    TypeError
        If either holds no integers.
    ValueError
        If the lengths differ, or if there are no labels.

    Examples
    --------
    >>> accuracy(np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2]))
    0.75
    """
    predictions, labels = _pair("accuracy", predictions, labels)
    return float((predictions == labels).mean())


def top_k_accuracy(p, labels, k=3):
    """Return how often the label is among the k most probable classes, from 0 to 1.

    p: (n, classes) probabilities or scores; labels: n integers. A label that ties with
    others counts the share of the ties that fit into the k. Built in chapter 16.

    Raises
    ------
    TypeError, ValueError
        For labels as in accuracy, for p of another shape or with NaN, for k below 1.

    Examples
    --------
    >>> p = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]])
    >>> top_k_accuracy(p, np.array([1, 0]), k=2)
    0.5
    """
    expect_count("top_k_accuracy", "k", k)
    p, labels = _scores("top_k_accuracy", p, labels)
    own = p[np.arange(len(p)), labels][:, np.newaxis]           # (n, 1)
    ahead, level = (p > own).sum(axis=1), (p == own).sum(axis=1)            # (n,)
    return float(np.clip((k - ahead) / level, 0, 1).mean())


def confusion_matrix(predictions, labels, n_classes=None):
    """Return counts C (k, k): how often class i (row) was taken for class j (column).

    predictions, labels: n integers from 0 each. k is n_classes, or the largest of them + 1.
    Built in chapter 16.

    Raises
    ------
    TypeError, ValueError
        As in accuracy, and for integers outside 0 … k − 1.

    Examples
    --------
    >>> confusion_matrix(np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2]))
    array([[1, 0, 0],
           [0, 1, 0],
           [0, 1, 1]])
    """
    predictions, labels = _pair("confusion_matrix", predictions, labels)
    if n_classes is None:
        n_classes = int(max(predictions.max(), labels.max())) + 1
    expect_count("confusion_matrix", "n_classes", n_classes)
    if n_classes > 10_000:
        raise ValueError(f"confusion_matrix: {n_classes:,} classes make a table of "
                         f"{n_classes**2:,} cells; is a label wrong?")
    for values in (predictions, labels):
        expect_labels("confusion_matrix", values, len(values), n_classes)
    # each pair has a number
    cells = labels.astype(np.int64) * n_classes + predictions.astype(np.int64)
    return np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)


def precision_recall_f1(predictions, labels, *, average="macro", n_classes=None):
    """Return precision, recall and their harmonic mean F1, each from 0 to 1.

    Of what was called class c, precision is the fraction that is c; of what is c, recall is
    the fraction called so; F1 = 2 TP / (2 TP + FP + FN). Where a denominator is 0, so is the
    result. predictions, labels: n integers each. Built in chapter 16.

    Parameters
    ----------
    average : str or None
        "macro", the plain mean over the classes that occur in either array; "weighted", the
        mean weighted by how many labels a class has; "micro", all counts put together, which
        makes all three the accuracy; None: three arrays (k,), one number a class.
    n_classes : int, optional
        k, by default the largest integer + 1.

    Raises
    ------
    TypeError, ValueError
        As confusion_matrix, and for another average.

    Examples
    --------
    >>> labels, predictions = np.array([0, 1, 2, 2]), np.array([0, 1, 1, 2])
    >>> [array.round(3).tolist() for array in
    ...  precision_recall_f1(predictions, labels, average=None)]
    [[1.0, 0.5, 1.0], [1.0, 1.0, 0.5], [1.0, 0.667, 0.667]]
    """
    if average not in ("macro", "micro", "weighted", None):
        raise ValueError(f"precision_recall_f1: average must be 'macro', 'micro', 'weighted' or "
                         f"None, got {average!r}")
    C = confusion_matrix(predictions, labels, n_classes)        # (k, k)
    hits, called, actual = np.diag(C), C.sum(axis=0), C.sum(axis=1)         # (k,)
    if average == "micro":
        hits, called, actual = hits.sum(), called.sum(), actual.sum()
    scores = [_quotient(hits, called), _quotient(hits, actual),
              _quotient(2 * hits, called + actual)]
    if average is None:
        return tuple(scores)
    weights = None
    if average != "micro":
        weights = actual if average == "weighted" else called + actual > 0
    return tuple(float(np.average(score, weights=weights)) for score in scores)


def calibration(p, labels, bins=10):
    """Return mean confidence, accuracy and count in each of so many equal bins of 0 … 1.

    The confidence is the highest probability of a row; bin i holds those above i / bins and up
    to (i + 1) / bins. Three arrays (bins,); where nothing falls the count is 0 and confidence
    and accuracy are NaN. p: (n, classes) probabilities; labels: n integers. Built in chapter 16.

    Raises
    ------
    TypeError, ValueError
        For labels as in accuracy, for p of another shape, with NaN or outside 0 … 1, for bins
        below 1.

    Examples
    --------
    >>> p = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6]])
    >>> confidence, right, counts = calibration(p, np.array([0, 1, 1, 1]), bins=4)
    >>> confidence.round(3).tolist(), right.tolist(), counts.tolist()
    ([nan, nan, 0.65, 0.85], [nan, nan, 0.5, 1.0], [0, 0, 2, 2])
    """
    expect_count("calibration", "bins", bins)
    p, labels = _scores("calibration", p, labels)
    if p.min() < 0 or p.max() > 1 + 1e-6:                       # 1, rounded up
        raise ValueError(f"calibration: expected probabilities from 0 to 1, got {p.min():.3g} to "
                         f"{p.max():.3g}; use predict_proba")
    highest = p.max(axis=1).astype(np.float64)                  # (n,)
    hits = p.argmax(axis=1) == labels
    where = np.searchsorted(np.arange(1, bins) / bins, highest)             # (n,)
    counts = np.bincount(where, minlength=bins)                 # (bins,)
    confidence, right = (
        np.divide(np.bincount(where, values, bins), counts, out=np.full(bins, np.nan),
                  where=counts > 0) for values in (highest, hits))
    return confidence, right, counts


def expected_calibration_error(p, labels, bins=10):
    """Return Σ count · abs(accuracy − confidence) / n over the bins of calibration: 0 is best.

    How far, on average, the confidence of a prediction is from how often such predictions are
    right, from 0 to 1 (Guo et al. 2017, On Calibration of Modern Neural Networks, eq. 3). Built
    in chapter 16.

    Raises
    ------
    TypeError, ValueError
        As calibration.

    Examples
    --------
    >>> p = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6]])
    >>> round(expected_calibration_error(p, np.array([0, 1, 1, 1]), bins=4), 3)
    0.15
    """
    confidence, right, counts = calibration(p, labels, bins)
    some = counts > 0
    gaps = np.abs(right[some] - confidence[some])
    return float(counts[some] @ gaps / counts.sum())


def r2(predictions, targets):
    """Return R² = 1 − Σ(y − a)² / Σ(y − ȳ)²: 1 is perfect, 0 no better than the mean.

    predictions a, targets y: n numbers each, or (n, k), for which it is the mean over the
    columns. Built in chapter 19.

    Raises
    ------
    ValueError
        If the shapes differ, there are fewer than two rows, a column of targets is constant,
        or a number is NaN or infinite.

    Examples
    --------
    >>> r2(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0]))
    0.5
    """
    a, y = np.asarray(predictions, np.float64), np.asarray(targets, np.float64)
    if a.shape != y.shape or y.ndim not in (1, 2) or 0 in y.shape[1:]:
        raise ValueError(f"r2: expected two arrays (n,) or (n, k), got {a.shape} and {y.shape}")
    if len(y) < 2:
        raise ValueError(f"r2: expected at least two rows, got {len(y)}")
    if not (np.isfinite(a).all() and np.isfinite(y).all()):
        raise ValueError("r2: the numbers hold NaN or infinity")
    if (y.max(axis=0) == y.min(axis=0)).any():
        raise ValueError("r2: targets that are all the same leave nothing to explain")
    spread = ((y - y.mean(axis=0)) ** 2).sum(axis=0)            # () or (k,)
    return float(np.mean(1 - ((y - a) ** 2).sum(axis=0) / spread))


def _pair(who, predictions, labels):
    """Return both as arrays once they are n integers each, n at least 1."""
    labels = expect_labels(who, labels, np.size(labels))
    _expect_some(who, labels)
    return expect_labels(who, predictions, len(labels)), labels


def _scores(who, p, labels):
    """Return both as arrays once p is (n, classes) without NaN and labels are n of the classes."""
    p = np.asarray(p)
    if p.ndim != 2:
        raise ValueError(f"{who}: expected p of shape (n, classes), got {p.shape}")
    if np.isnan(p).any():
        raise ValueError(f"{who}: p holds NaN")
    labels = expect_labels(who, labels, len(p), p.shape[1])
    _expect_some(who, labels)
    return p, labels


def _expect_some(who, labels):
    """Raise ValueError if there are no labels."""
    if not len(labels):
        raise ValueError(f"{who}: expected at least one label, got none")


def _quotient(top, bottom):
    """Return top / bottom, and 0 where bottom is 0."""
    return np.where(bottom > 0, top / np.maximum(bottom, 1), 0.0)

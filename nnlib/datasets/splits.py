"""Cutting data into parts: into train and test, and into batches."""

from numbers import Real

import numpy as np

from .._validate import expect_count


def split(X, y, *, test=0.2, rng=None):
    """Return X_train, X_test, y_train, y_test, the rows drawn at random.

    With integer labels of which each class has two rows or more, each class gives the same
    share, to the nearest row but at least one to each part, so that no class is missing from
    either by bad luck. Rows keep their order within each part.
    Built in chapter 9.

    Parameters
    ----------
    X, y : arrays of n rows
        Not changed; the parts are copies.
    test : float
        The share to put aside, above 0 and below 1.
    rng : numpy.random.Generator or int, optional
        Decides which rows.

    Raises
    ------
    ValueError
        If the lengths differ, test is no such share, or either part would be empty.

    Examples
    --------
    >>> X, y = np.arange(10.0).reshape(10, 1), np.repeat([0, 1], 5)
    >>> X_train, X_test, y_train, y_test = split(X, y, test=0.4, rng=0)
    >>> y_test
    array([0, 0, 1, 1])
    """
    X, y = np.asarray(X), np.asarray(y)
    if len(X) != len(y):
        raise ValueError(f"split: {len(X)} rows in X, but {len(y)} in y")
    rest, aside = split_rows(y, test=test, rng=rng)
    return X[rest], X[aside], y[rest], y[aside]


def split_rows(y, *, test=0.2, rng=None):
    """Return the row numbers of the two parts that split would make, each in order.

    For data too large to copy. Built in chapter 10.

    Examples
    --------
    >>> rest, aside = split_rows(np.repeat([0, 1], 5), test=0.4, rng=0)
    >>> len(rest), len(aside)
    (6, 4)
    """
    y = np.asarray(y)
    if not isinstance(test, Real) or not 0 < test < 1:
        raise ValueError(f"split: test must be above 0 and below 1, got {test!r}")
    rng = np.random.default_rng(rng)
    groups = [np.arange(len(y))]
    if y.dtype.kind in "iub" and y.size == len(y):              # (n, 1) is a row of labels too
        labels = y.ravel()
        classes = [np.flatnonzero(labels == label) for label in np.unique(labels)]
        if classes and min(map(len, classes)) > 1:
            groups = classes
    is_aside = np.zeros(len(y), bool)                           # (n,)
    for rows in groups:
        if len(rows) < 2:
            raise ValueError(f"split: {len(y)} rows are too few for two parts")
        count = min(max(round(test * len(rows)), 1), len(rows) - 1)
        is_aside[rng.permutation(rows)[:count]] = True
    return np.flatnonzero(~is_aside), np.flatnonzero(is_aside)


def batches(n, batch_size, *, rng=None):
    """Return an iterator of each batch's row numbers: 0 … n − 1, shuffled, each once.

    The last batch is shorter where batch_size does not divide n. Built in chapter 9.

    Examples
    --------
    >>> [len(rows) for rows in batches(10, 4, rng=0)]
    [4, 4, 2]
    """
    expect_count("batches", "n", n)
    expect_count("batches", "batch_size", batch_size)
    order = np.random.default_rng(rng).permutation(n)           # (n,)
    return (order[start:start + batch_size] for start in range(0, n, batch_size))

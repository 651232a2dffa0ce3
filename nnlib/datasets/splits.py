"""Cutting data into parts: into train and test, and into batches."""

import numpy as np


def split(X, y, *, test=0.2, rng=None):
    """Return X_train, X_test, y_train, y_test, the rows drawn at random.

    With integer labels each class gives the same share (to the nearest row), so that no
    class is missing from the test by bad luck. Rows keep their order within each part.
    Used from chapter 9 on.

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
        If the lengths differ, or if either part would be empty.

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
    if not 0 < test < 1:
        raise ValueError(f"split: test must be above 0 and below 1, got {test!r}")
    rng = np.random.default_rng(rng)
    groups = [np.arange(len(y))]
    if y.ndim == 1 and np.issubdtype(y.dtype, np.integer):
        groups = [np.flatnonzero(y == label) for label in np.unique(y)]
    aside = np.zeros(len(y), bool)                              # (n,)
    for rows in groups:
        aside[rng.permutation(rows)[:round(test * len(rows))]] = True
    if aside.all() or not aside.any():
        raise ValueError(f"split: test={test} of {len(y)} rows leaves one part empty")
    return X[~aside], X[aside], y[~aside], y[aside]


def batches(n, batch_size, *, rng=None):
    """Yield the row numbers of each batch: 0 … n − 1, freshly shuffled, each once.

    The last batch is shorter where batch_size does not divide n. Used from chapter 9 on.

    Examples
    --------
    >>> [len(rows) for rows in batches(10, 4, rng=0)]
    [4, 4, 2]
    """
    order = np.random.default_rng(rng).permutation(n)           # (n,)
    for start in range(0, n, batch_size):
        yield order[start:start + batch_size]

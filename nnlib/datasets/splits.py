"""Cutting data into parts: into train and test, and into batches."""

from numbers import Real

import numpy as np

from .._validate import expect_count


def split(X, y, *, test=0.2, stratify=None, rng=None):
    """Return X_train, X_test, y_train, y_test, the rows drawn at random.

    Drawn class by class, each class gives the same share, to within a row but at least one to
    each part, so that no class is missing from either by bad luck; the largest classes make
    good what the others give too much. Rows keep their order within each part. Built in
    chapter 9.

    Parameters
    ----------
    X, y : arrays of n rows
        Not changed; the parts are copies.
    test : float
        The share to put aside, above 0 and below 1.
    stratify : bool, optional
        Whether the integers (or booleans) in y are classes, to be drawn one by one; a class of
        one row stays in the first part. Nobody can tell classes from counts by looking, so
        say it where you know. Without it they are taken for classes if each occurs twice or
        more and both parts have room for one row of each: what scikit-learn's
        StratifiedShuffleSplit asks for. The share is then exact, and counts come to no harm.
    rng : numpy.random.Generator or int, optional
        Decides which rows.

    Raises
    ------
    ValueError
        If the lengths differ, test is no such share, either part would be empty, or stratify
        is True and y is no row of integers.
    TypeError
        If stratify is something else.

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
    rest, aside = split_rows(y, test=test, stratify=stratify, rng=rng)
    return X[rest], X[aside], y[rest], y[aside]


def split_rows(y, *, test=0.2, stratify=None, rng=None):
    """Return the row numbers of the two parts that split would make, each in order.

    For data too large to copy. Raises what split raises. Built in chapter 10.

    Examples
    --------
    >>> rest, aside = split_rows(np.repeat([0, 1], 5), test=0.4, rng=0)
    >>> len(rest), len(aside)
    (6, 4)
    """
    y = np.asarray(y)
    n = len(y)
    if not isinstance(test, Real) or not 0 < test < 1:
        raise ValueError(f"split: test must be above 0 and below 1, got {test!r}")
    if not isinstance(stratify, bool | None):
        raise TypeError(f"split: stratify must be True, False or None, got {stratify!r}")
    if n < 2:
        raise ValueError(f"split: {n} rows are too few for two parts")
    rng = np.random.default_rng(rng)
    is_aside = np.zeros(n, bool)                                # (n,)
    for rows, count in _shares(y, test, stratify):
        is_aside[rng.permutation(rows)[:count]] = True
    return np.flatnonzero(~is_aside), np.flatnonzero(is_aside)


def _shares(y, test, stratify):
    """Return pairs: the rows of a class, or all, and how many of them to put aside."""
    n = len(y)
    aside = min(max(round(test * n), 1), n - 1)
    alike = [(np.arange(n), aside)]
    could = y.dtype.kind in "iub" and y.size == n               # (n, 1) is a row of labels too
    if stratify and not could:
        raise ValueError(f"split: stratify needs a row of integer labels, got {y.dtype} of shape "
                         f"{y.shape}")
    if stratify is False or not could:
        return alike
    _, codes, sizes = np.unique(y.ravel(), return_inverse=True, return_counts=True)
    if stratify is None and (sizes.min() < 2 or len(sizes) > min(aside, n - aside)):
        return alike
    if sizes.max() < 2:
        raise ValueError("split: no class has two rows, one for each part")
    counts, seen, taken = {}, 0, 0
    for i in np.argsort(sizes, kind="stable"):
        if (size := int(sizes[i])) > 1:
            # what a class gives too much or too little, the next larger one makes good
            seen += size
            counts[i] = min(max(round(test * seen) - taken, 1), size - 1)
            taken += counts[i]
    classes = np.split(np.argsort(codes, kind="stable"), np.cumsum(sizes)[:-1])
    return [(rows, counts[i]) for i, rows in enumerate(classes) if i in counts]


def batches(n, batch_size, *, rng=None):
    """Return an iterator of each batch's row numbers: 0 … n − 1, shuffled, each once.

    The last batch is shorter where batch_size does not divide n. Built in chapter 7.

    Raises
    ------
    ValueError
        If n or batch_size is no integer of at least 1.

    Examples
    --------
    >>> [len(rows) for rows in batches(10, 4, rng=0)]
    [4, 4, 2]
    """
    expect_count("batches", "n", n)
    expect_count("batches", "batch_size", batch_size)
    order = np.random.default_rng(rng).permutation(n)           # (n,)
    return (order[start:start + batch_size] for start in range(0, n, batch_size))

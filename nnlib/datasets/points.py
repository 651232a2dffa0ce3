"""Small sets of points: moons and circles from scikit-learn, sine and vertical from nnfs."""

import numpy as np

from .._validate import expect_between, expect_count
from .spirals import _global_state


def moons(n_per_class, *, noise=0.1, rng=None):
    """Return two half circles, one hooked into the other: X (n, 2) float32, y (n,) int64.

    n is 2 n_per_class; the classes are mixed. From scikit-learn's make_moons. Used in
    chapter 18.

    Parameters
    ----------
    n_per_class : int
        Points a class, at least 1.
    noise : float
        Standard deviation of the normal noise on both coordinates, at least 0; the radius is 1.
    rng : numpy.random.Generator or int, optional
        Where noise and order come from; an int is a seed.

    Raises
    ------
    ValueError
        If n_per_class is no integer of at least 1, or noise is negative or not finite.
    TypeError
        If noise is no number.

    Examples
    --------
    >>> X, y = moons(100, rng=0)
    >>> X.shape, np.bincount(y)
    ((200, 2), array([100, 100]))
    """
    from sklearn.datasets import make_moons
    return _made("moons", make_moons, n_per_class, noise, rng)


def circles(n_per_class, *, noise=0.05, inner=0.5, rng=None):
    """Return a circle of radius 1 (class 0) around another (class 1): X (n, 2), y (n,).

    As moons, from scikit-learn's make_circles. Used in chapter 18.

    Parameters
    ----------
    n_per_class, noise, rng
        As for moons.
    inner : float
        The inner circle's radius, above 0 and below 1.

    Raises
    ------
    ValueError
        As moons does, and if inner is out of its range.
    TypeError
        If noise or inner is no number.

    Examples
    --------
    >>> X, y = circles(100, noise=0.0, rng=0)
    >>> np.unique(np.hypot(*X[y == 1].T).round(3))
    array([0.5], dtype=float32)
    """
    from sklearn.datasets import make_circles
    expect_between("circles", "inner", inner, 0, 1)
    return _made("circles", make_circles, n_per_class, noise, rng, factor=inner)


def _made(who, make, n_per_class, noise, rng, **settings):
    expect_count(who, "n_per_class", n_per_class)
    expect_between(who, "noise", noise, 0, closed=True)
    seed = int(np.random.default_rng(rng).integers(2**32))
    X, y = make((n_per_class, n_per_class), noise=noise, random_state=seed, **settings)
    return X.astype(np.float32), y.astype(np.int64)


def sine(n):
    """Return x (n, 1) from 0 up to but without 1, and t = sin 2πx (n, 1), both float32.

    For regression, and without anything random; nnfs's sine_data. Used in chapter 19.

    Raises
    ------
    ValueError
        If n is no integer of at least 1.

    Examples
    --------
    >>> x, t = sine(4)
    >>> t.ravel().round(3) + 0.0
    array([ 0.,  1.,  0., -1.], dtype=float32)
    """
    expect_count("sine", "n", n)
    from nnfs.datasets import sine_data
    x, t = sine_data(samples=n)
    return x.astype(np.float32), t.astype(np.float32)


def vertical(n_per_class, n_classes=3, *, rng=None):
    """Return clouds of points side by side: X (n, 2) float32, y (n,) int64.

    Cloud c lies around (c/3, 1/2), with normal noise of 0.1 both ways; clouds follow each
    other. nnfs's vertical_data; NumPy's process-wide random state, from which nnfs draws, is
    put back afterwards. Used in chapter 18.

    Parameters
    ----------
    n_per_class, n_classes : int
        Points a cloud and clouds, at least 1.
    rng : numpy.random.Generator or int, optional
        Where the noise comes from; an int is a seed.

    Raises
    ------
    ValueError
        If either number is no integer of at least 1, or there are more than 256 clouds.

    Examples
    --------
    >>> X, y = vertical(100, rng=0)
    >>> X.shape, np.bincount(y)
    ((300, 2), array([100, 100, 100]))
    """
    expect_count("vertical", "n_per_class", n_per_class)
    expect_count("vertical", "n_classes", n_classes)
    if n_classes > 256:
        raise ValueError(f"vertical: nnfs counts at most 256 classes, got {n_classes}")
    from nnfs.datasets import vertical_data
    seed = np.random.default_rng(rng).integers(2**32)
    with _global_state:
        saved = np.random.get_state()
        try:
            np.random.seed(seed)
            X, y = vertical_data(samples=n_per_class, classes=n_classes)
        finally:
            np.random.set_state(saved)
    return X.astype(np.float32), y.astype(np.int64)             # nnfs counts in uint8

"""The spiral: the data of Parts 1 to 3, and the best that anybody can do on it."""

import math
import threading

import numpy as np

from .._validate import expect_between, expect_count

NOISE = 0.2 * 2.5                           # nnfs: t + 0.2 · normal, and the angle is 2.5 t
TURN = 2.5 * 4                              # radians along an arm, and from arm to arm
_global_state = threading.Lock()


def spiral(n_per_class, n_classes=3, *, noise=NOISE, rng=None):
    """Return the points and labels of nnfs's spiral: X (n, 2) float32, y (n,) int64.

    Point i of arm c lies at radius r = i / (n_per_class − 1) and at the angle 10 r + 10 c,
    measured from the vertical axis, blurred by normal noise of 0.5 radians. n is
    n_per_class · n_classes; arms follow each other. The points come from the package nnfs
    (Kinsley and Kukieła 2020), which draws from NumPy's process-wide random state: that
    state is put back afterwards. Built in chapter 2.

    Parameters
    ----------
    n_per_class, n_classes : int
        Points an arm and arms, at least 1.
    noise : float
        Standard deviation of the angle, in radians, at least 0. Other noise than nnfs's pushes
        the points of the same rng the same way, less far or farther.
    rng : numpy.random.Generator or int, optional
        Where the noise comes from; an int is a seed.

    Raises
    ------
    ValueError
        If either number is no integer of at least 1, there are more than 256 arms, or noise is
        below 0.

    Examples
    --------
    >>> X, y = spiral(100, rng=0)
    >>> X.shape, np.bincount(y)
    ((300, 2), array([100, 100, 100]))
    """
    expect_count("spiral", "n_per_class", n_per_class)
    expect_count("spiral", "n_classes", n_classes)
    if n_classes > 256:
        raise ValueError(f"spiral: nnfs counts at most 256 classes, got {n_classes}")
    expect_between("spiral", "noise", noise, 0, closed=True)
    seed = np.random.default_rng(rng).integers(2**32)
    if noise != NOISE:                                          # nnfs knows but one
        return _wind(n_per_class, n_classes, noise * np.random.RandomState(seed).randn(
            n_classes, n_per_class))
    from nnfs.datasets import spiral_data
    with _global_state:
        saved = np.random.get_state()
        try:
            np.random.seed(seed)
            X, y = spiral_data(samples=n_per_class, classes=n_classes)
        finally:
            np.random.set_state(saved)
    return X.astype(np.float32), y.astype(np.int64)             # nnfs counts in uint8


def _wind(n_per_class, n_classes, push):
    """Return X and y, each angle pushed along its circle; push: (n_classes, n_per_class)."""
    r = np.linspace(0, 1, n_per_class)
    angle = TURN * (r + np.arange(n_classes)[:, np.newaxis]) + push
    X = np.stack([r * np.sin(angle), r * np.cos(angle)], axis=-1).reshape(-1, 2)
    return X.astype(np.float32), np.arange(n_classes).repeat(n_per_class)


def spiral_bayes(X, n_classes=3, *, noise=NOISE):
    """Return p (n, k): how probable each arm is for a point of the spiral, exactly.

    With the generating density known, Bayes' rule gives the probabilities that no classifier
    can better. Given radius r, arm c puts the angle φ at 10 r + 10 c with normal noise of
    ``noise`` radians, 0.5 as in nnfs; a full turn is the same angle, so the density sums over
    turns. Used in chapter 9; chapter 10 derives it. Raises ValueError unless noise is above 0.

    Examples
    --------
    >>> spiral_bayes(np.array([[0.0, 0.5]])).round(2)
    array([[0.04, 0.  , 0.96]])
    """
    expect_between("spiral_bayes", "noise", noise, 0)
    X = np.asarray(X, np.float64)
    r = np.hypot(X[:, 0], X[:, 1])                              # (n,)
    phi = np.arctan2(X[:, 0], X[:, 1])                          # (n,) from the vertical axis
    centre = TURN * (r[:, np.newaxis] + np.arange(n_classes))   # (n, k)
    miss = (phi[:, np.newaxis] - centre + math.pi) % (2 * math.pi) - math.pi
    far = math.ceil(1 + 8 * noise / (2 * math.pi))              # the rest weigh nothing
    turns = 2 * math.pi * np.arange(-far, far + 1)
    power = -0.5 * ((miss[..., np.newaxis] + turns) / noise)**2
    power -= power.max(axis=(1, 2), keepdims=True)              # so that not all become 0
    density = np.exp(power).sum(axis=2)
    return density / density.sum(axis=1, keepdims=True)

"""First weights: each function returns a matrix (n_in, n_out) in float64 for a Dense layer.

A layer keeps the size of the signal that passes through it if its weights have the right
variance; which one depends on the activation behind it.
"""

import math

import numpy as np


def he(n_in, n_out, rng):
    """Return normal numbers of variance 2 / n_in, for ReLU (He et al. 2015, equation 10).

    Built in chapter 13.
    """
    return rng.standard_normal((n_in, n_out)) * math.sqrt(2 / n_in)


def glorot(n_in, n_out, rng):
    """Return normal numbers of variance 2 / (n_in + n_out), for tanh and sigmoid.

    The compromise between what keeps the signal and what keeps the gradient (Glorot and
    Bengio 2010, equation 12; their equation 16 is its uniform form). Built in chapter 13.
    """
    return rng.standard_normal((n_in, n_out)) * math.sqrt(2 / (n_in + n_out))


def lecun(n_in, n_out, rng):
    """Return normal numbers of variance 1 / n_in, where slopes are near 1 (LeCun et al. 1998).

    Built in chapter 13.
    """
    return rng.standard_normal((n_in, n_out)) * math.sqrt(1 / n_in)


def normal(n_in, n_out, rng):
    """Return normal numbers of standard deviation 0.01, whatever the sizes.

    Built in chapter 13.
    """
    return rng.standard_normal((n_in, n_out)) * 0.01


def zeros(n_in, n_out, rng):
    """Return zeros: all units of the layer stay alike for ever. Built in chapter 13."""
    return np.zeros((n_in, n_out))


NAMED = {f.__name__: f for f in (he, glorot, lecun, normal, zeros)}


def weights(init, n_in, n_out, rng):
    """Return first weights by name ("he", …), or by a function (n_in, n_out, rng) -> array.

    Built in chapter 13.

    Raises
    ------
    ValueError
        For a name that is none of NAMED, or a function whose array has another shape.

    Examples
    --------
    >>> weights("zeros", 2, 3, np.random.default_rng(0))
    array([[0., 0., 0.],
           [0., 0., 0.]])
    """
    function = init if callable(init) else NAMED.get(init) if isinstance(init, str) else None
    if function is None:
        raise ValueError(f"Dense: init must be a function or one of {', '.join(NAMED)}, "
                         f"got {init!r}")
    W = np.asarray(function(n_in, n_out, rng))
    if W.shape != (n_in, n_out):
        raise ValueError(f"Dense: init gave weights of shape {W.shape}, "
                         f"expected {(n_in, n_out)}")
    return W

"""One vector of parameters: the trick that makes the rest of a model short.

Every parameter lives in one long vector, every gradient in a second one, and the arrays of
the layers are windows onto them. What acts on all parameters (an optimizer, clipping, a
snapshot of the best weights, a numerical gradient) is then a line on one vector.
"""

import math

import numpy as np

from ._validate import expect_between


def join(layers):
    """Move the layers' parameters into one vector, and make their arrays views of it.

    Returns theta (p,), grad (p,) and the number of weights: matrices come first, so weight
    decay acts on theta[:n_decay]. Built in chapter 6.

    Examples
    --------
    >>> from nnlib import Dense
    >>> layer = Dense(2, 3)
    >>> theta, grad, n_decay = join([layer])
    >>> theta[:] = range(9)
    >>> layer.b
    array([6., 7., 8.], dtype=float32)
    """
    found = slots(layers)
    theta = np.empty(sum(array.size for *_, array in found), found[0][2].dtype)
    grad = np.empty_like(theta)
    start = n_decay = 0
    for i, name, array in found:
        for vector, key in ((theta, name), (grad, f"d{name}")):
            view = vector[start:start + array.size].reshape(array.shape)
            view[...] = getattr(layers[i], key)
            layers[i].__dict__[key] = view                      # past the copying __setattr__
        start += array.size
        if array.ndim > 1:
            n_decay = start
    return theta, grad, n_decay


def slots(layers):
    """Return (number of the layer, name, array) of all parameters, in theta's order.

    Matrices come first; otherwise the order is that of the layers. Built in chapter 6.

    Examples
    --------
    >>> from nnlib import Dense
    >>> [(i, name) for i, name, _ in slots([Dense(2, 3), Dense(3, 1)])]
    [(0, 'W'), (1, 'W'), (0, 'b'), (1, 'b')]
    """
    found = [(i, name, getattr(layer, name)) for i, layer in enumerate(layers)
             for name in layer.params]
    return sorted(found, key=lambda slot: slot[2].ndim < 2)     # stable


def shorten(grad, clip):
    """Scale grad, shape (p,), down in place until it is no longer than clip.

    Its direction stays (Pascanu et al. 2013, "On the difficulty of training recurrent neural
    networks", algorithm 1). Built in chapter 21.

    Raises
    ------
    ValueError, TypeError
        If clip is no number above 0, or infinite.
    FloatingPointError
        If the length is not finite; grad stays as it is.

    Examples
    --------
    >>> grad = np.array([3.0, 4.0])
    >>> shorten(grad, 1)
    >>> grad
    array([0.6, 0.8])
    """
    expect_between("Model.train_step", "clip", clip, 0)
    length = float(np.linalg.norm(grad.astype(np.float64)))     # float64: squares overflow
    if not math.isfinite(length):
        raise FloatingPointError(f"the gradient's length is {length}")
    if length > clip:
        grad *= clip / length


def accumulate(total, value, decay):
    """Set total to decay * total + value, in place: two passes, nothing allocated.

    A decaying sum. Built in chapter 7.
    """
    total *= decay
    total += value


def quotient(top, squares, eps, out):
    """Write top / (√squares + eps) into out, in place: three passes, nothing allocated.

    Built in chapter 8.
    """
    np.sqrt(squares, out=out)
    out += eps
    np.divide(top, out, out=out)

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
    slots = [(layer, name) for layer in layers for name in layer.params]
    slots.sort(key=lambda slot: getattr(*slot).ndim < 2)        # stable: matrices first
    sizes = [getattr(*slot).size for slot in slots]
    theta = np.empty(sum(sizes), getattr(*slots[0]).dtype)
    grad = np.empty_like(theta)
    start = 0
    for (layer, name), size in zip(slots, sizes, strict=True):
        shape = getattr(layer, name).shape
        for vector, key in ((theta, name), (grad, f"d{name}")):
            view = vector[start:start + size].reshape(shape)
            view[...] = getattr(layer, key)
            layer.__dict__[key] = view                          # past the copying __setattr__
        start += size
    n_decay = sum(size for slot, size in zip(slots, sizes, strict=True)
                  if getattr(*slot).ndim > 1)
    return theta, grad, n_decay


def shorten(grad, clip):
    """Scale grad, shape (p,), down in place until it is no longer than clip.

    Its direction stays (Pascanu et al. 2013, "On the difficulty of training recurrent neural
    networks", algorithm 1). Raises FloatingPointError if its length is not finite.

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

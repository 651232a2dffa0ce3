"""One vector of parameters: the trick that makes the rest of a model short.

Every parameter lives in one long vector, every gradient in a second one, and the arrays of
the layers are windows onto them. What acts on all parameters (an optimizer, clipping, a
snapshot of the best weights, a numerical gradient) is then a line on one vector.
"""

import numpy as np


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

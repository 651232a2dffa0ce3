"""Small nets and data for the tests."""

from itertools import pairwise

import numpy as np

from nnlib import CategoricalCrossEntropy, Dense, Model, ReLU, Softmax


def net(widths=(2, 8, 3), *, seed=0, dtype=np.float32, softmax=True):
    """A classifier of Dense and ReLU layers, its biases not 0, so that they count in tests."""
    rng = np.random.default_rng(seed)
    layers = []
    for n_in, n_out in pairwise(widths):
        layers += [Dense(n_in, n_out, rng=rng, dtype=dtype), ReLU()]
        layers[-2].b = 0.1 * rng.standard_normal(n_out)
    layers[-1:] = [Softmax()] if softmax else []
    return Model(layers, loss=CategoricalCrossEntropy())


def data(n=30, columns=2, classes=3, *, seed=0):
    """Random points and labels of every class."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, columns)), np.arange(n) % classes

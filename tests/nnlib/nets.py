"""Small nets and data for the tests."""

from itertools import pairwise

import numpy as np

from nnlib import (
    BatchNorm,
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Dense,
    Dropout,
    LeakyReLU,
    Linear,
    MeanAbsoluteError,
    MeanSquaredError,
    Model,
    ReLU,
    Rescaling,
    Sigmoid,
    Softmax,
    Tanh,
)

LOSSES = (BinaryCrossEntropy, CategoricalCrossEntropy, MeanAbsoluteError, MeanSquaredError)


def parts(dtype=np.float64):
    """One of each layer, in its settings that differ, for four columns."""
    return [Dense(4, 3, rng=0, dtype=dtype),
            Dense(4, 3, l1=0.1, l2=0.2, bias_l1=0.3, bias_l2=0.4, rng=0, dtype=dtype),
            Dropout(0.3, rng=0), BatchNorm(4, dtype=dtype), BatchNorm(4, frozen=True, dtype=dtype),
            LeakyReLU(0.2), Linear(), ReLU(), Rescaling(0.5, 1.0), Sigmoid(), Softmax(), Tanh()]


def net(widths=(2, 8, 3), *, seed=0, dtype=np.float32, softmax=True):
    """A classifier of Dense and ReLU layers, its biases not 0, so that they count in tests."""
    rng = np.random.default_rng(seed)
    layers = []
    for n_in, n_out in pairwise(widths):
        layers += [Dense(n_in, n_out, rng=rng, dtype=dtype), ReLU()]
        layers[-2].b = 0.1 * rng.standard_normal(n_out)
    layers[-1:] = [Softmax()] if softmax else []
    return Model(layers, loss=CategoricalCrossEntropy())


def all_in_one(*, dtype=np.float32, seed=0):
    """A net with a layer of each kind that keeps something."""
    first = Dense(2, 6, l1=1e-3, l2=1e-2, bias_l2=1e-2, rng=seed, dtype=dtype)
    return Model([Rescaling(0.5), first, BatchNorm(6, dtype=dtype),
                  LeakyReLU(0.1), Dropout(0.2, rng=seed),
                  Dense(6, 5, rng=seed + 1, dtype=dtype), Tanh(),
                  Dense(5, 3, rng=seed + 2, dtype=dtype), Softmax()],
                 loss=CategoricalCrossEntropy())


def data(n=30, columns=2, classes=3, *, seed=0):
    """Random points and labels of every class."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, columns)), np.arange(n) % classes


def targets(loss, n, width, *, seed=0):
    """Random targets of the kind that a loss wants."""
    rng = np.random.default_rng(seed)
    if isinstance(loss, CategoricalCrossEntropy):
        return rng.integers(width, size=n)
    if isinstance(loss, BinaryCrossEntropy):
        return rng.integers(2, size=(n, width))
    return 3 * rng.standard_normal((n, width))

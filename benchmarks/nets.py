"""The nets whose training step is timed, and what every peer starts from."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

LR = 1e-4                                   # small: 10,000 steps must not end in zeros
SEED = 7


class Net(NamedTuple):
    """Widths from the inputs to the classes, and the rows of a batch."""

    name: str
    widths: tuple
    n: int


NETS = {
    "spiral": Net("spiral 2-64-3, n = 300", (2, 64, 3), 300),
    "deep": Net("784-256-128-64-32-10, n = 128", (784, 256, 128, 64, 32, 10), 128),
    "wide": Net("784-512-256-47, n = 128", (784, 512, 256, 47), 128),
    "batch": Net("784-512-256-47, n = 512", (784, 512, 256, 47), 512),
}


def batch(net, rows=None):
    """Return X (n, n_in) in float32 and the labels y (n,), every class among them."""
    rng = np.random.default_rng(SEED)
    n = rows or net.n
    X = rng.random((n, net.widths[0]), np.float32)
    return X, rng.permutation(np.arange(n) % net.widths[-1])


def weights(net):
    """Return W (n_in, n_out) and b (n_out,) of each layer, in float32."""
    rng = np.random.default_rng(SEED + 1)
    return [((rng.standard_normal((n_in, n_out)) * np.sqrt(2 / n_in)).astype(np.float32),
             np.zeros(n_out, np.float32)) for n_in, n_out in pairwise(net.widths)]

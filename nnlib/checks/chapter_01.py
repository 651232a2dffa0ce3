"""Chapter 1, neurons and layers."""

import numpy as np

from .diagnosis import Exercise

_rng = np.random.default_rng(1)
_x = _rng.normal(size=(5, 3))               # (n, n_in)
_W1, _b1 = _rng.normal(size=(3, 4)), _rng.normal(size=4)
_W2, _b2 = _rng.normal(size=(4, 2)), _rng.normal(size=2)
_THREE = np.array([[i >> 2 & 1, i >> 1 & 1, i & 1] for i in range(8)], float)   # (8, 3)


def _majority(answer, x):
    """Return what a neuron says: 1 if its score is above 0."""
    w, b = answer
    return int(x @ np.asarray(w, float).reshape(3) + float(b) > 0)


EXERCISES = {
    "1.1": Exercise(
        "the parameters of each of the three layers, as a, b, c",
        right=(192, 4160, 195),
        mistakes={
            "these are the weights alone. Each neuron has a bias too": (128, 4096, 192),
            "each neuron has a bias of its own: there are n_out of them in a layer, and not one":
                (129, 4097, 193),
            "you counted a bias for each input. A bias belongs to a neuron, so to an output":
                (130, 4160, 256),
            "you counted neurons. Each of them has a weight for every input, and a bias":
                (64, 64, 3),
        }),
    "1.2": Exercise(
        "a function of W1, b1, W2, b2 that returns W and b",
        names=("W", "b"),
        right=lambda W1, b1, W2, b2: (W1 @ W2, b1 @ W2 + b2),
        cases=((_W1, _b1, _W2, _b2), (_W1[:1, :2], _b1[:2], _W2[:2, :1], _b2[:1])),
        mistakes={
            "W is right, but the first layer's bias got lost: it passes through W2 as well":
                lambda W1, b1, W2, b2: (W1 @ W2, b2),
            "W is right, but the second layer's bias got lost":
                lambda W1, b1, W2, b2: (W1 @ W2, b1 @ W2),
            "b1 is as wide as the hidden layer and b2 as the output: b1 has to pass through W2":
                lambda W1, b1, W2, b2: (W1 @ W2, b1 + b2),
            "you returned b before W": lambda W1, b1, W2, b2: (b1 @ W2 + b2, W1 @ W2),
            "W is transposed. x @ W1 comes first, so W1 stands on the left":
                lambda W1, b1, W2, b2: (W2.T @ W1.T, b1 @ W2 + b2),
        }),
    "1.3": Exercise(
        "a list of three weights, and a bias",
        right=(np.array([1.0, 1.0, 1.0]), -1.5),
        cases=tuple((votes,) for votes in _THREE), use=_majority,
        mistakes={
            "this neuron says yes if any of the three does: its bias is not low enough":
                (np.array([1.0, 1.0, 1.0]), -0.5),
            "this neuron says yes only if all three do: its bias is too low":
                (np.array([1.0, 1.0, 1.0]), -2.5),
            "this neuron always says yes": (np.zeros(3), 1.0),
            "this neuron never says yes": (np.zeros(3), -1.0),
            "yes and no have changed places: flip the signs of the weights and of the bias":
                (np.array([-1.0, -1.0, -1.0]), 1.5),
        }),
    "clinic 1": Exercise(
        "a function of x, W, b that returns z",
        right=lambda x, W, b: x @ W + b,
        cases=((_x[:4], _W1, _b1), (_x, _W1, _b1)),
        mistakes={
            "the first bias went to the first row, the second to the second row. A bias belongs "
            "to a neuron, so to a column":
                lambda x, W, b: x @ W + b[:, None],
            "the bias is missing": lambda x, W, b: x @ W,
        }),
}

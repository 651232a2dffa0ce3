"""Chapter 3, activations."""

import numpy as np

from .diagnosis import Exercise

_LINE = (-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 3.5, 4.0, 6.0)
_VOTES = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
_rng = np.random.default_rng(3)
_z = _rng.normal(size=(4, 3))
_LARGE = np.array([[1000.0, 0.0, -5.0], [0.0, 1.0, 2.0], [-1000.0, -1000.0, -1000.0]])


def _curve(answer, x):
    """Return the sum of weighted ReLUs with these biases at one place."""
    biases, weights = (np.asarray(part, float).reshape(-1) for part in answer)
    if len(biases) != len(weights):
        raise ValueError(f"{len(biases)} biases and {len(weights)} weights; give each neuron both")
    return np.maximum(0, x + biases) @ weights


def _yes(answer, x):
    """Return 1 if the score of a net with one hidden layer is above 0."""
    W1, b1, W2, b2 = (np.asarray(part, float) for part in answer)
    if W1.shape != (2, 2):
        raise ValueError(f"W1 has the shape {W1.shape}; two inputs and two neurons make (2, 2)")
    a = np.maximum(0, x @ W1 + b1.reshape(2))
    return int(a @ W2.reshape(2) + float(b2.reshape(-1)[0]) > 1e-9)


def _loudly(answer, *case):
    """Call, letting an overflow raise; return logarithms, so that tiny numbers count too."""
    with np.errstate(over="raise", invalid="raise"):
        a = answer(*case)
    return np.log(a + 1e-50) if isinstance(a, np.ndarray) else a


def _softmax(z, *, axis=1, top=None):
    """Return softmax along an axis, with `top` taken off first."""
    e = np.exp(z - (z.max(axis=1, keepdims=True) if top is None else top(z)))
    return e / e.sum(axis=axis, keepdims=True)


EXERCISES = {
    "3.1": Exercise(
        "a list of biases and a list of weights, equally long",
        right=([0, -1, -3, -4], [1, -1, -1, 1]), cases=tuple((x,) for x in _LINE), use=_curve,
        mistakes={
            "the curve falls for ever after x = 4: one more bend has to stop it":
                ([0, -1, -3], [1, -1, -1]),
            "the signs of the biases are flipped: a ReLU that bends at x = 3 has the bias -3":
                ([0, 1, 3, 4], [1, -1, -1, 1]),
            "the curve rises at both ends of the plateau: what is the change of slope at x = 3?":
                ([0, -1, -3, -4], [1, -1, 1, -1]),
            "these weights are heights. A weight is the change from one slope to the next":
                ([0, -1, -3, -4], [0, 1, 1, 0]),
            "weights and biases have changed places: the biases come first":
                ([1, -1, -1, 1], [0, -1, -3, -4]),
            "this is the bump of the chapter: the plateau is missing":
                ([0, -1, -2], [1, -2, 1]),
            "these weights are slopes. A weight is the change from one slope to the next":
                ([0, -1, -3, -4], [1, 0, -1, 0]),
        }),
    "3.2": Exercise(
        "W1, b1, W2, b2 as lists", cases=tuple((votes,) for votes in _VOTES), use=_yes,
        right=([[1, 1], [1, 1]], [0, -1], [[1], [-2]], [0]),
        mistakes={
            "this network says yes to (1, 1) as well. The second neuron has to pull its score "
            "down to 0": ([[1, 1], [1, 1]], [0, -1], [[1], [0]], [0]),
            "this network says yes to (1, 1) alone":
                ([[1, 1], [1, 1]], [0, -1], [[0], [1]], [0]),
            "yes and no have changed places": ([[1, 1], [1, 1]], [0, -1], [[-1], [2]], [0.5]),
            "this network says no to everything":
                ([[1, 1], [1, 1]], [0, -1], [[-1], [0]], [0]),
            "this network says yes to everything":
                ([[1, 1], [1, 1]], [0, -1], [[0], [0]], [1]),
        }),
    "3.3": Exercise(
        "a function of an array that returns an array of the same shape", use=_loudly,
        right=lambda z: np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z))),
        cases=((np.array([-1000.0, -2.0, 0.0, 3.0, 1000.0]),), (_z,)),
        mistakes={
            "exp overflows: somewhere its exponent is +1000. See which exponents can be kept at "
            "or below 0": lambda z: 1 / (1 + np.exp(-z)),
            "nothing overflows, but z was clipped: far out the sigmoid still has to fall":
                lambda z: 1 / (1 + np.exp(-np.clip(z, -20, 20))),
            "this is the probability of no: 1 minus the sigmoid":
                lambda z: np.exp(np.minimum(-z, 0)) / (1 + np.exp(-np.abs(z))),
            "both halves are the same: for z < 0 the numerator is exp(z), not 1":
                lambda z: 1 / (1 + np.exp(-np.abs(z))),
        }),
    "clinic 3": Exercise(
        "a function of scores, shape (n, k), that returns probabilities",
        right=_softmax, cases=((_z,), (_LARGE,)),
        mistakes={
            "each column has the sum 1, so the samples share it. A row has to: axis=1":
                lambda z: _softmax(z, axis=0),
            "all numbers together have the sum 1. Each row has to: axis=1":
                lambda z: _softmax(z, axis=None),
            "exp overflows for the score 1000: take the largest score of each row off first":
                lambda z: _softmax(z, top=lambda z: 0.0),
            "you took the largest score of the whole batch off. Then a row of small scores has "
            "only zeros left: take each row's own":
                lambda z: _softmax(z, top=lambda z: z.max()),
            "row sums of shape (n,) are laid along the columns: keepdims=True keeps them upright":
                lambda z: np.exp(z - z.max(axis=1, keepdims=True)) / np.exp(
                    z - z.max(axis=1, keepdims=True)).sum(axis=1),
            "these are no shares yet: divide by the sum of the row":
                lambda z: np.exp(z - z.max(axis=1, keepdims=True)),
        }),
}

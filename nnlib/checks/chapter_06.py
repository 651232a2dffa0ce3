"""Chapter 6, backpropagation."""

import numpy as np

from ..activations import Softmax, sigmoid
from .diagnosis import Exercise

softmax = Softmax().forward
_rng = np.random.default_rng(6)
_bent = np.array([[0.0, 2.0, 0.5], [3.0, 0.0, 0.0]])
_da = np.array([[10.0, -20.0, 30.0], [-40.0, 50.0, 60.0]])
_a = _rng.uniform(0.05, 0.95, (4, 3))
_d = _rng.normal(size=(4, 3))
_WEIGHTS = (_rng.normal(size=(2, 5)), _rng.normal(size=5), _rng.normal(size=(5, 3)),
            _rng.normal(size=3))
_x, _y = _rng.normal(size=(7, 2)), np.array([0, 1, 2, 2, 1, 0, 1])


def _start(scores, y):
    """Return (p - Y) / n."""
    return (softmax(scores) - np.eye(scores.shape[1])[y]) / len(y)


def _net(start=_start, mask=lambda da, z: da * (z > 0), hidden=lambda a, z: a,
         rows=lambda d: d.sum(axis=0), order=(0, 1, 2, 3), bend=lambda z: np.maximum(0, z)):
    """Return the gradients of a whole network as a function, some part of it replaced."""
    def gradients(x, y, W1, b1, W2, b2):
        z = x @ W1 + b1
        a = bend(z)
        d = start(a @ W2 + b2, y)
        dz = mask(d @ W2.T, z)
        found = x.T @ dz, rows(dz), hidden(a, z).T @ d, rows(d)
        return tuple(found[i] for i in order)
    return gradients


EXERCISES = {
    "6.1": Exercise(
        "three numbers, dw, db and dx", right=(12, 6, 24), names=("dw", "db", "dx"),
        mistakes={
            "dx lacks the way past the layer: x is used twice, and both slopes count":
                (12, 6, 18),
            "dx lacks the way through the layer: x is used twice, and both slopes count":
                (12, 6, 6),
            "dx is the mean of its two slopes. They are added up": (12, 6, 12),
            "the slope of the square is 2 times what went into it, which is 3": (4, 2, 8),
            "you took the slope of the square at what came out, 9. It belongs to what went in, "
            "3": (36, 18, 72),
            "the product gave each of its inputs that input itself. Each gets the other one":
                (18, 6, 18),
            "you let nothing through ReLU. What went into it is 1, so it is on": (0, 0, 6),
            "you multiplied the two slopes that come back to x. They are added up": (12, 6, 108),
            "dw and db have changed places": (6, 12, 24),
            "dx comes last: the order is dw, db, dx": (24, 6, 12),
            "the order is dw, db, dx, and not dx, dw, db": (24, 12, 6),
            "the order is dw, db, dx, and not dw, dx, db": (12, 24, 6),
            "these would be right for b = −7. Here b is −5, so ReLU is on": (0, 0, 4),
        }),
    "6.2": Exercise(
        "a function of da and a that returns dz",
        right=lambda da, a: da * a * (1 - a), cases=((_d, _a), (_d[:2], _a[2:])),
        mistakes={
            "this is the local slope alone: multiply it by what comes back, da":
                lambda da, a: a * (1 - a),
            "you took a for z and put it through the sigmoid again. It is the output already":
                lambda da, a: da * sigmoid(a) * (1 - sigmoid(a)),
            "the factor 1 - a is missing": lambda da, a: da * a,
            "the factor a is missing": lambda da, a: da * (1 - a),
            "this is the way back through tanh, whose slope is 1 - a²":
                lambda da, a: da * (1 - a**2),
        }),
    "6.3": Exercise(
        "a function of x, y, W1, b1, W2, b2 that returns dW1, db1, dW2, db2",
        names=("dW1", "db1", "dW2", "db2"),
        right=_net(), cases=((_x, _y, *_WEIGHTS), (_x[:4], _y[:4], *_WEIGHTS)),
        mistakes={
            "dW2 and db2 are right, dW1 and db1 are not: between them stands ReLU, and its mask "
            "is missing, or true everywhere (no output of ReLU is below 0)":
                _net(mask=lambda da, z: da),
            "dW2 and db2 are right, dW1 and db1 are not: the mask asks what comes back. It has "
            "to ask what went in, z > 0": _net(mask=lambda da, z: da * (da > 0)),
            "dW2 and db2 are right, dW1 and db1 are not: you put what comes back through ReLU, "
            "with z as a factor. Its slope is 1 where z > 0":
                _net(mask=lambda da, z: da * np.maximum(0, z)),
            "all four are n times too large: the loss is a mean, so divide p - Y by n":
                _net(start=lambda s, y: _start(s, y) * len(y)),
            "two things are missing: the mask of ReLU between the layers, and the 1/n of the mean "
            "at the start": _net(start=lambda s, y: _start(s, y) * len(y), mask=lambda da, z: da),
            "all four are n times too small: 1/n belongs into (p - Y) / n and nowhere else":
                _net(start=lambda s, y: _start(s, y) / len(y)),
            "db1 and db2 are n times too small: add the rows up; the 1/n is in them already":
                _net(rows=lambda d: d.mean(axis=0)),
            "db1 and db2 are added up along the wrong axis: a bias gets one slope from each row, "
            "so sum over axis 0": _net(rows=lambda d: d.sum(axis=1)),
            "db1 and db2 are single numbers: every neuron has its own bias, so sum over axis 0 "
            "and over nothing else": _net(rows=lambda d: d.sum()),
            "db1 and db2 still have a row for each sample: a bias is used by all of them, so sum "
            "over axis 0": _net(rows=lambda d: d),
            "db1 and db2 have a second pair of brackets: b has the shape (n_out,), so sum over "
            "axis 0 without keepdims": _net(rows=lambda d: d.sum(axis=0, keepdims=True)),
            "all signs are flipped: the way back starts with p - Y, not with Y - p":
                _net(start=lambda s, y: -_start(s, y)),
            "Y is missing: the way back starts with (p - Y) / n, and not with p / n":
                _net(start=lambda s, y: softmax(s) / len(y)),
            "you subtracted 1 from every probability. Only that of the label gets 1 less":
                _net(start=lambda s, y: (softmax(s) - 1) / len(y)),
            "the way back starts with the scores minus Y: put them through softmax first":
                _net(start=lambda s, y: (s - np.eye(s.shape[1])[y]) / len(y)),
            "dW2 is wrong: the input of the second layer is a, what ReLU gave, and not z":
                _net(hidden=lambda a, z: z),
            "ReLU is missing, there and back: this is a network without a bend":
                _net(bend=lambda z: z, mask=lambda da, z: da),
            "ReLU is missing on the way there: scores come from a, not from z":
                _net(bend=lambda z: z),
            "you returned the second layer's gradients first. Wanted: dW1, db1, dW2, db2":
                _net(order=(2, 3, 0, 1)),
            "the numbers are right, in the order of theta. Wanted: dW1, db1, dW2, db2":
                _net(order=(0, 2, 1, 3)),
        }),
    "clinic 6": Exercise(
        "a function of da and a that returns dz",
        right=lambda da, a: da * (a > 0), cases=((_da, _bent), (_da[:, :2], _bent[:, :2])),
        mistakes={
            "the mask is true everywhere, so every slope gets through, also where the neuron was "
            "off. The output of ReLU is never below 0": lambda da, a: da * 1.0,
            "the mask is true nowhere, so no slope gets through": lambda da, a: da * 0.0,
            "this is the mask alone: multiply what comes back by it": lambda da, a: (a > 0) * 1.0,
            "the mask asks whether da is above 0. It has to ask what the layer gave":
                lambda da, a: da * (da > 0),
            "the slopes got through where the neuron was off, and not where it was on":
                lambda da, a: da * (a <= 0),
            "the slope of ReLU is 1 where it is on, and not what it gave": lambda da, a: da * a,
        }),
}

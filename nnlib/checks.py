"""Checks: is what was derived true? Each prints what it found, for people to read."""

import copy
from dataclasses import dataclass, field

import numpy as np

STEP = 1e-5             # of a central difference in float64: its error is about STEP² and 1e-11
FEW = 1000              # parameters: up to here every coordinate is tried
DIRECTIONS = 20         # random directions for each larger array
FLOOR = 1e-3            # shorter gradients are compared as if they were so long


def gradient_check(model, X, y, *, tolerance=1e-7, rng=0):
    """Compare a model's gradient with central differences, array by array.

    ∂L/∂θᵢ ≈ (L(θ + h eᵢ) − L(θ − h eᵢ)) / 2h, in float64 on a copy of the model, so that
    neither precision nor the model suffers. L is the loss of training with its penalties;
    Dropout's masks are the same each time. Up to 1,000 parameters every coordinate is tried;
    of a larger net, 20 random directions for each array. The error of an array is
    ‖a − b‖ / max(‖a‖, ‖b‖, 0.001). Where a difference disagrees, it is taken again over
    shorter and shorter steps: next to a bend (of ReLU, say) the first ones may reach across
    it, and a wrong gradient stays wrong. Built in chapter 6; CS231n's notes on gradient
    checks are its source.

    Parameters
    ----------
    model : Model
        Not changed.
    X, y : arrays
        A batch; few rows are enough.
    tolerance : float
        The largest relative error of a right gradient.
    rng : numpy.random.Generator or int
        Chooses the directions.

    Returns
    -------
    GradientCheck
        A table to print; ``passed`` says whether all errors are within the tolerance.

    Examples
    --------
    >>> from nnlib import CategoricalCrossEntropy, Dense, Model, Softmax
    >>> model = Model([Dense(2, 3, rng=0), Softmax()], loss=CategoricalCrossEntropy())
    >>> check = gradient_check(model, np.eye(2), np.array([0, 2]))
    >>> check.passed, max(row.error for row in check.rows) < 1e-7
    (True, True)
    """
    model, rng = in_float64(model), np.random.default_rng(rng)
    model._check(X, y)                                          # refuse what fit refuses
    randomness = [layer.rng.bit_generator for layer in model.layers if hasattr(layer, "rng")]
    states = [generator.state for generator in randomness]

    def loss_and_gradient():
        for generator, state in zip(randomness, states, strict=True):
            generator.state = state
        return model.loss_and_gradient(X, y)

    found = loss_and_gradient()[1].copy()
    check = GradientCheck(tolerance)
    start = 0
    for i, name, size in _arrays(model):
        part = slice(start, start + size)
        start += size
        if model.theta.size <= FEW:
            directions = np.eye(size)                           # (size, size)
        else:
            directions = rng.standard_normal((DIRECTIONS, size))
            directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        analytic = directions @ found[part]                     # (m,)
        numeric = np.array([_slope(model, loss_and_gradient, part, direction, expected, tolerance)
                            for direction, expected in zip(directions, analytic, strict=True)])
        scale = max(np.linalg.norm(analytic), np.linalg.norm(numeric), FLOOR)
        error = float(np.linalg.norm(analytic - numeric) / scale)
        check.rows.append(Row(f"{i} {model.layers[i]}", name, len(directions), size, error))
    return check


def _slope(model, loss_and_gradient, part, direction, expected, tolerance):
    """Return the slope of the loss along a direction in one part of theta."""
    kept = model.theta[part].copy()
    slopes = []
    for step in (STEP, STEP / 10, STEP / 100):
        losses = []
        for sign in (1, -1):
            model.theta[part] = kept + sign * step * direction
            losses.append(loss_and_gradient()[0])
        model.theta[part] = kept
        slopes.append((losses[0] - losses[1]) / (2 * step))
        if abs(slopes[-1] - expected) <= tolerance * max(abs(expected), FLOOR):
            break
    return min(slopes, key=lambda slope: abs(slope - expected))


@dataclass(frozen=True)
class Row:
    """One array of parameters: how many slopes were tried and how far off they were."""

    layer: str
    name: str
    tried: int
    size: int
    error: float


@dataclass
class GradientCheck:
    """What gradient_check found; printed, a table."""

    tolerance: float
    rows: list = field(default_factory=list)

    @property
    def passed(self):
        """Whether every error is within the tolerance (NaN is not)."""
        return all(row.error <= self.tolerance for row in self.rows)

    def __str__(self):
        """Return the table."""
        cells = [("layer", "gradient", "tried", "relative error", "")]
        for row in self.rows:
            tried = f"all {row.size}" if row.tried == row.size else f"{row.tried} directions"
            bound = self.tolerance if row.error <= self.tolerance else row.error
            sign = "≤" if row.error <= self.tolerance else "="
            cells.append((row.layer, f"d{row.name}", tried, f"{sign} {bound:.0e}",
                          "right" if row.error <= self.tolerance else "WRONG"))
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        return "\n".join("   ".join(cell.ljust(width) for cell, width
                                    in zip(line, widths, strict=True)).rstrip()
                         for line in cells)

    __repr__ = __str__


def in_float64(model):
    """Return a copy of a model whose parameters, buffers and arithmetic are float64."""
    layers = copy.deepcopy(model.layers)
    for layer in layers:
        for name in layer.arrays:
            layer.__dict__[name] = layer.__dict__[name].astype(np.float64)
    return type(model)(layers, loss=copy.deepcopy(model.loss))


def _arrays(model):
    """Return (number of the layer, name, size) of all parameters, in theta's order."""
    slots = [(i, name, getattr(layer, name)) for i, layer in enumerate(model.layers)
             for name in layer.params]
    slots.sort(key=lambda slot: slot[2].ndim < 2)               # as vector.join has them
    return [(i, name, array.size) for i, name, array in slots]

"""A model's gradient, held against central differences."""

import copy
from dataclasses import dataclass, field

import numpy as np

from ..vector import slots

STEP = 1e-5             # of a central difference in float64: its error is about STEP² and 1e-11
FEW = 1000              # parameters: up to here every coordinate is tried
DIRECTIONS = 20         # random directions for each larger array
FLOOR = 1e-3            # shorter gradients are compared as if they were so long
NOTHING = 1e-7          # of gradients shorter than this nothing can be said


def gradient_check(model, X, y, *, tolerance=1e-7, rng=0):
    """Compare a model's gradient with central differences, array by array.

    ∂L/∂θᵢ ≈ (L(θ + h eᵢ) − L(θ − h eᵢ)) / 2h, in float64 on a copy of the model, so that
    neither precision nor the model suffers. L is the loss of training with its penalties;
    Dropout's masks are the same each time. Up to 1,000 parameters every coordinate is tried;
    of a larger net, 20 random directions for each array. The error of an array is
    ‖a − b‖ / max(‖a‖, ‖b‖, 0.001). Built in chapter 6; CS231n's notes on gradient checks are
    its source.

    Next to a bend (of ReLU, say) the steps may reach across it, so where a slope disagrees it
    is taken again over shorter steps. Exactly at a bend there are two slopes, and any number
    between them will do; such places are counted. Where the loss is so large that rounding
    hides more than the tolerance, the bound is as much wider, and shown: scale the targets.

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
        A table to print; ``passed`` says whether no gradient is wrong.

    Raises
    ------
    ValueError, TypeError
        For data that Model.fit would refuse.

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

    def loss():
        for generator, state in zip(randomness, states, strict=True):
            generator.state = state
        return model.loss_and_gradient(X, y)[0]

    model.grad[...] = np.nan                                    # backward must write, not add
    here, found = loss(), model.grad.copy()
    rounding = 4 * np.finfo(float).eps * abs(here) / STEP       # in each slope
    check = GradientCheck()
    start = 0
    for i, name, array in slots(model.layers):
        part = slice(start, start + array.size)
        start += array.size
        few = model.theta.size <= FEW
        if few:
            directions = np.eye(array.size)                     # (size, size)
        else:
            directions = rng.standard_normal((DIRECTIONS, array.size))
            directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        analytic = directions @ found[part]                     # (m,)
        numeric, at_bend = zip(*(
            _slope(model, loss, here, part, direction, expected, tolerance)
            for direction, expected in zip(directions, analytic, strict=True)), strict=True)
        length = max(np.linalg.norm(analytic), np.linalg.norm(numeric))
        scale = max(length, FLOOR)
        check.rows.append(Row(
            f"{i} {model.layers[i]}", name,
            f"all {array.size}" if few else f"{DIRECTIONS} directions",
            error=float(np.linalg.norm(analytic - numeric) / scale),
            bound=max(tolerance, float(rounding * len(directions) ** 0.5 / scale)),
            bends=sum(at_bend), vanishes=bool(length < NOTHING)))
    return check


def _slope(model, loss, here, part, direction, expected, tolerance):
    """Return the slope of the loss along a direction, and whether theta is at a bend there.

    At a bend the slope returned is the expected one, if it lies between the two.
    """
    kept = model.theta[part].copy()
    slopes, gaps = [], []
    for step in (STEP, STEP / 10, STEP / 100):
        above, below = (_loss_at(model, loss, part, kept + sign * step * direction)
                        for sign in (1, -1))
        model.theta[part] = kept
        slopes.append((above - below) / (2 * step))
        if abs(slopes[-1] - expected) <= tolerance * max(abs(expected), FLOOR):
            return slopes[-1], False
        sides = (here - below) / step, (above - here) / step
        gaps.append(abs(sides[1] - sides[0]))
    # without a bend, a hundredth of the step leaves a hundredth of the gap
    slack = 1e-6 * max(1.0, *map(abs, sides))
    if gaps[-1] > max(gaps[0] / 2, slack) and (
            min(sides) - slack <= expected <= max(sides) + slack):
        return expected, True
    return min(slopes, key=lambda slope: abs(slope - expected)), False


def _loss_at(model, loss, part, values):
    """Return the loss with some of the parameters set to values."""
    model.theta[part] = values
    return loss()


@dataclass(frozen=True)
class Row:
    """One array of parameters: how many slopes were tried and how far off they were.

    Built in chapter 6.
    """

    layer: str
    name: str
    tried: str
    error: float
    bound: float
    bends: int
    vanishes: bool

    @property
    def verdict(self):
        """Return one word or a few (NaN is WRONG)."""
        if not self.error <= self.bound:
            return "WRONG"
        if self.vanishes:
            return "too small to tell"
        return f"right, {self.bends} at a bend" if self.bends else "right"


@dataclass
class GradientCheck:
    """What gradient_check found; printed, a table. Built in chapter 6."""

    rows: list = field(default_factory=list)

    @property
    def passed(self):
        """Whether no gradient is wrong."""
        return all(row.verdict != "WRONG" for row in self.rows)

    def __str__(self):
        """Return the table."""
        cells = [("layer", "gradient", "tried", "relative error", "")]
        for row in self.rows:
            wrong = row.verdict == "WRONG"
            error = f"= {row.error:.0e}" if wrong else f"≤ {row.bound:.0e}"
            cells.append((row.layer, f"d{row.name}", row.tried, error, row.verdict))
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        return "\n".join("   ".join(cell.ljust(width) for cell, width
                                    in zip(line, widths, strict=True)).rstrip()
                         for line in cells)

    __repr__ = __str__


def in_float64(model):
    """Return a copy of a model whose parameters, buffers and arithmetic are float64.

    Built in chapter 6.
    """
    layers = copy.deepcopy(model.layers)
    for layer in layers:
        for name in layer.arrays:
            layer.__dict__[name] = layer.__dict__[name].astype(np.float64)
    return type(model)(layers, loss=copy.deepcopy(model.loss))

"""Chapter 13, initialization and batch normalization."""

import numpy as np

from .diagnosis import Exercise

_rng = np.random.default_rng(13)
_x = _rng.normal(3, 2, (5, 3))
_gamma, _beta = _rng.uniform(0.5, 2, (2, 3))
_mean, _var = _rng.normal(2, 1, 3), _rng.uniform(0.5, 4, 3)
_W, _b = _rng.normal(size=(3, 3)), _rng.normal(size=3)
_wide = _rng.normal(size=(4, 3))


def _fold(W, b, gamma, beta, mean, var, eps=1e-5):
    scale = gamma / np.sqrt(var + eps)
    return W * scale, (b - mean) * scale + beta


def _scale(gamma, var):
    return gamma / np.sqrt(var + 1e-5)


EXERCISES = {
    "13.1": Exercise(
        "a function of n_in and the slope that returns a standard deviation",
        right=lambda n_in, slope: np.sqrt(2 / ((1 + slope**2) * n_in)),
        cases=((64, 0.1), (2, 0.5), (10, 0.0), (3, 1.0)),
        mistakes={
            "this is the variance: a standard deviation is its root":
                lambda n_in, slope: 2 / ((1 + slope**2) * n_in),
            "the slope has to be squared: it is squares that are added up":
                lambda n_in, slope: np.sqrt(2 / ((1 + slope) * n_in)),
            "this is He's scale: what gets through below 0 is missing":
                lambda n_in, slope: np.sqrt(2 / n_in),
            "what gets through below 0 makes the signal larger, so the weights have to be "
            "smaller: divide": lambda n_in, slope: np.sqrt(2 * (1 + slope**2) / n_in),
            "the squares of both halves are right, and each half counts one half: the 2 is "
            "missing": lambda n_in, slope: np.sqrt(1 / ((1 + slope**2) * n_in)),
            "the part below 0 does not take the place of the one above. Both get through, and "
            "their squares are added": lambda n_in, slope: np.sqrt(2 / ((1 - slope**2) * n_in)),
            "you took the mean of the slopes, and squared it. Take the mean of their squares":
                lambda n_in, slope: np.sqrt(1 / (((1 + slope) / 2) ** 2 * n_in)),
            "only what gets through below 0 is in it, and nothing of what is above":
                lambda n_in, slope: np.sqrt(2 / (slope**2 * n_in)),
        }),
    "13.2": Exercise(
        "three numbers: the factor of the output, that of dW, and db",
        right=(1, 0.1, 0),
        mistakes={
            "the output does not change: mean and deviation grow with the weights, and the "
            "quotient is the same": (10, 0.1, 0),
            "the output is right, but dW changes too: in dx, std stands in the denominator":
                (1, 1, 0),
            "dW goes the other way: std is ten times as large, and dx is divided by it": (1, 10, 0),
            "dW is divided by std once, not twice: it becomes a tenth": (1, 0.01, 0),
            "db is a number and no factor. Add dx up over the rows: what is left?": (1, 0.1, 0.1),
            "db would be unchanged, you say. But what is it? Add dx up over the rows: what is "
            "left?": (1, 0.1, 1),
            "this is a layer without normalization behind it": (10, 1, 1),
            "everything tenfold: but the normalization divides by the deviation, which is "
            "tenfold too": (10, 10, 10),
            "the output is right. dW is not unchanged, and db is no factor: add dx up over the "
            "rows": (1, 1, 1),
            "the output is right. dW goes the other way, and db is no factor: add dx up over "
            "the rows": (1, 10, 10),
            "the output does not change, and dW does: mean and deviation grow with the weights":
                (10, 1, 0),
        }),
    "13.3": Exercise(
        "a function of W, b and the numbers of the normalization that returns W and b",
        right=_fold, names=("W", "b"),
        cases=((_wide, _b, _gamma, _beta, _mean, _var), (_W, _b, _gamma, _beta, _mean, _var)),
        mistakes={
            "W is right, b is not: the bias is scaled too, after the running mean is subtracted":
                lambda W, b, g, beta, m, v: (W * _scale(g, v), b - m * _scale(g, v) + beta),
            "W is right, b is not: the running mean is missing":
                lambda W, b, g, beta, m, v: (W * _scale(g, v), b * _scale(g, v) + beta),
            "W is right, b is not: the old bias is missing. It goes through the normalization, "
            "as x W does": lambda W, b, g, beta, m, v: (W * _scale(g, v),
                                                        -m * _scale(g, v) + beta),
            "W is right, b is not: β is missing":
                lambda W, b, g, beta, m, v: (W * _scale(g, v), (b - m) * _scale(g, v)),
            "W is right, b is not: β is added last, and not scaled":
                lambda W, b, g, beta, m, v: (W * _scale(g, v), (b - m + beta) * _scale(g, v)),
            "W is right, b is not: the running mean is subtracted after scaling. It belongs "
            "before": lambda W, b, g, beta, m, v: (W * _scale(g, v),
                                                   b * _scale(g, v) - m + beta),
            "W is right, b is not: it is scaled, and the mean and β are still to come":
                lambda W, b, g, beta, m, v: (W * _scale(g, v), b * _scale(g, v)),
            "W is right, b is not: it stayed as it was":
                lambda W, b, g, beta, m, v: (W * _scale(g, v), b),
            "you scaled the rows of W. A neuron is a column":
                lambda W, b, g, beta, m, v: (W * _scale(g, v)[:, None],
                                             (b - m) * _scale(g, v) + beta),
            "you divided by the variance. Divide by its root":
                lambda W, b, g, beta, m, v: _by(W, b, g / (v + 1e-5), beta, m),
            "γ is missing": lambda W, b, g, beta, m, v: _by(W, b, _scale(1, v), beta, m),
            "the division by the deviation is missing":
                lambda W, b, g, beta, m, v: _by(W, b, g, beta, m),
            "you multiplied by the deviation. Divide by it":
                lambda W, b, g, beta, m, v: _by(W, b, g * np.sqrt(v + 1e-5), beta, m),
            "you took running_var for a deviation and squared it. Take its root":
                lambda W, b, g, beta, m, v: _by(W, b, g / v**2, beta, m),
        }),
    "clinic 13": Exercise(
        "a function of x, gamma, beta, running_mean and running_var that returns a",
        right=lambda x, g, beta, m, v, eps=1e-5: g * (x - m) / np.sqrt(v + eps) + beta,
        cases=((_x, _gamma, _beta, _mean, _var), (_x[:1], _gamma, _beta, _mean, _var),
               (_x[1:4], _gamma, _beta, _mean, 1e-5 * _var)),
        mistakes={
            "this normalizes with the batch at hand. In use a point may come alone: then it is "
            "its own mean, and only β is left. Which two arguments are waiting?":
                lambda x, g, beta, m, v: (g * (x - x.mean(axis=0))
                                          / np.sqrt(x.var(axis=0) + 1e-5) + beta),
            "the mean is the running one, the variance is still that of the batch":
                lambda x, g, beta, m, v: g * (x - m) / np.sqrt(x.var(axis=0) + 1e-5) + beta,
            "the variance is the running one, the mean is still that of the batch":
                lambda x, g, beta, m, v: g * (x - x.mean(axis=0)) / np.sqrt(v + 1e-5) + beta,
            "divide by the root of the variance": lambda x, g, beta, m, v: g * (x - m)
                                                  / (v + 1e-5) + beta,
            "eps is missing": lambda x, g, beta, m, v: g * (x - m) / np.sqrt(v) + beta,
            "eps belongs under the root": lambda x, g, beta, m, v: g * (x - m)
                                          / (np.sqrt(v) + 1e-5) + beta,
            "running_var is a variance already: do not square it":
                lambda x, g, beta, m, v: g * (x - m) / np.sqrt(v**2 + 1e-5) + beta,
            "β is missing": lambda x, g, beta, m, v: g * (x - m) / np.sqrt(v + 1e-5),
            "γ is missing": lambda x, g, beta, m, v: (x - m) / np.sqrt(v + 1e-5) + beta,
            "batches of more than one row still use their own mean and variance, so an answer "
            "depends on its company":
                lambda x, g, beta, m, v: _mixed(x, g, beta, m, v),
        }),
}


def _by(W, b, scale, beta, mean):
    return W * scale, (b - mean) * scale + beta


def _mixed(x, g, beta, m, v):
    if len(x) > 1:
        m, v = x.mean(axis=0), x.var(axis=0)
    return g * (x - m) / np.sqrt(v + 1e-5) + beta

"""Chapter 13, initialization and batch normalization."""

import numpy as np

from .diagnosis import Exercise

_rng = np.random.default_rng(13)
_x = _rng.normal(1, 2, (6, 3))
_V = _rng.normal(size=(3, 5))
_norms = (*_rng.uniform(0.5, 2, (2, 5)), _rng.normal(1, 1, 5), _rng.uniform(0.5, 4, 5))
_gamma, _beta = _rng.uniform(0.5, 2, (2, 3))
_mean, _var = _rng.normal(2, 1, 3), _rng.uniform(0.5, 4, 3)
_W, _b = _rng.normal(size=(3, 3)), _rng.normal(size=3)
_wide = _rng.normal(size=(4, 3))


def _fold(W, b, gamma, beta, mean, var, eps=1e-5):
    scale = gamma / np.sqrt(var + eps)
    return W * scale, (b - mean) * scale + beta


_OF_OUTPUT = {
    10: "the output is not ten times as large: mean and std are, too",
    0.1: "the output is not a tenth: mean and std grow as the weights do, and no more",
    100: "the output is not a hundred times as large: mean and std are divided out"}
_OF_DW = {
    1: "dW does change: in dx, std stands in the denominator",
    10: "dW goes the other way: dx is divided by std, which is ten times as large",
    0.01: "dW is not divided by std twice, but once",
    100: "dW goes the other way, and once: dx is divided by std",
    0: "dW does not vanish: only what would shift or stretch the column is taken out of dx"}
_OF_DB = {
    0.1: "db is a number, no factor: add dx up over the rows, what is left?",
    1: "db is not unchanged: add dx up over the rows, what is left?",
    10: "db is not tenfold: add dx up over the rows, what is left?",
    0.01: "db is not divided: add dx up over the rows, what is left?"}


def _each_by_itself(mistakes):
    """Add what is to be said where each of the three numbers may be wrong."""
    known = {*mistakes.values(), (1, 0.1, 0)}
    return mistakes | {
        "; ".join(filter(None, (of_output, of_dw, of_db))): (output, dw, db)
        for output, of_output in {1: "", **_OF_OUTPUT}.items()
        for dw, of_dw in {0.1: "", **_OF_DW}.items()
        for db, of_db in {0: "", **_OF_DB}.items() if (output, dw, db) not in known}


def _scale(gamma, var):
    return gamma / np.sqrt(var + 1e-5)


EXERCISES = {
    "13.1": Exercise(
        "a function of n_in and the slope that returns a standard deviation",
        right=lambda n_in, slope: np.sqrt(2 / ((1 + slope**2) * n_in)),
        cases=((2, 0.5), (64, 0.1), (10, 0.0), (3, 1.0)),
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
            "both ends are right, the slopes 0 and 1. But between them it is the squares of the "
            "two halves that mix: what is their mean?":
                lambda n_in, slope: np.sqrt((2 - slope) / n_in),
            "both ends are right. Between them you mix the two scales, but it is the squares of "
            "the two halves that mix":
                lambda n_in, slope: ((1 - slope) * np.sqrt(2) + slope) / np.sqrt(n_in),
            "both ends are right. Between them, find the mean of the squares first, and divide "
            "by it": lambda n_in, slope: np.sqrt((2 - slope**2) / n_in),
            "at the slope 1 this leaves no weights at all. What gets through below 0 is not "
            "taken away: find the mean of the squares, and divide by it":
                lambda n_in, slope: np.sqrt(2 * (1 - slope**2) / n_in),
        }),
    "13.2": Exercise(
        "three numbers: the factor of the output, that of dW, and db",
        right=(1, 0.1, 0), names=("the output", "dW", "db"),
        mistakes=_each_by_itself({
            "the output does not change: mean and std grow with the weights, and the "
            "quotient is the same": (10, 0.1, 0),
            "the output is right, but dW changes too: in dx, std stands in the denominator":
                (1, 1, 0),
            "dW goes the other way: std is ten times as large, and dx is divided by it":
                (1, 10, 0),
            "dW is divided by std once, not twice": (1, 0.01, 0),
            "db is a number and no factor. Add dx up over the rows: what is left?": (1, 0.1, 0.1),
            "db would be unchanged, you say. But what is it? Add dx up over the rows: what is "
            "left?": (1, 0.1, 1),
            "this is a layer without normalization behind it": (10, 1, 1),
            "everything tenfold: but the normalization divides by std, which is "
            "tenfold too": (10, 10, 10),
            "the output is right. dW is not unchanged, and db is no factor: add dx up over the "
            "rows": (1, 1, 1),
            "the output is right. dW goes the other way, and db is no factor: add dx up over "
            "the rows": (1, 10, 10),
            "the output does not change, and dW does: mean and std grow with the weights":
                (10, 1, 0),
        })),
    "13.3": Exercise(
        "a function of W, b and the numbers of the normalization that returns W and b",
        right=_fold, names=("W", "b"),
        cases=((_wide, _b, _gamma, _beta, _mean, _var), (_W, _b, _gamma, _beta, _mean, _var),
               (_W, _b, _gamma, _beta, _mean, 1e-5 * _var)),
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
            "the division by the std is missing":
                lambda W, b, g, beta, m, v: _by(W, b, g, beta, m),
            "you multiplied by the std. Divide by it":
                lambda W, b, g, beta, m, v: _by(W, b, g * np.sqrt(v + 1e-5), beta, m),
            "you took running_var for a std and squared it. Take its root":
                lambda W, b, g, beta, m, v: _by(W, b, g / v**2, beta, m),
            "eps is missing, in W and in b":
                lambda W, b, g, beta, m, v: _by(W, b, g / np.sqrt(v), beta, m),
            "eps belongs under the root":
                lambda W, b, g, beta, m, v: _by(W, b, g / (np.sqrt(v) + 1e-5), beta, m),
            "W and b are as they came: what does the normalization do to x W + b?":
                lambda W, b, g, beta, m, v: (W, b),
            "the running mean is subtracted, not added":
                lambda W, b, g, beta, m, v: (W * _scale(g, v), (b + m) * _scale(g, v) + beta),
            "W and b have changed places: return W first":
                lambda W, b, g, beta, m, v: _fold(W, b, g, beta, m, v)[::-1],
            "W is right. Return the biases too, after a comma":
                lambda W, b, g, beta, m, v: W * _scale(g, v),
            "b is right, W is not: the scale is missing there":
                lambda W, b, g, beta, m, v: (W, (b - m) * _scale(g, v) + beta),
        }),
    "clinic 13": Exercise(
        "a function of x, W and norms that returns the activations",
        right=lambda x, W, norms: _active(x @ W, *norms),
        use=lambda answer, x, W, *norms: answer(x, W, norms),
        cases=((_x, _V, *_norms), (_x[:1], _V, *_norms),
               (_x[1:4], _V, *_norms[:3], 1e-5 * _norms[3])),
        mistakes={
            "mean and variance are those of the batch at hand, so an answer depends on its "
            "company. Which branch of normalize runs here, and who chose it?":
                lambda x, W, norms: _active(x @ W, *norms[:2], *_of(x @ W)),
            "the mean is the running one, the variance is still that of the batch":
                lambda x, W, norms: _active(x @ W, *norms[:3], _of(x @ W)[1]),
            "the variance is the running one, the mean is still that of the batch":
                lambda x, W, norms: _active(x @ W, *norms[:2], _of(x @ W)[0], norms[3]),
            "batches of more than one row still use their own mean and variance, so an answer "
            "depends on its company": lambda x, W, norms: _active(
                x @ W, *norms[:2], *(_of(x @ W) if len(x) > 1 else norms[2:])),
            "you took mean and variance of each row. A column is a neuron, and the running "
            "averages hold one number for each": lambda x, W, norms: _active(
                x @ W, *norms[:2], *_of(x @ W, axis=1)),
            "you took one mean and one variance of all numbers in the batch. The running "
            "averages hold one for each column": lambda x, W, norms: _active(
                x @ W, *norms[:2], *_of(x @ W, axis=None)),
            "divide by the root of the variance":
                lambda x, W, norms: _active(x @ W, *norms[:3], (norms[3] + 1e-5)**2 - 1e-5),
            "eps is missing": lambda x, W, norms: _active(x @ W, *norms[:3], norms[3] - 1e-5),
            "running_var is a variance already: do not square it":
                lambda x, W, norms: _active(x @ W, *norms[:3], norms[3]**2),
            "the running averages are right, γ is missing":
                lambda x, W, norms: _active(x @ W, 1, *norms[1:]),
            "the running averages are right, β is missing":
                lambda x, W, norms: _active(x @ W, norms[0], 0, *norms[2:]),
            "the running averages are right, γ and β are missing":
                lambda x, W, norms: _active(x @ W, 1, 0, *norms[2:]),
            "the running averages are right, γ and β have changed places":
                lambda x, W, norms: _active(x @ W, *norms[1::-1], *norms[2:]),
            "mean and variance have changed places":
                lambda x, W, norms: _active(x @ W, *norms[:2], *norms[:1:-1]),
            "the running averages are right, ReLU is missing":
                lambda x, W, norms: _normal(x @ W, *norms),
            "the normalization is missing: with training=False it has still to be computed":
                lambda x, W, norms: np.maximum(0, x @ W),
        }),
}


def _of(z, axis=0):
    """Mean and variance."""
    keep = axis != 0
    return z.mean(axis=axis, keepdims=keep), z.var(axis=axis, keepdims=keep)


def _normal(z, gamma, beta, mean, var):
    return gamma * (z - mean) / np.sqrt(var + 1e-5) + beta


def _active(z, *norms):
    return np.maximum(0, _normal(z, *norms))


def _by(W, b, scale, beta, mean):
    return W * scale, (b - mean) * scale + beta

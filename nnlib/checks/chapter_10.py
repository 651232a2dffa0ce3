"""Chapter 10, how good can it get."""

import math

import numpy as np

from ..datasets import split
from .diagnosis import Exercise

_rng = np.random.default_rng(10)
_p = _rng.dirichlet(np.ones(3), 5)
_p2 = _rng.dirichlet(np.ones(4), 4)
_losses = [0.9, 0.7, 0.75, 0.6, 0.65, 0.62, 0.64, 0.61, 0.5, 0.55]
_places = np.arange(60.0)
_X = np.column_stack([_places, -_places])
_y = np.repeat([0, 1, 2], 20)


def _stop(losses, patience, *, is_better=lambda loss, lowest: loss < lowest):
    """Return the best epoch and the last."""
    lowest = math.inf
    for epoch, loss in enumerate(losses, 1):
        if is_better(loss, lowest):
            lowest, best = loss, epoch
        if epoch - best >= patience:
            break
    return best, epoch


def _against_the_one_before(losses, patience):
    """Wait until so many epochs in a row were no better than the one before each."""
    waited = 0
    for epoch in range(2, len(losses) + 1):
        waited = 0 if losses[epoch - 1] < losses[epoch - 2] else waited + 1
        if waited >= patience:
            break
    return int(np.argmin(losses[:epoch])) + 1, epoch


def _never_reset(losses, patience):
    """Wait for so many bad epochs in all."""
    best, waited = 1, 0
    for epoch, loss in enumerate(losses, 1):
        if loss < losses[best - 1] or epoch == 1:
            best = epoch
        else:
            waited += 1
        if waited >= patience:
            break
    return best, epoch


def _copies(X, y, rng):
    """Return ten of each point, as in the chapter."""
    X, y = np.repeat(X, 10, axis=0), np.repeat(y, 10)
    return X + 0.005 * rng.standard_normal(X.shape), y


def _leaky(X, y, seed):
    """Copy, then split."""
    rng = np.random.default_rng(seed)
    return split(*_copies(X, y, rng), test=0.2, rng=rng)


def _clean(X, y, seed):
    """Split, then copy the training part."""
    rng = np.random.default_rng(seed)
    X_train, X_val, y_train, y_val = split(X, y, test=0.2, rng=rng)
    X_train, y_train = _copies(X_train, y_train, rng)
    return X_train, X_val, y_train, y_val


def _swapped(X, y, seed):
    """Return the parts in another order than datasets.split."""
    X_train, X_val, y_train, y_val = _clean(X, y, seed)
    return X_train, y_train, X_val, y_val


def _apart(X, y, seed):
    """Return training points that are copies of all, and validation points of one in five."""
    rng = np.random.default_rng(seed)
    _, X_val, _, y_val = split(X, y, test=0.2, rng=rng)
    X_train, y_train = _copies(X, y, rng)
    return X_train, X_val, y_train, y_val


def _tail(X, y, seed):
    """Copy, and set the last fifth of the rows aside."""
    X, y = _copies(X, y, np.random.default_rng(seed))
    cut = len(X) * 4 // 5
    return X[:cut], X[cut:], y[:cut], y[cut:]


def _unpushed(X, y, seed):
    """Split, then copy, and leave the copies where they are."""
    X_train, X_val, y_train, y_val = split(X, y, test=0.2, rng=seed)
    return np.repeat(X_train, 10, axis=0), X_val, np.repeat(y_train, 10), y_val


def _parts(answer, X, y, seed):
    """Return what matters of a split, whoever drew it: each row of X is a place of its own."""
    parts = answer(X, y, seed)
    if parts is None or parts is ...:
        return parts
    X_train, X_val, y_train, y_val = map(np.asarray, parts)
    train, val = (np.searchsorted(X[:, 0], np.round(part[:, 0])) for part in (X_train, X_val))
    fitting = [np.mean(y[rows] == labels) for rows, labels in ((train, y_train), (val, y_val))]
    other = np.round(np.asarray(answer(X, y, seed + 1)[1])[:, 0])
    return (float(len(np.intersect1d(train, val))), min(fitting), float(len(np.unique(y_val))),
            float(len(np.unique(val))), len(train) / len(np.unique(train)),
            len(np.unique(X_train, axis=0)) / len(X_train),
            float({*other} != {*np.round(X_val[:, 0])}))


EXERCISES = {
    "10.1": Exercise(
        "a function of accuracy and the luck wanted that returns a number of points",
        right=lambda accuracy, wanted: math.ceil(accuracy * (1 - accuracy) / wanted**2),
        cases=((0.9, 0.0131), (1 / 3, 0.021), (0.5, 0.09)), tolerance=1e-9,
        mistakes={
            "the luck has to be squared as well":
                lambda accuracy, wanted: math.ceil(accuracy * (1 - accuracy) / wanted),
            "this is the square root of what is wanted: n stands under the root already":
                lambda accuracy, wanted: math.ceil(math.sqrt(accuracy * (1 - accuracy)) / wanted),
            "this is for the difference of two nets. Asked is the luck of one score":
                lambda accuracy, wanted: math.ceil(2 * accuracy * (1 - accuracy) / wanted**2),
            "the factor 1 - accuracy is missing":
                lambda accuracy, wanted: math.ceil(accuracy / wanted**2),
            "rounded down, it is one point too few": lambda accuracy, wanted: int(
                accuracy * (1 - accuracy) / wanted**2),
            "to the nearest whole number is sometimes one point too few":
                lambda accuracy, wanted: round(accuracy * (1 - accuracy) / wanted**2),
            "a number of points is whole: round up":
                lambda accuracy, wanted: accuracy * (1 - accuracy) / wanted**2,
            "this is the luck that so many points would have, the other way round":
                lambda accuracy, wanted: math.sqrt(accuracy * (1 - accuracy) / wanted),
        }),
    "10.2": Exercise(
        "a function of losses and patience that returns two epochs",
        right=_stop, names=("the best epoch", "the last epoch"),
        cases=((_losses, 3), (_losses, 1), (_losses, 5), (_losses[:3], 10),
               ([0.5, 0.4, 0.4, 0.4, 0.6], 2), ([0.5, 0.6, 0.55, 0.54, 0.53], 2)),
        mistakes={
            "each loss is compared with the one before it. Compare with the lowest so far":
                _against_the_one_before,
            "the wait is never set back to 0 when a new lowest loss comes": _never_reset,
            "it looks at all losses, also at those after the stop":
                lambda losses, patience: (
                    int(np.argmin(losses)) + 1, _stop(losses, patience)[1]),
            "it used losses from after the stop: argmin sees them all":
                lambda losses, patience: (
                    int(np.argmin(losses)) + 1,
                    min(int(np.argmin(losses)) + 1 + patience, len(losses))),
            "it never stops: return as soon as the best epoch is patience epochs old":
                lambda losses, patience: (int(np.argmin(losses)) + 1, len(losses)),
            "it waits one epoch too long": lambda losses, patience: _stop(losses, patience + 1),
            "the last epoch is restored, and not the best": lambda losses, patience: (
                _stop(losses, patience)[1],) * 2,
            "the epochs are counted from 0": lambda losses, patience: tuple(
                epoch - 1 for epoch in _stop(losses, patience)),
            "an equal loss counts as better: then a plateau goes on for ever":
                lambda losses, patience: _stop(
                    losses, patience, is_better=lambda loss, lowest: loss <= lowest),
            "the two are in the wrong order: the best epoch comes first":
                lambda losses, patience: _stop(losses, patience)[::-1],
        }),
    "10.3": Exercise(
        "a function of p, shape (n, k), and shares, shape (k,), that returns probabilities",
        right=lambda p, shares: p * shares / (p * shares).sum(axis=1, keepdims=True),
        cases=((_p, np.array([0.2, 0.7, 0.1])), (_p2, np.array([0.1, 0.2, 0.3, 0.4]))),
        mistakes={
            "these are still the probabilities for equal shares": lambda p, shares: p,
            "these are classes. Wanted are the probabilities, of the shape of p":
                lambda p, shares: (p * shares).argmax(axis=1),
            "the sums of the rows have to stay a column, to divide each row by its own: "
            "keepdims=True": lambda p, shares: p * shares / (p * shares).sum(axis=1),
            "the rows no longer have the sum 1": lambda p, shares: p * shares,
            "you divided by the shares: a rare class would become more probable":
                lambda p, shares: p / shares / (p / shares).sum(axis=1, keepdims=True),
            "each column has the sum 1. Each row has to: axis=1":
                lambda p, shares: p * shares / (p * shares).sum(axis=0),
            "each is divided by the sum of all rows: axis=1 is missing":
                lambda p, shares: p * shares / (p * shares).sum(),
            "this is the average of p and the shares. Bayes' rule multiplies":
                lambda p, shares: (p + shares) / 2,
        }),
    "clinic 10": Exercise(
        "a function of X, y and a seed that returns X_train, X_val, y_train, y_val",
        right=_clean, cases=((_X, _y, 0), (_X[::2], _y[::2], 1)), use=_parts,
        names=("points with copies on both sides", "share of labels that belong to their points",
               "classes in validation", "points set aside", "copies of a training point",
               "share of the copies that lie in places of their own",
               "1 if another seed sets other points aside"),
        mistakes={
            "copies of one point are on both sides: the network has all but seen the validation "
            "points. In which order do you copy and split?": _leaky,
            "the training points are copies of all points, those set aside too": _apart,
            "the copies lie next to each other, so the last fifth of the rows is one arm alone. "
            "Draw the points that are set aside at random": _tail,
            "no point is on both sides now, but the copies are gone: make them of the training "
            "points, after the split": lambda X, y, seed: split(X, y, test=0.2, rng=seed),
            "the copies all lie in one place, as they were not pushed: use ten_of_each": _unpushed,
            "every seed sets the same points aside: make the generator from the seed":
                lambda X, y, seed: _clean(X, y, 0),
            "the four come in another order: X_train, X_val, y_train, y_val": _swapped,
        }),
}

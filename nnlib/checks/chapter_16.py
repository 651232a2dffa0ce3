"""Chapter 16, evaluation."""

import numpy as np

from .averages import CLINIC
from .diagnosis import Exercise

_rng = np.random.default_rng(16)
_p = _rng.dirichlet(np.ones(5), 6)
_p2 = _rng.dirichlet(np.ones(4), 3)
# in no order, with ties that have the hit first or last, and off the grid of 0.01
_sure = np.array([0.604, 0.951, 0.303, 0.604, 0.802, 0.498, 0.897, 0.703, 0.853, 0.401,
                  0.703, 0.303])
_right = np.array([1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1], bool)


def _rates(share, recall, alarms):
    """Return accuracy and precision of a test for something rare."""
    hits, false = share * recall, (1 - share) * alarms
    return hits + (1 - share) * (1 - alarms), hits / (hits + false)


def _among(p, allowed):
    """Return p with the other classes at 0 and rows of sum 1."""
    kept = np.zeros_like(p)
    kept[:, allowed] = p[:, allowed]
    return kept / kept.sum(axis=1, keepdims=True)


def _inverted(p, allowed):
    """Forbid what is allowed."""
    kept = p.copy()
    kept[:, allowed] = 0
    return kept / kept.sum(axis=1, keepdims=True)


def _unscaled(p, allowed):
    """Leave the rows with a sum below 1."""
    kept = np.zeros_like(p)
    kept[:, allowed] = p[:, allowed]
    return kept


def _columns(kept):
    """Divide each column by its sum, and leave empty ones."""
    return kept / np.where(kept.any(axis=0), kept.sum(axis=0), 1)


def _shared_out(p, allowed):
    """Give what the forbidden had in equal parts to the allowed."""
    kept = _unscaled(p, allowed)
    kept[:, allowed] += (1 - kept.sum(axis=1, keepdims=True)) / len(allowed)
    return kept


def _softmax(p, allowed):
    """Take the probabilities for scores."""
    kept = np.zeros_like(p)
    kept[:, allowed] = np.exp(p[:, allowed])
    return kept / kept.sum(axis=1, keepdims=True)


def _threshold(sure, right, wanted):
    """Return the lowest confidence from which on enough answers are right."""
    for t in np.unique(sure):
        if right[sure >= t].mean() >= wanted:
            return t
    return np.inf


def _first_failure(sure, right, wanted):
    """Go down from the surest and stop at the first that is not enough."""
    best = np.inf
    for t in np.unique(sure)[::-1]:
        if right[sure >= t].mean() < wanted:
            break
        best = t
    return best


def _no_ties(sure, right, wanted, step=1):
    """Take equal confidences one by one, in the order of the data or against it."""
    order = np.argsort(-sure[::step], kind="stable")
    sure, right = sure[::step], right[::step]
    running = np.cumsum(right[order]) / np.arange(1, len(sure) + 1)
    enough = np.flatnonzero(running >= wanted)
    return sure[order][enough[-1]] if len(enough) else np.inf


def _each_alone(sure, right, wanted):
    """Ask of the answers that are exactly so sure, and not of all that are surer."""
    for t in np.unique(sure):
        if right[sure == t].mean() >= wanted:
            return t
    return np.inf


def _first(candidates, enough):
    """Return the first candidate that will do, infinity if there is none."""
    return next((t for t in candidates if enough(t)), np.inf)


EXERCISES = {
    "16.1": Exercise(
        "a function of share, recall and alarms that returns accuracy and precision",
        right=_rates, names=("accuracy", "precision"),
        cases=((0.317, 0.823, 0.137), (0.001, 0.99, 0.05), (0.02, 0.6, 0.01)),
        mistakes={
            "this precision is the recall: of the sick, how many are found. Asked is how many of "
            "those who are called sick are sick":
                lambda share, recall, alarms: (_rates(share, recall, alarms)[0], recall),
            "1 - alarms is the share of the healthy who are called healthy. Precision is a share "
            "of those who are called sick":
                lambda share, recall, alarms: (_rates(share, recall, alarms)[0], 1 - alarms),
            "the shares of sick and healthy are missing from the precision: false alarms come "
            "from the many healthy":
                lambda share, recall, alarms: (_rates(share, recall, alarms)[0],
                                               recall / (recall + alarms)),
            "precision: the false alarms are a share of the healthy, and not of all. Multiply "
            "them by 1 - share":
                lambda share, recall, alarms: (_rates(share, recall, alarms)[0],
                                               share * recall / (share * recall + alarms)),
            "this precision is the share of all people who are sick and found. Divide by those "
            "who are called sick":
                lambda share, recall, alarms: (_rates(share, recall, alarms)[0], share * recall),
            "accuracy: the healthy who are called healthy are right, too":
                lambda share, recall, alarms: (share * recall, _rates(share, recall, alarms)[1]),
            "this accuracy is the plain mean over the two groups. Weigh each by its share":
                lambda share, recall, alarms: ((recall + 1 - alarms) / 2,
                                               _rates(share, recall, alarms)[1]),
            "accuracy: among the healthy 1 - alarms are right, and not alarms":
                lambda share, recall, alarms: (share * recall + (1 - share) * alarms,
                                               _rates(share, recall, alarms)[1]),
            "accuracy: the false alarms are a share of the healthy, and not of all. Multiply them "
            "by 1 - share":
                lambda share, recall, alarms: (share * recall + 1 - share - alarms,
                                               _rates(share, recall, alarms)[1]),
            "accuracy and precision: the false alarms are a share of the healthy, and not of all":
                lambda share, recall, alarms: (share * recall + 1 - share - alarms, share * recall
                                               / (share * recall + alarms)),
            "this accuracy is the recall, which knows the sick alone. What the test says to the "
            "healthy counts, too":
                lambda share, recall, alarms: (recall, _rates(share, recall, alarms)[1]),
            "this is 1 - precision: how probable it is that one who is called sick is healthy":
                lambda share, recall, alarms: (_rates(share, recall, alarms)[0],
                                               1 - _rates(share, recall, alarms)[1]),
            "this is F1, which mixes the precision with the recall. Asked is the precision alone":
                lambda share, recall, alarms: (_rates(share, recall, alarms)[0], 2 / (
                    1 / recall + 1 / _rates(share, recall, alarms)[1])),
            "the numbers are rounded to two places. Return them as they are":
                lambda share, recall, alarms: np.round(_rates(share, recall, alarms), 2),
            "the numbers are rounded to three places. Return them as they are":
                lambda share, recall, alarms: np.round(_rates(share, recall, alarms), 3),
            "the numbers are rounded to four places. Return them as they are":
                lambda share, recall, alarms: np.round(_rates(share, recall, alarms), 4),
            "the two are percentages here. Return fractions, from 0 to 1":
                lambda share, recall, alarms: 100 * np.array(_rates(share, recall, alarms)),
            "the two are in the wrong order: accuracy comes first":
                lambda share, recall, alarms: _rates(share, recall, alarms)[::-1],
            "one number came back. Asked are two: accuracy and precision":
                lambda share, recall, alarms: _rates(share, recall, alarms)[1],
        }),
    "16.2": Exercise(
        "a function of p, shape (n, k), and a list of allowed classes that returns (n, k)",
        right=_among,
        cases=((_p, [0, 1, 3]), (_p2, [2, 1]), (_p, [4, 2, 0])),
        mistakes={
            "p came back as it was: the other classes have to become 0": lambda p, allowed: p,
            "the rows no longer have the sum 1: divide each by its own": _unscaled,
            "the allowed classes became 0, and the others stayed": _inverted,
            "the columns of the other classes are gone, and with them the numbers of the classes. "
            "Keep all k columns":
                lambda p, allowed: p[:, allowed] / p[:, allowed].sum(axis=1, keepdims=True),
            "only the allowed columns came back, as they were. Keep all k columns, and let each "
            "row have the sum 1": lambda p, allowed: p[:, allowed],
            "the sums of the rows have to stay a column, to divide each row by its own: "
            "keepdims=True": lambda p, allowed: _unscaled(p, allowed) / _unscaled(
                p, allowed).sum(axis=1),
            "each column was divided by its sum. Each row has to have the sum 1: axis=1":
                lambda p, allowed: _columns(_unscaled(p, allowed)),
            "all was divided by the sum of all rows: axis=1 is missing":
                lambda p, allowed: _unscaled(p, allowed) / _unscaled(p, allowed).sum(),
            "what the others had was shared out in equal parts. Multiply instead, so that twice "
            "as probable stays twice as probable": _shared_out,
            "softmax is for scores. These are probabilities already: divide by the sum": _softmax,
            "each row was divided by its largest number, which became 1. Divide by its sum":
                lambda p, allowed: _unscaled(p, allowed) / _unscaled(
                    p, allowed).max(axis=1, keepdims=True),
            "each row says 1 for one class and 0 for all others. Wanted are the probabilities of "
            "all allowed classes": lambda p, allowed: np.eye(p.shape[1])[
                _among(p, allowed).argmax(axis=1)],
            "these are classes. Wanted are the probabilities, of the shape of p":
                lambda p, allowed: _among(p, allowed).argmax(axis=1),
        }),
    "16.3": Exercise(
        "a function of sure, right and the accuracy wanted that returns a threshold",
        right=_threshold,
        cases=((_sure, _right, 0.75), (_sure, _right, 0.8), (_sure, _right, 0.6),
               (_sure[7:], _right[7:], 0.9), (_sure[5:], _right[5:], 0.625),
               (_sure, _right, 0.55), (_sure, _right, 0.7)),
        mistakes={
            "it stopped at the first threshold that is not enough, coming from the top. A lower "
            "one may do again, and lets the machine read more": _first_failure,
            "equal confidences were taken one by one: a threshold lets all of them in, or none":
                _no_ties,
            "equal confidences were taken one by one, from the last on: a threshold lets all of "
            "them in, or none": lambda sure, right, wanted: _no_ties(sure, right, wanted, -1),
            "the candidates came in the order of the data. Take them from the lowest to the "
            "highest, as np.unique lists them": lambda sure, right, wanted: _first(
                sure, lambda t: right[sure >= t].mean() >= wanted),
            "a share that is exactly the one wanted is enough: >= wanted, and not >": lambda sure,
                right, wanted: _first(np.unique(sure), lambda t: right[sure >= t].mean() > wanted),
            "this asks how sure the answers above the threshold are on average. Ask how many of "
            "them are right": lambda sure, right, wanted: _first(
                np.unique(sure), lambda t: sure[sure >= t].mean() >= wanted),
            "the hits above the threshold were divided by all hits. Divide them by the answers "
            "above it": lambda sure, right, wanted: _first(
                np.unique(sure), lambda t: right[sure >= t].sum() / right.sum() >= wanted),
            "these thresholds are steps of 0.01. Only numbers that occur in sure come into "
            "question": lambda sure, right, wanted: _first(
                np.arange(101) / 100, lambda t: right[sure >= t].mean() >= wanted),
            "this is a place in the list of candidates. Asked is the threshold that stands there":
                lambda sure, right, wanted: _first(
                    range(len(np.unique(sure))),
                    lambda i: right[sure >= np.unique(sure)[i]].mean() >= wanted),
            "None came back where no threshold will do. It has to be np.inf there":
                lambda sure, right, wanted: None if np.isinf(_threshold(
                    sure, right, wanted)) else _threshold(sure, right, wanted),
            "it asks only of the answers that are exactly so sure. All that are surer count, too":
                _each_alone,
            "this is the highest threshold that will do. The lowest lets the machine read most":
                lambda sure, right, wanted: max(
                    (t for t in np.unique(sure) if right[sure >= t].mean() >= wanted),
                    default=np.inf),
            "the answers at the threshold itself count, too: >= and not >": lambda sure, right,
                wanted: next((t for t in np.unique(sure)[:-1]
                              if right[sure > t].mean() >= wanted), np.inf),
            "it looks at the answers below the threshold. Those are read by the clerk":
                lambda sure, right, wanted: next(
                    (t for t in np.unique(sure) if right[sure <= t].mean() >= wanted), np.inf),
            "this is the share that the machine reads. Asked is the threshold":
                lambda sure, right, wanted: np.mean(sure >= _threshold(sure, right, wanted)),
            "this is the accuracy above the threshold. Asked is the threshold":
                lambda sure, right, wanted: right[
                    sure >= min(_threshold(sure, right, wanted), sure.max())].mean(),
            "this takes the confidence at its word. How many of these answers are right?":
                lambda sure, right, wanted: wanted,
            "the hits above the threshold were divided by all answers, and not by those above":
                lambda sure, right, wanted: next(
                    (t for t in np.unique(sure)
                     if (right & (sure >= t)).mean() >= wanted), np.inf),
            "where no threshold will do, return np.inf": lambda sure, right, wanted: (
                sure.max() if np.isinf(_threshold(sure, right, wanted))
                else _threshold(sure, right, wanted)),
        }),
    "clinic 16": CLINIC,
}

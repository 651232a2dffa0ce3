"""Chapter 4, loss and accuracy."""

import math

import numpy as np

from .diagnosis import Exercise

_rng = np.random.default_rng(4)
_p = _rng.dirichlet([1.0, 1.0, 1.0], size=5)                    # (n, k)
_column = np.array([[2], [0], [1], [1], [2]])                   # (n, 1)
_doomed = np.array([[1e-12, 0.4, 0.6], [0.7, 0.1, 0.2], [0.1, 0.8, 0.1]])
_doomed_column = np.array([[0], [1], [0]])
_ten = np.repeat([0, 1, 2], [6, 3, 1])
_z = _rng.normal(size=6)
_yes = np.array([1, 0, 0, 1, 1, 0])
_LARGE = np.array([-1000.0, 1000.0, 1000.0, -2.0]), np.array([1, 1, 0, 0])


def _picked(p, y):
    """Return the probability of each row's label."""
    return p[np.arange(len(p)), y.ravel()]


def _square(p, y):
    """Return the probability of every label (down) in every row (across): the clinic's bug."""
    return p[np.arange(len(p)), y]


def _one_hot(p, y):
    """Return the labels as rows of 0 and 1."""
    return np.eye(p.shape[1])[y.ravel()]


def _surprises(z, y):
    """Return what each answer pays for its score."""
    return np.logaddexp(0, np.where(y == 1, -z, z))


def _sigmoid(z):
    """Return the naive sigmoid, which may overflow."""
    return 1 / (1 + np.exp(-z))


def _both_terms(p, y):
    """Return the loss as a sum of two products, one of which is 0."""
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


EXERCISES = {
    "4.1": Exercise(
        "a probability, a number of bits, a number of classes, as a, b, c",
        right=(math.exp(-3), 3 / math.log(2), math.exp(3)), tolerance=5e-3,
        mistakes={
            "the probability and the classes are right. A bit is smaller than a nat, so there are "
            "more of them: divide by log 2":
                (math.exp(-3), 3 * math.log(2), math.exp(3)),
            "you took the 3 for bits. Nats belong to the natural logarithm, so to exp":
                (2.0**-3, 3.0, 8.0),
            "the bits are right. The probability and the classes are those of 3 bits, not of 3 "
            "nats: undo a natural logarithm with exp": (2.0**-3, 3 / math.log(2), 8.0),
            "these belong to the logarithm with base 10. Nats belong to the natural one, to exp":
                (1e-3, 3 * math.log2(10), 1e3),
            "the first and the last have changed places: no probability is larger than 1":
                (math.exp(3), 3 / math.log(2), math.exp(-3)),
            "the bits and the classes are right. The probability is exp(-3), and not what is left "
            "to 1": (1 - math.exp(-3), 3 / math.log(2), math.exp(3)),
        }),
    "4.2": Exercise(
        "a function of y and k that returns k probabilities",
        right=lambda y, k: np.bincount(y, minlength=k) / len(y),
        cases=((_ten, 3), (np.array([3, 0, 0, 1, 3]), 5)),
        mistakes={
            "the same for all is safe, and it pays log k. Say what the labels say, and it pays "
            "less": lambda y, k: np.full(k, 1 / k),
            "all on the most frequent class: the first other label costs infinity":
                lambda y, k: np.eye(k)[np.bincount(y, minlength=k).argmax()],
            "these are counts. Probabilities have the sum 1: divide by the number of labels":
                lambda y, k: np.bincount(y, minlength=k),
            "classes that never occur are missing at the end. There have to be k: see minlength":
                lambda y, k: np.bincount(y) / len(y),
            "classes that never occur are left out. There have to be k numbers, with 0 for those":
                lambda y, k: np.unique(y, return_counts=True)[1] / len(y),
            "you divided by the number of classes. Divide by the number of labels":
                lambda y, k: np.bincount(y, minlength=k) / k,
            "there were ten mornings in the example. Divide by the number of labels, len(y)":
                lambda y, k: np.bincount(y, minlength=k) / 10,
            "you gave every class a little extra. That is wise for mornings to come, but for "
            "these labels something else pays less":
                lambda y, k: (np.bincount(y, minlength=k) + 1) / (len(y) + k),
            "the right shares in the wrong order: they run from the largest down. Place j belongs "
            "to class j": lambda y, k: np.sort(np.bincount(y, minlength=k))[::-1] / len(y),
            "the right shares in the wrong order: they run from the smallest up. Place j belongs "
            "to class j": lambda y, k: np.sort(np.bincount(y, minlength=k)) / len(y),
            "these are the labels as one-hot rows. Average over the rows":
                lambda y, k: np.eye(k)[y],
        }),
    "4.3": Exercise(
        "a function of z and y, shape (n,) both, that returns the mean loss",
        right=lambda z, y: np.mean(_surprises(z, y)),
        cases=((_z, _yes), _LARGE),
        mistakes={
            "moderate scores are right, but a wrong 1000 costs infinity: exp overflows, or a "
            "probability rounds to 0. See log-sum-exp":
                lambda z, y: np.mean(np.log(1 + np.exp(np.where(y == 1, -z, z)))),
            "moderate scores are right, but for large ones there is NaN: 0 times log 0. Work out "
            "the term that counts, and no other":
                lambda z, y: _both_terms(_sigmoid(z), y),
            "moderate scores are right, but a wrong 1000 costs 16.118: a probability was clipped "
            "at 1e-7": lambda z, y: _both_terms(np.clip(_sigmoid(z), 1e-7, 1 - 1e-7), y),
            "yes and no have changed places: a score far above 0 is a sure yes":
                lambda z, y: np.mean(_surprises(-z, y)),
            "this is the sum. Take the mean over the n answers":
                lambda z, y: np.sum(_surprises(z, y)),
            "these are the surprises, one by one. Take their mean": _surprises,
            "only the answers yes are paid for: a no costs log(1 + exp(z))":
                lambda z, y: np.mean(y * _surprises(z, y)),
            "all answers are taken for yes: y has no effect":
                lambda z, y: np.mean(np.logaddexp(0, -z)),
            "log-sum-exp is right. Take off the score of what happened: z for yes, 0 for no":
                lambda z, y: np.mean(np.logaddexp(0, z)),
            "wrong answers cost no more than right ones: to log(1 + exp(-abs z)) comes what was "
            "taken off, max(0, ...)":
                lambda z, y: np.mean(np.log1p(np.exp(-np.abs(z)))),
            "these are bits: take np.log, not np.log2":
                lambda z, y: np.mean(_surprises(z, y)) / math.log(2),
            "these are bits, and powers of 2 where softmax has powers of e: take np.logaddexp, "
            "not np.logaddexp2":
                lambda z, y: np.mean(np.logaddexp2(0, np.where(y == 1, -z, z))),
        }),
    "clinic 4": Exercise(
        "a function of p, shape (n, k), and y, shape (n, 1), that returns the mean loss",
        right=lambda p, y: -np.log(_picked(p, y)).mean(),
        cases=((_p, _column), (_doomed, _doomed_column)),
        mistakes={
            "each point is charged for the labels of all points: (n,) and (n, 1) pick a square "
            "(n, n). Make the labels flat":
                lambda p, y: -np.log(_square(p, y)).mean(),
            "each point is still charged for the labels of all points: you added up a square "
            "(n, n). Make the labels flat before they index":
                lambda p, y: -np.log(_square(p, y)).sum() / len(y),
            "each point is still charged for the labels of all points: this is the sum over a "
            "square (n, n). Make the labels flat, and take the mean":
                lambda p, y: -np.log(_square(p, y)).sum(),
            "this is the square (n, n) still, averaged over the points: a number for each label. "
            "Make the labels flat before they index":
                lambda p, y: -np.log(_square(p, y)).mean(axis=1),
            "this is the square (n, n) still, averaged over the labels: a number for each point. "
            "Make the labels flat before they index":
                lambda p, y: -np.log(_square(p, y)).mean(axis=0),
            "this is still the square (n, n), before the mean. Make the labels flat":
                lambda p, y: -np.log(_square(p, y)),
            "this is the sum. Take the mean over the n points":
                lambda p, y: -np.log(_picked(p, y)).sum(),
            "you divided by all n k numbers of p. Divide by the n points":
                lambda p, y: -(_one_hot(p, y) * np.log(p)).mean(),
            "this is the surprise at the network's own choice. Take that at the label":
                lambda p, y: -np.log(p.max(axis=1)).mean(),
            "every point is charged for the label of the first: y[0] is one label":
                lambda p, y: -np.log(p[:, y[0, 0]]).mean(),
            "every point is charged for class 0: argmax of a row that holds one number is 0":
                lambda p, y: -np.log(p[:, 0]).mean(),
            "labels without the rows pick whole rows of p. Give both, a row and its label":
                lambda p, y: -np.log(p[y.ravel()]).mean(),
            "the logarithm is missing: this is minus the mean probability":
                lambda p, y: -_picked(p, y).mean(),
            "labels are no weights: label 0 costs nothing like this, and label 2 twice. They say "
            "which column to take": lambda p, y: -(y * np.log(p)).mean(),
            "you took the logarithm of a mean. Take the mean of the logarithms":
                lambda p, y: -np.log(_picked(p, y).mean()),
            "the sign is missing: the logarithm of a probability is below 0, and the loss above":
                lambda p, y: np.log(_picked(p, y)).mean(),
            "these are bits: take np.log, not np.log2":
                lambda p, y: -np.log2(_picked(p, y)).mean(),
            "this is the logarithm with base 10: take np.log, not np.log10":
                lambda p, y: -np.log10(_picked(p, y)).mean(),
            "a probability of 1e-12 was clipped to 1e-7. It costs 27.6 nats, not 16.118":
                lambda p, y: -np.log(_picked(p, y).clip(1e-7, 1 - 1e-7)).mean(),
            "these are the surprises, one by one. Take their mean":
                lambda p, y: -np.log(_picked(p, y)),
        }),
}

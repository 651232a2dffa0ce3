"""Chapter 2, the spiral."""

import numpy as np

from .diagnosis import Exercise

_rng = np.random.default_rng(2)
_W, _b = np.array([[1.0, -2.0, 0.5], [0.5, 1.5, -1.0]]), np.array([0.2, -0.7, 1.1])
_X = _rng.normal(size=(7, 2))
_SCORES = np.array([[9, 1, 2], [1, 2, 0], [0, 4, 1], [1, 0, 5], [2, 1, 3], [1, 0, 2], [0, 3, 1.0]])
_y = np.array([0, 1, 2, 0, 1, 0, 1])
_choices = np.array([0, 1, 0, 2, 1, 0, 0])


def _unwound(X, *, turn=-10, far=True, swapped=False):
    """Return points turned by turn · r radians, clockwise."""
    r = np.hypot(X[:, 0], X[:, 1])
    angle = np.arctan2(X[:, 1], X[:, 0]) if swapped else np.arctan2(X[:, 0], X[:, 1])
    angle = angle + turn * r
    return (r if far else np.ones_like(r))[:, None] * np.column_stack([np.sin(angle),
                                                                       np.cos(angle)])


def _direction(answer, *case):
    """Return weights and bias in the scale in which the weights have length 1."""
    neuron = answer(*case)
    if not isinstance(neuron, tuple | list):
        return neuron
    w, b = (np.asarray(part, float) for part in neuron)
    length = np.linalg.norm(w)
    return w / length, b.reshape(()) / length if b.size == 1 else b / length


EXERCISES = {
    "2.1": Exercise(
        "a function of W, b, i, j that returns weights, shape (2,), and a bias",
        names=("the weights", "the bias"),
        right=lambda W, b, i, j: (W[:, i] - W[:, j], b[i] - b[j]),
        cases=((_W, _b, 0, 2), (_W, _b, 2, 1)), use=_direction,
        mistakes={
            "i and j have changed places: this neuron says yes where class j is ahead":
                lambda W, b, i, j: (W[:, j] - W[:, i], b[j] - b[i]),
            "the weights are right, but the biases count as well: b[i] - b[j]":
                lambda W, b, i, j: (W[:, i] - W[:, j], 0.0),
            "this is where class i scores above 0. It has to score above class j":
                lambda W, b, i, j: (W[:, i], b[i]),
            "you returned the bias before the weights":
                lambda W, b, i, j: (b[i] - b[j], W[:, i] - W[:, j]),
            "you took rows of W. The weights of a class are a column, W[:, i]":
                lambda W, b, i, j: (W[i] - W[j], b[i] - b[j]),
        }),
    "2.2": Exercise(
        "a function of choices and y that returns three shares",
        right=lambda choices, y: np.array([np.mean(choices[y == c] == c) for c in range(3)]),
        cases=((_choices, _y), (_choices[:5], _y[:5])),
        mistakes={
            "this is the share that got a wrong name":
                lambda choices, y: np.array([np.mean(choices[y == c] != c) for c in range(3)]),
            "you divided by a fixed number. Divide by how many points the class has":
                lambda choices, y: np.array([np.sum(choices[y == c] == c) / 100
                                             for c in range(3)]),
            "these are numbers of points. Divide each by how many points the class has":
                lambda choices, y: np.array([np.sum(choices[y == c] == c) for c in range(3)]),
            "you divided by the number of all points. Divide by that of the class":
                lambda choices, y: np.array([np.mean((choices == c) & (y == c))
                                             for c in range(3)]),
            "this is how often a choice of c was right (the precision). Take the points whose "
            "label is c, and not those for which c was chosen":
                lambda choices, y: np.array([np.mean(y[choices == c] == c) for c in range(3)]),
            "this is how often each class was chosen, right or wrong":
                lambda choices, y: np.array([np.mean(choices == c) for c in range(3)]),
        }),
    "2.3": Exercise(
        "a function of X, shape (n, 2), that returns the points turned back",
        right=_unwound, cases=((_X,), (_X[:3],)),
        mistakes={
            "you turned the points on, and not back: subtract 10 r from the angle":
                lambda X: _unwound(X, turn=10),
            "the angles are right, but all points lie at distance 1: multiply by r":
                lambda X: _unwound(X, far=False),
            "you turned all points by the same 10 radians. Those further out were turned more":
                lambda X: _turned(X, 10),
            "the angle is measured from the vertical axis: np.arctan2(x1, x2), in this order":
                lambda X: _unwound(X, swapped=True),
            "the points are right, but their coordinates have changed places: sine first":
                lambda X: _unwound(X)[:, ::-1],
            "these are r and the angle. Go back to coordinates: r times sine, r times cosine":
                lambda X: np.column_stack([np.hypot(*X.T), np.arctan2(*X.T)
                                           - 10 * np.hypot(*X.T)]),
            "the angle that the point came with is missing: take 10 r off that":
                lambda X: _unwound(np.hypot(*X.T)[:, None] * [0, 1]),
            "these are the points as they came": lambda X: _unwound(X, turn=0),
        }),
    "clinic 2": Exercise(
        "a function of the scores z and the labels y that returns the accuracy",
        right=lambda z, y: np.mean(z.argmax(axis=1) == y),
        cases=((_SCORES, _y), (_SCORES[:6], _y[:6])),
        mistakes={
            "every choice was compared with every label: (n, 1) == (n,) is a square (n, n)":
                lambda z, y: np.mean(z.argmax(axis=1)[:, None] == y),
            "this is True or False for all points together: take the mean":
                lambda z, y: (z.argmax(axis=1) == y).all(),
            "this is the share of mistakes": lambda z, y: np.mean(z.argmax(axis=1) != y),
            "argmax without an axis gives one place in the whole array: axis=1 gives one for "
            "each row": lambda z, y: np.mean(z.argmax() == y),
            "this is a number of points and no share: take the mean":
                lambda z, y: np.sum(z.argmax(axis=1) == y),
            "you took the largest score of each column. The scores of a point are a row: axis=1":
                lambda z, y: np.mean(z.argmax(axis=0) == y),
        }),
}


def _turned(X, angle):
    """Return points turned back by one angle."""
    sine, cosine = np.sin(angle), np.cos(angle)
    return X @ np.array([[cosine, sine], [-sine, cosine]])

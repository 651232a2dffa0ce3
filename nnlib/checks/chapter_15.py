"""Chapter 15, letters and digits."""

import math

import numpy as np

from .diagnosis import Exercise

_rng = np.random.default_rng(15)
_right = np.array([0.98, 0.75, 0.42])
_counts = np.array([600, 250, 30])
_right5, _counts5 = _rng.random(5), np.array([12, 0, 7, 90, 31])
_p = _rng.dirichlet(np.full(4, 0.7), 60)
_old, _new = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.1, 0.2, 0.3, 0.4])
_p5 = _rng.dirichlet(np.full(5, 0.7), 60)
_old5, _some = np.array([0.4, 0.1, 0.1, 0.1, 0.3]), np.array([0.0, 0.5, 0.25, 0.25, 0.0])
_raw, _raw2 = _rng.integers(256, size=(3, 28, 28)), _rng.integers(256, size=(2, 28, 28))


def _needed(n1, e1, n2, e2, wanted):
    """Return where the straight line through two points, both axes logarithmic, is at wanted."""
    slope = math.log(e1 / e2) / math.log(n2 / n1)
    return n2 * (e2 / wanted) ** (1 / slope)


def _line(n1, e1, n2, e2, wanted):
    """Follow a straight line on plain axes."""
    return n2 + (wanted - e2) * (n2 - n1) / (e2 - e1)


def _half_logarithmic(n1, e1, n2, e2, wanted):
    """Follow a straight line where only n is logarithmic."""
    return n2 * (n2 / n1) ** ((wanted - e2) / (e2 - e1))


def _choose(p, old, new):
    return (p * (new / old)).argmax(axis=1)


EXERCISES = {
    "15.1": Exercise(
        "a function of the accuracy within each class, (k,), and counts, (k,), that returns the "
        "accuracy on all of them",
        right=lambda right, counts: float(np.average(right, weights=counts)),
        cases=((_right, _counts), (_right5, _counts5)),
        mistakes={
            "this is the mean over the classes, as if each were equally frequent: weight each "
            "class by its count": lambda right, counts: right.mean(),
            "this is how many are right. Divide by how many there are":
                lambda right, counts: (right * counts).sum(),
            "divide by the number of all images, counts.sum(), and not by that of the classes":
                lambda right, counts: (right * counts).mean(),
            "divide by the sum of the counts, and not by the largest":
                lambda right, counts: (right * counts).sum() / counts.max(),
            "this is the error. Asked is what is right": lambda right, counts: 1 - np.average(
                right, weights=counts),
            "here a rare class weighs more than a frequent one: multiply by the counts, do not "
            "divide by them": lambda right, counts: (
                (right / np.maximum(counts, 1)).sum() / (1 / np.maximum(counts, 1)).sum()),
            "this is in per cent. Asked is a share, from 0 to 1": lambda right, counts: 100 * (
                right @ counts) / counts.sum(),
            "these are the terms of the sum, one for each class. Add them up":
                lambda right, counts: right * counts / counts.sum(),
            "this is the accuracy within the most frequent class alone":
                lambda right, counts: right[counts.argmax()],
            "the weights are the counts, not their squares": lambda right, counts: np.average(
                right, weights=counts**2),
            "this is the middle one of the classes. Wanted is a mean, weighted by the counts":
                lambda right, counts: np.median(right),
        }),
    "15.2": Exercise(
        "a function of n1, e1, n2, e2 and the error wanted that returns a number of images",
        right=_needed,
        cases=((1000, 0.4, 10_000, 0.2, 0.1), (5000, 0.25, 100_000, 0.13, 0.09),
               (100, 0.5, 400, 0.25, 0.3), (100, 0.5, 470, 0.25, 0.19)),
        mistakes={
            "this follows a straight line on plain axes. It is straight where both axes are "
            "logarithmic": _line,
            "here only the axis of n is logarithmic. That of the error has to be as well":
                _half_logarithmic,
            "the exponent is the slope itself. To get n from the error it is 1 / slope":
                lambda n1, e1, n2, e2, wanted: n2 * (e2 / wanted) ** (
                    math.log(e1 / e2) / math.log(n2 / n1)),
            "the slope is upside down: it is the change of log error divided by that of log n":
                lambda n1, e1, n2, e2, wanted: n1 * (e1 / wanted) ** (
                    math.log(e1 / e2) / math.log(n2 / n1)),
            "a sign is wrong: it asks for fewer images to make fewer mistakes":
                lambda n1, e1, n2, e2, wanted: n2 * (wanted / e2) ** (
                    math.log(n2 / n1) / math.log(e1 / e2)),
            "this is the logarithm of the number. Take exp of it":
                lambda *case: math.log(_needed(*case)),
            "this is how many times as many as n2. Multiply by n2":
                lambda n1, e1, n2, e2, wanted: (e2 / wanted) ** (
                    math.log(n2 / n1) / math.log(e1 / e2)),
            "this is how many more than n2. Asked is how many in all":
                lambda n1, e1, n2, e2, wanted: _needed(n1, e1, n2, e2, wanted) - n2,
            "this takes the error for inversely proportional to n, a slope of 1. Get the slope "
            "from the two points": lambda n1, e1, n2, e2, wanted: n2 * e2 / wanted,
            "do not round: give the number as the line has it":
                lambda *case: round(_needed(*case)),
            "do not round up: give the number as the line has it":
                lambda *case: math.ceil(_needed(*case)),
            "the slope is not always a half. Get it from the two points":
                lambda n1, e1, n2, e2, wanted: n2 * (e2 / wanted)**2,
            "1 / slope is an exponent here, not a factor":
                lambda n1, e1, n2, e2, wanted: n2 * (e2 / wanted) * (
                    math.log(n2 / n1) / math.log(e1 / e2)),
            "here only the axis of the error is logarithmic. That of n has to be as well":
                lambda n1, e1, n2, e2, wanted: n2 + (n2 - n1) * math.log(e2 / wanted) / math.log(
                    e1 / e2),
            "the error and the first n do not belong together: e1 goes with n1, e2 with n2":
                lambda n1, e1, n2, e2, wanted: n1 * (e2 / wanted) ** (
                    math.log(n2 / n1) / math.log(e1 / e2)),
        }),
    "15.3": Exercise(
        "a function of p, (n, k), old and new shares, (k,), that returns n classes",
        right=_choose, cases=((_p, _old, _new), (_p5, _old5, _some)),
        mistakes={
            "these are the choices for the old shares": lambda p, old, new: p.argmax(axis=1),
            "divide by the old shares too: p has them in it already":
                lambda p, old, new: (p * new).argmax(axis=1),
            "multiply by the new shares too: divided by the old ones alone, p is for equal shares":
                lambda p, old, new: (p / old).argmax(axis=1),
            "old and new have changed places": lambda p, old, new: (
                p * (old / np.maximum(new, 1e-9))).argmax(axis=1),
            "the old shares are in p already. Divide by them instead of multiplying once more":
                lambda p, old, new: (p * old * new).argmax(axis=1),
            "these are probabilities. Wanted are the classes: argmax":
                lambda p, old, new: p * new / old / (p * new / old).sum(axis=1, keepdims=True),
            "these are scores. Wanted are the classes: argmax": lambda p, old, new: p * new / old,
            "these are the rows, one for each class. Wanted is a class for each row: axis=1":
                lambda p, old, new: (p * new / old).argmax(axis=0),
            "this is one place in the whole table. Wanted is a class for each row: axis=1":
                lambda p, old, new: (p * new / old).argmax(),
            "this is the least probable class": lambda p, old, new: (p * new / old).argmin(axis=1),
            "new is divided by old, and not old by new": lambda p, old, new: (
                p * np.divide(old, new, out=np.zeros(len(new)), where=new > 0)).argmax(axis=1),
            "a class that cannot come is left out now, but the others have other shares, too":
                lambda p, old, new: (p * (new > 0)).argmax(axis=1),
            "this is the largest score of each row. Wanted is where it stands: argmax":
                lambda p, old, new: (p * new / old).max(axis=1),
            "these are one-hot rows. Wanted is a class for each row":
                lambda p, old, new: np.eye(len(new))[_choose(p, old, new)],
            "the shares multiply, they do not add": lambda p, old, new: (
                p + new - old).argmax(axis=1),
        }),
    "clinic 15": Exercise(
        "a function of the images as the file holds them, (n, 28, 28), that returns them "
        "upright",
        right=lambda raw: raw.transpose(0, 2, 1), cases=((_raw,), (_raw2,)),
        mistakes={
            "turned by a quarter to the right the strokes stand, but in mirror writing. Which "
            "characters look the same in a mirror? Rows and columns have to change places":
                lambda raw: np.rot90(raw, -1, axes=(1, 2)),
            "turned by a quarter to the left the characters stand on their heads, as in water":
                lambda raw: np.rot90(raw, 1, axes=(1, 2)),
            "nothing has been turned yet: the images are as in the file": lambda raw: raw,
            "turned by half, they lie on their other side": lambda raw: raw[:, ::-1, ::-1],
            "a mirror alone does not stand them up: left and right have changed places":
                lambda raw: raw[:, :, ::-1],
            "a mirror alone does not stand them up: top and bottom have changed places":
                lambda raw: raw[:, ::-1],
            ".T turns all three axes round, and the images are no longer the first. Exchange the "
            "second and the third: transpose(0, 2, 1)": lambda raw: raw.T,
            "without axes=(1, 2) np.rot90 turns the first two axes, images and rows: every image "
            "is mixed with the others": lambda raw: np.rot90(raw, -1),
            "this exchanges images and rows. The images have to stay the first axis":
                lambda raw: np.swapaxes(raw, 0, 1),
            "they are mirrored along the wrong diagonal: they stand on their heads":
                lambda raw: raw.transpose(0, 2, 1)[:, ::-1, ::-1],
            "this is the first image alone. Wanted are all of them": lambda raw: raw[0].T,
            "this turns round the order of the images: axis 0 has to stay": lambda raw: raw[::-1],
            "the rows of an image have been joined. Wanted are images, (n, 28, 28)":
                lambda raw: raw.transpose(0, 2, 1).reshape(len(raw), -1),
        }),
}

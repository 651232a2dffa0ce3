"""Chapter 5, derivatives and gradients."""

import numpy as np

from .diagnosis import Exercise, _nothing

STEP = 1e-3                                 # long enough for mistakes to show
_AT = np.array([0.7, -1.2, 0.4])
_ALONG = np.array([1.0, 2.0, -2.0])         # of length 3
_g = np.array([3.0, -4.0])
_gradient = np.array([0.02, -0.01, 0.0, 0.05, 0.03])


class _Function:
    """A function that says its formula when an answer is told what it was called with."""

    def __init__(self, words, f):
        self.words, self.f = words, f

    def __call__(self, q):
        return self.f(q)

    def __repr__(self):
        return self.words


_PRODUCT = _Function("q[0] * exp(q[1] * q[2])", lambda q: q[0] * np.exp(q[1] * q[2]))
_LINE = _Function("(2 * q[0] + q[1] - 1)**2", lambda q: (2 * q[0] + q[1] - 1) ** 2)


def _gradient_of(f, at, step, *, ahead=1, back=1, over=2, left=0, factor=1):
    """Return slopes (f(q + ahead h) − f(q − back h)) / over h, each number left where told."""
    q, slopes = np.array(at, float), np.empty(len(at))
    for i in range(len(q)):
        kept = q[i]
        q[i] = kept + ahead * step
        above = f(q)
        q[i] = kept - back * step
        slopes[i] = factor * (above - f(q)) / (over * step)
        q[i] = kept + left * step
    return slopes


def _along(f, at, direction, step, *, ahead=1, back=1, over=2, unit=True):
    """Return (f(at + ahead h u) − f(at − back h u)) / over h."""
    u = direction / np.linalg.norm(direction) if unit else direction
    return (f(at + ahead * step * u) - f(at - back * step * u)) / (over * step)


def _counted(answer, f, *case):
    """Return what an answer gives, and a word more if it called f for each number."""
    calls = []
    result = answer(_Function(repr(f), lambda q: calls.append(1) or f(q)), *case)
    return result if len(calls) <= 3 or _nothing(result) else (result, "many calls")


EXERCISES = {
    "5.1": Exercise(
        "a function of an array q that returns the slopes of 1/q, same shape",
        right=lambda q: -1 / q**2,
        cases=((np.array([0.5, 2.0, 10.0]),), (np.array([-3.0, -0.25, 4.0, 1.5]),)),
        mistakes={
            "the size is right, but 1/q falls as q grows: the slope is negative":
                lambda q: 1 / q**2,
            "a factor got lost below the line: see what the common denominator is":
                lambda q: -1 / q,
            "this is 1/q itself, and not its slope": lambda q: 1 / q,
            "this is one over the slope of the square": lambda q: 1 / (2 * q),
            "this is a function whose slope is 1/q. The slope of 1/q is asked for": np.log,
            "there is a factor too many below the line: see what the common denominator is":
                lambda q: -1 / q**3,
        } | {
            f"there is still a step of {h:g} in it. Work out what is left below the line as h "
            f"goes to 0":
                lambda q, h=h: -1 / (q * (q + h)) for h in (1, 0.1, 0.01, 1e-3, 1e-4, 1e-5)}),
    "5.2": Exercise(
        "a function of f, at, direction and step that returns one slope", use=_counted,
        right=_along, cases=((_PRODUCT, _AT, _ALONG, STEP), (_LINE, _AT[:2], _ALONG[:2], STEP)),
        mistakes={
            "the direction came with another length than 1: divide it by its length first":
                lambda f, at, d, step: _along(f, at, d, step, unit=False),
            "you divided the direction by the sum of its absolute numbers. Its length is the root "
            "of the sum of squares":
                lambda f, at, d, step: _along(f, at, d / np.abs(d).sum(), step, unit=False),
            "you divided the direction by its squared length. Take the root":
                lambda f, at, d, step: _along(f, at, d / (d**2).sum(), step, unit=False),
            "you divided the direction by the sum of its numbers. Its length is the root of the "
            "sum of squares":
                lambda f, at, d, step: _along(f, at, d / d.sum(), step, unit=False),
            "the slope along a direction is one number: measure it, and do not multiply it by "
            "the direction":
                lambda f, at, d, step: _along(f, at, d, step) * d / np.linalg.norm(d),
            "the slope along a direction is one number: it is multiplied neither by the direction "
            "nor by its length": lambda f, at, d, step: _along(f, at, d, step) * d,
            "you divided by each number of the direction, and the slope is one number. Divide the "
            "direction by its length":
                lambda f, at, d, step: _along(f, at, d, step, unit=False) / d,
            "the slope is one number: do not multiply by the direction. And that came with "
            "another length than 1: divide it by its length first":
                lambda f, at, d, step: _along(f, at, d, step, unit=False) * d,
            "it is half of the slope: a step to one side only is divided by one step, not by two":
                lambda f, at, d, step: _along(f, at, d, step, back=0),
            "this is a one-sided difference, whose error is much larger: step back as well as "
            "ahead": lambda f, at, d, step: _along(f, at, d, step, back=0, over=1),
            "it is twice the slope: the two places lie two steps apart":
                lambda f, at, d, step: _along(f, at, d, step, over=1),
            "the sign is flipped: the value ahead comes first, the value behind is taken off":
                lambda f, at, d, step: -_along(f, at, d, step),
            "the slope is right, but you measured every number by itself. Move all of them at "
            "once, and two evaluations are enough":
                lambda f, at, d, step: _gradient_of(f, at, step) @ d / np.linalg.norm(d),
            "you measured every number by itself: move all of them at once. And the direction "
            "came with another length than 1":
                lambda f, at, d, step: _gradient_of(f, at, step) @ d,
            "Python reads / 2 * step as divided by 2, times step. Put parentheses round what "
            "you divide by": lambda f, at, d, step: step**2 * _along(f, at, d, step),
        }),
    "5.3": Exercise(
        "a function of a gradient and a length that returns a step, shaped like the gradient",
        right=lambda g, r: -r * g / np.linalg.norm(g),
        cases=((_g, 0.1), (_gradient, 2.0)),
        mistakes={
            "this step goes up. The gradient points where the loss rises":
                lambda g, r: r * g / np.linalg.norm(g),
            "the direction is right, but not the length: that of the gradient itself comes in. "
            "Give the gradient the length 1 first": lambda g, r: -r * g,
            "the direction is right and the length is 1: multiply by the length that is wanted":
                lambda g, r: -g / np.linalg.norm(g),
            "each number moves by the whole length, so the step is too long, and not along the "
            "gradient: numbers with a larger slope have to move further":
                lambda g, r: -r * np.sign(g),
            "the length is right, but the step is not along the gradient: numbers with a larger "
            "slope have to move further":
                lambda g, r: -r * np.sign(g) / np.linalg.norm(np.sign(g)),
            "only the number with the largest slope moves. The others can help":
                lambda g, r: -r * np.sign(g) * (np.abs(g) == np.abs(g).max()),
            "you divided by the sum of the absolute numbers. The length of a vector is the root "
            "of the sum of squares": lambda g, r: -r * g / np.abs(g).sum(),
            "you divided by the squared length of the gradient. Take the root":
                lambda g, r: -r * g / (g**2).sum(),
            "all numbers move alike. Those with a larger slope have to move further":
                lambda g, r: np.full_like(g, -r / len(g)**0.5),
        }),
    "clinic 5": Exercise(
        "a function of f, at and step that returns the slopes of f",
        right=_gradient_of, cases=((_LINE, _AT[:2], STEP), (_PRODUCT, _AT, STEP)),
        mistakes={
            "the first slope is right, and each later one is measured at another place than the "
            "one asked for: the numbers before it stand one step too low":
                lambda f, at, step: _gradient_of(f, at, step, left=-1),
            "the first slope is right, and each later one is measured at another place than the "
            "one asked for: the numbers before it stand one step too high":
                lambda f, at, step: _gradient_of(f, at, step, left=1),
            "these are one-sided differences, whose error is much larger: step back as well as "
            "ahead": lambda f, at, step: _gradient_of(f, at, step, back=0, over=1),
            "these are half of the slopes: a step to one side only is divided by one step, not "
            "by two": lambda f, at, step: _gradient_of(f, at, step, back=0),
            "these are twice the slopes: the two places lie two steps apart":
                lambda f, at, step: _gradient_of(f, at, step, over=1),
            "the signs are flipped: the value ahead comes first, the value behind is taken off":
                lambda f, at, step: _gradient_of(f, at, step, factor=-1),
        }),
}

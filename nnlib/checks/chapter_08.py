"""Chapter 8, optimizers."""

import math

import numpy as np

from .diagnosis import Exercise

_rng = np.random.default_rng(8)
_SHAPES = (3, 2), (2,), (2, 4), (4,)                            # of W, b, W, b
_LISTS = [[_rng.normal(size=shape) for shape in _SHAPES] for _ in range(5)]


# -- 8.1 and 8.2 -------------------------------------------------------------------------------

_BACK = 0.01 / 19
_FIRST = {
    "": [-0.01, 0.01, 0.0],
    "a step goes against the slope, so the signs are flipped": [0.01, -0.01, 0.0],
    "this is lr times the slope, and Adam divides by the size": [-10.0, 1e-5, 0.0],
    "too long. The bias correction is missing: divide each average by the sum of its weights so "
    "far": [-0.01 / math.sqrt(0.1), 0.01 / math.sqrt(0.1), 0.0],
    "the third number has no slope, so nothing moves it: 0 divided by eps is 0":
        [-0.01, 0.01, -0.01],
    "the third number has no slope, so nothing moves it, up or down": [-0.01, 0.01, 0.01],
    "0 divided by 0 for the third number? What is eps for?": [-0.01, 0.01, math.nan],
}
_SECOND = {
    "": _BACK,
    "the size is right. Which of the two slopes weighs more, and where does a step against it "
    "lead?": -_BACK,
    "it does not take the first back: Adam steps by the average of both slopes, and not by the "
    "newest": 0.01,
    "it does not go on as the first did: the slope has turned round": -0.01,
    "the two slopes do not cancel quite: the newer one weighs more": 0.0,
    "you forgot to divide by the sum of the weights": 0.001,
    "wanted is what the second step adds, and not the place after both": -0.01 + _BACK,
    "the bias correction is missing: divide each average by the sum of its weights so far":
        0.1 / math.sqrt(1999),
    "this is lr times the newest slope, and Adam divides by the size": 10.0,
    "this is a step of momentum, and Adam divides by the size as well": 1.0,
}
_SUM = {
    "": [1 / 60, 1 / 60, 1.0],
    "upside down: a sum over 60 points has larger slopes than their mean, so the rate has to be "
    "smaller": [60.0, 60.0, 1.0],
    "upside down, and Adam's stays: it divides by the size of its slopes": [60.0, 60.0, 60.0],
    "a sum over 60 points has 60 times the slopes of their mean, and plain steps and momentum "
    "grow with the slopes": [1.0, 1.0, 1.0],
    "Adam divides by the size of its slopes, so its steps stay as long as they were":
        [1 / 60, 1 / 60, 1 / 60],
    "Adam's squares grow 3600-fold, and their root as much as the slopes: the quotient stays":
        [1 / 60, 1 / 60, 1 / math.sqrt(60)],
    "momentum is a sum of slopes and divides by nothing, so it grows as plain steps do":
        [1 / 60, 1.0, 1.0],
}
_UNIT = {
    "": [1e-6, 1e-6, 1e-3],
    "upside down: the steps would be too long, so the rates have to be smaller":
        [1e6, 1e6, 1e3],
    "that makes the steps as long as they were, and they should be a thousandth":
        [1e-3, 1e-3, 1.0],
    "Adam's is right. For the others two things come together: a thousandfold slope, and a step "
    "that should be a thousandth": [1e-3, 1e-3, 1e-3],
    "Adam's quotient does not grow with the slopes. Which of the two thousands is left for it?":
        [1e-6, 1e-6, 1e-6],
    "at the old rate Adam's steps are as long as they were, and they should be a thousandth":
        [1e-6, 1e-6, 1.0],
    "momentum is a sum of slopes and divides by nothing, so it is as plain steps":
        [1e-6, 1e-3, 1e-3],
    "momentum divides by nothing, so it is as plain steps; and Adam's steps should be a "
    "thousandth": [1e-6, 1.0, 1.0],
    "at the old rates plain steps are a thousandfold and Adam's as long as before. They should "
    "be a thousandth": [1.0, 1.0, 1.0],
    "the slopes are a thousandfold, and a larger rate makes that worse": [1e3, 1e3, 1.0],
}


def _in_turn(first, second):
    """Return a use that judges the second half of an answer once the first is right."""
    def use(answer):
        if not isinstance(answer, tuple | list) or len(answer) != 2:
            return answer
        try:
            found = np.asarray(answer[0], float)
        except (TypeError, ValueError):     # no numbers
            return answer
        right = found.shape == np.shape(first) and np.allclose(found, first, 0.02, 0)
        return answer if right else (answer[0], second)
    return use


def _halves(names, first, second):
    """Return the mistakes of an answer of two halves, each half's with the other one right."""
    one, two = names
    return {
        **{f"{one}: {words}": (wrong, second[""]) for words, wrong in first.items() if words},
        **{f"{one}: right. {two.capitalize()}: {words}": (first[""], wrong)
           for words, wrong in second.items() if words},
    }


# -- 8.3 ---------------------------------------------------------------------------------------


def _schedule(*, first=1, wave=lambda share: (1 + math.cos(math.pi * share)) / 2,
              share=lambda step, warmup, steps: (step - warmup) / (steps - warmup), end=1.0,
              rise=lambda warmup: warmup):
    """Return a rise and half a wave, with one thing or another changed."""
    def rate(step, peak, warmup, steps):
        if step < warmup:
            return peak * (step + first) / rise(warmup)
        return peak * wave(min(share(step, warmup, steps), end))
    return rate


# -- The clinic --------------------------------------------------------------------------------


def _lists(answer, lists):
    """Return the arrays, one after the other, that an optimizer of lists has moved."""
    optimizer = answer(0.1)
    if optimizer is None or optimizer is ...:
        return optimizer
    arrays = [np.zeros(shape) for shape in _SHAPES]
    places = []
    for grads in lists:
        optimizer.step(arrays, [grad.copy() for grad in grads])
        places.append(np.concatenate([array.ravel() for array in arrays]))
    return np.array(places)


class _ListAdam:
    """Adam for lists of arrays, which counts its steps once a step."""

    corrects = True
    kept = "own"

    def __init__(self, lr):
        self.lr, self.t, self.m, self.v = lr, 0, None, None

    def before(self):
        """Count at the beginning of a step."""
        self.t += 1

    def each(self):
        """Count before each array."""

    def after(self):
        """Count at the end of a step."""

    def step(self, arrays, grads):
        """Move all arrays."""
        if self.m is None:
            self.m = [np.zeros_like(a) for a in arrays]
            self.v = [np.zeros_like(a) for a in arrays]
        self.before()
        for a, g, m, v in zip(arrays, grads, self.m, self.v, strict=True):
            self.each()
            m += (1 - 0.9) * (g - m)
            v += (1 - 0.999) * (g**2 - v)
            weights = (1 - 0.9**self.t, 1 - 0.999**self.t) if self.corrects else (1, 1)
            a -= self.lr * (m / weights[0]) / (np.sqrt(v / weights[1]) + 1e-8)
        self.after()


class _EachArray(_ListAdam):
    """Count the arrays."""

    def before(self):
        """Count later."""

    def each(self):
        """Count each array."""
        self.t += 1


class _Afterwards(_ListAdam):
    """Count at the end."""

    def before(self):
        """Count later."""

    def after(self):
        """Count now."""
        self.t += 1


class _AlwaysOne(_ListAdam):
    """Set the count to 1 at each step."""

    def before(self):
        """Forget the steps so far."""
        self.t = 1


class _FromTwo(_ListAdam):
    """Count from 1 on, so that the first step is number 2."""

    def __init__(self, lr):
        super().__init__(lr)
        self.t = 1


class _RestartEachStep(_EachArray):
    """Count the arrays, anew in each step."""

    def before(self):
        """Begin again."""
        self.t = 0


class _Uncorrected(_ListAdam):
    """Leave the correction out."""

    corrects = False


EXERCISES = {
    "8.1": Exercise(
        "three numbers for the first step and one for the second",
        names=("the first step", "the second step"), right=(_FIRST[""], _SECOND[""]),
        use=_in_turn(_FIRST[""], _BACK), tolerance=0.02,
        mistakes=_halves(("the first step", "the second step"), _FIRST, _SECOND)),
    "8.2": Exercise(
        "three factors for the sum, and three for the millimetres",
        names=("the sum", "the millimetres"), right=(_SUM[""], _UNIT[""]), tolerance=0.02,
        use=_in_turn(_SUM[""], _UNIT[""]),
        mistakes=_halves(("the sum", "the millimetres"), _SUM, _UNIT)),
    "8.3": Exercise(
        "a function of step, peak, warmup and steps that returns a rate",
        right=_schedule(),
        cases=tuple((step, 0.1, 10, 100) for step in (0, 3, 9, 10, 11, 40, 55, 99, 100, 130))
        + tuple((step, 2.0, 4, 20) for step in (0, 3, 4, 12, 25)),
        mistakes={
            "the first rate is 0, which wastes a step, and the last of the rise stays below peak: "
            "at step 0 one part of the rise is done already": _schedule(first=0),
            "the rise stops short of peak: it has as many parts as the warm-up has steps":
                _schedule(rise=lambda warmup: warmup + 1),
            "at step warmup the rise is over, and the rate is at peak: the rise has one step too "
            "many": lambda step, peak, warmup, steps: (
                peak * (step + 1) / warmup if step <= warmup
                else _schedule()(step, peak, warmup, steps)),
            "peak is missing: the rates run up to 1": lambda step, peak, warmup, steps:
                _schedule()(step, 1.0, warmup, steps),
            "peak is missing in the fall": lambda step, peak, warmup, steps: _schedule()(
                step, peak if step < warmup else 1.0, warmup, steps),
            "there is a jump at the join: the wave begins at step 0. It has to begin at step "
            "warmup": _schedule(share=lambda step, warmup, steps: step / steps),
            "the wave begins where it should and ends too late, above 0: it has only steps - "
            "warmup steps": _schedule(
                share=lambda step, warmup, steps: (step - warmup) / steps),
            "the wave is too slow and has to jump to 0: it has only steps - warmup steps":
                lambda step, peak, warmup, steps: 0.0 if step >= steps else _schedule(
                    share=lambda step, warmup, steps: (step - warmup) / steps)(
                        step, peak, warmup, steps),
            "the wave is one step ahead: at step warmup its share is 0": _schedule(
                share=lambda step, warmup, steps: (step - warmup + 1) / (steps - warmup)),
            "the wave ends one step too early: at step steps its share is 1, and not before":
                _schedule(share=lambda step, warmup, steps:
                          (step - warmup) / (steps - warmup - 1)),
            "these are degrees. np.cos takes radians, and half a wave is pi": _schedule(
                wave=lambda share: (1 + math.cos(180 * share)) / 2),
            "after the last step the rate rises again: keep the share at 1":
                _schedule(end=math.inf),
            "the rate starts its fall at twice the peak: halve 1 + cos":
                _schedule(wave=lambda share: 1 + math.cos(math.pi * share)),
            "this is a cosine without its 1 +, so the rate goes below 0":
                _schedule(wave=lambda share: math.cos(math.pi * share)),
            "this is a whole wave: it is up at peak again at the end":
                _schedule(wave=lambda share: (1 + math.cos(2 * math.pi * share)) / 2),
            "this is a quarter of a wave, which hits 0 with a slope":
                _schedule(wave=lambda share: math.cos(math.pi * share / 2)),
            "the wave goes up where it should go down: 1 + cos, not 1 - cos":
                _schedule(wave=lambda share: (1 - math.cos(math.pi * share)) / 2),
            "this falls along a straight line, not along a wave":
                _schedule(wave=lambda share: 1 - share),
        }),
    "clinic 8": Exercise(
        "a class whose step takes a list of arrays and a list of gradients",
        right=_ListAdam, cases=((_LISTS,), (_LISTS[:1],)), use=_lists,
        mistakes={
            "the first array moves as it should, the others do not: t counts arrays. It has to "
            "count steps": _EachArray,
            "t counts arrays still, from 1 in each step: it has to count steps":
                _RestartEachStep,
            "t is 0 in the first step, and the correction divides by 1 - 1: count before you "
            "correct": _Afterwards,
            "t is 2 in the first step: it begins at 0 and is counted once before the arrays":
                _FromTwo,
            "t is 1 in every step, so the correction never ends: it has to go on counting":
                _AlwaysOne,
            "now nothing is corrected, and the first steps are too long. Correct with the number "
            "of the step": _Uncorrected,
        }),
}

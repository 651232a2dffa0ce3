"""Chapter 8, optimizers."""

import math

import numpy as np

from .diagnosis import Exercise

_rng = np.random.default_rng(8)
# slopes of three numbers: large, moderate, and so small that the place of eps shows
_GRADS = _rng.normal(size=(5, 3)) * [50.0, 1.0, 0.02]
_EPS = 1e-3
_SHAPES = (3, 2), (2,), (2, 4), (4,)                            # of W, b, W, b
_LISTS = [[_rng.normal(size=shape) for shape in _SHAPES] for _ in range(5)]


# -- 8.1 and 8.2 -------------------------------------------------------------------------------


def _walk(answer, grads):
    """Return the places after each step of a function that hands theta, m and v on."""
    theta = m = v = np.zeros(grads.shape[1])
    places = []
    for t, grad in enumerate(grads, 1):
        result = answer(theta.copy(), grad.copy(), m.copy(), v.copy(), t, 0.001, 0.9, 0.999, _EPS)
        if result is None or result is ...:
            return result
        if not isinstance(result, tuple | list) or len(result) != 3:
            raise ValueError("theta, m and v are to come back, three arrays")
        theta, m, v = (np.asarray(part, float) for part in result)
        places.append(theta)
    return np.array(places)


def _adam(*, square=np.square, top=lambda t: 1 - 0.9**t, below=lambda t: 1 - 0.999**t,
          share1=0.1, share2=0.001, kept=(0.9, 0.999), sign=-1, keep_m=True, keep_v=True,
          corrected=False, quotient=lambda m, v: m / (np.sqrt(v) + _EPS)):
    """Return Adam's step in the paper's form, with one thing or another changed."""
    def step(theta, grad, m, v, t, lr, *_):
        new_m = kept[0] * m + share1 * grad
        new_v = kept[1] * v + share2 * square(grad)
        m_hat, v_hat = new_m / top(t), new_v / below(t)
        theta = theta + sign * lr * quotient(m_hat, v_hat)
        if corrected:
            return theta, m_hat, v_hat
        return theta, new_m if keep_m else m, new_v if keep_v else v
    return step


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
        right=([-0.01, 0.01, 0.0], 0.01 / 19), tolerance=0.02,
        mistakes={
            "all signs are flipped: a step goes against the slope":
                ([0.01, -0.01, 0.0], -0.01 / 19),
            "the signs of the first step are flipped: a step goes against the slope. And the "
            "second does not take it back": ([0.01, -0.01, 0.0], -0.01),
            "these are plain steps, lr times the slope. Adam divides by the size":
                ([-10.0, 1e-5, 0.0], 10.0),
            "these are steps of momentum. Adam divides by the size as well":
                ([-10.0, 1e-5, 0.0], 1.0),
            "the first step is right. The second does not take it back: Adam steps by the average "
            "of both slopes, and not by the newest": ([-0.01, 0.01, 0.0], 0.01),
            "the first step is right. In the second the two slopes do not cancel quite: the "
            "newer one weighs more": ([-0.01, 0.01, 0.0], 0.0),
            "the first step is right, and the size of the second. Which of the two slopes weighs "
            "more, and where does a step against it lead?": ([-0.01, 0.01, 0.0], -0.01 / 19),
            "the first step is right. In the second you forgot to divide by the sum of the "
            "weights": ([-0.01, 0.01, 0.0], 0.001),
            "the first step is right. The second number is the place after both steps. Wanted is "
            "what the second step adds": ([-0.01, 0.01, 0.0], -0.01 + 0.01 / 19),
            "the bias correction is missing: divide each average by the sum of its weights so far":
                ([-0.01 / math.sqrt(0.1), 0.01 / math.sqrt(0.1), 0.0], 0.1 / math.sqrt(1999)),
            "the third number has no slope, so nothing moves it: 0 divided by eps is 0":
                ([-0.01, 0.01, -0.01], 0.01 / 19),
        }),
    "8.2": Exercise(
        "a function of theta, grad, m, v, t and the settings that returns theta, m, v",
        right=_adam(), cases=((_GRADS,), (_GRADS[::-1],)), use=_walk,
        mistakes={
            "v averages the squares of the slopes, and you gave it the slopes":
                _adam(square=lambda grad: grad),
            "the root is missing: divide by the root of v_hat":
                _adam(quotient=lambda m, v: m / (v + _EPS)),
            "eps stands below the root. It belongs beside it": _adam(
                quotient=lambda m, v: m / np.sqrt(v + _EPS)),
            "eps is missing: it is added to the root": _adam(
                quotient=lambda m, v: m / np.sqrt(v)),
            "eps is added to theta. It belongs below the fraction, in parentheses with the root":
                _adam(quotient=lambda m, v: m / np.sqrt(v) - _EPS / 0.001),
            "eps is added to the quotient. It belongs below the fraction, in parentheses with the "
            "root": _adam(quotient=lambda m, v: m / np.sqrt(v) + _EPS),
            "both corrections are missing: divide m by 1 - beta1**t and v by 1 - beta2**t":
                _adam(top=lambda t: 1, below=lambda t: 1),
            "m is corrected and v is not": _adam(below=lambda t: 1),
            "v is corrected and m is not": _adam(top=lambda t: 1),
            "the correction of m has t as a factor. It is a power: beta1**t": _adam(
                top=lambda t: 1 - 0.9 * t, below=lambda t: 1 - 0.999 * t),
            "the correction is that of the first step in all steps: beta is raised to the power t":
                _adam(top=lambda t: 0.1, below=lambda t: 0.001),
            "t is 1 in the first step already: no + 1 in the power": _adam(
                top=lambda t: 1 - 0.9 ** (t + 1), below=lambda t: 1 - 0.999 ** (t + 1)),
            "you kept the sums of the chapter and corrected them as the paper does its averages. "
            "In the paper the new slope enters with the factor 1 - beta":
                _adam(share1=1.0, share2=1.0),
            "this climbs: the step is subtracted": _adam(sign=1),
            "you returned the corrected m_hat and v_hat. The next step needs m and v as they were "
            "before the correction": _adam(corrected=True),
            "v is handed back as it came in, so it never remembers anything":
                _adam(keep_v=False),
            "m is handed back as it came in, so it never remembers anything":
                _adam(keep_m=False),
            "m and v are handed back as they came in: return the new ones":
                _adam(keep_m=False, keep_v=False),
            "beta1 and beta2 have changed places": _adam(
                top=lambda t: 1 - 0.999**t, below=lambda t: 1 - 0.9**t, share1=0.001,
                share2=0.1, kept=(0.999, 0.9)),
        }),
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

"""Chapter 12, dropout."""

import numpy as np

from .diagnosis import Exercise

_rng = np.random.default_rng(12)
_a = np.maximum(0, _rng.normal(size=(5, 4))) + 0.1
_W, _b = _rng.normal(size=(4, 3)), _rng.normal(size=3)
_CHANCE = 0.8**128


def _twice(answer, *case):
    """Call an answer twice, and say so if it gives other numbers the second time."""
    first, second = answer(*case), answer(*case)
    if isinstance(first, np.ndarray) and np.shape(first) == np.shape(second) \
            and first.dtype.kind == "f" and not np.array_equal(first, second, equal_nan=True):
        return "random"
    return first


def _variance(a, W, rate):
    return rate / (1 - rate) * a**2 @ W**2


def _sampled(answer, *case):
    """Call an answer, and say so if it comes close and no closer, as a sample does."""
    found, exact = answer(*case), _variance(*case)
    if isinstance(found, np.ndarray) and found.shape == exact.shape and found.dtype.kind == "f":
        off = np.abs(found / exact - 1).max()
        return "close" if 1e-4 < off < 0.08 else found
    return found


def _dropout(a=lambda x, kept, rate: x * kept / (1 - rate),
             dx=lambda da, kept, rate: da * kept / (1 - rate), in_use=lambda x, rate: x,
             keeps=lambda drawn, rate: drawn >= rate):
    """Return a class of dropout, made of these formulas."""
    class Layer:
        def __init__(self, rate, *, rng):
            self.rate, self.rng = rate, np.random.default_rng(rng).spawn(1)[0]

        def forward(self, x, *, training=False):
            if not training:
                return in_use(x, self.rate)
            self.x, self.kept = x, keeps(self.rng.random(x.shape, np.float32), self.rate)
            return a(x, self.kept, self.rate)

        def backward(self, da):
            self.da = da
            return dx(self if dx.__code__.co_varnames[0] == "layer" else da, self.kept, self.rate)
    return Layer


def _factors(built, x, da, rate):
    """Return what a class of dropout does to numbers and slopes, whatever its masks."""
    rng = np.random.default_rng(1)
    layer = built(rate, rng=rng) if isinstance(built, type) else built(rate, rng)
    if layer is None or layer is ...:
        return layer
    a = np.asarray(layer.forward(x, training=True), float)
    dx = np.asarray(layer.backward(da), float)
    used = np.asarray(layer.forward(x), float)
    kept = a != 0                           # x is nowhere 0
    return (round(1 - kept.mean(), 1), _ends((a / x)[kept]), _ends((dx / da)[kept]),
            _ends((dx / da)[~kept]), _ends(used / x))


def _ends(values):
    return [float(values.min()), float(values.max())] if values.size else [0.0, 0.0]


_many, _slopes = np.random.default_rng(13).uniform(0.5, 2, size=(2, 60, 100))

EXERCISES = {
    "12.1": Exercise(
        "two numbers, dropped and chance_whole", right=(25.6, _CHANCE),
        names=("dropped", "chance_whole"),
        mistakes={
            "dropped is the number of those that stay. Wanted are those that are missing":
                (102.4, _CHANCE),
            "chance_whole is the chance that nobody is left. Wanted: that everybody is there":
                (25.6, 0.2**128),
            "dropped and chance_whole are those of 0.8 as the fraction dropped. rate is 0.2":
                (102.4, 0.2**128),
            "chance_whole is the chance that somebody is missing. Wanted: that nobody is":
                (25.6, 1 - _CHANCE),
            "these are the numbers of one hidden layer. There are two of 64 each": (12.8, 0.8**64),
            "chance_whole is that of one hidden layer. There are two of 64 each": (25.6, 0.8**64),
            "chance_whole is that of one neuron. All have to be there at once": (25.6, 0.8),
            "chance_whole takes all masks for equally probable. A neuron is kept more often than "
            "dropped": (25.6, 0.5**128),
            "chance_whole was added up and not multiplied: no chance is above 1":
                (25.6, 0.8 * 128),
            "the order is dropped, chance_whole": (_CHANCE, 25.6),
            "dropped was rounded up. A mean need not be a whole number: do not round":
                (26, _CHANCE),
            "dropped was rounded down. A mean need not be a whole number: do not round":
                (25, _CHANCE),
            "dropped is given in percent. Wanted is a number of neurons": (20, _CHANCE),
            "dropped is given as a fraction. Wanted is a number of neurons": (0.2, _CHANCE),
            "chance_whole is that of the whole run. Wanted: for one sample":
                (25.6, 180_000 * _CHANCE),
            "chance_whole is tiny, but it is not 0": (25.6, 0),
        }),
    "12.2": Exercise(
        "a function of a, W, b and rate that returns z, shape (n, n_out)",
        right=lambda a, W, b, rate: (1 - rate) * a @ W + b,
        cases=((_a, _W, _b, 0.2), (_a[:2], _W, _b, 0.7)), use=_twice,
        mistakes={
            "nothing is scaled: in use the layer is handed more than in training":
                lambda a, W, b, rate: a @ W + b,
            "b was scaled too. The bias was never dropped": lambda a, W, b, rate:
                (1 - rate) * (a @ W + b),
            "you divided. In training the layer was handed less, so make it less in use too":
                lambda a, W, b, rate: a @ W / (1 - rate) + b,
            "you multiplied by rate, the fraction dropped. On average the fraction kept is what "
            "was there": lambda a, W, b, rate: rate * a @ W + b,
            "you scaled twice: the activations or the weights, not both":
                lambda a, W, b, rate: (1 - rate)**2 * a @ W + b,
            "it gives other scores each time. In use nobody is dropped: scale by the mean of the "
            "mask, and draw none": lambda a, W, b, rate:
                a * (np.random.default_rng().random(a.shape) >= rate) @ W + b,
            "you scaled by the root of 1 - rate. It is the mean that must be right, and the mean "
            "of the mask is 1 - rate": lambda a, W, b, rate: np.sqrt(1 - rate) * a @ W + b,
            "b is missing": lambda a, W, b, rate: (1 - rate) * a @ W,
            "only the bias was scaled. It is the only one that was never dropped":
                lambda a, W, b, rate: a @ W + (1 - rate) * b,
        }),
    "12.3": Exercise(
        "a function of a, W and rate that returns an array, shape (n, n_out)",
        right=_variance,
        cases=((_a, _W, 0.1), (_a[:2], _W, 0.6)), use=_sampled,
        mistakes={
            "you squared the sum. Square each term, and then add up":
                lambda a, W, rate: rate / (1 - rate) * (a @ W)**2,
            "this is the standard deviation. Its square is wanted":
                lambda a, W, rate: np.sqrt(rate / (1 - rate) * a**2 @ W**2),
            "these are the masks without scaling: divide by (1 - rate)², too":
                lambda a, W, rate: rate * (1 - rate) * a**2 @ W**2,
            "the factor rate/(1 - rate) is missing": lambda a, W, rate: a**2 @ W**2,
            "the factor is rate/(1 - rate), and not rate alone":
                lambda a, W, rate: rate * a**2 @ W**2,
            "the factor is upside down: the more is dropped, the more noise there is":
                lambda a, W, rate: (1 - rate) / rate * a**2 @ W**2,
            "this is the mean of the square: take the square of the mean off":
                lambda a, W, rate: a**2 @ W**2 / (1 - rate),
            "W is not squared: a constant factor leaves a variance as its square":
                lambda a, W, rate: rate / (1 - rate) * a**2 @ W,
            "a is not squared": lambda a, W, rate: rate / (1 - rate) * a @ W**2,
            "neither a nor W is squared": lambda a, W, rate: rate / (1 - rate) * a @ W,
            "it is close, as if drawn at random. Wanted is the exact variance, by a formula":
                lambda a, W, rate: 1.03 * _variance(a, W, rate),
            "this is one number for all. Wanted is one variance for each score of each sample":
                lambda a, W, rate: _variance(a, W, rate).sum(),
            "this is one number for each sample: keep the scores apart":
                lambda a, W, rate: (rate / (1 - rate) * a**2 @ W**2).sum(axis=1),
        }),
    "clinic 12": Exercise(
        "a class of dropout, built as Colleague is: (rate, rng=rng)", right=_dropout(),
        names=("fraction dropped", "a over x where kept, least and most",
               "dx over da where kept, least and most",
               "dx over da where dropped, least and most", "a over x in use, least and most"),
        cases=((_many, _slopes, 0.4), (_many, _slopes, 0.7)), use=_factors,
        mistakes={
            "forward is right, backward lacks the scaling: each kept input has the slope "
            "1/(1 - rate)": _dropout(dx=lambda da, kept, rate: da * kept),
            "forward is right, backward lacks the mask: a dropped number has the slope 0":
                _dropout(dx=lambda da, kept, rate: da / (1 - rate)),
            "forward is right, backward lacks the mask and the scaling":
                _dropout(dx=lambda da, kept, rate: da * 1.0),
            "dx is consistent with a, but now a is not scaled, and its mean is too small":
                _dropout(lambda x, kept, rate: x * kept, lambda da, kept, rate: da * kept),
            "the scaling has moved from forward to backward. Both need it":
                _dropout(lambda x, kept, rate: x * kept),
            "forward is right, dx is multiplied by 1 - rate where a was divided. The slope is "
            "what a was multiplied by":
                _dropout(dx=lambda da, kept, rate: da * kept * (1 - rate)),
            "forward is right, dx is scaled twice":
                _dropout(dx=lambda da, kept, rate: da * kept / (1 - rate)**2),
            "forward is right, dx is divided by rate, the fraction dropped. Divide by the "
            "fraction kept": _dropout(dx=lambda da, kept, rate: da * kept / rate),
            "dx is right, but a is divided by rate now, the fraction dropped. Divide by the "
            "fraction kept": _dropout(lambda x, kept, rate: x * kept / rate),
            "a and dx are divided by rate, the fraction dropped. Divide by the fraction kept":
                _dropout(lambda x, kept, rate: x * kept / rate,
                         lambda da, kept, rate: da * kept / rate),
            "forward is right, dx gets through where the number was dropped, and not where it "
            "was kept": _dropout(dx=lambda da, kept, rate: da * ~kept / (1 - rate)),
            "the mask is turned round: the fraction dropped is 1 - rate now":
                _dropout(keeps=lambda drawn, rate: drawn < rate),
            "forward is right, backward draws a new mask. It has to be the one of forward":
                _dropout(dx=lambda layer, kept, rate: layer.da * (
                    layer.rng.random(kept.shape, np.float32) >= rate) / (1 - rate)),
            "forward is right, dx holds x. Multiply what comes back, da":
                _dropout(dx=lambda layer, kept, rate: layer.x * kept / (1 - rate)),
            "forward is right, dx holds x as a factor. The slope is mask/(1 - rate), without x":
                _dropout(dx=lambda layer, kept, rate:
                         layer.da * layer.x * kept / (1 - rate)),
            "forward is right, dx is the slope alone. Multiply what comes back, da, by it":
                _dropout(dx=lambda da, kept, rate: kept / (1 - rate)),
            "training is right, but in use x has to come back as it is":
                _dropout(in_use=lambda x, rate: x * (1 - rate)),
            "training is right, but in use x has to come back as it is, unscaled":
                _dropout(in_use=lambda x, rate: x / (1 - rate)),
        }),
}

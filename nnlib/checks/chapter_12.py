"""Chapter 12, dropout."""

import numpy as np

from .diagnosis import Exercise

_rng = np.random.default_rng(12)
_x, _da = _rng.normal(size=(2, 4, 6))
_mask = _rng.random((4, 6)) >= 0.4
_a = np.maximum(0, _rng.normal(size=(5, 4))) + 0.1
_W, _b = _rng.normal(size=(4, 3)), _rng.normal(size=3)
_CHANCE = 0.8**128


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
        }),
    "12.2": Exercise(
        "a function of a, W, b and rate that returns z, shape (n, n_out)",
        right=lambda a, W, b, rate: (1 - rate) * a @ W + b,
        cases=((_a, _W, _b, 0.2), (_a[:2], _W, _b, 0.7)),
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
            "b is missing": lambda a, W, b, rate: (1 - rate) * a @ W,
            "only the bias was scaled. It is the only one that was never dropped":
                lambda a, W, b, rate: a @ W + (1 - rate) * b,
        }),
    "12.3": Exercise(
        "a function of a, W and rate that returns an array, shape (n, n_out)",
        right=lambda a, W, rate: rate / (1 - rate) * a**2 @ W**2,
        cases=((_a, _W, 0.1), (_a[:2], _W, 0.6)),
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
            "this is one number for each sample: keep the scores apart":
                lambda a, W, rate: (rate / (1 - rate) * a**2 @ W**2).sum(axis=1),
        }),
    "clinic 12": Exercise(
        "a function of x, da, mask and rate that returns a and dx", names=("a", "dx"),
        right=lambda x, da, mask, rate: (x * mask / (1 - rate), da * mask / (1 - rate)),
        cases=((_x, _da, _mask, 0.4), (_x[:2], _da[:2], _mask[2:], 0.75)),
        mistakes={
            "a is right, dx lacks the scaling: each kept input has the slope 1/(1 - rate)":
                lambda x, da, mask, rate: (x * mask / (1 - rate), da * mask),
            "a is right, dx lacks the mask: who was dropped has the slope 0":
                lambda x, da, mask, rate: (x * mask / (1 - rate), da / (1 - rate)),
            "a is right, dx lacks the mask and the scaling":
                lambda x, da, mask, rate: (x * mask / (1 - rate), da * 1.0),
            "dx is consistent with a, but now a is not scaled, and its mean is too small":
                lambda x, da, mask, rate: (x * mask, da * mask),
            "the scaling has moved from a to dx. Both need it":
                lambda x, da, mask, rate: (x * mask, da * mask / (1 - rate)),
            "a is right, dx is multiplied by 1 - rate where a was divided. The slope is what a "
            "was multiplied by": lambda x, da, mask, rate: (
                x * mask / (1 - rate), da * mask * (1 - rate)),
            "a is right, dx is scaled twice":
                lambda x, da, mask, rate: (x * mask / (1 - rate), da * mask / (1 - rate)**2),
            "a is right, dx is divided by rate, the fraction dropped. Divide by the fraction "
            "kept": lambda x, da, mask, rate: (x * mask / (1 - rate), da * mask / rate),
            "a is right, dx gets through where the number was dropped, and not where it was kept":
                lambda x, da, mask, rate: (x * mask / (1 - rate), da * ~mask / (1 - rate)),
            "a is right, dx holds x. Multiply what comes back, da":
                lambda x, da, mask, rate: (x * mask / (1 - rate), x * mask / (1 - rate)),
            "a is right, dx is the slope alone. Multiply what comes back, da, by it":
                lambda x, da, mask, rate: (x * mask / (1 - rate), mask / (1 - rate)),
            "a is right, dx asks where a is above 0. A kept number may be negative: use the mask":
                lambda x, da, mask, rate: (
                    x * mask / (1 - rate), da * (x * mask > 0) / (1 - rate)),
        }),
}

"""Chapter 11, L1 and L2."""

import numpy as np

from .diagnosis import Exercise

_rng = np.random.default_rng(11)
_free = np.array([1.7, -0.9, 0.3, 0.0, -0.2, -2.5])
_W, _slope = _rng.normal(size=(2, 3, 2))
_b, _db = _rng.normal(size=(2, 2))
_mixed = np.array([[3.0, -2.0, 1.0, -1.2], [-0.05, 0.07, -0.9, 0.4]])
_signed = np.array([-5.0, 1.0, -0.5, 0.2])


def _soft(free, price):
    """Return the weight that is free, nearer to 0 by the price, as far as 0."""
    return np.sign(free) * np.maximum(0, np.abs(free) - price)


def _cut(W, share):
    """Return W with this share of its numbers, the smallest in size, at 0."""
    order = np.argsort(np.abs(W), axis=None)
    kept = W.copy()
    kept.flat[order[:round(share * W.size)]] = 0
    return kept


EXERCISES = {
    "11.1": Exercise(
        "a function of free and a price that returns the best weight under L2 and under L1",
        right=lambda free, price: (free / (1 + 2 * price), _soft(free, price)),
        cases=((_free, 0.5), (_free, 0.2), (-1.3, 0.7)), names=("under L2", "under L1"),
        mistakes={
            "under L2 the slope of the penalty is twice the price times w":
                lambda free, price: (free / (1 + price), _soft(free, price)),
            "under L2 the weight shrinks by a share of its own size, not by the price times 2":
                lambda free, price: (free - 2 * price, _soft(free, price)),
            "under L2 you took twice the price times free off: that is one plain step from free, "
            "and not the place where the slope is 0":
                lambda free, price: (free * (1 - 2 * price), _soft(free, price)),
            "under L1 a negative free goes the wrong way: its size has to become smaller":
                lambda free, price: (free / (1 + 2 * price), np.maximum(0, free - price)),
            "under L1 a negative free has moved away from 0: keep the sign and shrink the size":
                lambda free, price: (free / (1 + 2 * price), free - price),
            "under L1 a weight whose size is below the price has jumped across 0. Stop it there":
                lambda free, price: (free / (1 + 2 * price), free - price * np.sign(free)),
            "under L1 the sign is lost: these are sizes":
                lambda free, price: (free / (1 + 2 * price), np.maximum(0, np.abs(free) - price)),
            "under L1 those that stay above 0 have to pay too: their size is less by the price":
                lambda free, price: (
                    free / (1 + 2 * price), np.where(np.abs(free) > price, free, 0)),
            "under L1 the price is taken off once and not twice: the slope of |w| is 1, not 2":
                lambda free, price: (free / (1 + 2 * price), _soft(free, 2 * price)),
            "the two are in the wrong order: first L2, then L1":
                lambda free, price: (_soft(free, price), free / (1 + 2 * price)),
            "under L1 you took half the price off: the slope of |w| is 1, so all of it counts":
                lambda free, price: (free / (1 + 2 * price), _soft(free, price / 2)),
            "under L2 the weight is divided by twice the price alone. The wish to be at free "
            "counts too: solve w − free + 2 · price · w = 0":
                lambda free, price: (free / (2 * price), _soft(free, price)),
            "your L1 works for one number only: an if, or max, cannot decide for all numbers of "
            "an array at once. np.where, np.maximum and np.sign can": lambda free, price: (
                free / (1 + 2 * price), max(0, abs(free) - price) * np.sign(free)),
            "your L1 works for one number only: an if, or max, cannot decide for all numbers of "
            "an array at once. np.where and np.maximum can. And a negative weight goes to 0 "
            "there; its size has to shrink": lambda free, price: (
                free / (1 + 2 * price), max(0, free - price)),
            "your L1 works for one number only: an if cannot decide for all numbers of an array "
            "at once. np.where and np.maximum can. And a negative weight does not get nearer to 0 "
            "there": lambda free, price: (
                free / (1 + 2 * price), free - price if abs(free) > price else 0 * free),
        }),
    "11.2": Exercise(
        "a function of lr and weight_decay that returns a number of steps",
        right=lambda lr, decay: np.log(0.5) / np.log(1 - lr * decay),
        cases=((0.1, 0.5), (0.001, 0.01), (0.01, 3.0)),
        mistakes={
            "a step takes off the share lr times weight_decay, not weight_decay alone":
                lambda lr, decay: np.log(0.5) / np.log(1 - decay) if decay < 1 else np.nan,
            "a step takes off the share lr · weight_decay. The factor 2 belongs to the penalty "
            "l2 · ΣW²": lambda lr, decay: np.log(0.5) / np.log(1 - 2 * lr * decay),
            "this is how long it would take if every step took off as much as the first. Each "
            "takes a share of what is left": lambda lr, decay: 0.5 / (lr * decay),
            "this is the time until 1/e is left, about 0.37, and not a half":
                lambda lr, decay: -1 / np.log(1 - lr * decay),
            "this is 1 divided by the share. It is about the time until 0.37 is left, not a half":
                lambda lr, decay: 1 / (lr * decay),
            "a number of steps below 0: log(1 − …) is negative, so take log(0.5), not log(2)":
                lambda lr, decay: np.log(2) / np.log(1 - lr * decay),
            "right for small shares only: n steps multiply by (1 − lr·λ)ⁿ, not by e^(−lr·λ·n). "
            "Take the logarithm of 1 − lr·λ": lambda lr, decay: np.log(2) / (lr * decay),
            "right, but rounded to whole steps. Leave it unrounded":
                lambda lr, decay: np.ceil(np.log(0.5) / np.log(1 - lr * decay)),
            "right, but rounded down to whole steps. Leave it unrounded":
                lambda lr, decay: np.floor(np.log(0.5) / np.log(1 - lr * decay)),
            "a number of steps below 0: log(2) is positive and log(1 − …) negative. And log(2) "
            "stands in the wrong place, too": lambda lr, decay: np.log(1 - lr * decay) / np.log(2),
            "upside down: divide log(0.5) by the logarithm of the factor":
                lambda lr, decay: np.log(1 - lr * decay) / np.log(0.5),
        },
        tolerance=1e-3),
    "11.3": Exercise(
        "a function of an array and a share that returns a new array",
        right=_cut, cases=((_mixed, 0.5), (_signed, 0.25), (_mixed, 0.75), (_signed, 0.0)),
        mistakes={
            "you cut by value, so all large negative weights went first. Take sizes":
                lambda W, share: np.where(np.quantile(W, share) > W, 0, W),
            "you compared values with a limit for sizes, so all negative weights went":
                lambda W, share: np.where(np.quantile(np.abs(W), share) > W, 0, W),
            "you cut the largest and kept the smallest":
                lambda W, share: np.where(np.abs(W) >= np.quantile(np.abs(W), share), 0, W),
            "you kept this share. It is the share to cut":
                lambda W, share: _cut(W, 1 - share),
            "you kept this share: the limit is the quantile of share, not of 1 − share":
                lambda W, share: np.where(
                    np.abs(W) < np.quantile(np.abs(W), 1 - share), 0, W),
            "the wrong way round: > for <, so the largest went and the smallest stayed":
                lambda W, share: np.where(np.abs(W) > np.quantile(np.abs(W), share), 0, W),
            "the limit is a quantile of the values, some of them negative. Take that of the sizes":
                lambda W, share: np.where(np.abs(W) < np.quantile(W, share), 0, W),
            "with a share of 0 nothing is to go, but you cut the smallest: < and not <=":
                lambda W, share: np.where(np.abs(W) <= np.quantile(np.abs(W), share), 0, W),
            "you cut this share of each row. It is to be the share of all numbers together":
                lambda W, share: np.where(np.abs(W) < np.quantile(
                    np.abs(W), share, axis=-1, keepdims=True), 0, W),
            "you cut this share of each column. It is to be the share of all numbers together":
                lambda W, share: np.where(
                    np.abs(W) < np.quantile(np.abs(W), share, axis=0), 0, W),
            "these are the sizes: the signs are lost": lambda W, share: np.abs(_cut(W, share)),
            "these are True and False. np.where, or a product with W, makes weights of them":
                lambda W, share: np.abs(W) >= np.quantile(np.abs(W), share),
            "the cut weights are gone from the array. It has to keep its shape, with 0 there":
                lambda W, share: W[np.abs(W) >= np.quantile(np.abs(W), share)],
            "the limit is this share of the largest size. It has to be the size below which this "
            "share of the weights lies": lambda W, share: np.where(
                np.abs(W) < share * np.abs(W).max(), 0, W),
            "you took the share as the limit itself. It has to be the size below which this share "
            "of the weights lies": lambda W, share: np.where(np.abs(W) < share, 0, W),
        }),
    "clinic 11": Exercise(
        "a function of W, b, dW, db and l2 that returns the two gradients",
        right=lambda W, b, dW, db, l2: (dW + 2 * l2 * W, db),
        cases=((_W, _b, _slope, _db, 0.5), (_W[:2], -_b, _slope[:2], _db, 3.0)),
        names=("dW", "db"),
        mistakes={
            "biases pay too, and are pulled to 0: then the net can no longer say how common each "
            "class is. Leave db as it is":
                lambda W, b, dW, db, l2: (dW + 2 * l2 * W, db + 2 * l2 * b),
            "the weights have to pay and the biases go free: it is the other way round here":
                lambda W, b, dW, db, l2: (dW, db + 2 * l2 * b),
            "now nobody pays": lambda W, b, dW, db, l2: (dW, db),
            "db is lost: its own gradient stays, only the penalty's part goes":
                lambda W, b, dW, db, l2: (dW + 2 * l2 * W, 0 * db),
            "the factor 2 is missing: the slope of w² is 2w":
                lambda W, b, dW, db, l2: (dW + l2 * W, db),
            "the penalty is taken off the gradient, so the weights would grow. Add it":
                lambda W, b, dW, db, l2: (dW - 2 * l2 * W, db),
            "that is the slope of L1: sign(W). L2's is proportional to W":
                lambda W, b, dW, db, l2: (dW + l2 * np.sign(W), db),
            "sign(W) belongs to L1. The slope of w² is 2w, with its size":
                lambda W, b, dW, db, l2: (dW + 2 * l2 * np.sign(W), db),
            "the two are in the wrong order: first dW, then db":
                lambda W, b, dW, db, l2: (db, dW + 2 * l2 * W),
            "the penalty stands for the gradient: add it to dW, do not replace dW":
                lambda W, b, dW, db, l2: (2 * l2 * W, db),
            "biases pay half as much now. They should not pay at all":
                lambda W, b, dW, db, l2: (dW + 2 * l2 * W, db + l2 * b),
        }),
}

"""Chapter 7, gradient descent."""

import numpy as np

from .diagnosis import Exercise

_BOWLS = (np.array([1.0, 20.0]), np.array([3.0, 8.0, 0.5]))
# what is the first thing wrong with two rates
(GOOD, SWAPPED, LIMIT_ONE_STEP, LIMIT_FLAT, LIMIT_MEAN, LIMIT, BEST_STEEP, BEST_FLAT,
 BEST) = range(9)
_GRADS = np.array([[1.0, -2.0, 0.5], [0.5, 1.0, 2.0], [-1.0, 3.0, 1.0], [2.0, 0.5, -1.5]])
_RATES = (0.1, 0.1, 0.02, 0.02)
_N, _SIZE = 60, 16                          # the last batch is shorter
_EPOCHS = 12                                # so many that no two rows meet in each by chance
_y = np.random.default_rng(7).permutation(np.repeat([0, 1, 2], 40))
# what is the first thing wrong with the batches of two epochs
(RIGHT, LABELS, TWICE, MISSING, SIZES, IN_ORDER, NEIGHBOURS, SAME, TIED, OTHER_RNG,
 UNFAIR) = range(11)


def _rates_fault(answer, *bowls):
    """Return what is first wrong with the limit and the best rate of some bowls."""
    pairs = [answer(c) for c in bowls]
    for pair in pairs:
        if pair is None or pair is ... or (isinstance(pair, tuple | list) and ... in pair):
            return None
    found = np.array(pairs, float)
    if found.shape != (len(bowls), 2):
        raise ValueError("two numbers have to come back, the limit and the best rate")
    limits = found[:, 0]
    low, mean, high = np.array([(c.min(), c.mean(), c.max()) for c in bowls]).T
    limit, best = 2 / high, 2 / (low + high)
    faults = (
        (GOOD, found, np.stack([limit, best], axis=1)),
        (SWAPPED, found, np.stack([best, limit], axis=1)),
        (LIMIT_ONE_STEP, limits, 1 / high),
        (LIMIT_FLAT, limits, 2 / low),
        (LIMIT_MEAN, limits, 2 / mean),
        (BEST_STEEP, found, np.stack([limit, 1 / high], axis=1)),
        (BEST_FLAT, found, np.stack([limit, 1 / low], axis=1)),
        (BEST, limits, limit),
    )
    return next((fault for fault, a, b in faults if np.allclose(a, b)), LIMIT)


def _walk(step, momentum):
    """Return where four steps lead, with the rate falling after the second.

    What m holds is not looked at, so that an m of the other sign, as Keras has it, is right too.
    """
    theta, m, places = np.array([1.0, -2.0, 0.5]), np.zeros(3), []
    for grad, lr in zip(_GRADS, _RATES, strict=True):
        result = step(theta.copy(), grad.copy(), m.copy(), lr, momentum)
        if result is None or result is ...:
            return result
        if not isinstance(result, tuple | list | np.ndarray) or len(result) != 2:
            return "not two things"
        theta, m = result
        if theta is ... or m is ...:
            return ...
        places.append(np.array(theta))
    return np.array(places)


def _parts(batches):
    """Return batches as a list of arrays of whole numbers."""
    parts = [np.asarray(rows) for rows in batches]
    if any(rows.ndim != 1 or rows.dtype.kind not in "iu" for rows in parts):
        raise ValueError("each batch has to be an array of row numbers")
    return parts


def _first_fault(answer, n, size, fair=None):
    """Return what is first wrong with two epochs of batches; fair: their labels, if it matters."""
    given = (n, size) if fair is None else (fair, size)
    rng, again = np.random.default_rng(0), np.random.default_rng(0)
    results = [answer(*given, rng), answer(*given, rng), answer(*given, again)]
    if results[0] is None or results[0] is ...:
        return results[0]
    first, second, repeated = map(_parts, results)
    rows = np.concatenate(first) if first else np.array([], int)
    if fair is not None and len(rows) == n and set(rows.tolist()) <= set(fair.tolist()):
        return LABELS
    sizes = [size] * (n // size) + [n % size] * (n % size > 0)
    faults = {
        TWICE: len(np.unique(rows)) < len(rows),
        MISSING: set(rows.tolist()) != set(range(n)),
        SIZES: sorted(map(len, first), reverse=True) != sizes,
        UNFAIR: fair is not None and any(
            np.ptp(np.bincount(fair[part % n], minlength=3)) > 1 for part in first),
        IN_ORDER: fair is None and rows.tolist() == list(range(n)),
        NEIGHBOURS: fair is None and all(np.ptp(part) == len(part) - 1 for part in first
                                         if len(part)),
        SAME: {frozenset(part.tolist()) for part in first}
            == {frozenset(part.tolist()) for part in second},
        TIED: _tied([first, second, *(_parts(answer(*given, rng)) for _ in range(_EPOCHS - 2))]),
        OTHER_RNG: [part.tolist() for part in first] != [part.tolist() for part in repeated],
    }
    return next((fault for fault, found in faults.items() if found), RIGHT)


def _tied(epochs):
    """Whether some two rows are in one batch in each of the epochs."""
    always = None
    for parts in epochs:
        met = {(a, b) for part in parts for a in part.tolist() for b in part.tolist() if a < b}
        always = met if always is None else always & met
    return bool(always)


def _cut(order, size, *, stop=None):
    """Return an order, cut into batches."""
    stop = len(order) if stop is None else stop
    return [order[i:i + size] for i in range(0, stop, size)]


def _hurried(n, size, rng):
    """Return batches of neighbours, in any order."""
    parts = _cut(np.arange(n), size)
    rng.shuffle(parts)
    return parts


def _dealt(y, rng, *, together=False):
    """Return the rows of the classes in turn, each (or all together) shuffled by rng or left."""
    packs = [np.flatnonzero(y == c) for c in np.unique(y)]
    if together:
        order = rng.permutation(len(packs[0]))
        packs = [pack[order] for pack in packs]
    elif rng is not None:
        packs = [rng.permutation(pack) for pack in packs]
    return np.stack(packs, axis=1).ravel()


EXERCISES = {
    "7.1": Exercise(
        "a function of an array of curvatures that returns two rates",
        right=lambda c: (2 / c.max(), 2 / (c.min() + c.max())), use=_rates_fault,
        cases=(_BOWLS,),
        mistakes={
            "1 / curvature is the rate that lands at the bottom in one step, and with a little "
            "more a walk still comes down. See where the factor is -1":
                lambda c: (1 / c.max(), 2 / (c.min() + c.max())),
            "your limit is that of the flattest direction. Which one diverges first?":
                lambda c: (2 / c.min(), 2 / (c.min() + c.max())),
            "your limit is that of the mean curvature. No direction waits for the others: which "
            "one diverges first?": lambda c: (2 / c.mean(), 2 / (c.min() + c.max())),
            "the limit is wrong: put it into the factor of the steepest direction, which should "
            "come out as -1": lambda c: (2 / c.sum(), 2 / (c.min() + c.max())),
            "the limit is right. With your best rate the factors of the flattest and the steepest "
            "direction are not equally far from 0 in every bowl: put both in":
                lambda c: (2 / c.max(), 1 / c.mean()),
            "the limit is right. Your best rate suits the steepest direction alone, and the "
            "flattest has to wait": lambda c: (2 / c.max(), 1 / c.max()),
            "the limit is right. Your best rate suits the flattest direction alone, and is "
            "beyond the limit": lambda c: (2 / c.max(), 1 / c.min()),
            "both rates are right, but have changed places: the limit comes first":
                lambda c: (2 / (c.min() + c.max()), 2 / c.max()),
        }),
    "7.2": Exercise(
        "a function of theta, grad, m, lr and momentum that returns the new theta and the new m",
        names=("theta", "m"),
        right=lambda theta, grad, m, lr, momentum: (theta - momentum * m - lr * grad,
                                                    momentum * m + lr * grad),
        cases=((0.9,), (0.5,)), use=_walk,
        mistakes={
            "theta climbs: the step goes against m, theta - m":
                lambda theta, grad, m, lr, momentum: (theta + momentum * m + lr * grad,
                                                      momentum * m + lr * grad),
            "the rate is applied twice. What m holds is a step already: theta - m":
                lambda theta, grad, m, lr, momentum: (
                    theta - lr * (momentum * m + lr * grad), momentum * m + lr * grad),
            "this is nnlib's form, with the rate outside the sum. Here it goes in with the "
            "gradient": lambda theta, grad, m, lr, momentum: (
                theta - lr * (momentum * m + grad), momentum * m + grad),
            "the old m has its rate in it already, and here gets another. The rate belongs to the "
            "gradient alone": lambda theta, grad, m, lr, momentum: (
                theta - lr * (momentum * m + grad), lr * (momentum * m + grad)),
            "two things have to come back: the new theta and the new m":
                lambda theta, grad, m, lr, momentum: theta - momentum * m - lr * grad,
            "your m is an average, with 1 - momentum before the gradient. Here it is a sum":
                lambda theta, grad, m, lr, momentum: (
                    theta - momentum * m - (1 - momentum) * lr * grad,
                    momentum * m + (1 - momentum) * lr * grad),
            "these are plain steps: the sum is not kept. Use the m that you were given, and "
            "hand back the new one": lambda theta, grad, m, lr, momentum: (theta - lr * grad, m),
            "theta moved by the old m. Make the new m first":
                lambda theta, grad, m, lr, momentum: (theta - m, momentum * m + lr * grad),
            "the old steps are not forgotten: multiply the old m by the momentum":
                lambda theta, grad, m, lr, momentum: (theta - m - lr * grad, m + lr * grad),
            "the new theta and the new m have changed places: theta comes first":
                lambda theta, grad, m, lr, momentum: (momentum * m + lr * grad,
                                                      theta - momentum * m - lr * grad),
        }),
    "7.3": Exercise(
        "a function of y, size and rng that returns a list of arrays of row numbers",
        right=lambda y, size, rng: _cut(_dealt(y, rng), size),
        cases=((_y, _SIZE),), use=lambda answer, y, size: _first_fault(answer, len(y), size, y),
        mistakes={
            "these are labels, and not the numbers of rows. Leave out the y[...] at the end":
                lambda y, size, rng: [y[rows] for rows in _cut(_dealt(y, rng), size)],
            "some rows come twice in an epoch. Take the row numbers of each class and draw "
            "without replacement: rng.permutation": lambda y, size, rng: _cut(
                np.stack([rng.choice(np.flatnonzero(y == c), 40) for c in range(3)],
                         axis=1).ravel(), size),
            "some rows never come. Keep the last batch, though it is shorter":
                lambda y, size, rng: _cut(_dealt(y, rng), size, stop=len(y) - size + 1),
            "the batches are not of the size that was asked for. The size counts all rows of a "
            "batch, and need not be a multiple of the number of classes":
                lambda y, size, rng: _cut(_dealt(y, rng), 3 * size),
            "each row comes once, but the classes are not mixed evenly: in some batch one has at "
            "least two rows more than another":
                lambda y, size, rng: _cut(rng.permutation(len(y)), size),
            "the mix is fair, but the same rows meet in every epoch. Shuffle the rows of each "
            "class anew": lambda y, size, rng: _cut(_dealt(y, None), size),
            "the mix is fair, but rows of different classes that met once meet every time. "
            "Shuffle each class by a permutation of its own":
                lambda y, size, rng: _cut(_dealt(y, rng, together=True), size),
            "the mix is fair, but the order does not come from rng: the same rng has to give the "
            "same batches": lambda y, size, rng: _cut(_dealt(y, np.random.default_rng()), size),
        }),
    "clinic 7": Exercise(
        "a function of n, size and rng that returns the row numbers of each batch",
        right=lambda n, size, rng: _cut(rng.permutation(n), size),
        cases=((_N, _SIZE),), use=_first_fault,
        mistakes={
            "the same neighbours always meet: each batch is a run of rows as they lie. Shuffle "
            "the rows before you cut, and not the batches after": _hurried,
            "nothing is shuffled: the rows come as they lie":
                lambda n, size, rng: _cut(np.arange(n), size),
            "some rows meet in every epoch. Shuffle them one by one: rng.permutation":
                lambda n, size, rng: _cut(np.roll(np.arange(n), rng.integers(1, size)), size),
            "some rows come twice in an epoch and others never. Draw without replacement: "
            "rng.permutation": lambda n, size, rng: _cut(rng.integers(n, size=n), size),
            "some rows never come. Keep the last batch, though it is shorter":
                lambda n, size, rng: _cut(rng.permutation(n), size, stop=n - size + 1),
            "the batches are not of the size that was asked for. Only the last may be shorter":
                lambda n, size, rng: np.array_split(rng.permutation(n), -(-n // size)),
            "the rows are shuffled, but in the same way each epoch. Use the rng that goes on, "
            "and not a new one": lambda n, size, rng: _cut(
                np.random.default_rng(0).permutation(n), size),
            "the order does not come from rng: the same rng has to give the same batches":
                lambda n, size, rng: _cut(np.random.default_rng().permutation(n), size),
        }),
}

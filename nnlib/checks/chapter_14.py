"""Chapter 14, digits."""

import numpy as np

from .diagnosis import Exercise

_rng = np.random.default_rng(14)
_table = np.arange(6, dtype=np.uint8).reshape(2, 3)
_row = _rng.integers(256, size=300, dtype=np.uint8)
_cube = _rng.integers(256, size=(2, 3, 4), dtype=np.uint8)
_X = _rng.integers(1, 256, size=(3, 5, 6), dtype=np.uint8)
_bytes = _rng.integers(256, size=(7, 12), dtype=np.uint8)
_centres = _rng.normal(size=(4, 6)) + 1
_probe = _rng.normal(size=(9, 6))


def _idx(array, *, start=(0, 0, 8), order="big", length=4, axes=None, sizes=None, data=None):
    """Return the bytes of an IDX file, or of one with something wrong."""
    sizes = array.shape if sizes is None else sizes
    head = bytes([*start, array.ndim if axes is None else axes])
    head += b"".join(int(size).to_bytes(length, order) for size in sizes)
    return head + (array.tobytes() if data is None else data)


def _as_numbers(answer, array):
    """Return the bytes that an answer gives as numbers, so that they can be told apart."""
    found = answer(array)
    if isinstance(found, bytes | bytearray) and found:
        return np.frombuffer(found, np.uint8).astype(float)
    return found


def _compared(answer, centres):
    """Return the scores of some points, without what all classes share, at one scale.

    Any W and b that name the nearest centre will do: twice as large, or with a term that is the
    same for all.
    """
    found = answer(centres)
    if found is None or found is ...:
        return found
    W, b = found
    if W is None or W is ... or b is None or b is ...:
        return W, b
    if np.shape(W) != centres.T.shape or np.shape(b) != (len(centres),):
        return np.array([*np.shape(W), *np.shape(b)])
    scores = _probe @ W + b
    scores = scores - scores.mean(axis=1, keepdims=True)
    return scores / np.linalg.norm(scores)


def _moved(X, down, right, *, rows=True, columns=True):
    """Return X moved; with rows or columns False, what left comes back in there."""
    moved = np.roll(X, (down, right), axis=(1, 2))
    for axis, step, empty in ((1, down, rows), (2, right, columns)):
        if step and empty:
            np.moveaxis(moved, axis, 0)[slice(step) if step > 0 else slice(step, None)] = 0
    return moved


def _never_left(X, down, right):
    """Forget that slices from a negative number mean something else."""
    moved = np.roll(X, (down, right), axis=(1, 2))
    moved[:, :down] = 0
    moved[:, :, :right] = 0
    return moved


EXERCISES = {
    "14.1": Exercise(
        "a function of an array of uint8 that returns bytes",
        right=_idx, cases=((_table,), (_row,), (_cube,), (_cube[:, ::2].copy(),)),
        use=_as_numbers,
        mistakes={
            "the sizes stand with their least significant byte first. IDX writes them as we write "
            'numbers: "big"': lambda array: _idx(array, order="little"),
            "this is the header alone: the numbers are missing": lambda array: _idx(
                array, data=b""),
            "these are the numbers alone: the header is missing": lambda array: array.tobytes(),
            "the sizes are missing: four bytes for each axis": lambda array: _idx(array, sizes=()),
            "each size takes four bytes, also a small one": lambda array: _idx(
                array, length=2),
            "the fourth byte is the number of axes, not a fixed 3":
                lambda array: _idx(array, axes=3),
            "the fourth byte is the number of axes, not the number of images":
                lambda array: _idx(array, axes=len(array) % 256),
            "the third byte names the type of the numbers: 8 for unsigned bytes":
                lambda array: _idx(array, start=(0, 0, 0)),
            "a file begins with two bytes that are 0": lambda array: _idx(array, start=(8,)),
            "the numbers go row by row, not column by column":
                lambda array: _idx(array, data=array.tobytes(order="F")),
            "the sizes come in the order of the axes, images first":
                lambda array: _idx(array, sizes=array.shape[::-1]),
            "this is an array. Wanted are bytes: .tobytes()":
                lambda array: np.frombuffer(_idx(array), np.uint8)[np.newaxis],
        }),
    "14.2": Exercise(
        "a function of centres, shape (k, n_in), that returns W, (n_in, k), and b, (k,)",
        right=lambda centres: (centres.T, -(centres**2).sum(axis=1) / 2),
        cases=((_centres,), (_centres[:3],)), use=_compared,
        mistakes={
            "the scores have no bias, so the centre farthest out wins too often. What does the "
            "term μ·μ say?": lambda centres: (centres.T, np.zeros(len(centres))),
            "with this sign of the bias a far centre is preferred":
                lambda centres: (centres.T, (centres**2).sum(axis=1) / 2),
            "the bias is twice as large as it should be beside this W: halve all of the squared "
            "distance, or nothing": lambda centres: (centres.T, -(centres**2).sum(axis=1)),
            "the largest score belongs to the farthest centre: turn all signs round":
                lambda centres: (-centres.T, (centres**2).sum(axis=1) / 2),
            "W has a row for each centre. A layer wants a column for each: .T":
                lambda centres: (centres, -(centres**2).sum(axis=1) / 2),
            "b has a number for each pixel. It takes one for each class: sum over axis 1":
                lambda centres: (centres.T, -(centres**2).sum(axis=0) / 2),
            "μ·μ is a sum of squares, not the square of a sum":
                lambda centres: (centres.T, -centres.sum(axis=1)**2 / 2),
            "μ·μ is the squared length of a centre, without a root":
                lambda centres: (centres.T, -np.linalg.norm(centres, axis=1) / 2),
        }),
    "14.3": Exercise(
        "a function of X, shape (n, height, width), and two moves that returns images",
        right=_moved,
        cases=((_X, 1, 2), (_X, -1, 0), (_X, 0, -2), (_X, 2, -1), (_X[:1], 0, 0)),
        mistakes={
            "what leaves on one side comes back in on the other. There should be paper, 0":
                lambda X, down, right: np.roll(X, (down, right), axis=(1, 2)),
            "what leaves at the sides comes back in: set those columns to 0 as well":
                lambda X, down, right: _moved(X, down, right, columns=False),
            "what leaves above or below comes back in: set those rows to 0 as well":
                lambda X, down, right: _moved(X, down, right, rows=False),
            "down and right have changed places": lambda X, down, right: _moved(X, right, down),
            "it moves the other way: positive moves go down and right":
                lambda X, down, right: _moved(X, -down, -right),
            "it moves columns the wrong way": lambda X, down, right: _moved(X, down, -right),
            "it moves rows the wrong way": lambda X, down, right: _moved(X, -down, right),
            "moves up and left go wrong: [:, :down] with a negative number means all rows but the "
            "last ones": _never_left,
            "nothing has moved": lambda X, down, right: X.copy(),
            "images have moved among themselves: rows are axis 1 and columns axis 2":
                lambda X, down, right: np.roll(X, (down, right), axis=(0, 1)),
        }),
    "clinic 14": Exercise(
        "a function of x, shape (784,), and X, shape (n, 784), that returns n numbers",
        right=lambda x, X: np.abs(X.astype(float) - x).mean(axis=1),
        cases=((_bytes[0], _bytes), (_bytes[1, :5], _bytes[2:5, :5])), tolerance=1e-4,
        mistakes={
            "in whole numbers from 0 to 255, 3 − 5 is 254, and the absolute value comes too late: "
            "make the images floats before you subtract, not after":
                lambda x, X: np.abs(X - x).mean(axis=1),
            "int8 ends at 127, so bright pixels turn negative: take a larger type":
                lambda x, X: np.abs((X.astype(np.int8) - x.astype(np.int8)).astype(float)).mean(
                    axis=1),
            "positive and negative differences cancel: the absolute value is missing":
                lambda x, X: (X.astype(float) - x).mean(axis=1),
            "this is one number for all images: the mean goes over axis 1":
                lambda x, X: np.abs(X.astype(float) - x).mean(),
            "these are means over the images, one for each pixel: the mean goes over axis 1":
                lambda x, X: np.abs(X.astype(float) - x).mean(axis=0),
            "this is the mean of the squares. It finds neighbours too, but she measures the "
            "absolute difference": lambda x, X: ((X.astype(float) - x)**2).mean(axis=1),
            "this is the sum over the pixels. She takes their mean":
                lambda x, X: np.abs(X.astype(float) - x).sum(axis=1),
        }),
}

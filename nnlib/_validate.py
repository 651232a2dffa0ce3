"""What nnlib refuses, and how it says so: who, what was expected, what came, the remedy."""

import math

import numpy as np


def is_integer(value):
    """Say whether value is a whole number by kind; True and False are not."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def expect_count(who, name, value):
    """Raise ValueError unless value is an integer of at least 1."""
    if not is_integer(value) or value < 1:
        raise ValueError(f"{who}: {name} must be an integer of at least 1, got {value!r}")


def expect_instance(who, value, kind):
    """Raise TypeError unless value is a Layer, a Loss, … and not, say, its class."""
    if not isinstance(value, kind):
        remedy = f"; write {value.__name__}()" if isinstance(value, type) else ""
        raise TypeError(f"{who}: expected a {kind.__name__}, got {value!r}{remedy}")


def expect_shape(who, what, array, shape):
    """Raise ValueError, naming who and what, unless the array has this very shape."""
    if np.shape(array) != shape:
        raise ValueError(f"{who}: expected {what} of shape {shape}, got {np.shape(array)}")


def expect_columns(who, x, columns):
    """Raise ValueError unless x is a table with this many columns; None allows any."""
    if x.ndim != 2 or columns not in (None, x.shape[1]):
        width = "k" if columns is None else columns
        remedy = ""
        if x.ndim == 1:
            remedy = "; one sample is a row: x[np.newaxis]"
        elif x.ndim > 2:
            remedy = "; flatten each sample first: x.reshape(len(x), -1)"
        raise ValueError(f"{who}: expected x of shape (n, {width}), got {x.shape}{remedy}")


def expect_labels(who, labels, n):
    """Return labels as an array; raise unless they are n integers in one row."""
    y = np.asarray(labels)
    if y.shape != (n,):
        remedy = ""
        if y.shape == (n, 1):
            remedy = "; flatten them: y.ravel()"
        elif y.ndim == 2 and len(y) == n:
            remedy = "; from one-hot rows: Y.argmax(axis=1)"
        raise ValueError(f"{who}: expected labels of shape ({n},), got {y.shape}{remedy}")
    if not np.issubdtype(y.dtype, np.integer):
        raise TypeError(f"{who}: expected integer labels, got {y.dtype}; "
                        f"if they are whole numbers: y.astype(int)")
    return y


def expect_between(who, name, value, low, high, *, closed=False):
    """Raise ValueError unless low < value < high; with closed=True value may be low."""
    if not (low < value < high or (closed and value == low)):
        wanted = f"at least {low}" if closed else f"above {low}"
        below = "" if high == math.inf else f" and below {high}"
        raise ValueError(f"{type(who).__name__}: {name} must be {wanted}{below}, "
                         f"got {value!r}")

"""What nnlib refuses, and how it says so: who, what was expected, what came, the remedy."""

import math
from numbers import Real

import numpy as np


def is_integer(value):
    """Say whether value is a whole number by kind; True and False are not."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def is_number(value):
    """Say whether value is one real number by kind; True and False are not."""
    return isinstance(value, Real) and not isinstance(value, bool)


def expect_count(who, name, value):
    """Raise ValueError unless value is an integer of at least 1."""
    if not is_integer(value) or value < 1:
        raise ValueError(f"{who}: {name} must be an integer of at least 1, got {value!r}")


def expect_between(who, name, value, low, high=math.inf, *, closed=False):
    """Raise unless low < value < high; with closed=True value may be low."""
    who = who if isinstance(who, str) else type(who).__name__
    if not is_number(value):
        raise TypeError(f"{who}: {name} must be a number, got {value!r}")
    if not (low < value < high or (closed and value == low)):
        wanted = f"at least {low}" if closed else f"above {low}"
        below = " and finite" if high == math.inf else f" and below {high}"
        raise ValueError(f"{who}: {name} must be {wanted}{below}, got {value!r}")


def expect_instance(who, value, kind):
    """Raise TypeError unless value is a Layer, a Loss, … and not, say, its class."""
    if not isinstance(value, kind):
        remedy = f"; write {value.__name__}()" if isinstance(value, type) else ""
        raise TypeError(f"{who}: expected a {kind.__name__}, got {value!r}{remedy}")


def expect_dtype(who, dtype):
    """Return dtype as NumPy's; raise ValueError unless it is float32 or float64."""
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = None
    # NumPy takes None for float64, where our own default is float32
    if dtype is None or found not in (np.float32, np.float64):
        raise ValueError(f"{who}: dtype must be float32 or float64, got {dtype!r}")
    return found


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


def expect_data(who, X, columns, dtype):
    """Return X as a table of finite numbers: integers as they are, floats as dtype."""
    X = np.asarray(X)
    if X.dtype.kind not in "fiub":
        raise TypeError(f"{who}: expected numbers in X, got {X.dtype}")
    expect_columns(who, X, columns)
    if not len(X):
        raise ValueError(f"{who}: expected at least one row in X, got {X.shape}")
    if X.dtype.kind == "f":
        with np.errstate(over="ignore"):                        # the check below tells
            X = X.astype(dtype, copy=False)
        if not np.isfinite(X).all():
            raise ValueError(f"{who}: X holds NaN or infinity, or numbers too large for {dtype}")
    return X


def as_floats(x):
    """Return x as an array of floats: integers and booleans become float64."""
    x = np.asarray(x)
    return x.astype(np.float64) if x.dtype.kind in "iub" else x


def expect_output(who, output):
    """Return a loss's output as an array; raise unless it is a table of floats."""
    output = np.asarray(output)
    if output.dtype.kind != "f":
        raise TypeError(f"{who}: expected output of floats, got {output.dtype}")
    if output.ndim != 2:
        raise ValueError(f"{who}: expected output of shape (n, k), got {output.shape}")
    if not output.size:
        raise ValueError(f"{who}: expected at least one row, got {output.shape}")
    return output


def expect_labels(who, labels, n, n_classes=None):
    """Return labels as an array; raise unless they are n integers, from 0 to n_classes − 1."""
    y = np.asarray(labels)
    if y.shape != (n,):
        remedy = ""
        if y.shape == (n, 1):
            remedy = "; flatten them: y.ravel()"
        elif y.ndim == 2 and len(y) == n:
            remedy = "; from one-hot rows: Y.argmax(axis=1)"
        raise ValueError(f"{who}: expected labels of shape ({n},), got {y.shape}{remedy}")
    if y.dtype.kind not in "iu":
        raise TypeError(f"{who}: expected integer labels, got {y.dtype}; "
                        f"if they are whole numbers: y.astype(int)")
    if n_classes is not None and n and not 0 <= y.min() <= y.max() < n_classes:
        raise ValueError(f"{who}: expected labels from 0 to {n_classes - 1}, got {y.min()} to "
                         f"{y.max()}")
    return y


def expect_targets(who, targets, n, width, kinds, what):
    """Return targets (n, width) as an array; (n,) will do for one column, and nothing else.

    kinds: the kinds of dtype allowed, as NumPy's letters; what: them in words.
    """
    y = np.asarray(targets)
    if width == 1 and y.shape == (n,):
        y = y.reshape(n, 1)                                     # spelled out, never broadcast
    if y.shape != (n, width):
        wanted = f"({n},) or ({n}, 1)" if width == 1 else f"({n}, {width})"
        raise ValueError(f"{who}: expected targets of shape {wanted}, got {y.shape}")
    if y.dtype.kind not in kinds:
        remedy = "; if they are: y.astype(int)" if y.dtype.kind == "f" else ""
        raise TypeError(f"{who}: expected targets that are {what}, got {y.dtype}{remedy}")
    return y

"""Activations: layers without parameters, a = f(z), and Rescaling for raw data."""

import numpy as np

from ._validate import as_floats, expect_between, expect_columns, expect_shape, is_number
from .layers import Layer


class Activation(Layer):
    """An activation that works element by element; z and a have the same shape, any.

    In training forward remembers f′(z), the slope at each element. Built in chapters 3 and 6.
    """

    def backward(self, da):
        """Return dz = da ⊙ f′(z)."""
        slope = self._recall()
        expect_shape(self, "da", da, slope.shape)
        return da * slope


class Linear(Activation):
    """The identity  a = z, for regression: the partner of MeanSquaredError.

    Built in chapter 19.

    Examples
    --------
    >>> Linear().forward(np.array([[-1.0, 2.0]]))
    array([[-1.,  2.]])
    """

    def forward(self, z, *, training=False):
        """Return z itself."""
        z = as_floats(z)
        self._seen = _everywhere(1, z) if training else None
        return z


class ReLU(Activation):
    """Rectified linear unit  a = max(0, z), element by element (Glorot et al. 2011).

    Its slope is 1 for z > 0 and 0 elsewhere; at exactly 0, where no slope exists, ours is 0.
    Built in chapter 3.

    Examples
    --------
    >>> ReLU().forward(np.array([[-1.0, 0.0, 2.0]]))
    array([[0., 0., 2.]])
    """

    def forward(self, z, *, training=False):
        """Return max(0, z)."""
        a = positive_part(as_floats(z))
        self._seen = a > 0 if training else None                # 1 where the unit is active
        return a


class LeakyReLU(Activation):
    """a = z for z > 0 and slope · z elsewhere (Maas et al. 2013): the gradient always gets past.

    At exactly 0 its slope is the small one. Built in chapter 3.

    Parameters
    ----------
    slope : float
        From 0 to below 1.

    Raises
    ------
    ValueError, TypeError
        For another slope.

    Examples
    --------
    >>> LeakyReLU(0.1).forward(np.array([[-1.0, 0.0, 2.0]]))
    array([[-0.1,  0. ,  2. ]])
    """

    def __init__(self, slope=0.01):
        expect_between(self, "slope", slope, 0, 1, closed=True)
        self.slope = float(slope)

    def config(self):
        """Return the slope."""
        return {"slope": self.slope}

    def forward(self, z, *, training=False):
        """Return max(slope z, z), which is the same."""
        z = as_floats(z)
        slope = np.where(z > 0, 1, np.asarray(self.slope, z.dtype)) if training else None
        self._seen = slope
        return np.maximum(z, self.slope * z)


class Sigmoid(Activation):
    """a = 1 / (1 + exp(−z)): a probability from a score, the partner of BinaryCrossEntropy.

    Built in chapter 3.

    Examples
    --------
    >>> Sigmoid().forward(np.array([[-1000.0, 0.0, 1000.0]]))
    array([[0. , 0.5, 1. ]])
    """

    def forward(self, z, *, training=False):
        """Return the probabilities."""
        a = sigmoid(as_floats(z))
        self._seen = a * (1 - a) if training else None
        return a


class Tanh(Activation):
    """Hyperbolic tangent  a = tanh z, from −1 to 1. Built in chapter 3.

    Examples
    --------
    >>> Tanh().forward(np.array([[-1000.0, 0.0, 1000.0]]))
    array([[-1.,  0.,  1.]])
    """

    def forward(self, z, *, training=False):
        """Return tanh z."""
        a = np.tanh(as_floats(z))
        self._seen = 1 - a * a if training else None
        return a


class Softmax(Layer):
    """Probabilities from scores  pᵢⱼ = exp(zᵢⱼ) / Σₖ exp(zᵢₖ).

    z: (n, k)  ->  p: (n, k), rows that sum to 1 (Bridle 1990 for the name); the partner of
    CategoricalCrossEntropy. Built in chapter 3.

    Raises
    ------
    ValueError
        If z is no table.

    Examples
    --------
    >>> Softmax().forward(np.array([[0.0, 0.0], [1000.0, 0.0]]))
    array([[0.5, 0.5],
           [1. , 0. ]])
    """

    def forward(self, z, *, training=False):
        """Return the probabilities."""
        z = as_floats(z)
        expect_columns(self, z, None)
        p = np.exp(log_softmax(z))                              # (n, k)
        self._seen = p.copy() if training else None             # p is the caller's to change
        return p

    def backward(self, dp):
        """Return dz = p ⊙ (dp − Σₖ dpₖ pₖ), row by row."""
        p = self._recall()
        expect_shape(self, "dp", dp, p.shape)
        return p * (dp - (dp * p).sum(axis=1, keepdims=True))


class Rescaling(Activation):
    """a = factor · x + offset, as a first layer: data stays as it is, bytes say.

    A batch is scaled when it is used, so images may stay uint8, a quarter of float32. Built
    in chapter 14.

    Parameters
    ----------
    factor, offset : float
        1 / 255 and 0 turn bytes into numbers from 0 to 1.

    Raises
    ------
    ValueError
        If either is no finite number.

    Examples
    --------
    >>> Rescaling(1 / 255).forward(np.array([[0.0, 51.0, 255.0]]))
    array([[0. , 0.2, 1. ]])
    """

    def __init__(self, factor, offset=0.0):
        for name, value in (("factor", factor), ("offset", offset)):
            if not is_number(value) or not np.isfinite(value):
                raise ValueError(f"Rescaling: {name} must be a finite number, got {value!r}")
        self.factor, self.offset = float(factor), float(offset)

    def config(self):
        """Return both numbers."""
        return {"factor": self.factor, "offset": self.offset}

    def __repr__(self):
        """Return the call, the factor as a fraction where that is shorter."""
        factor = repr(self.factor)
        whole = round(1 / self.factor) if self.factor else 0
        if len(factor) > 8 and whole and 1 / whole == self.factor:
            factor = f"1 / {whole}"
        return f"Rescaling({factor}{f', offset={self.offset!r}' if self.offset else ''})"

    def forward(self, x, *, training=False):
        """Return factor · x + offset in the dtype of x, float64 if that is no float."""
        x = as_floats(x)
        a = self.factor * x
        if self.offset:
            a += self.offset
        self._seen = _everywhere(self.factor, a) if training else None
        return a


def log_softmax(z):
    """Return log pᵢⱼ = zᵢⱼ − log Σₖ exp zᵢₖ for scores z (n, k), row by row.

    The largest score of each row is taken off first: that changes no ratio and keeps exp from
    overflowing. The work is done on the transpose, because NumPy reduces along the first axis
    several times as fast as along short rows. Built in chapter 4.

    Examples
    --------
    >>> log_softmax(np.array([[0.0, 0.0], [50.0, 0.0]])).round(4)
    array([[ -0.6931,  -0.6931],
           [  0.    , -50.    ]])
    """
    log_p = z.T.copy()                                          # (k, n)
    log_p -= log_p.max(axis=0)
    log_p -= np.log(np.exp(log_p).sum(axis=0))
    return log_p.T                                              # (n, k)


def sigmoid(z):
    """Return 1 / (1 + exp(−z)) as exp(min(z, 0)) / (1 + exp(−abs z)): neither exp overflows.

    Built in chapter 3.
    """
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


def positive_part(z):
    """Return max(0, z); a row of zeros instead of the number 0 is faster.

    Built in chapter 3.
    """
    return np.maximum(z, np.zeros(z.shape[-1:], z.dtype))


def _everywhere(slope, z):
    """Return one number as an array of the shape and dtype of z, which takes no memory."""
    return np.broadcast_to(np.asarray(slope, z.dtype), z.shape)

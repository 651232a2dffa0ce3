"""Layers: each turns a batch of rows into another, and hands gradients back.

A layer has two verbs. ``forward`` maps the batch; ``backward`` takes the gradient of the
loss with respect to what forward returned, writes the gradients of the layer's own
parameters into its ``d<name>`` arrays, and returns the gradient with respect to the input.
Rows are samples everywhere.
"""

import numpy as np

from ._validate import (
    as_floats,
    expect_between,
    expect_columns,
    expect_count,
    expect_dtype,
    expect_shape,
)
from .initializers import weights


class Layer:
    """The protocol of all layers, and the bookkeeping that they share.

    Subclasses name the arrays that training changes in ``params``. Each of them, say ``W``,
    has a twin ``dW`` of the same shape for its gradient. Assigning to such an array copies
    in place, because in a model these arrays are views of one long vector. Built in chapter 6.

    Raises
    ------
    RuntimeError
        By backward, if the last forward was not one of training.
    ValueError
        By both, and by an assignment, for an array of another shape.
    """

    params = ()
    buffers = ()                            # saved with the model, but not trained
    arrays = ()                             # the names of params, their gradients and buffers
    n_in = n_out = None                     # columns taken and given; None: as they come
    penalized = False                       # whether training must call penalize
    least = 1                               # rows that a batch must have in training
    _seen = None                            # what backward needs from the last forward
    _in_model = False                       # whether its arrays are views of a model's vector

    def __init_subclass__(cls):
        """Note the names of all arrays that a layer of the new class keeps."""
        cls.arrays = (*cls.params, *(f"d{name}" for name in cls.params), *cls.buffers)

    def forward(self, x, *, training=False):
        """Map the batch x, rows being samples; with training=True, remember for backward."""
        raise NotImplementedError

    def backward(self, d):
        """Turn the gradient of the loss for the output into that for the input.

        Layers with parameters also take ``need_dx``: False where nobody needs the result.
        """
        raise NotImplementedError

    def penalize(self):
        """Add the penalty's gradient to the ``d<name>`` arrays; return the penalty."""
        raise NotImplementedError

    def config(self):
        """Return what from_config needs to build an equal layer, without its parameters."""
        return {}

    @classmethod
    def from_config(cls, config):
        """Return a layer of this config."""
        return cls(**config)

    @classmethod
    def shapes(cls, config):
        """Return the shapes of params and buffers, by name, of a layer of this config."""
        return {}

    def __setattr__(self, name, value):
        """Copy into an array that exists; set anything else as usual."""
        if name in self.arrays and name in self.__dict__:
            array, value = self.__dict__[name], np.asarray(value)
            if value.shape != array.shape:
                raise ValueError(f"{self}: {name} has shape {array.shape}, "
                                 f"got {value.shape}")
            array[...] = value
        else:
            super().__setattr__(name, value)

    def __getstate__(self):
        """Leave out the last forward, and that the layer is in a model."""
        return {name: value for name, value in self.__dict__.items()
                if name not in ("_seen", "_in_model")}

    def __setstate__(self, state):
        """Own the arrays again: a copy of a layer belongs to no model."""
        for name, value in state.items():
            self.__dict__[name] = np.array(value) if name in self.arrays else value

    def __repr__(self):
        """Return the call that builds the layer, but for its randomness."""
        arguments = (f"{name}={value!r}" for name, value in self.config().items())
        return f"{type(self).__name__}({', '.join(arguments)})"

    def _recall(self):
        """Return what the last forward remembered."""
        if self._seen is None:
            raise RuntimeError(f"{self}: backward needs forward(..., training=True) first")
        return self._seen


class Dense(Layer):
    """Affine map  z = x W + b.    x: (n, n_in)  ->  z: (n, n_out).

    Its penalty is l1 · Σ abs W + l2 · Σ W², and as much for b with the other two factors; it
    is not divided by n. At a weight of exactly 0, where abs has no slope, ours is 0. Built in
    chapters 1 and 6, its penalties in chapter 11.

    Parameters
    ----------
    n_in, n_out : int
        Columns of the input and of the output, at least 1.
    l1, l2, bias_l1, bias_l2 : float
        Factors of the penalties on weights and on biases, at least 0.
    init : str or callable
        First weights, see initializers; the default "he" suits ReLU. Biases start at 0.
    rng : numpy.random.Generator or int, optional
        Where the first weights come from; an int is a seed. Without it they differ from
        call to call.
    dtype : numpy dtype, default float32
        float32 or float64, for the parameters and everything computed with them.

    Raises
    ------
    ValueError
        For sizes below 1, factors below 0, an unknown init, another dtype, or an input
        without n_in columns.

    Examples
    --------
    >>> Dense(2, 3, rng=0).forward([[1.0, 2.0], [3.0, 4.0]]).shape
    (2, 3)
    """

    params = ("W", "b")

    def __init__(self, n_in, n_out, *, l1=0.0, l2=0.0, bias_l1=0.0, bias_l2=0.0, init="he",
                 rng=None, dtype=np.float32):
        expect_count("Dense", "n_in", n_in)
        expect_count("Dense", "n_out", n_out)
        self.n_in, self.n_out = int(n_in), int(n_out)
        for name, factor in (("l1", l1), ("l2", l2), ("bias_l1", bias_l1),
                             ("bias_l2", bias_l2)):
            expect_between(self, name, factor, 0, closed=True)
            setattr(self, name, float(factor))
        W = weights(init, self.n_in, self.n_out, np.random.default_rng(rng))
        self.W = W.astype(expect_dtype("Dense", dtype))         # (n_in, n_out)
        self.b = np.zeros(n_out, dtype)                         # (n_out,)
        self.dW = np.zeros_like(self.W)
        self.db = np.zeros_like(self.b)

    def config(self):
        """Return the sizes, the factors that are not 0, and the dtype."""
        factors = {name: getattr(self, name) for name in ("l1", "l2", "bias_l1", "bias_l2")}
        return {"n_in": self.n_in, "n_out": self.n_out, "dtype": self.W.dtype.name,
                **{name: factor for name, factor in factors.items() if factor}}

    @classmethod
    def from_config(cls, config):
        """Return a layer of this config, its weights 0."""
        return cls(**config, init="zeros")

    @classmethod
    def shapes(cls, config):
        """Return the shapes of W and b."""
        return {"W": (config["n_in"], config["n_out"]), "b": (config["n_out"],)}

    def __repr__(self):
        """Return the call, without the dtype where it is the usual one."""
        named = [f", {name}={value!r}" for name, value in self.config().items()
                 if name not in ("n_in", "n_out") and value != "float32"]
        return f"Dense({self.n_in}, {self.n_out}{''.join(named)})"

    def forward(self, x, *, training=False):
        """Return z = x W + b, shape (n, n_out), for x of shape (n, n_in)."""
        x = np.asarray(x, self.W.dtype)
        expect_columns(self, x, self.n_in)
        self._seen = x if training else None                    # remembered for backward
        z = x @ self.W
        z += self.b                                             # in z's own memory
        return z

    def backward(self, dz, *, need_dx=True):
        """Write dW and db; return dx, shape (n, n_in), unless nobody needs it."""
        x = self._recall()
        dz = np.asarray(dz, x.dtype)
        expect_shape(self, "dz", dz, (len(x), self.n_out))
        np.matmul(x.T, dz, out=self.dW)                         # dL/dW = xᵀ dz
        sum_rows(dz, out=self.db)                               # dL/db = Σᵢ dzᵢ
        return dz @ self.W.T if need_dx else None               # dL/dx = dz Wᵀ

    @property
    def penalized(self):
        """Whether any of the four factors is above 0."""
        return bool(self.l1 or self.l2 or self.bias_l1 or self.bias_l2)

    def penalize(self):
        """Add the gradients of the penalties to dW and db; return the penalties' sum."""
        total = 0.0
        for array, gradient, l1, l2 in ((self.W, self.dW, self.l1, self.l2),
                                        (self.b, self.db, self.bias_l1, self.bias_l2)):
            if l1:
                total += l1 * float(np.abs(array).sum())
                gradient += l1 * np.sign(array)                 # 0 at 0
            if l2:
                total += l2 * float(np.vdot(array, array))
                gradient += 2 * l2 * array
        return total


class Dropout(Layer):
    """Sets each input to 0 with probability ``rate`` while training (Srivastava et al. 2014).

    a = x ⊙ mask / (1 − rate), a new mask each time, so that the mean of a is x ("inverted"
    scaling) and nothing has to change afterwards: outside training a = x. Any shape. Built
    in chapter 12.

    Parameters
    ----------
    rate : float
        The fraction dropped, from 0 to below 1.
    rng : numpy.random.Generator or int
        Required: masks are random, and a run should be repeatable. Masks come from a child
        of it, so that a generator which also shuffles the data gives the same order with
        and without Dropout. Two layers given the same int have the same masks.

    Raises
    ------
    ValueError
        For a rate outside [0, 1).
    TypeError
        Without rng.

    Examples
    --------
    >>> Dropout(0.5, rng=0).forward(np.ones((2, 4)), training=True)
    array([[2., 2., 0., 0.],
           [2., 2., 0., 0.]])
    """

    def __init__(self, rate, *, rng=None):
        expect_between(self, "rate", rate, 0, 1, closed=True)
        if rng is None:
            raise TypeError("Dropout: its masks are random; hand it rng, a generator or a "
                            "seed, so that the run can be repeated")
        self.rate = float(rate)
        child = np.random.default_rng(rng).bit_generator.seed_seq.spawn(1)[0]
        self.rng = np.random.default_rng(child)

    def config(self):
        """Return the rate and the generator's state, so that the masks go on after a load."""
        return {"rate": self.rate, "rng": self.rng.bit_generator.state}

    @classmethod
    def from_config(cls, config):
        """Return a layer whose masks go on where the other's stood."""
        layer = cls(config["rate"], rng=0)
        layer.rng.bit_generator.state = config["rng"]
        return layer

    def __repr__(self):
        """Return the call, without the generator."""
        return f"Dropout({self.rate!r})"

    def forward(self, x, *, training=False):
        """Return x ⊙ mask / (1 − rate) in training, x itself otherwise."""
        x = as_floats(x)
        if not training:
            self._seen = None
            return x
        mask = (self.rng.random(x.shape, np.float32) >= self.rate).astype(x.dtype)
        mask /= 1 - self.rate
        self._seen = mask
        return x * mask

    def backward(self, da):
        """Return dx = da ⊙ mask / (1 − rate), with the mask of the last forward."""
        mask = self._recall()
        expect_shape(self, "da", da, mask.shape)
        return da * mask


def sum_rows(d, *, out):
    """Write Σᵢ dᵢ, the sum of the rows of d, into out.

    As a product with a row of ones: BLAS adds rows two to three times as fast as np.sum. Built
    in chapter 6.
    """
    np.matmul(np.ones(len(d), d.dtype), d, out=out)

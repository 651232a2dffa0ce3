"""Layers: each turns a batch of rows into another, and hands gradients back.

A layer has two verbs. ``forward`` maps the batch; ``backward`` takes the gradient of the
loss with respect to what forward returned, writes the gradients of the layer's own
parameters into its ``d<name>`` arrays, and returns the gradient with respect to the input.
Rows are samples everywhere.
"""

import math

import numpy as np

from ._validate import expect_columns, expect_count, expect_shape


class Layer:
    """The protocol of all layers, and the bookkeeping that they share.

    Subclasses name the arrays that training changes in ``params``. Each of them, say ``W``,
    has a twin ``dW`` of the same shape for its gradient. Assigning to such an array copies
    in place, because in a model these arrays are views of one long vector.
    """

    params = ()
    buffers = ()                            # saved with the model, but not trained
    n_in = n_out = None                     # columns taken and given; None: as they come
    _seen = None                            # what backward needs from the last forward
    _in_model = False                       # whether its arrays are views of a model's vector

    def forward(self, x, *, training=False):
        """Map the batch x, rows being samples; with training=True, remember for backward."""
        raise NotImplementedError

    def backward(self, d):
        """Turn the gradient of the loss for the output into that for the input."""
        raise NotImplementedError

    def config(self):
        """Return the arguments that build an equal layer, without its parameters."""
        return {}

    @classmethod
    def shapes(cls, **config):
        """Return the shapes of params and buffers, by name, of a layer of this config."""
        return {}

    @classmethod
    def arrays(cls):
        """Return the names of all arrays that a layer of this class keeps."""
        return (*cls.params, *(f"d{name}" for name in cls.params), *cls.buffers)

    def __setattr__(self, name, value):
        """Copy into an array that exists; set anything else as usual."""
        array = self.__dict__.get(name)
        if array is None or name not in self.arrays():
            super().__setattr__(name, value)
        else:
            value = np.asarray(value)
            if value.shape != array.shape:
                raise ValueError(f"{self}: {name} has shape {array.shape}, "
                                 f"got {value.shape}")
            array[...] = value

    def __getstate__(self):
        """Leave out what begins with _: the last forward, and the model that it is in."""
        return {name: value for name, value in self.__dict__.items() if name[0] != "_"}

    def __setstate__(self, state):
        """Own the arrays again: a copy of a layer belongs to no model."""
        for name, value in state.items():
            self.__dict__[name] = np.array(value) if name in self.arrays() else value

    def __repr__(self):
        """Return the call that builds the layer."""
        arguments = (f"{name}={value!r}" for name, value in self.config().items())
        return f"{type(self).__name__}({', '.join(arguments)})"

    def _recall(self):
        """Return what the last forward remembered."""
        if self._seen is None:
            raise RuntimeError(f"{self}: backward needs forward(..., training=True) first")
        return self._seen


class Dense(Layer):
    """Affine map  z = x W + b.    x: (n, n_in)  ->  z: (n, n_out).

    The weights start as normal random numbers with standard deviation sqrt(2 / n_in), which
    keeps the size of the signal through ReLU layers (He et al. 2015, equation 10); the
    biases start at 0.

    Parameters
    ----------
    n_in, n_out : int
        Columns of the input and of the output, at least 1.
    rng : numpy.random.Generator or int, optional
        Where the first weights come from; an int is a seed. Without it they differ from
        call to call.
    dtype : numpy dtype, default float32
        float32 or float64, for the parameters and everything computed with them.

    Raises
    ------
    ValueError
        For sizes below 1, another dtype, or an input without n_in columns.

    Notes
    -----
    Used from chapter 9 on.

    Examples
    --------
    >>> Dense(2, 3, rng=0).forward([[1.0, 2.0], [3.0, 4.0]]).shape
    (2, 3)
    """

    params = ("W", "b")

    def __init__(self, n_in, n_out, *, rng=None, dtype=np.float32):
        expect_count("Dense", "n_in", n_in)
        expect_count("Dense", "n_out", n_out)
        dtype = np.dtype(dtype)
        if dtype not in (np.float32, np.float64):
            raise ValueError(f"Dense: dtype must be float32 or float64, got {dtype}")
        rng = np.random.default_rng(rng)
        self.n_in, self.n_out = int(n_in), int(n_out)
        W = rng.standard_normal((n_in, n_out)) * math.sqrt(2 / n_in)
        self.W = W.astype(dtype)                                # (n_in, n_out)
        self.b = np.zeros(n_out, dtype)                         # (n_out,)
        self.dW = np.zeros_like(self.W)
        self.db = np.zeros_like(self.b)

    def config(self):
        """Return the sizes and the dtype."""
        return {"n_in": self.n_in, "n_out": self.n_out, "dtype": self.W.dtype.name}

    @classmethod
    def shapes(cls, *, n_in, n_out, dtype):
        """Return the shapes of W and b."""
        return {"W": (n_in, n_out), "b": (n_out,)}

    def __repr__(self):
        """Return the call, without the dtype where it is the usual one."""
        dtype = "" if self.W.dtype == np.float32 else f", dtype={self.W.dtype.name!r}"
        return f"Dense({self.n_in}, {self.n_out}{dtype})"

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
        expect_shape(self, "dz", dz, (len(x), self.n_out))
        np.matmul(x.T, dz, out=self.dW)                         # dL/dW = xᵀ dz
        np.sum(dz, axis=0, out=self.db)                         # dL/db = Σᵢ dzᵢ
        return dz @ self.W.T if need_dx else None               # dL/dx = dz Wᵀ

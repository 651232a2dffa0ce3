"""Normalization: a layer that gives each column mean 0 and variance 1 over the batch."""

import numpy as np

from ._validate import expect_between, expect_columns, expect_count, expect_dtype, expect_shape
from .layers import Layer, sum_rows


class BatchNorm(Layer):
    """Batch normalization  a = γ x̂ + β,  x̂ = (x − μ) / √(σ² + ε)  (Ioffe and Szegedy 2015).

    x: (n, n_in)  ->  a: (n, n_in). In training μ and σ² are the mean and the biased variance
    (the sum divided by n) of each column over the batch. Outside training, when a batch may
    be one row, they are the running averages kept during training: running ← momentum ·
    running + (1 − momentum) · the batch's, with the unbiased variance (divided by n − 1), as
    in the paper's algorithm 2. Built in chapter 13.

    Parameters
    ----------
    n_in : int
        Columns.
    momentum : float
        How much of the running averages is kept at each step, from 0 to below 1. (PyTorch's
        momentum is 1 minus ours.)
    eps : float
        Added to the variance, above 0.
    frozen : bool
        Use the running averages in training too, and leave them as they are.
    dtype : numpy dtype, default float32
        float32 or float64.

    Raises
    ------
    ValueError
        For settings out of range, an input without n_in columns, or one row in training.

    Examples
    --------
    >>> x = np.array([[0.0, 10.0], [2.0, 30.0]])
    >>> BatchNorm(2, dtype="float64").forward(x, training=True).round(3)
    array([[-1., -1.],
           [ 1.,  1.]])
    """

    params = ("gamma", "beta")
    buffers = ("running_mean", "running_var")

    def __init__(self, n_in, *, momentum=0.9, eps=1e-5, frozen=False, dtype=np.float32):
        expect_count("BatchNorm", "n_in", n_in)
        expect_between(self, "momentum", momentum, 0, 1, closed=True)
        expect_between(self, "eps", eps, 0)
        dtype = expect_dtype("BatchNorm", dtype)
        self.n_in = self.n_out = int(n_in)
        self.momentum, self.eps, self.frozen = float(momentum), float(eps), bool(frozen)
        self.gamma, self.beta = np.ones(n_in, dtype), np.zeros(n_in, dtype)         # (n_in,)
        self.dgamma, self.dbeta = np.zeros_like(self.gamma), np.zeros_like(self.beta)
        self.running_mean, self.running_var = np.zeros(n_in, dtype), np.ones(n_in, dtype)

    @property
    def least(self):
        """Two rows make a variance."""
        return 1 if self.frozen else 2

    def config(self):
        """Return the settings and the dtype."""
        return {"n_in": self.n_in, "momentum": self.momentum, "eps": self.eps,
                "frozen": self.frozen, "dtype": self.gamma.dtype.name}

    @classmethod
    def shapes(cls, config):
        """Return four shapes of one row each."""
        return dict.fromkeys((*cls.params, *cls.buffers), (config["n_in"],))

    def __repr__(self):
        """Return the call, without what is as usual."""
        usual = BatchNorm(1).config()
        named = [f", {name}={value!r}" for name, value in self.config().items()
                 if name != "n_in" and value != usual[name]]
        return f"BatchNorm({self.n_in}{''.join(named)})"

    def forward(self, x, *, training=False):
        """Return a = γ x̂ + β, shape (n, n_in)."""
        x = np.asarray(x, self.gamma.dtype)
        expect_columns(self, x, self.n_in)
        moving = training and not self.frozen
        if moving:
            if len(x) < 2:
                raise ValueError(f"{self}: the variance of a batch needs two rows or more, got "
                                 f"{len(x)}; choose a larger batch_size")
            # summed in float64: in float32 many rows far from 0 would lose the digits
            mean = x.mean(axis=0, dtype=np.float64).astype(x.dtype)                 # (n_in,)
            var = np.square(x - mean).mean(axis=0, dtype=np.float64).astype(x.dtype)
            if np.isfinite(var).all():                          # else training has diverged
                self._average("running_mean", mean)
                self._average("running_var", var * (len(x) / (len(x) - 1)))
        else:
            mean, var = self.running_mean, self.running_var
        std = np.sqrt(var + self.eps)
        x_hat = (x - mean) / std                                                    # (n, n_in)
        self._seen = (x_hat, std, moving) if training else None
        return self.gamma * x_hat + self.beta

    def backward(self, da, *, need_dx=True):
        """Write dgamma and dbeta; return dx, shape (n, n_in), unless nobody needs it."""
        x_hat, std, moving = self._recall()
        da = np.asarray(da, x_hat.dtype)
        expect_shape(self, "da", da, x_hat.shape)
        sum_rows(da * x_hat, out=self.dgamma)                   # dL/dγ = Σᵢ daᵢ x̂ᵢ
        sum_rows(da, out=self.dbeta)                            # dL/dβ = Σᵢ daᵢ
        if not need_dx:
            return None
        if moving:                                              # μ and σ depend on x too
            da = da - (self.dbeta + x_hat * self.dgamma) / len(da)
        return self.gamma / std * da

    def _average(self, name, value):
        """Move a running average towards the batch's value."""
        setattr(self, name, self.momentum * getattr(self, name) + (1 - self.momentum) * value)

"""Activations: layers without parameters, a = f(z)."""

import numpy as np

from ._validate import expect_columns, expect_shape
from .layers import Layer


class ReLU(Layer):
    """Rectified linear unit  a = max(0, z), element by element (Glorot et al. 2011).

    z: (n, k)  ->  a: (n, k). Its slope is 1 for z > 0 and 0 elsewhere; at exactly 0, where
    no slope exists, ours is 0. Used from chapter 9 on.

    Examples
    --------
    >>> ReLU().forward(np.array([[-1.0, 0.0, 2.0]]))
    array([[0., 0., 2.]])
    """

    def forward(self, z, *, training=False):
        """Return max(0, z)."""
        a = np.maximum(z, 0)
        self._seen = a > 0 if training else None                # where the unit is active
        return a

    def backward(self, da):
        """Return dz: da where the unit was active, 0 elsewhere."""
        active = self._recall()
        expect_shape(self, "da", da, active.shape)
        return da * active


class Softmax(Layer):
    """Probabilities from scores  pᵢⱼ = exp(zᵢⱼ) / Σₖ exp(zᵢₖ).

    z: (n, k)  ->  p: (n, k), rows that sum to 1. The largest score of each row is taken off
    first: that changes no ratio and keeps exp from overflowing (Bridle 1990 for the name).
    Used from chapter 9 on.

    Examples
    --------
    >>> Softmax().forward(np.array([[0.0, 0.0], [1000.0, 0.0]]))
    array([[0.5, 0.5],
           [1. , 0. ]])
    """

    def forward(self, z, *, training=False):
        """Return the probabilities."""
        z = np.asarray(z)
        expect_columns(self, z, None)
        p = z - z.max(axis=1, keepdims=True)                    # (n, k)
        np.exp(p, out=p)
        p /= p.sum(axis=1, keepdims=True)
        self._seen = p if training else None
        return p

    def backward(self, dp):
        """Return dz = p ⊙ (dp − Σₖ dpₖ pₖ), row by row."""
        p = self._recall()
        expect_shape(self, "dp", dp, p.shape)
        return p * (dp - (dp * p).sum(axis=1, keepdims=True))

"""Losses for regression, where the targets are numbers and not classes."""

import numpy as np

from ._validate import expect_output, expect_targets
from .activations import Linear
from .losses import Loss, squeezed


class _Regression(Loss):
    """What the losses for regression share: their targets, and predictions as they are."""

    canonical = Linear

    def check_targets(self, targets, n, width):
        """Return targets (n, width) that are finite numbers; n numbers do where width is 1."""
        y = expect_targets(self, targets, n, width, "fiub", "numbers")
        if not np.isfinite(y).all():
            raise ValueError(f"{self}: the targets hold NaN or infinity")
        return y

    def decide(self, output):
        """Return the output: n numbers, or (n, k) for k > 1."""
        return squeezed(output)

    def _miss(self, output, targets):
        """Remember and return output − target, shape (n, k)."""
        output = expect_output(self, output)
        y = self.check_targets(targets, *output.shape)
        self._seen = output - y.astype(output.dtype)
        return self._seen


class MeanSquaredError(_Regression):
    """L = (1/nk) Σᵢⱼ (aᵢⱼ − yᵢⱼ)², in squared units of the target.

    output a: (n, k); targets: (n, k) numbers, or n of them where k = 1. Built in chapter 19.

    Raises TypeError if targets are no numbers or the output no floats, ValueError if the
    shapes differ or a target is not finite.

    Examples
    --------
    >>> MeanSquaredError().forward(np.array([[1.0], [5.0]]), np.array([0.0, 2.0]))
    5.0
    """

    metric = "mae"

    def forward(self, output, targets, *, from_scores=False):
        """Return the mean of the squares."""
        miss = self._miss(output, targets)
        return float(np.vdot(miss, miss)) / miss.size

    def backward(self):
        """Return 2 (a − y) / nk."""
        miss = self._recall()
        return miss * (2 / miss.size)

    def measure(self):
        """Return the mean absolute error, in units of the target."""
        return float(np.abs(self._recall()).mean())


class MeanAbsoluteError(_Regression):
    """L = (1/nk) Σᵢⱼ abs(aᵢⱼ − yᵢⱼ), in units of the target: outliers pull less.

    output a: (n, k); targets: (n, k) numbers, or n of them where k = 1. Where a equals y and
    no slope exists, ours is 0. Built in chapter 19. Raises what MeanSquaredError raises.

    Examples
    --------
    >>> MeanAbsoluteError().forward(np.array([[1.0], [5.0]]), np.array([0.0, 2.0]))
    2.0
    """

    def forward(self, output, targets, *, from_scores=False):
        """Return the mean of the distances."""
        miss = self._miss(output, targets)
        return float(np.abs(miss).sum()) / miss.size

    def backward(self):
        """Return sign(a − y) / nk."""
        miss = self._recall()
        return np.sign(miss) / miss.size

"""Losses: one number for how wrong a batch is, and its gradient for the output.

A loss is the mean over the batch, so the factor 1/n appears here and nowhere else.
"""

import numpy as np

from ._validate import expect_labels
from .activations import Softmax


class Loss:
    """The protocol of all losses.

    ``canonical`` names the activation that belongs with the loss. A model that ends in it
    hands the loss the scores before that activation (``from_scores=True``): value and
    gradient are then exact where the probabilities would round to 0 or 1.
    """

    canonical = None
    metric = None                           # the name of what measure returns
    _seen = None                            # what backward needs from the last forward

    def forward(self, output, targets, *, from_scores=False):
        """Return the mean loss of the batch."""
        raise NotImplementedError

    def backward(self):
        """Return the gradient of the last forward for its output, same shape."""
        raise NotImplementedError

    def measure(self):
        """Return what people read (accuracy, say) for the batch of the last forward."""
        raise NotImplementedError

    def check_targets(self, targets, n, width):
        """Return targets as an array once they fit n rows of output with width columns."""
        raise NotImplementedError

    def _recall(self):
        """Return what the last forward remembered."""
        if self._seen is None:
            raise RuntimeError(f"{self}: call forward first")
        return self._seen

    def __getstate__(self):
        """Leave out what the last forward remembered."""
        return {name: value for name, value in self.__dict__.items() if name != "_seen"}

    def __repr__(self):
        """Return the call that builds the loss."""
        return f"{type(self).__name__}()"


class CategoricalCrossEntropy(Loss):
    """Mean surprise at the true class  L = −(1/n) Σᵢ log pᵢ,yᵢ, in nats.

    output: (n, k) probabilities (or scores, see Loss); targets: n integers 0 … k − 1.
    A net that knows nothing about k classes pays log k. From scores z the loss is
    log Σₖ exp zᵢₖ − zᵢ,yᵢ, with no constant to keep the logarithm from 0, and its gradient is
    (p − Y) / n, with Y the one-hot rows of the targets. Used from chapter 9 on.

    Raises
    ------
    TypeError
        If the targets are not integers or the output not floats.
    ValueError
        If their shape is not (n,), if a label is outside 0 … k − 1, or if the output holds
        numbers that are no probabilities.

    Examples
    --------
    >>> p = np.array([[0.5, 0.5], [0.9, 0.1]])
    >>> round(CategoricalCrossEntropy().forward(p, np.array([0, 0])), 3)
    0.399
    """

    canonical = Softmax
    metric = "accuracy"

    def forward(self, output, targets, *, from_scores=False):
        """Return the mean loss in nats."""
        output = np.asarray(output)
        if output.dtype.kind != "f":
            raise TypeError(f"{self}: expected output of floats, got {output.dtype}")
        if output.ndim != 2:
            raise ValueError(f"{self}: expected output of shape (n, k), got {output.shape}")
        y = self.check_targets(targets, *output.shape)
        rows = np.arange(len(output))
        if from_scores:
            z = output - output.max(axis=1, keepdims=True)      # (n, k)
            p = np.exp(z)
            total = p.sum(axis=1, keepdims=True)                # (n, 1)
            p /= total
            surprise = np.log(total[:, 0]) - z[rows, y]         # (n,)
        else:
            p = output
            if p.min() < 0 or p.max() > 1 + 1e-3:               # NaN passes: training diverged
                raise ValueError(f"{self}: expected probabilities from 0 to 1, got numbers "
                                 f"from {p.min():.3g} to {p.max():.3g}; end the model with "
                                 f"Softmax()")
            with np.errstate(divide="ignore"):                  # log 0 is −inf: infinite loss
                surprise = -np.log(p[rows, y])                  # (n,)
        self._seen = p, y, from_scores
        return float(surprise.mean())

    def backward(self):
        """Return (p − Y) / n for scores, −Y / (p n) for probabilities."""
        p, y, from_scores = self._recall()
        rows = np.arange(len(y))
        if from_scores:
            d = p.copy()                                        # (n, k)
            d[rows, y] -= 1
        else:
            d = np.zeros_like(p)                                # (n, k)
            with np.errstate(divide="ignore"):
                d[rows, y] = -1 / p[rows, y]
        d /= len(y)
        return d

    def measure(self):
        """Return the accuracy, from 0 to 1: how often the largest output is the label's."""
        p, y, _ = self._recall()
        return float((p.argmax(axis=1) == y).mean())

    def check_targets(self, targets, n, width):
        """Return the labels once they are n integers from 0 to width − 1."""
        y = expect_labels(self, targets, n)
        if n and not (y.min() >= 0 and y.max() < width):
            raise ValueError(f"{self}: expected labels from 0 to {width - 1}, got "
                             f"{y.min()} to {y.max()}")
        return y

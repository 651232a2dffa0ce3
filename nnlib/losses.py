"""Losses: one number for how wrong a batch is, and its gradient for the output.

A loss is the mean over the batch, so the factor 1/n appears here and nowhere else.

Why have all three canonical pairs the gradient p − y, up to a factor? Softmax, sigmoid and
the identity are the derivatives of log Σ exp z, log(1 + exp z) and z²/2, and each loss is one
of these minus the true score: what is left is prediction minus target.
"""

import numpy as np

from ._validate import expect_labels, expect_output, expect_targets
from .activations import Sigmoid, Softmax, log_softmax, positive_part, sigmoid


class Loss:
    """The protocol of all losses.

    ``canonical`` names the activation that belongs with the loss. A model that ends in it
    hands the loss the scores before that activation (``from_scores=True``): value and
    gradient are then exact where the probabilities would round to 0 or 1. ``classifies`` says
    whether targets are classes, of which validation then draws the same share each. Built in
    chapters 4 and 6.

    Raises
    ------
    TypeError, ValueError
        By forward and check_targets, for an output or targets of another kind or shape.
    RuntimeError
        By backward and measure, if there was no forward.
    """

    canonical = None
    metric = None                           # the name of what measure returns, if anything
    classifies = False
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

    def probabilities(self, output):
        """Return p (n, k) for k classes from a model's output; raise TypeError without any."""
        raise TypeError(f"{self} goes with predictions that are no probabilities; use predict")

    def decide(self, output):
        """Return what the model predicts, given its output."""
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

    def _expect_probabilities(self, p):
        """Raise ValueError for numbers below 0 or above 1; NaN passes: training diverged."""
        if p.min() < 0 or p.max() > 1:
            raise ValueError(f"{self}: expected probabilities from 0 to 1, got numbers from "
                             f"{p.min():.3g} to {p.max():.3g}; end the model with "
                             f"{self.canonical.__name__}()")


class CategoricalCrossEntropy(Loss):
    """Mean surprise at the true class  L = −(1/n) Σᵢ log pᵢ,yᵢ, in nats.

    output: (n, k) probabilities (or scores, see Loss); targets: n integers 0 … k − 1.
    A net that knows nothing about k classes pays log k. From scores z the loss is
    log Σₖ exp zᵢₖ − zᵢ,yᵢ, with no constant to keep the logarithm from 0, and its gradient is
    (p − Y) / n, with Y the one-hot rows of the targets. Built in chapters 4 and 6.

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
    classifies = True

    def forward(self, output, targets, *, from_scores=False):
        """Return the mean loss in nats."""
        output = expect_output(self, output)
        y = self.check_targets(targets, *output.shape)
        if from_scores:
            log_p = log_softmax(output)                         # (n, k)
        else:
            self._expect_probabilities(output)
            with np.errstate(divide="ignore"):                  # log 0 is −inf: infinite loss
                log_p = np.log(output)                          # (n, k)
        self._seen = log_p, y, from_scores
        return -float(log_p[np.arange(len(y)), y].sum()) / len(y)

    def backward(self):
        """Return (p − Y) / n for scores, −Y / (p n) for probabilities."""
        log_p, y, from_scores = self._recall()
        rows = np.arange(len(y))
        if from_scores:
            d = np.exp(log_p)                                   # (n, k)
            d[rows, y] -= 1
        else:
            d = np.zeros_like(log_p)                            # (n, k)
            with np.errstate(over="ignore"):
                d[rows, y] = -np.exp(-log_p[rows, y])
        d /= len(y)
        return d

    def measure(self):
        """Return the accuracy, from 0 to 1: how often the largest output is the label's."""
        log_p, y, _ = self._recall()
        return float(np.count_nonzero(log_p.argmax(axis=1) == y) / len(y))

    def check_targets(self, targets, n, width):
        """Return the labels once they are n integers from 0 to width − 1."""
        return expect_labels(self, targets, n, width)

    def probabilities(self, output):
        """Return the output, (n, k), once its rows are probabilities."""
        self._expect_probabilities(output)
        return output

    def _expect_probabilities(self, p):
        """Raise ValueError unless all are from 0 to 1 and rows sum to 1; NaN passes."""
        super()._expect_probabilities(p - 1e-4 * (p > 1))       # a rounding above 1 will do
        off = np.abs(p.sum(axis=1) - 1).max()
        if off > 1e-3:
            raise ValueError(f"{self}: expected rows of probabilities that sum to 1, got one off "
                             f"by {off:.3g}; end the model with Softmax()")

    def decide(self, output):
        """Return the most probable class of each row, n integers."""
        return output.argmax(axis=1)


class BinaryCrossEntropy(Loss):
    """Mean surprise at yes or no  L = −(1/nk) Σᵢⱼ log(pᵢⱼ if yᵢⱼ else 1 − pᵢⱼ), in nats.

    output: (n, k) probabilities of yes to k questions (or scores, see Loss); targets: (n, k)
    of 0 and 1, or n of them where k = 1. A net that knows nothing pays log 2. From scores z
    the loss of an answer is log(1 + exp(±z)), exact however large z, and the gradient is
    (p − y) / nk. Built in chapter 19.

    Raises
    ------
    TypeError, ValueError
        If the targets are not integers or booleans or not 0 or 1, the output not floats or no
        probabilities, or if the shapes differ.

    Examples
    --------
    >>> p = np.array([[0.5], [0.9]])
    >>> round(BinaryCrossEntropy().forward(p, np.array([0, 1])), 3)
    0.399
    """

    canonical = Sigmoid
    metric = "accuracy"
    classifies = True

    def forward(self, output, targets, *, from_scores=False):
        """Return the mean loss in nats."""
        output = expect_output(self, output)
        y = self.check_targets(targets, *output.shape)          # (n, k)
        if from_scores:
            wrong_way = np.where(y, -output, output)            # how far towards the other
            surprise = positive_part(wrong_way) + np.log1p(np.exp(-np.abs(output)))
        else:
            self._expect_probabilities(output)
            with np.errstate(divide="ignore"):                  # log 0 is −inf: infinite loss
                surprise = -np.log(np.where(y, output, 1 - output))
        self._seen = output, y, from_scores
        return float(surprise.sum()) / y.size

    def backward(self):
        """Return (p − y) / nk for scores, −1 / p nk or 1 / (1 − p) nk for probabilities."""
        output, y, from_scores = self._recall()
        if from_scores:
            d = sigmoid(output) - y.astype(output.dtype)
        else:
            with np.errstate(divide="ignore"):
                d = 1 / np.where(y, -output, 1 - output)
        d /= y.size
        return d

    def measure(self):
        """Return the accuracy, from 0 to 1, over all answers."""
        output, y, from_scores = self._recall()
        p = sigmoid(output) if from_scores else output          # as decide sees it
        return float(np.count_nonzero((p > 0.5) == y) / y.size)

    def check_targets(self, targets, n, width):
        """Return booleans (n, width) from targets that are 0 or 1."""
        y = expect_targets(self, targets, n, width, "iub", "0 or 1")
        if y.size and not (y.min() >= 0 and y.max() <= 1):
            raise ValueError(f"{self}: expected targets that are 0 or 1, got {y.min()} to "
                             f"{y.max()}")
        return y.astype(bool)

    def probabilities(self, output):
        """Return (n, 2), of no and of yes, for one question; the output for several."""
        self._expect_probabilities(output)
        return np.hstack([1 - output, output]) if output.shape[1] == 1 else output

    def decide(self, output):
        """Return 1 where yes is more probable than no: n integers, or (n, k) for k > 1."""
        return squeezed((output > 0.5).astype(int))


def squeezed(output):
    """Return one column (n, 1) as n numbers: (n, 1) − (n,) would be (n, n).

    Built in chapter 19.
    """
    return output[:, 0] if output.shape[1] == 1 else output

"""Optimizers: each moves one vector of parameters a step against its gradient, in place.

An optimizer's state (its step count and moving averages) is its own. It fits one vector:
train a second model with a new optimizer.
"""

import math

import numpy as np

from ._validate import expect_between, expect_shape


class Optimizer:
    """The protocol of all optimizers: ``step(theta, grad)``, in place on theta.

    Parameters
    ----------
    lr : float or callable
        The learning rate, above 0; or a schedule, a function from the step (0, 1, 2, …) to
        the learning rate.
    """

    moments = ()                            # names of the vectors kept from step to step

    def __init__(self, lr):
        if not callable(lr):
            expect_between(self, "lr", lr, 0, math.inf)
        self.lr = lr
        self.t = 0                                              # steps taken

    def step(self, theta, grad):
        """Move theta, shape (p,), one step; grad, shape (p,), stays as it is."""
        expect_shape(self, "grad", grad, theta.shape)
        if self.t == 0:
            self._tmp = np.empty_like(theta)
            for name in self.moments:
                setattr(self, name, np.zeros_like(theta))
        if self._tmp.shape != theta.shape or self._tmp.dtype != theta.dtype:
            raise ValueError(f"{self}: it has moved {self._tmp.size} numbers of "
                             f"{self._tmp.dtype} so far, got {theta.size} of {theta.dtype}; "
                             f"make a new optimizer for another model")
        lr = self.lr
        if callable(lr):
            lr = lr(self.t)
            expect_between(self, f"the schedule's lr at step {self.t}", lr, 0, math.inf,
                           closed=True)
        self.t += 1
        self._move(theta, grad, float(lr))

    def _move(self, theta, grad, lr):
        """Change theta by the rule of the subclass, with self._tmp as scratch memory."""
        raise NotImplementedError

    def __repr__(self):
        """Return the call that builds the optimizer."""
        settings = [f"{name}={value!r}" for name, value in vars(self).items()
                    if name not in ("t", *self.moments) and name[0] != "_"]
        return f"{type(self).__name__}({', '.join(settings)})"


class SGD(Optimizer):
    """Stochastic gradient descent  θ ← θ − lr · g (Robbins and Monro 1951).

    Used from chapter 9 on.

    Examples
    --------
    >>> theta = np.array([1.0, 2.0])
    >>> SGD(0.1).step(theta, np.array([10.0, -10.0]))
    >>> theta
    array([0., 3.])
    """

    def __init__(self, lr=0.01):
        super().__init__(lr)

    def _move(self, theta, grad, lr):
        theta -= np.multiply(grad, lr, out=self._tmp)


class Adam(Optimizer):
    """Two moving averages, of the gradient and of its square (Kingma and Ba 2015).

    m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  and with their bias towards the zero
    start corrected,  m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ):  θ ← θ − lr · m̂ / (√v̂ + ε).
    ε stands outside the root, as in the paper's algorithm 1. Used from chapter 9 on.

    Parameters
    ----------
    lr : float or callable
        See Optimizer.
    beta1, beta2 : float
        How much of the averages is kept at each step, from 0 to below 1.
    eps : float
        Keeps the quotient finite where the gradient has been 0, above 0.

    Examples
    --------
    The first step is lr long in each direction, however large the gradient:

    >>> theta = np.array([1.0, 2.0])
    >>> Adam(0.1).step(theta, np.array([1e-3, -1e6]))
    >>> theta.round(4)
    array([0.9, 2.1])
    """

    moments = ("m", "v")

    def __init__(self, lr=0.001, *, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(lr)
        expect_between(self, "beta1", beta1, 0, 1, closed=True)
        expect_between(self, "beta2", beta2, 0, 1, closed=True)
        expect_between(self, "eps", eps, 0, math.inf)
        self.beta1, self.beta2, self.eps = beta1, beta2, eps

    def _move(self, theta, grad, lr):
        m, v, tmp = self.m, self.v, self._tmp
        ema(m, grad, self.beta1, tmp)
        ema(v, np.multiply(grad, grad, out=tmp), self.beta2, tmp)
        # lr · m̂ / (√v̂ + ε), the two corrections taken out of the vectors as plain numbers
        root = math.sqrt(1 - self.beta2**self.t)
        np.sqrt(v, out=tmp)
        tmp += self.eps * root
        np.divide(m, tmp, out=tmp)
        tmp *= lr * root / (1 - self.beta1**self.t)
        theta -= tmp


def ema(average, value, beta, tmp):
    """Set average to beta * average + (1 - beta) * value, in place (tmp may be value)."""
    average *= beta
    average += np.multiply(value, 1 - beta, out=tmp)

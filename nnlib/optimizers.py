"""Optimizers: each moves one vector of parameters a step against its gradient, in place.

Its state (step count and sums) is its own and fits one vector: another model, a new optimizer.

They are one family. Momentum, RMSprop and Adam each keep decaying sums, of the gradient or of
its square: total ← decay · total + value (Adagrad's decay is 1). Such a sum is a moving
average times the sum of its weights, 1 + decay + decay² + …, which is a plain number. So an
average costs two passes over the vector, and the division is part of the step's length.
"""

import math
import weakref

import numpy as np

from ._validate import expect_between, expect_shape
from .vector import accumulate, quotient


class Optimizer:
    """The protocol of all optimizers: ``step(theta, grad)``, in place on theta.

    Built in chapter 7.

    Parameters
    ----------
    lr : float or callable
        The learning rate, above 0; or a schedule, a function from the step (0, 1, 2, …) to
        the learning rate.

    Raises
    ------
    ValueError, TypeError
        For settings out of range or no numbers. By step: for a grad that is not of theta's
        shape, for another theta than so far, and for what a schedule gives, if below 0.
    """

    moments = ()                            # names of the vectors kept from step to step
    weight_decay = 0.0                      # the share of lr by which weights shrink a step

    def __init__(self, lr):
        if not callable(lr):
            expect_between(self, "lr", lr, 0)
        self.lr = lr if callable(lr) else float(lr)
        self.t = 0                                              # steps taken
        self._tmp = self._mine = None       # scratch memory, and the theta that it goes with

    def step(self, theta, grad, *, n_decay=None):
        """Move theta, shape (p,), one step; grad, shape (p,), stays as it is.

        Weight decay, if any, shrinks the first n_decay numbers, all of them if None.
        """
        expect_shape(self, "grad", grad, theta.shape)
        if self.t == 0:
            self.start(theta)
        if self._mine is None or self._mine() is not theta:
            self._adopt(theta)
        lr = self._rate()
        self.t += 1
        if self.weight_decay:
            theta[:n_decay] *= 1 - lr * self.weight_decay
        self._move(theta, grad, lr, self._tmp)

    def start(self, theta):
        """Set all moments to 0, one number for each of theta."""
        for name in self.moments:
            setattr(self, name, np.zeros_like(theta))
        self._mine = None

    def _adopt(self, theta):
        """Take theta for the vector to move, unless it is another than so far."""
        fits = all(getattr(self, name).shape == theta.shape
                   and getattr(self, name).dtype == theta.dtype for name in self.moments)
        if self._mine is not None or not fits:
            raise ValueError(f"{self}: it has moved another vector so far; make a new "
                             f"optimizer for another model")
        self._tmp, self._mine = np.empty_like(theta), weakref.ref(theta)

    def __getstate__(self):
        """Leave out the scratch memory and which theta it was: a copy may move another."""
        return vars(self) | {"_tmp": None, "_mine": None}

    def _rate(self):
        """Return the learning rate of the next step."""
        lr = self.lr
        if callable(lr):
            lr = lr(self.t)
            expect_between(self, f"the schedule's lr at step {self.t}", lr, 0, closed=True)
        if lr * self.weight_decay > 1:
            raise ValueError(f"{type(self).__name__}: lr · weight_decay must be at most 1, or "
                             f"weights change sign; got {lr:g} · {self.weight_decay:g} at step "
                             f"{self.t}")
        return float(lr)

    def _move(self, theta, grad, lr, tmp):
        """Change theta by the rule of the subclass, with tmp, shape (p,), as scratch memory."""
        raise NotImplementedError

    @classmethod
    def load(cls, path):
        """Return the optimizer that Model.save put into path; raise ValueError without one."""
        from . import store  # which needs this module
        return store.read_optimizer(path)

    def __repr__(self):
        """Return the call that builds the optimizer."""
        settings = [f"{name}={value!r}" for name, value in self.settings().items()]
        return f"{type(self).__name__}({', '.join(settings)})"

    def settings(self):
        """Return the arguments that build an equal optimizer, without its state."""
        return {name: value for name, value in vars(self).items()
                if name not in ("t", "moments", *self.moments) and name[0] != "_"}


class SGD(Optimizer):
    """Stochastic gradient descent  θ ← θ − lr · g (Robbins and Monro 1951).

    With momentum μ the step follows a decaying sum of gradients, m ← μ m + g and
    θ ← θ − lr · m: the form of PyTorch. Polyak (1964) and Sutskever et al. (2013) have lr
    inside the sum, which is the same while lr is constant. With nesterov=True (Nesterov 1983)
    the step is lr · (g + μ m), m already new: one gradient ahead. Raises what Optimizer
    raises. Built in chapter 7.

    Parameters
    ----------
    lr : see Optimizer
    momentum : float
        μ, from 0 to below 1.
    nesterov : bool
        Needs momentum.

    Examples
    --------
    >>> theta = np.array([1.0, 2.0])
    >>> SGD(0.1).step(theta, np.array([10.0, -10.0]))
    >>> theta
    array([0., 3.])
    """

    def __init__(self, lr=0.01, *, momentum=0.0, nesterov=False):
        super().__init__(lr)
        expect_between(self, "momentum", momentum, 0, 1, closed=True)
        if nesterov and not momentum:
            raise ValueError("SGD: nesterov needs a momentum above 0")
        self.momentum, self.nesterov = float(momentum), bool(nesterov)
        self.moments = ("m",) if momentum else ()

    def _move(self, theta, grad, lr, tmp):
        direction = grad
        if self.momentum:
            accumulate(self.m, grad, self.momentum)
            direction = self.m
        if self.nesterov:
            direction = np.multiply(self.m, self.momentum, out=tmp)
            direction += grad
        theta -= np.multiply(direction, lr, out=tmp)


class Adagrad(Optimizer):
    """θ ← θ − lr · g / (√v + ε),  v ← v + g² (Duchi et al. 2011).

    Each parameter's steps shrink by its own history; ε stands outside the root. Raises what
    Optimizer raises. Built in chapter 8.

    Parameters
    ----------
    lr : see Optimizer
    eps : float
        Keeps the quotient finite where gradients were 0; above 0.

    Examples
    --------
    >>> theta = np.array([1.0, 2.0])
    >>> Adagrad(0.1).step(theta, np.array([1e-3, -1e6]))
    >>> theta.round(4)
    array([0.9, 2.1])
    """

    moments = ("v",)

    def __init__(self, lr=0.01, *, eps=1e-10):
        super().__init__(lr)
        expect_between(self, "eps", eps, 0)
        self.eps = float(eps)

    def _move(self, theta, grad, lr, tmp):
        accumulate(self.v, np.multiply(grad, grad, out=tmp), 1)
        quotient(grad, self.v, self.eps, tmp)
        tmp *= lr
        theta -= tmp


class RMSprop(Optimizer):
    """θ ← θ − lr · g / (√v̄ + ε),  v̄ the moving average of g² (Tieleman and Hinton 2012).

    v̄ = (1 − ρ) v with v ← ρ v + g². ε stands outside the root; the start at 0 is not
    corrected. Raises what Optimizer raises. Built in chapter 8.

    Parameters
    ----------
    lr, eps : see Adagrad
    rho : float
        How much of the average is kept at each step, from 0 to below 1.

    Examples
    --------
    >>> theta = np.array([1.0, 2.0])
    >>> RMSprop(0.1, rho=0.75).step(theta, np.array([1e-3, -1e6]))
    >>> theta.round(4)
    array([0.8, 2.2])
    """

    moments = ("v",)

    def __init__(self, lr=0.001, *, rho=0.9, eps=1e-8):
        super().__init__(lr)
        expect_between(self, "rho", rho, 0, 1, closed=True)
        expect_between(self, "eps", eps, 0)
        self.rho, self.eps = float(rho), float(eps)

    def _move(self, theta, grad, lr, tmp):
        accumulate(self.v, np.multiply(grad, grad, out=tmp), self.rho)
        weight = math.sqrt(1 - self.rho)                        # √v̄ = weight · √v
        quotient(grad, self.v, self.eps / weight, tmp)
        tmp *= lr / weight
        theta -= tmp


class Adam(Optimizer):
    """Two moving averages, of the gradient and of its square (Kingma and Ba 2015).

    θ ← θ − lr · m̂ / (√v̂ + ε), where m̂ averages g and v̂ averages g² with weights that fall by
    β₁ and β₂ a step. From the sums m ← β₁ m + g and v ← β₂ v + g² the averages are
    m̂ = m (1 − β₁) / (1 − β₁ᵗ) and v̂ = v (1 − β₂) / (1 − β₂ᵗ): divided by the sum of their
    weights so far, which is the paper's bias correction. ε stands outside the root, as in its
    algorithm 1. Raises what Optimizer raises. Built in chapter 8.

    Parameters
    ----------
    lr, eps : see Adagrad
    beta1, beta2 : float
        How much of the averages is kept at each step, from 0 to below 1.

    Examples
    --------
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
        expect_between(self, "eps", eps, 0)
        self.beta1, self.beta2, self.eps = float(beta1), float(beta2), float(eps)

    def _move(self, theta, grad, lr, tmp):
        accumulate(self.m, grad, self.beta1)
        accumulate(self.v, np.multiply(grad, grad, out=tmp), self.beta2)
        # what turns the two sums into averages, taken out of the vectors as plain numbers
        of_m = (1 - self.beta1) / (1 - self.beta1**self.t)
        of_root = math.sqrt((1 - self.beta2) / (1 - self.beta2**self.t))
        quotient(self.m, self.v, self.eps / of_root, tmp)
        tmp *= lr * of_m / of_root
        theta -= tmp


class AdamW(Adam):
    """Adam with decoupled weight decay  θ ← θ − lr · λ · θ, then Adam's step.

    Loshchilov and Hutter (2019, algorithm 2; λ as in PyTorch). Unlike an L2 penalty, the decay
    does not pass through Adam's quotient, so all weights shrink alike. A model lets only its
    weight matrices decay. Raises what Optimizer raises, and ValueError once lr · λ is above 1,
    where PyTorch changes the signs of weights. Built in chapter 11.

    Parameters
    ----------
    lr, beta1, beta2, eps : see Adam
    weight_decay : float
        λ, at least 0.

    Examples
    --------
    >>> theta = np.array([1.0])
    >>> AdamW(0.1, weight_decay=0.5).step(theta, np.array([0.0]))
    >>> theta
    array([0.95])
    """

    def __init__(self, lr=0.001, *, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        super().__init__(lr, beta1=beta1, beta2=beta2, eps=eps)
        expect_between(self, "weight_decay", weight_decay, 0, closed=True)
        self.weight_decay = float(weight_decay)
        if not callable(lr):
            self._rate()                                        # refuses a product above 1

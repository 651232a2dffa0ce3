"""A model: layers, a loss, and all parameters in one vector."""

import copy
import math
import os
import sys

import numpy as np

from . import store
from ._validate import expect_columns, expect_count, expect_instance, expect_shape
from .datasets import batches, split
from .history import History
from .layers import Layer
from .losses import Loss
from .optimizers import Adam, Optimizer

CHUNK = 4096                                # rows at a time where no gradient is needed


class Model:
    """Layers in a row, trained against a loss.

    Every parameter lives in ``theta``, one vector of p numbers, and every gradient in
    ``grad``, in the same order; the layers' W, b, dW, db are views of them. Weight matrices
    come first: ``theta[:n_decay]``. So an optimizer sees one vector, and what a layer writes
    is there without copying. Assigning to either copies into it. Used from chapter 9 on.

    Parameters
    ----------
    layers : list of Layer
        In the order in which a batch passes them. A layer belongs to one model.
    loss : Loss
        Where the last layer is the loss's canonical activation (Softmax for
        CategoricalCrossEntropy) the two are joined and the log-loss is exact.

    Raises
    ------
    TypeError
        If something in layers is no Layer, or loss is no Loss.
    ValueError
        If neighbouring layers do not fit, dtypes differ, a layer is in another model or here
        twice, or there is nothing to train.

    Examples
    --------
    >>> from nnlib import CategoricalCrossEntropy, Dense, ReLU, Softmax
    >>> model = Model([Dense(2, 64, rng=0), ReLU(), Dense(64, 3, rng=1), Softmax()],
    ...               loss=CategoricalCrossEntropy())
    >>> model.theta.size, model.n_decay
    (387, 320)
    """

    def __init__(self, layers, *, loss):
        self.layers, self.loss = list(layers), loss
        self._check_layers()
        self._bind()

    def _check_layers(self):
        """Raise ValueError unless the layers fit each other and are nobody else's."""
        width = None
        expect_instance("Model", self.loss, Loss)
        for i, layer in enumerate(self.layers):
            expect_instance("Model", layer, Layer)
            if layer._in_model or any(layer is other for other in self.layers[:i]):
                raise ValueError(f"Model: {layer} already belongs to a model; make a new "
                                 f"layer, or copy.deepcopy this one")
            if width is not None and layer.n_in not in (None, width):
                raise ValueError(f"Model: {layer} takes {layer.n_in} columns, but the layer "
                                 f"before it gives {width}")
            width = layer.n_out or width
        dtypes = {getattr(layer, name).dtype.name
                  for layer in self.layers for name in layer.params}
        if not dtypes:
            raise ValueError("Model: no layer has parameters, so there is nothing to train")
        if len(dtypes) > 1:
            raise ValueError(f"Model: layers of {' and '.join(sorted(dtypes))}; give all of "
                             f"them the same dtype")
        self.dtype = np.dtype(dtypes.pop())
        self.n_in, self.n_out = self.layers[0].n_in, width

    def _bind(self):
        """Move all parameters into one vector and make the layers' arrays views of it."""
        slots = [(layer, name) for layer in self.layers for name in layer.params]
        slots.sort(key=lambda slot: getattr(*slot).ndim < 2)    # stable: matrices first
        self._theta = np.empty(sum(getattr(*slot).size for slot in slots), self.dtype)
        self._grad = np.empty_like(self._theta)
        self.n_decay = sum(getattr(*slot).size for slot in slots if getattr(*slot).ndim > 1)
        start = 0
        for layer, name in slots:
            shape, size = getattr(layer, name).shape, getattr(layer, name).size
            for vector, key in ((self.theta, name), (self.grad, f"d{name}")):
                view = vector[start:start + size].reshape(shape)
                view[...] = getattr(layer, key)
                layer.__dict__[key] = view                      # past the copying __setattr__
            layer._in_model = True
            start += size
        # a subclass may compute something else: only the class itself is joined
        self._fused = type(self.layers[-1]) is self.loss.canonical
        # what training passes through, from the first layer with parameters backwards
        self._body = self.layers[:-1] if self._fused else self.layers
        self._first = next(i for i, layer in enumerate(self._body) if layer.params)

    @property
    def theta(self):
        """All parameters, one vector (p,)."""
        return self._theta

    @theta.setter
    def theta(self, values):
        expect_shape("Model", "theta", values, self._theta.shape)
        self._theta[...] = values

    @property
    def grad(self):
        """The gradients of all parameters, one vector (p,)."""
        return self._grad

    @grad.setter
    def grad(self, values):
        expect_shape("Model", "grad", values, self._grad.shape)
        self._grad[...] = values

    def __copy__(self):
        """Copy all of it: two models cannot share layers."""
        return copy.deepcopy(self)

    def __getstate__(self):
        """Keep the layers, which hold every number, and the loss."""
        return {"layers": self.layers, "loss": self.loss}

    def __setstate__(self, state):
        """Bind the copied layers to a vector of their own."""
        self.__init__(state["layers"], loss=state["loss"])

    def __repr__(self):
        """Return the call that builds the model."""
        return f"Model([{', '.join(map(repr, self.layers))}], loss={self.loss!r})"

    # One step ---------------------------------------------------------------------------

    def loss_and_gradient(self, x, y):
        """Return the mean loss of a batch and its gradient for theta, shape (p,).

        x: (n, n_in); y: n targets. The gradient is ``grad`` itself: the next call
        overwrites it.
        """
        output = self._pass(x, training=True)
        loss = self.loss.forward(output, y, from_scores=self._fused)
        d = self.loss.backward()
        for layer in reversed(self._body[self._first + 1:]):
            d = layer.backward(d)
        self._body[self._first].backward(d, need_dx=False)
        return loss, self.grad

    def train_step(self, x, y, optimizer):
        """Move theta one step of the optimizer and return the loss before it.

        Raises FloatingPointError, theta as it was, if that loss is not finite.
        """
        loss, grad = self.loss_and_gradient(x, y)
        if not math.isfinite(loss):
            raise FloatingPointError(f"the loss is {loss}")
        optimizer.step(self.theta, grad)
        return loss

    def _pass(self, x, *, training=False):
        """Return what the loss takes: scores where it is joined to the last layer."""
        for layer in self._body:
            x = layer.forward(x, training=training)
        return x

    # Training ---------------------------------------------------------------------------

    def fit(self, X, y, *, epochs, batch_size=None, optimizer=None, validation=None,
            rng=None, log_every=1):
        """Train on all rows of X, ``epochs`` times over, and return the History.

        Parameters
        ----------
        X : array (n, n_in)
            Finite numbers; rows are samples.
        y : array (n,)
            The targets.
        epochs : int
            Passes over the data.
        batch_size : int, optional
            Rows a step; the last batch of an epoch may be shorter. Each epoch shuffles the
            rows anew. Without it, every step sees all rows.
        optimizer : Optimizer, optional
            Adam() by default.
        validation : float or (X, y), optional
            Data to watch and not to learn from; a fraction is drawn from X once, class by
            class.
        rng : numpy.random.Generator or int, optional
            Decides the split and the shuffling. The same rng gives the same theta.
        log_every : int
            The History gets a row each time so many epochs are done, and for the last.

        Raises
        ------
        ValueError, TypeError
            For data or settings that make no sense.
        FloatingPointError
            When the loss is no longer finite; theta is left as it was before that step.
        """
        expect_count("Model.fit", "epochs", epochs)
        expect_count("Model.fit", "log_every", log_every)
        if batch_size is not None:
            expect_count("Model.fit", "batch_size", batch_size)
        optimizer = Adam() if optimizer is None else optimizer
        expect_instance("Model.fit", optimizer, Optimizer)
        rng = np.random.default_rng(rng)
        X, y = self._check(X, y)
        if isinstance(validation, tuple | list) and len(validation) == 2:
            validation = self._check(*validation)
        elif validation is not None:
            X, X_val, y, y_val = split(X, y, test=validation, rng=rng)
            validation = X_val, y_val
        history = History()
        for epoch in _watch(range(1, epochs + 1)):
            log = epoch % log_every == 0 or epoch == epochs
            row = self._epoch(X, y, batch_size, optimizer, rng, epoch, measure=log)
            if log and not np.isfinite(self.theta).all():       # the last step can overflow
                raise FloatingPointError(f"Model.fit: theta is not finite after epoch {epoch}; "
                                         f"try a smaller learning rate")
            if log and validation is not None:
                row |= {f"val_{name}": value
                        for name, value in self._evaluate(*validation).items()}
            if log:
                history.append(epoch=epoch, **row)
        return history

    def _epoch(self, X, y, batch_size, optimizer, rng, epoch, *, measure):
        """Take every row once; return the epoch's mean loss and, if asked, its metric."""
        total, score = 0.0, 0.0
        whole = batch_size is None or batch_size >= len(X)
        parts = [slice(None)] if whole else batches(len(X), batch_size, rng=rng)
        for i, part in enumerate(parts, 1):
            x, targets = X[part], y[part]
            try:
                loss = self.train_step(x, targets, optimizer)
            except FloatingPointError as error:
                raise FloatingPointError(f"Model.fit: {error} in epoch {epoch}, batch {i}; "
                                         f"try a smaller learning rate") from None
            total += loss * len(x)
            if measure:
                score += self.loss.measure() * len(x)
        row = {"loss": total / len(X)}
        return row | {self.loss.metric: score / len(X)} if measure else row

    # Use --------------------------------------------------------------------------------

    def evaluate(self, X, y):
        """Return the mean loss over all rows and the loss's metric, by name, in a dict."""
        return self._evaluate(*self._check(X, y))

    def _evaluate(self, X, y):
        totals = {"loss": 0.0, self.loss.metric: 0.0}
        for start in range(0, len(X), CHUNK):
            x, targets = X[start:start + CHUNK], y[start:start + CHUNK]
            loss = self.loss.forward(self._pass(x), targets, from_scores=self._fused)
            totals["loss"] += loss * len(x)
            totals[self.loss.metric] += self.loss.measure() * len(x)
        return {name: total / len(X) for name, total in totals.items()}

    def predict_proba(self, X):
        """Return the probabilities of the classes, shape (n, k), for X of shape (n, n_in)."""
        X = self._check_inputs(X)
        last = self.layers[len(self._body):]                    # the joined Softmax, or none
        parts = []
        for start in range(0, len(X), CHUNK):
            p = self._pass(X[start:start + CHUNK])
            for layer in last:
                p = layer.forward(p)
            parts.append(p)
        return np.concatenate(parts)

    def predict(self, X):
        """Return the most probable class of each row, n integers."""
        return self.predict_proba(X).argmax(axis=1)

    def _check(self, X, y):
        """Return X and y as arrays of the model's kind once they make sense together."""
        X = self._check_inputs(X)
        return X, self.loss.check_targets(y, len(X), self.n_out)

    def _check_inputs(self, X):
        """Return X as an array of the model's dtype once it is a table of finite numbers."""
        X = np.asarray(X)
        if X.dtype.kind not in "fiub":
            raise TypeError(f"Model: expected numbers in X, got {X.dtype}")
        expect_columns("Model", X, self.n_in)
        if not len(X):
            raise ValueError(f"Model: expected at least one row in X, got {X.shape}")
        with np.errstate(over="ignore"):                        # the check below tells
            X = X.astype(self.dtype, copy=False)
        if not np.isfinite(X).all():
            raise ValueError("Model: X holds NaN or infinity, or numbers too large for "
                             f"{self.dtype}")
        return X

    # Files ------------------------------------------------------------------------------

    def save(self, path):
        """Write the layers, their parameters and the loss to an .npz file, whole or not."""
        store.write(path, self.layers, self.loss)

    @classmethod
    def load(cls, path):
        """Return the model that ``save`` wrote; raise ValueError for any other file."""
        layers, loss = store.read(path)
        return cls(layers, loss=loss)


def _watch(epochs):
    """Return epochs behind a progress bar where a person watches, else as they are.

    A person watches a terminal or a notebook; the environment variable TQDM_DISABLE=1 says
    that nobody does.
    """
    ipython = sys.modules.get("IPython")
    in_notebook = ipython is not None and hasattr(ipython.get_ipython(), "kernel")
    if os.environ.get("TQDM_DISABLE") or not (
            in_notebook or (sys.stderr and sys.stderr.isatty())):
        return epochs
    from tqdm.auto import tqdm
    return tqdm(epochs, unit="epoch", leave=False)

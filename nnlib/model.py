"""A model: layers, a loss, and all parameters in one vector."""

import copy
import math

import numpy as np

from . import training, vector
from ._validate import expect_data, expect_instance, expect_shape
from .layers import Layer
from .losses import Loss


class Model:
    """Layers in a row, trained against a loss.

    Every parameter lives in ``theta``, one vector of p numbers, and every gradient in
    ``grad``, in the same order; the layers' W, b, dW, db are views of them. Weight matrices
    come first: ``theta[:n_decay]``. So an optimizer sees one vector, and what a layer writes
    is there without copying. Assigning to either copies into it. Built in chapters 6 and 9.

    Parameters
    ----------
    layers : list of Layer
        In the order in which a batch passes them. A layer belongs to one model.
    loss : Loss
        Where the last layer is the loss's canonical activation (Softmax for
        CategoricalCrossEntropy, Sigmoid for BinaryCrossEntropy) the two are joined and the
        log-loss is exact.

    Raises
    ------
    TypeError, ValueError
        If something in layers is no Layer, or loss no Loss; if neighbouring layers do not
        fit, dtypes differ, a layer is in another model or here twice, or nothing can train.

    Examples
    --------
    >>> from nnlib import CategoricalCrossEntropy, Dense, ReLU, Softmax
    >>> model = Model([Dense(2, 64, rng=0), ReLU(), Dense(64, 3, rng=1), Softmax()],
    ...               loss=CategoricalCrossEntropy())
    >>> model.theta.size, model.n_decay
    (387, 320)
    """

    def __init__(self, layers, *, loss):
        self.layers, self._loss = tuple(layers), loss           # fixed: theta goes with them
        self._check_layers()
        for layer in self.layers:
            layer._in_model = True
        self._theta, self._grad, self.n_decay = vector.join(self.layers)
        self._penalty = 0.0                                     # of the last loss_and_gradient
        # a subclass may compute something else: only the class itself is joined
        self._fused = type(self.layers[-1]) is self.loss.canonical
        # what training passes through, from the first layer with parameters backwards
        self._body = self.layers[:-1] if self._fused else self.layers
        self._first = next(i for i, layer in enumerate(self._body) if layer.params)

    def _check_layers(self):
        """Raise unless the layers fit each other and are nobody else's."""
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
        self.dtype, self.n_out = np.dtype(dtypes.pop()), width
        self.n_in = next((layer.n_in for layer in self.layers if layer.n_in), None)

    @property
    def loss(self):
        """The loss that the model is trained against."""
        return self._loss

    @property
    def theta(self):
        """All parameters, one vector (p,); to assign another shape raises ValueError."""
        return self._theta

    @theta.setter
    def theta(self, values):
        expect_shape("Model", "theta", values, self._theta.shape)
        self._theta[...] = values

    @property
    def grad(self):
        """The gradients of all parameters, one vector (p,), assigned as theta is."""
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

        x: (n, n_in); y: n targets. Both include the layers' penalties. The gradient is
        ``grad`` itself: the next call overwrites it. As in all training, Dropout draws new
        masks and BatchNorm moves its averages.
        """
        output = self._pass(x, training=True)
        loss = self.loss.forward(output, y, from_scores=self._fused)
        d = self.loss.backward()
        for layer in reversed(self._body[self._first + 1:]):
            d = layer.backward(d)
        self._body[self._first].backward(d, need_dx=False)
        self._penalty = sum(layer.penalize() for layer in self._body if layer.penalized)
        return loss + self._penalty, self.grad

    def train_step(self, x, y, optimizer, *, clip=None):
        """Move theta one step of the optimizer and return the loss before it.

        A gradient longer than clip is scaled down to it. Raises FloatingPointError, theta as
        it was, if the loss is not finite, or the gradient where it is to be clipped.
        """
        loss, grad = self.loss_and_gradient(x, y)
        if not math.isfinite(loss):
            raise FloatingPointError(f"the loss is {loss}")
        if clip is not None:
            vector.shorten(grad, clip)
        optimizer.step(self.theta, grad, n_decay=self.n_decay)
        return loss

    def _pass(self, x, *, training=False):
        """Return what the loss takes: scores where it is joined to the last layer."""
        x = np.asarray(x, self.dtype)
        for layer in self._body:
            x = layer.forward(x, training=training)
        return x

    # Training ---------------------------------------------------------------------------

    def fit(self, X, y, *, epochs, batch_size=None, optimizer=None, validation=None,
            patience=None, clip=None, on_epoch_end=None, rng=None, log_every=1):
        """Train on all rows of X, ``epochs`` times over, and return the History.

        Ctrl-C ends the training early with a warning; what was learnt is kept.

        Parameters
        ----------
        X : array (n, n_in)
            Finite numbers; rows are samples. Integers (uint8 images, say) stay as they are
            and are turned into floats batch by batch.
        y : array (n,) or (n, k)
            The targets, as the loss wants them.
        epochs : int
            Passes over the data.
        batch_size : int, optional
            Rows a step; the last batch of an epoch may be shorter. Each epoch shuffles the
            rows anew. Without it, every step sees all rows.
        optimizer : Optimizer, optional
            Adam() by default.
        validation : float or (X, y), optional
            Data to watch and not to learn from; a fraction is drawn from X once, and class by
            class where the loss is a classifier's.
        patience : int, optional
            Stop once the validation loss has not improved for so many epochs. At the end, also
            after Ctrl-C, the weights are those of the best epoch.
        clip : float, optional
            Scale longer gradients down to this length (Pascanu et al. 2013).
        on_epoch_end : callable, optional
            Called as on_epoch_end(model, epoch, history) after each epoch.
        rng : numpy.random.Generator or int, optional
            Decides the split and the shuffling. The same rng gives the same theta.
        log_every : int
            The History gets a row each time so many epochs are done, and for the last; only
            then is the validation data looked at.

        Raises
        ------
        ValueError, TypeError
            For data or settings that make no sense.
        FloatingPointError
            When the loss is no longer finite; theta is left as it was before that step.
        """
        return training.fit(self, X, y, epochs=epochs, batch_size=batch_size,
                            optimizer=optimizer, validation=validation, patience=patience,
                            clip=clip, on_epoch_end=on_epoch_end, rng=rng, log_every=log_every)

    # Use --------------------------------------------------------------------------------

    def evaluate(self, X, y):
        """Return the mean loss over all rows and the loss's metric, by name, in a dict.

        The loss is that of the data: penalties of the layers are left out. Raises ValueError or
        TypeError for data that fit would refuse.
        """
        return training.evaluate(self, *self._check(X, y))

    def predict_proba(self, X):
        """Return the probabilities of the classes, shape (n, k), for X of shape (n, n_in).

        With BinaryCrossEntropy and one output they are those of no and of yes, (n, 2). Raises
        what predict raises, and TypeError where the loss is one for regression.
        """
        return self.loss.probabilities(self._outputs(X))

    def predict(self, X):
        """Return the most probable class of each row, n integers; in regression, numbers.

        For k > 1 outputs of a regression, or of several yes/no questions, (n, k). Raises
        ValueError or TypeError for an X that fit would refuse, FloatingPointError if the model
        gives NaN or infinity.
        """
        return self.loss.decide(self._outputs(X))

    def _outputs(self, X):
        """Return what the last layer gives for all rows of X, (n, n_out)."""
        X = expect_data("Model", X, self.n_in, self.dtype)
        last = self.layers[len(self._body):]                    # the joined one, or none
        parts = []
        for start in range(0, len(X), training.CHUNK):
            a = self._pass(X[start:start + training.CHUNK])
            for layer in last:
                a = layer.forward(a)
            parts.append(a)
        outputs = np.concatenate(parts)
        if not np.isfinite(outputs).all():
            raise FloatingPointError("Model: the outputs hold NaN or infinity; has training "
                                     "diverged?")
        return outputs

    def _check(self, X, y):
        """Return X and y as arrays of the model's kind once they make sense together."""
        X = expect_data("Model", X, self.n_in, self.dtype)
        return X, self.loss.check_targets(y, len(X), self.n_out)

    def summary(self):
        """Return a table of the layers: the shape of what each gives, and its parameters.

        Examples
        --------
        >>> from nnlib import CategoricalCrossEntropy, Dense, ReLU, Softmax
        >>> model = Model([Dense(2, 64), ReLU(), Dense(64, 3), Softmax()],
        ...               loss=CategoricalCrossEntropy())
        >>> print(model.summary())
        layer          gives     parameters
        Dense(2, 64)   (n, 64)          192
        ReLU()         (n, 64)            0
        Dense(64, 3)   (n, 3)           195
        Softmax()      (n, 3)             0
        all                             387
        """
        rows, width = [("layer", "gives", "parameters")], self.n_in
        for layer in self.layers:
            width = layer.n_out or width
            size = sum(getattr(layer, name).size for name in layer.params)
            rows.append((repr(layer), f"(n, {width})", f"{size:,}"))
        rows.append(("all", "", f"{self.theta.size:,}"))
        first, second, third = (max(map(len, column)) for column in zip(*rows, strict=True))
        return "\n".join(f"{a:{first}}   {b:{second}}   {c:>{third}}" for a, b, c in rows)

    def save(self, path, optimizer=None, *, notes=None):
        """Write layers, parameters, loss to an .npz file; an optimizer and notes if given.

        The file is written whole or not at all. With an optimizer, and an rng for fit that goes
        on too, training resumes to the same numbers (Optimizer.load). Notes are a dict that JSON
        can hold (store.read_notes). Raises TypeError for parts that are not nnlib's own, OSError
        if the file cannot be written, ValueError for notes or an optimizer that do not fit.
        """
        from . import store  # late: zipfile takes its time
        store.write(path, self.layers, self.loss, optimizer, notes)

    @classmethod
    def load(cls, path):
        """Return the model that save wrote; raise ValueError for another file, OSError without."""
        from . import store
        layers, loss = store.read_model(path)
        return cls(layers, loss=loss)

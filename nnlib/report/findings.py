"""What a model does with its test data, in numbers; the pages come later."""

import math
from functools import cached_property

import numpy as np

from .. import metrics
from .._validate import expect_instance
from ..history import History
from ..layers import Dense
from ..losses import BinaryCrossEntropy, CategoricalCrossEntropy
from ..model import Model

WHO = "report.write"


class Findings:
    """Everything that a report says, each number taken once.

    Raises what ``report.write`` does for a model and data that do not go together.
    """

    def __init__(self, model, data):
        self.model, self.data = model, data
        expect_instance(WHO, model, Model)
        yes_no = isinstance(model.loss, BinaryCrossEntropy) and model.n_out == 1
        if not yes_no and not isinstance(model.loss, CategoricalCrossEntropy):
            raise ValueError(f"{WHO}: expected a model that chooses one class, its loss "
                             f"CategoricalCrossEntropy, or BinaryCrossEntropy with one output; "
                             f"got {model.loss} with {model.n_out}")
        for name in ("X_test", "y_test", "classes", "name", "source"):
            if not hasattr(data, name):
                raise ValueError(f"{WHO}: expected data with X_test, y_test, classes, name and "
                                 f"source, got a {type(data).__name__} without {name}")
        self.X, self.classes = np.asarray(data.X_test), [str(name) for name in data.classes]
        if self.X.ndim not in (2, 3):
            raise ValueError(f"{WHO}: expected X_test of shape (n, h, w) or (n, {model.n_in}), "
                             f"got {self.X.shape}")
        self.k, self.n = 2 if yes_no else model.n_out, len(self.X)
        if self.k < 2 or len(self.classes) != self.k:
            raise ValueError(f"{WHO}: the model tells {self.k} classes apart, data.classes has "
                             f"{len(self.classes)} names; it needs as many, and at least two")
        self.images = self.X.ndim == 3                          # else points or other rows
        self.flat = self.X.reshape(self.n, math.prod(self.X.shape[1:]))         # (n, n_in)
        if model.n_in != self.flat.shape[1]:
            size = " × ".join(map(str, self.X.shape[1:]))
            raise ValueError(f"{WHO}: the model takes {model.n_in} columns, each of the "
                             f"{self.things} in data has {size}; was it trained on these?")
        self.loss = model.evaluate(self.flat, data.y_test)["loss"]
        self.y = np.asarray(data.y_test).reshape(self.n)
        self.p = model.predict_proba(self.flat)                 # (n, k)
        self.predictions = self.p.argmax(axis=1)
        self.confidence = self.p.max(axis=1)
        self.right = self.predictions == self.y
        self.accuracy = metrics.accuracy(self.predictions, self.y)

    @property
    def things(self):
        """What the rows of the data are called."""
        return "images" if self.images else "rows"

    @property
    def standard_error(self):
        """How far luck moves the accuracy: √(a(1 − a)/n)."""
        return math.sqrt(self.accuracy * (1 - self.accuracy) / self.n)

    @cached_property
    def by_class(self):
        """Precision, recall and F1 of each class, three arrays (k,)."""
        return self.averaged(None)

    def averaged(self, average):
        """Return precision, recall and F1 with this average."""
        return metrics.precision_recall_f1(self.predictions, self.y, average=average,
                                           n_classes=self.k)

    @cached_property
    def counts(self):
        """Which class was taken for which, counts (k, k)."""
        return metrics.confusion_matrix(self.predictions, self.y, self.k)

    def confusions(self, most):
        """Return the most frequent mistakes: (true class, predicted class, how often)."""
        wrong = self.counts - np.diag(np.diag(self.counts))
        order = np.argsort(-wrong, axis=None, kind="stable")[:most]
        pairs = zip(*np.unravel_index(order, wrong.shape), strict=True)
        return [(int(i), int(j), int(wrong[i, j])) for i, j in pairs if wrong[i, j]]

    def worst_mistakes(self, most):
        """Return the rows of the mistakes of which the model was surest, surest first."""
        wrong = np.flatnonzero(~self.right)
        return wrong[np.argsort(-self.confidence[wrong], kind="stable")][:most]

    def sample(self, most):
        """Return rows drawn at random, always the same ones."""
        return np.random.default_rng(0).permutation(self.n)[:most]

    def nearly_sure(self, most):
        """Return one row of each of so many classes: read right, with p nearest to 0.9."""
        found = []
        for c in range(self.k):
            rows = np.flatnonzero(self.right & (self.y == c))
            if len(rows):
                found.append(rows[np.abs(self.confidence[rows] - 0.9).argmin()])
        places = np.linspace(0, len(found) - 1, min(most, len(found))).round().astype(int)
        return [found[i] for i in places]

    def first_weights(self):
        """Return the first Dense layer's weights (n_out, h, w) as images, or None."""
        dense = next((layer for layer in self.model.layers if isinstance(layer, Dense)), None)
        if not self.images or dense is None or dense.n_in != self.flat.shape[1]:
            return None
        return dense.W.T.reshape(-1, *self.X.shape[1:])


def expect_extras(history, settings):
    """Raise TypeError unless history is a History and settings a dict, where given."""
    if history is not None:
        expect_instance(WHO, history, History)
    if settings is not None:
        expect_instance(WHO, settings, dict)

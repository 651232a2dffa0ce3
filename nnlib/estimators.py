"""Estimators: nnlib's networks behind scikit-learn's interface.

Its rules are few: the constructor stores its arguments and does nothing else, ``fit`` checks
them, and what was learnt has a name that ends in _. So a pipeline, a search or a
cross-validation can copy an estimator and change one argument. Used in chapter 20.
"""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ._validate import expect_between
from .activations import LeakyReLU, Linear, ReLU, Sigmoid, Softmax, Tanh
from .layers import Dense, Dropout
from .losses import CategoricalCrossEntropy
from .model import Model
from .normalization import BatchNorm
from .optimizers import Adam
from .regression import MeanSquaredError

# by name: the layer, and the first weights that suit it (chapter 13)
ACTIVATIONS = {"relu": (ReLU, "he"), "leaky_relu": (LeakyReLU, "he"),
               "tanh": (Tanh, "glorot"), "sigmoid": (Sigmoid, "glorot")}


class _Network(BaseEstimator):
    """What both estimators share: the arguments, the model and its training."""

    def __init__(self, hidden=(64,), *, activation="relu", l2=0.0, dropout=0.0,
                 batch_norm=False, epochs=100, batch_size=32, lr=0.001, validation=None,
                 patience=None, random_state=None):
        self.hidden = hidden
        self.activation = activation
        self.l2 = l2
        self.dropout = dropout
        self.batch_norm = batch_norm
        self.epochs = epochs
        self.batch_size = batch_size
        self.lr = lr
        self.validation = validation
        self.patience = patience
        self.random_state = random_state

    def _train(self, X, y, n_out, last, loss):
        """Build a model that ends in ``last``, train it, and keep it once that is done."""
        if self.validation is not None:     # a pair would bring labels that fit has not coded
            expect_between(self, "validation", self.validation, 0, 1)
        rng = _generator(self.random_state)
        dtype = np.float32 if np.result_type(X, np.float32) == np.float32 else np.float64
        model = Model([*self._layers(X.shape[1], n_out, rng, dtype), last], loss=loss)
        history = model.fit(X, y, epochs=self.epochs, batch_size=self.batch_size,
                            optimizer=Adam(self.lr), validation=self.validation,
                            patience=self.patience, rng=rng)
        self.model_, self.history_, self.n_iter_ = model, history, len(history)

    def _layers(self, n_in, n_out, rng, dtype):
        """Return all layers but the last activation."""
        who = type(self).__name__
        if not isinstance(self.activation, str) or self.activation not in ACTIVATIONS:
            raise ValueError(f"{who}: activation must be one of {', '.join(ACTIVATIONS)}, got "
                             f"{self.activation!r}")
        if np.ndim(self.hidden) != 1:
            raise ValueError(f"{who}: hidden must be a row of sizes, (64,) for one layer, got "
                             f"{self.hidden!r}")
        kind, init = ACTIVATIONS[self.activation]
        layers = []
        for size in self.hidden:
            layers.append(Dense(n_in, size, l2=self.l2, init=init, rng=rng, dtype=dtype))
            if self.batch_norm:
                layers.append(BatchNorm(size, dtype=dtype))
            layers.append(kind())
            if self.dropout != 0:
                layers.append(Dropout(self.dropout, rng=rng))
            n_in = size
        return [*layers, Dense(n_in, n_out, l2=self.l2, init=init, rng=rng, dtype=dtype)]

    def _checked(self, X):
        """Return X as an array, checked against that of fit, which must have been."""
        check_is_fitted(self, "model_")
        return validate_data(self, X, reset=False)


class NNClassifier(ClassifierMixin, _Network):
    """A network as a scikit-learn classifier: any number of classes, any labels.

    Dense layers with an activation behind each, Softmax behind the last; cross-entropy; Adam
    in shuffled batches. Scale the columns of X first, with StandardScaler in a Pipeline, say.

    Parameters
    ----------
    hidden : sequence of int
        Units of each hidden layer; () leaves logistic regression.
    activation : str
        "relu", "leaky_relu", "tanh" or "sigmoid", behind each hidden layer. First weights are
        "he" for the first two, else "glorot".
    l2 : float
        Factor of the penalty l2 · Σ W², see Dense.
    dropout : float
        The fraction of hidden units dropped in training, from 0 to below 1.
    batch_norm : bool
        Whether a BatchNorm stands before each activation.
    epochs : int
        Passes over the data, fewer with patience.
    batch_size : int or None
        Rows a step; all of them for None.
    lr : float or callable
        Adam's learning rate, or a schedule.
    validation : float, optional
        The fraction of rows to watch and not to learn from.
    patience : int, optional
        Stop once the validation loss has not improved for so many epochs, and keep the best.
    random_state : int, RandomState or None
        Decides first weights, shuffling, masks and split. An int gives the same theta each
        time, that of a Model built and fitted with numpy.random.default_rng(int); a
        RandomState is asked for a seed; with None no two fits are alike. NumPy's process-wide
        state is neither read nor changed.

    Attributes
    ----------
    model_ : Model
        In the precision of X: float32 for float32 and for integers of up to 16 bits, and
        twice as fast; float64 otherwise, as in scikit-learn's own networks.
    history_ : History
        The loss by epoch.
    n_iter_ : int
        Epochs done.
    classes_ : array (k,)
        The labels, sorted: the columns of predict_proba.
    n_features_in_ : int
        Columns of X.
    feature_names_in_ : array of str
        Their names, if X had names.

    Raises
    ------
    ValueError, TypeError
        In fit: for arguments or data that make no sense.
    FloatingPointError
        In fit: when the loss is no longer finite.

    Examples
    --------
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], ["same", "other", "other", "same"]
    >>> classifier = NNClassifier(hidden=(16,), epochs=200, lr=0.05, random_state=0)
    >>> classifier.fit(X, y).predict(X).tolist()
    ['same', 'other', 'other', 'same']
    """

    def fit(self, X, y):
        """Learn from X (n, columns) and n labels; return the estimator.

        One class alone is learnt too: it is then always the answer.
        """
        X, y = validate_data(self, X, y)
        check_classification_targets(y)
        classes, codes = np.unique(y, return_inverse=True)      # codes: 0 … k − 1
        self._train(X, codes, len(classes), Softmax(), CategoricalCrossEntropy())
        self.classes_ = classes
        return self

    def predict_proba(self, X):
        """Return the probabilities of the classes, (n, k), columns ordered as ``classes_``."""
        X = self._checked(X)
        return self.model_.predict_proba(X)

    def predict(self, X):
        """Return the most probable label of each row, n of them."""
        X = self._checked(X)
        return self.classes_[self.model_.predict(X)]


class NNRegressor(RegressorMixin, _Network):
    """A network as a scikit-learn regressor: one number for each row, or several.

    As NNClassifier, but Linear behind the last layer, and the mean squared error. Targets are
    taken as they are, as scikit-learn's own MLPRegressor takes them: losses are then in
    squared units of the target, and l2 weighs as it does in a Model. Where targets lie far
    from 0, or are much larger or smaller than 1, training is slow; put sklearn.compose's
    TransformedTargetRegressor with a StandardScaler around, which scales them for training
    and predictions back.

    Parameters
    ----------
    hidden, activation, l2, dropout, batch_norm, epochs, batch_size, lr, validation
        See NNClassifier.
    patience, random_state
        See NNClassifier.

    Attributes
    ----------
    model_, history_, n_iter_, n_features_in_, feature_names_in_
        See NNClassifier.

    Raises
    ------
    ValueError, TypeError, FloatingPointError
        As NNClassifier.

    Examples
    --------
    >>> X = np.linspace(-1, 1, 100).reshape(-1, 1)
    >>> regressor = NNRegressor(epochs=200, lr=0.01, random_state=0).fit(X, X[:, 0] ** 2)
    >>> bool(regressor.score(X, X[:, 0] ** 2) > 0.99)
    True
    """

    def fit(self, X, y):
        """Learn from X (n, columns) and targets (n,) or (n, k); return the estimator."""
        X, y = validate_data(self, X, y, multi_output=True, y_numeric=True)
        self._train(X, y, 1 if y.ndim == 1 else y.shape[1], Linear(), MeanSquaredError())
        self._target_shape = (-1, *y.shape[1:])                 # a column stays a column
        return self

    def predict(self, X):
        """Return numbers in the shape that the targets had, (n,) or (n, k)."""
        X = self._checked(X)
        return self.model_.predict(X).reshape(self._target_shape)

    def __sklearn_tags__(self):
        """Say that targets may have several columns."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _generator(random_state):
    """Return a generator from what scikit-learn calls a random state."""
    if isinstance(random_state, np.random.RandomState):
        random_state = random_state.randint(2**31, size=4)      # 124 bits of a seed
    return np.random.default_rng(random_state)

"""One table of everything that nnlib refuses: the call, the exception, what its message says.

Protects from silent broadcasting, from a label −1 that NumPy would take for the last class,
and from messages that do not say what to do.
"""

import numpy as np
import pytest
from matplotlib.figure import Figure

from nnlib import (
    SGD,
    Adam,
    CategoricalCrossEntropy,
    Dense,
    History,
    Layer,
    Loss,
    Model,
    ReLU,
    Softmax,
    datasets,
    metrics,
    plots,
)
from tests.nnlib.nets import data, net

X, Y = data(6)
LOSS = CategoricalCrossEntropy()
P = np.full((6, 3), 1 / 3)
SHARED = Dense(2, 3)
TAKEN = net((2, 3)).layers[0]


def fit(X=X, y=Y, **settings):
    return net().fit(X, y, **{"epochs": 1, **settings})


def untrained(layer):
    layer.forward(np.ones((1, 3)), training=True)
    layer.forward(np.ones((1, 3)))
    layer.backward(np.ones((1, 3)))


def two_rows():
    history = History()
    history.append(epoch=1, loss=1.0)
    history.append(epoch=2)


def used(optimizer):
    optimizer.step(np.ones(3), np.ones(3))
    return optimizer


def nan_in(X):
    X = X.copy()
    X[2, 1] = np.nan
    return X


REFUSED = {
    # sizes and shapes
    "Dense of no units": (lambda: Dense(2, 0), ValueError, "n_out must be an integer of at leas"),
    "Dense of half a unit": (lambda: Dense(2.5, 1), ValueError, "n_in must be an integer"),
    "Dense of True": (lambda: Dense(True, 1), ValueError, "n_in must be an integer"),
    "Dense of integers": (lambda: Dense(2, 3, dtype=int), ValueError, "float32 or float64"),
    "one sample": (lambda: Dense(2, 3).forward(np.ones(2)), ValueError,
                   r"shape \(n, 2\), got \(2,\); one sample is a row: x\[np.newaxis\]"),
    "images": (lambda: Dense(784, 10).forward(np.ones((32, 28, 28))), ValueError,
               r"shape \(n, 784\), got \(32, 28, 28\); flatten each sample"),
    "wrong columns": (lambda: Dense(2, 3).forward(np.ones((5, 3))), ValueError,
                      r"Dense\(2, 3\): expected x of shape \(n, 2\), got \(5, 3\)"),
    "softmax of one row": (lambda: Softmax().forward(np.ones(3)), ValueError,
                           r"shape \(n, k\), got \(3,\)"),
    "a weight of another shape": (lambda: setattr(Dense(2, 3), "W", np.ones((3, 2))),
                                  ValueError, r"W has shape \(2, 3\), got \(3, 2\)"),
    # order
    "Dense backward first": (lambda: Dense(2, 3).backward(np.ones((1, 3))), RuntimeError,
                             "needs forward"),
    "ReLU backward first": (lambda: ReLU().backward(np.ones((1, 3))), RuntimeError,
                            "training=True"),
    "backward after a forward that was no training": (lambda: untrained(ReLU()), RuntimeError,
                                                      "training=True"),
    "Softmax backward first": (lambda: Softmax().backward(np.ones((1, 3))), RuntimeError,
                               "training=True"),
    "loss backward first": (lambda: CategoricalCrossEntropy().backward(), RuntimeError,
                            "call forward first"),
    # gradients that do not fit
    **{f"gradient of another shape into {layer}": (
        lambda layer=layer: (layer.forward(np.ones((4, 2)), training=True),
                             layer.backward(np.ones((1, 2)))),
        ValueError, r"shape \(4, 2\), got \(1, 2\)")
       for layer in (Dense(2, 2), ReLU(), Softmax())},
    # labels
    "labels in a column": (lambda: LOSS.forward(P, Y[:, None]), ValueError,
                           r"shape \(6,\), got \(6, 1\); flatten them"),
    "one-hot labels": (lambda: LOSS.forward(P, np.eye(3)[Y]), ValueError, "argmax"),
    "too few labels": (lambda: LOSS.forward(P, Y[:5]), ValueError, r"\(6,\), got \(5,\)"),
    "float labels": (lambda: LOSS.forward(P, Y.astype(float)), TypeError, "astype"),
    "label -1": (lambda: LOSS.forward(P, Y - 1), ValueError, "from 0 to 2, got -1 to 1"),
    "label 3 of 3": (lambda: LOSS.forward(P, Y + 1), ValueError, "from 0 to 2, got 1 to 3"),
    "label -1 in fit": (lambda: fit(y=Y - 1), ValueError, "from 0 to 2, got -1"),
    "label 3 in evaluate": (lambda: net().evaluate(X, Y + 1), ValueError, "from 0 to 2"),
    "scores for probabilities": (lambda: LOSS.forward(P * 9, Y), ValueError,
                                 r"end the model with Softmax\(\)"),
    "probabilities below 0": (lambda: LOSS.forward(P - 0.5, Y), ValueError, "from 0 to 1"),
    "probabilities of integers": (lambda: LOSS.forward(np.eye(3, dtype=int)[Y], Y), TypeError,
                                  "floats, got int64"),
    "an output of one row": (lambda: LOSS.forward(P[0], Y), ValueError, r"\(n, k\)"),
    # models
    "layers that do not fit": (lambda: Model([Dense(2, 3), ReLU(), Dense(4, 1)], loss=LOSS),
                               ValueError, "takes 4 columns, but the layer before it gives 3"),
    "a layer twice": (lambda: Model([SHARED, SHARED], loss=LOSS), ValueError, "already belongs"),
    "a layer of another model": (lambda: Model([TAKEN], loss=LOSS), ValueError, "deepcopy"),
    "nothing to train": (lambda: Model([Softmax()], loss=LOSS), ValueError, "nothing to train"),
    "two dtypes": (lambda: Model([Dense(2, 3), Dense(3, 3, dtype=np.float64)], loss=LOSS),
                   ValueError, "float32 and float64"),
    "a class for a layer": (lambda: Model([Dense(2, 3), ReLU], loss=LOSS), TypeError,
                            r"expected a Layer, got .*; write ReLU\(\)"),
    "a class for a loss": (lambda: Model([Dense(2, 3)], loss=CategoricalCrossEntropy),
                           TypeError, r"expected a Loss, .*; write CategoricalCrossEntropy\(\)"),
    "no loss": (lambda: Model([Dense(2, 3)], loss=None), TypeError, "expected a Loss, got None"),
    "a theta of another size": (lambda: setattr(net(), "theta", np.ones(3)), ValueError,
                                r"theta of shape \(51,\), got \(3,\)"),
    "a grad of another size": (lambda: setattr(net(), "grad", np.ones(3)), ValueError,
                               r"grad of shape \(51,\), got \(3,\)"),
    "rows of a history that differ": (lambda: two_rows(), ValueError, "expected the columns"),
    # data
    "NaN in X": (lambda: fit(nan_in(X)), ValueError, "NaN or infinity"),
    "too large for float32": (lambda: fit(X * 1e300), ValueError, "too large for float32"),
    "no rows": (lambda: fit(X[:0], Y[:0]), ValueError, r"at least one row in X, got \(0, 2\)"),
    "images in predict": (lambda: net().predict(np.ones((5, 2, 2))), ValueError, "flatten each"),
    "one row in predict": (lambda: net().predict(X[0]), ValueError, r"x\[np.newaxis\]"),
    "no labels in fit": (lambda: fit(y=None), ValueError, r"labels of shape \(6,\), got \(\)"),
    "no labels in evaluate": (lambda: net().evaluate(X, None), ValueError, "labels of shape"),
    "three columns for two": (lambda: fit(np.ones((6, 3))), ValueError, r"\(n, 2\).*\(6, 3\)"),
    "words": (lambda: fit(np.array([["a", "b"]] * 6)), TypeError, "expected numbers"),
    "NaN in validation": (lambda: fit(validation=(nan_in(X), Y)), ValueError, "NaN"),
    "NaN in predict": (lambda: net().predict(nan_in(X)), ValueError, "NaN"),
    # settings
    "no epochs": (lambda: fit(epochs=0), ValueError, "epochs must be an integer of at least 1"),
    "half an epoch": (lambda: fit(epochs=0.5), ValueError, "epochs must be an integer"),
    "batch of 0": (lambda: fit(batch_size=0), ValueError, "batch_size"),
    "log never": (lambda: fit(log_every=0), ValueError, "log_every"),
    **{f"validation of {share!r}": (lambda share=share: fit(validation=share), ValueError,
                                    "above 0 and below 1") for share in (1.0, 1, True, "half")},
    "a class for an optimizer": (lambda: fit(optimizer=Adam), TypeError, r"write Adam\(\)"),
    "a schedule that goes below 0": (lambda: fit(optimizer=Adam(lambda step: -1)), ValueError,
                                     "schedule's lr at step 0 must be at least 0, got -1"),
    "a schedule of NaN": (lambda: fit(optimizer=SGD(lambda step: np.nan)), ValueError,
                          "schedule's lr at step 0"),
    "batches of -1": (lambda: datasets.batches(10, -1), ValueError, "batch_size must be"),
    "batches of half a row": (lambda: datasets.batches(10, 2.5), ValueError, "batch_size"),
    "batches of nothing": (lambda: datasets.batches(0, 1), ValueError, "n must be"),
    "lr 0": (lambda: SGD(0), ValueError, "SGD: lr must be above 0, got 0"),
    "lr NaN": (lambda: Adam(float("nan")), ValueError, "Adam: lr must be above 0, got nan"),
    "beta1 of 1": (lambda: Adam(beta1=1), ValueError, "beta1 must be at least 0 and below 1"),
    "beta2 below 0": (lambda: Adam(beta2=-0.1), ValueError, "beta2 must be at least 0"),
    "eps 0": (lambda: Adam(eps=0), ValueError, "eps must be above 0"),
    "gradient of another size": (lambda: SGD().step(np.ones(3), np.ones(4)), ValueError,
                                 r"expected grad of shape \(3,\), got \(4,\)"),
    "an optimizer for two models": (lambda: used(Adam()).step(np.ones(4), np.ones(4)),
                                    ValueError, "moved 3 numbers .* make a new optimizer"),
    "an optimizer for two dtypes": (
        lambda: used(SGD()).step(*[np.ones(3, np.float32)] * 2), ValueError, "float32"),
    # metrics, data sets, plots
    "accuracy of columns": (lambda: metrics.accuracy(Y, Y[:, None]), ValueError, "ravel"),
    "accuracy of unequal lengths": (lambda: metrics.accuracy(Y[:2], Y), ValueError, r"\(2,\)"),
    "accuracy of probabilities": (lambda: metrics.accuracy(P[:, 0], Y), TypeError, "integer"),
    "accuracy of nothing": (lambda: metrics.accuracy(Y[:0], Y[:0]), ValueError, "at least one"),
    "split of unequal lengths": (lambda: datasets.split(X, Y[:5]), ValueError, "6 rows in X"),
    "split of all": (lambda: datasets.split(X, Y, test=1), ValueError, "above 0 and below 1"),
    "split of one row": (lambda: datasets.split(X[:1], Y[:1]), ValueError, "too few"),
    "spiral of nothing": (lambda: datasets.spiral(0), ValueError, "n_per_class must be an int"),
    "spiral of half a point": (lambda: datasets.spiral(2.5), ValueError, "n_per_class must be"),
    "spiral of no arms": (lambda: datasets.spiral(5, 0), ValueError, "n_classes must be an int"),
    "spiral of 257 arms": (lambda: datasets.spiral(1, 257), ValueError, "at most 256"),
    "no alt text": (lambda: plots.scatter(X, Y), TypeError, "alt"),
    "empty alt text": (lambda: plots.scatter(X, Y, alt=""), ValueError, "six words"),
    "a title for alt text": (lambda: plots.scatter(X, Y, alt="The spiral"), ValueError,
                             "six words"),
    "no alt text on other axes": (
        lambda: plots.scatter(X, Y, alt="", ax=Figure().subplots()), ValueError, "six words"),
    "float labels in a plot": (lambda: plots.scatter(X, Y / 2, alt="a b c d e f"), TypeError,
                               "integer labels"),
    "predictions for probabilities": (
        lambda: plots.decision_boundary(net().predict, X, Y, alt="a b c d e f"), ValueError,
        "expected probabilities of shape"),
    "a history of nothing": (lambda: plots.history(History(), alt="a b c d e f"), ValueError,
                             "no rows yet"),
    "points in space": (lambda: plots.scatter(np.ones((6, 3)), Y, alt="a b c d e f"),
                        ValueError, r"\(n, 2\)"),
    "too many classes": (lambda: plots.scatter(X, Y + 4, alt="a b c d e f"), ValueError,
                         "labels from 0 to 5, got 4 to 6"),
    # the protocols
    "a layer without forward": (lambda: Layer().forward(X), NotImplementedError, "^$"),
    "a layer without backward": (lambda: Layer().backward(X), NotImplementedError, "^$"),
    "a loss without forward": (lambda: Loss().forward(X, Y), NotImplementedError, "^$"),
    "a loss without backward": (lambda: Loss().backward(), NotImplementedError, "^$"),
    "a loss without metric": (lambda: Loss().measure(), NotImplementedError, "^$"),
    "a loss without targets": (lambda: Loss().check_targets(Y, 6, 3), NotImplementedError, "^$"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    call, kind, message = REFUSED[case]
    with pytest.raises(kind, match=message):
        call()

"""One table of everything that nnlib refuses: the call, the exception, what its message says.

Protects from silent broadcasting, from a label −1 that NumPy would take for the last class,
and from messages that do not say what to do.
"""

import copy
import re
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from nnlib import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    BatchNorm,
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Dense,
    Dropout,
    History,
    Layer,
    LeakyReLU,
    Linear,
    Loss,
    MeanAbsoluteError,
    MeanSquaredError,
    Model,
    ReLU,
    Rescaling,
    RMSprop,
    Sigmoid,
    Softmax,
    checks,
    commands,
    datasets,
    metrics,
    plots,
    report,
    schedules,
    vector,
)
from nnlib.occlusion import occlusion
from tests.nnlib.nets import data, net, parts

X, Y = data(6)
LOSS = CategoricalCrossEntropy()
P = np.full((6, 3), 1 / 3)
SHARED = Dense(2, 3)
TAKEN = net((2, 3)).layers[0]
ENDLESS = {}
ENDLESS["itself"] = ENDLESS


def regression(n_out=1):
    return Model([Dense(2, n_out), Linear()], loss=MeanSquaredError())


def questions():
    return Model([Dense(2, 3, rng=0), Sigmoid()], loss=BinaryCrossEntropy())


def told(X=X, y=Y, classes="abc"):
    """Data with all that a report asks for."""
    return SimpleNamespace(X_test=X, y_test=y, classes=classes, name="points", source="random")


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


def ruined():
    model = net()
    model.theta[:] = np.nan
    return model


def endless():
    model = net()
    backward = model.layers[2].backward

    def overflowing(dz):
        dx = backward(dz)
        model.layers[2].dW = np.full((8, 3), np.inf)
        return dx

    model.layers[2].backward = overflowing
    return model


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
    **{f"{kind.__name__} of dtype {dtype!r}": (
        lambda kind=kind, size=size, dtype=dtype: kind(*size, dtype=dtype), ValueError,
        f"{kind.__name__}: dtype must be float32 or float64, got {re.escape(repr(dtype))}")
       for kind, size in ((Dense, (2, 3)), (BatchNorm, (2,)))
       for dtype in (None, "float16", "single precision", ">f4", 32, [2])},
    **{f"Dense with {name} below 0": (lambda name=name: Dense(2, 3, **{name: -0.1}), ValueError,
                                      f"Dense: {name} must be at least 0 and finite, got -0.1")
       for name in ("l1", "l2", "bias_l1", "bias_l2")},
    "a penalty of a word": (lambda: Dense(2, 3, l2="strong"), TypeError,
                            "Dense: l2 must be a number, got 'strong'"),
    "a penalty of True": (lambda: Dense(2, 3, l2=True), TypeError, "l2 must be a number"),
    "an unknown initializer": (lambda: Dense(2, 3, init="best"), ValueError,
                               "a function or one of he, glorot, lecun, normal, zeros"),
    "first weights of another shape": (
        lambda: Dense(2, 3, init=lambda n_in, n_out, rng: np.ones((n_out, n_in))), ValueError,
        r"gave weights of shape \(3, 2\), expected \(2, 3\)"),
    "Dropout of all": (lambda: Dropout(1, rng=0), ValueError,
                       "Dropout: rate must be at least 0 and below 1, got 1"),
    "Dropout of less than nothing": (lambda: Dropout(-0.1, rng=0), ValueError, "at least 0"),
    "Dropout without rng": (lambda: Dropout(0.5), TypeError, "hand it rng"),
    "BatchNorm of nothing": (lambda: BatchNorm(0), ValueError, "n_in must be an integer"),
    "BatchNorm that forgets nothing": (lambda: BatchNorm(2, momentum=1), ValueError,
                                       "momentum must be at least 0 and below 1"),
    "BatchNorm without eps": (lambda: BatchNorm(2, eps=0), ValueError, "eps must be above 0"),
    "BatchNorm of integers": (lambda: BatchNorm(2, dtype=int), ValueError, "BatchNorm: dtype"),
    "BatchNorm of wrong columns": (lambda: BatchNorm(2).forward(np.ones((5, 3))), ValueError,
                                   r"BatchNorm\(2\): expected x of shape \(n, 2\)"),
    "BatchNorm of one row": (lambda: BatchNorm(2).forward(np.ones((1, 2)), training=True),
                             ValueError, "two rows or more, got 1; choose a larger batch_size"),
    "a steep LeakyReLU": (lambda: LeakyReLU(1), ValueError, "slope must be at least 0 and below"),
    "rescaling by NaN": (lambda: Rescaling(float("nan")), ValueError, "factor must be a finite"),
    "rescaling by a word": (lambda: Rescaling(1, "0"), ValueError, "offset must be a finite"),
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
    **{f"{layer} backward first": (lambda layer=layer: layer.backward(np.ones((1, 3))),
                                   RuntimeError, r"needs forward\(\.\.\., training=True\)")
       for layer in parts()},
    "backward after a forward that was no training": (lambda: untrained(ReLU()), RuntimeError,
                                                      "training=True"),
    "Dropout backward after prediction": (lambda: untrained(Dropout(0.5, rng=0)), RuntimeError,
                                          "training=True"),
    **{f"{kind.__name__} backward first": (lambda kind=kind: kind().backward(), RuntimeError,
                                           "call forward first")
       for kind in (CategoricalCrossEntropy, BinaryCrossEntropy, MeanSquaredError,
                    MeanAbsoluteError)},
    # gradients that do not fit
    **{f"gradient of another shape into {layer}": (
        lambda layer=layer: (layer.forward(np.ones((5, 4)), training=True),
                             layer.backward(np.ones((1, layer.n_out or 4)))),
        ValueError, rf"shape \(5, {layer.n_out or 4}\), got \(1, {layer.n_out or 4}\)")
       for layer in parts()},
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
    "soft labels": (lambda: LOSS.forward(P, P), ValueError, r"got \(6, 3\); from one-hot rows"),
    "half a yes": (lambda: BinaryCrossEntropy().forward(P, P), TypeError,
                   r"targets that are 0 or 1, got float64; if they are: y\.astype\(int\)"),
    "probabilities that do not sum to 1": (lambda: LOSS.forward(P * 0.9, Y), ValueError,
                                           r"sum to 1, got one off by 0\.1; end the model with"),
    "predict_proba without Softmax": (
        lambda: Model([Dense(2, 3, rng=0)], loss=LOSS).predict_proba(X), ValueError,
        r"end the model with Softmax\(\)"),
    "a yes a little above 1": (lambda: BinaryCrossEntropy().forward(P * 0 + 1.0005, np.eye(6, 3,
                               dtype=int)), ValueError, "from 0 to 1"),
    **{f"{kind.__name__} of nothing": (lambda kind=kind: kind().forward(P[:0], Y[:0]),
                                       ValueError, r"at least one row, got \(0, 3\)")
       for kind in (CategoricalCrossEntropy, BinaryCrossEntropy, MeanSquaredError,
                    MeanAbsoluteError)},
    "a yes of 2": (lambda: BinaryCrossEntropy().forward(P[:, :1], Y), ValueError,
                   "targets that are 0 or 1, got 0 to 2"),
    "a yes of -1": (lambda: BinaryCrossEntropy().forward(P[:, :1], Y - 1), ValueError,
                    "got -1 to 1"),
    "scores for a yes": (lambda: BinaryCrossEntropy().forward(P * 9, np.eye(3, dtype=int)[Y]),
                         ValueError, r"end the model with Sigmoid\(\)"),
    "one answer for three questions": (lambda: BinaryCrossEntropy().forward(P, Y), ValueError,
                                       r"targets of shape \(6, 3\), got \(6,\)"),
    **{f"{kind.__name__} of {n} targets for six rows": (
        lambda kind=kind, n=n: kind().forward(P[:, :1], np.ones(n)), ValueError,
        rf"shape \(6,\) or \(6, 1\), got \({n},\)")
       for kind in (MeanSquaredError, MeanAbsoluteError) for n in (1, 5)},
    "a row of targets": (lambda: MeanSquaredError().forward(P[:, :1], np.ones((1, 6))),
                         ValueError, r"got \(1, 6\)"),
    "one target for three columns": (lambda: MeanSquaredError().forward(P, np.ones(6)),
                                     ValueError, r"shape \(6, 3\), got \(6,\)"),
    "words for targets": (lambda: MeanSquaredError().forward(P[:, :1], np.array(["a"] * 6)),
                          TypeError, "targets that are numbers, got <U1"),
    "a target of NaN": (lambda: regression().fit(X, np.full(6, np.nan), epochs=1), ValueError,
                        "MeanSquaredError.*NaN or infinity"),
    "probabilities of a regression": (lambda: regression().predict_proba(X), TypeError,
                                      "no probabilities; use predict"),
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
    **{f"a step clipped to {clip}": (lambda clip=clip: net().train_step(X, Y, SGD(), clip=clip),
                                     ValueError, "Model.train_step: clip must be above 0")
       for clip in (0, -1)},
    **{f"a step clipped to {clip!r}": (
        lambda clip=clip: net().train_step(X, Y, SGD(), clip=clip), kind, message)
       for clip, kind, message in (
           (np.nan, ValueError, "Model.train_step: clip must be above 0 and finite, got nan"),
           (np.inf, ValueError, "Model.train_step: clip must be above 0 and finite, got inf"),
           (True, TypeError, "Model.train_step: clip must be a number, got True"),
           ("short", TypeError, "Model.train_step: clip must be a number, got 'short'"))},
    **{f"a gradient of {x} to shorten": (lambda x=x: vector.shorten(np.array([1, x]), 2),
                                         FloatingPointError, f"the gradient's length is {length}")
       for x, length in ((np.inf, "inf"), (-np.inf, "inf"), (np.nan, "nan"))},
    "a gradient too long to clip": (lambda: endless().train_step(X, Y, SGD(), clip=1.0),
                                    FloatingPointError, "the gradient's length is inf"),
    "predictions of a ruined model": (lambda: ruined().predict(X), FloatingPointError,
                                      "has training diverged"),
    "another loss for a model": (lambda: setattr(net(), "loss", MeanSquaredError()),
                                 AttributeError, "loss"),
    "a ReLU of another model": (lambda: Model([Dense(2, 3), net().layers[1]], loss=LOSS),
                                ValueError, "already belongs"),
    "a batch of NaN": (lambda: net().train_step(nan_in(X), Y, SGD()), FloatingPointError,
                       "the loss is nan"),
    # settings
    "no epochs": (lambda: fit(epochs=0), ValueError, "epochs must be an integer of at least 1"),
    "half an epoch": (lambda: fit(epochs=0.5), ValueError, "epochs must be an integer"),
    "batch of 0": (lambda: fit(batch_size=0), ValueError, "batch_size"),
    "log never": (lambda: fit(log_every=0), ValueError, "log_every"),
    "no patience": (lambda: fit(patience=0, validation=0.5), ValueError, "patience must be"),
    "patience with nothing to watch": (lambda: fit(patience=3), ValueError,
                                       "patience needs validation data"),
    "clip to nothing": (lambda: fit(clip=0), ValueError, "Model.fit: clip must be above 0"),
    "clip to a word": (lambda: fit(clip="short"), TypeError, "clip must be a number"),
    **{f"validation of {share!r}": (lambda share=share: fit(validation=share), ValueError,
                                    "Model.fit: validation must be above 0 and below 1")
       for share in (1.0, 1, -0.1)},
    **{f"validation of {share!r}": (lambda share=share: fit(validation=share), TypeError,
                                    "validation must be a number") for share in (True, "half")},
    "validation of one part": (lambda: fit(validation=(X,)), ValueError, r"or \(X, y\), got 1 p"),
    "a class for an optimizer": (lambda: fit(optimizer=Adam), TypeError, r"write Adam\(\)"),
    "a schedule that goes below 0": (lambda: fit(optimizer=Adam(lambda step: -1)), ValueError,
                                     "schedule's lr at step 0 must be at least 0 and fin.*got -1"),
    "a schedule of NaN": (lambda: fit(optimizer=SGD(lambda step: np.nan)), ValueError,
                          "schedule's lr at step 0"),
    "batches of -1": (lambda: datasets.batches(10, -1), ValueError, "batch_size must be"),
    "batches of half a row": (lambda: datasets.batches(10, 2.5), ValueError, "batch_size"),
    "batches of nothing": (lambda: datasets.batches(0, 1), ValueError, "n must be"),
    "lr 0": (lambda: SGD(0), ValueError, "SGD: lr must be above 0 and finite, got 0"),
    "lr NaN": (lambda: Adam(float("nan")), ValueError, "lr must be above 0 and finite, got nan"),
    "lr infinite": (lambda: Adam(float("inf")), ValueError, "above 0 and finite, got inf"),
    "lr of a word": (lambda: Adam("fast"), TypeError, "Adam: lr must be a number, got 'fast'"),
    "momentum of 1": (lambda: SGD(momentum=1), ValueError, "momentum must be at least 0 and bel"),
    "Nesterov without momentum": (lambda: SGD(nesterov=True), ValueError, "needs a momentum"),
    "Adagrad without eps": (lambda: Adagrad(eps=0), ValueError, "Adagrad: eps must be above 0"),
    "rho of 1": (lambda: RMSprop(rho=1), ValueError, "rho must be at least 0 and below 1"),
    "RMSprop without eps": (lambda: RMSprop(eps=0), ValueError, "RMSprop: eps must be above 0"),
    "weights that grow": (lambda: AdamW(weight_decay=-1), ValueError, "weight_decay must be at"),
    "weights that change sign": (
        lambda: AdamW(0.5, weight_decay=3), ValueError,
        "AdamW: lr · weight_decay must be at most 1, or weights change sign; got 0.5 · 3 at st"),
    "weights that change sign in a later step": (
        lambda: fit(epochs=3, optimizer=AdamW(lambda step: step, weight_decay=0.6)), ValueError,
        "AdamW: lr · weight_decay must be at most 1.*; got 2 · 0.6 at step 2"),
    "a schedule of 0": (lambda: schedules.Constant(0), ValueError, "Constant: lr must be above"),
    "a schedule of a word": (lambda: schedules.Constant("a"), TypeError, "lr must be a number"),
    "a rate that grows": (lambda: schedules.InverseTime(0.1, -1), ValueError, "decay must be"),
    "a stair of no width": (lambda: schedules.Step(0.1, every=0), ValueError, "every must be an"),
    "a stair upwards": (lambda: schedules.Step(0.1, every=5, factor=2), ValueError,
                        "factor must be above 0 and below 1, got 2"),
    "a factor of 1": (lambda: schedules.Exponential(0.1, 1), ValueError, "factor must be above"),
    "half a step of a cosine": (lambda: schedules.Cosine(0.1, 0.5), ValueError, "steps must be"),
    "a floor above": (lambda: schedules.Cosine(0.1, 5, floor=0.2), ValueError,
                      "floor must be at most lr, got 0.2 and 0.1"),
    "a warm-up in no steps": (lambda: schedules.Warmup(0.1, 0), ValueError, "steps must be an"),
    "a warm-up to a function": (lambda: schedules.Warmup(lambda step: 1, 5), TypeError,
                                "expected a Schedule"),
    "a schedule without a rule": (lambda: schedules.Schedule(0.1)(0), NotImplementedError, "^$"),
    "beta1 of 1": (lambda: Adam(beta1=1), ValueError, "beta1 must be at least 0 and below 1"),
    "beta2 below 0": (lambda: Adam(beta2=-0.1), ValueError, "beta2 must be at least 0"),
    "eps 0": (lambda: Adam(eps=0), ValueError, "eps must be above 0"),
    "gradient of another size": (lambda: SGD().step(np.ones(3), np.ones(4)), ValueError,
                                 r"expected grad of shape \(3,\), got \(4,\)"),
    **{f"{optimizer} for two models": (
        lambda optimizer=optimizer: used(optimizer).step(np.ones(3), np.ones(3)), ValueError,
        "has moved another vector so far; make a new optimizer for another model")
       for optimizer in (SGD(), Adam())},
    "a copy of an optimizer for another size": (
        lambda: copy.copy(used(Adam())).step(np.ones(4), np.ones(4)), ValueError, "another vec"),
    "a copy of an optimizer for another dtype": (
        lambda: copy.deepcopy(used(Adam())).step(*[np.ones(3, np.float32)] * 2), ValueError,
        "another vector"),
    # metrics, data sets, plots
    "accuracy of columns": (lambda: metrics.accuracy(Y, Y[:, None]), ValueError, "ravel"),
    "accuracy of unequal lengths": (lambda: metrics.accuracy(Y[:2], Y), ValueError, r"\(2,\)"),
    "accuracy of probabilities": (lambda: metrics.accuracy(P[:, 0], Y), TypeError, "integer"),
    "accuracy of nothing": (lambda: metrics.accuracy(Y[:0], Y[:0]), ValueError, "at least one"),
    "a matrix of columns": (lambda: metrics.confusion_matrix(Y, Y[:, None]), ValueError, "ravel"),
    "a matrix with label -1": (lambda: metrics.confusion_matrix(Y, Y - 1), ValueError,
                               "confusion_matrix: expected labels from 0 to 2, got -1 to 1"),
    "a matrix too small": (lambda: metrics.confusion_matrix(Y, Y, n_classes=2), ValueError,
                           "labels from 0 to 1, got 0 to 2"),
    "a prediction outside the matrix": (
        lambda: metrics.confusion_matrix(Y, Y * 0, n_classes=2), ValueError,
        "labels from 0 to 1, got 0 to 2"),
    "a matrix of no classes": (lambda: metrics.confusion_matrix(Y, Y, n_classes=0), ValueError,
                               "n_classes must be an integer of at least 1"),
    "another average": (lambda: metrics.precision_recall_f1(Y, Y, average="mean"), ValueError,
                        "'macro', 'micro', 'weighted' or None, got 'mean'"),
    "top k of one row": (lambda: metrics.top_k_accuracy(P[0], Y[:3]), ValueError, "shape"),
    "top k of NaN": (lambda: metrics.top_k_accuracy(P * np.nan, Y), ValueError, "NaN"),
    "top 0": (lambda: metrics.top_k_accuracy(P, Y, k=0), ValueError, "k must be an integer"),
    "top k with label 3": (lambda: metrics.top_k_accuracy(P, Y + 1), ValueError, "from 0 to 2"),
    "top k of nothing": (lambda: metrics.top_k_accuracy(P[:0], Y[:0]), ValueError, "at least one"),
    **{f"calibration {name}": (
        lambda p=p, y=y, more=more: metrics.expected_calibration_error(p, y, **more), kind,
        f"calibration: {message}")
       for name, p, y, more, kind, message in (
           ("of one row", P[0], Y[:3], {}, ValueError, r"expected p of shape \(n, classes\)"),
           ("of NaN", P * np.nan, Y, {}, ValueError, "p holds NaN"),
           ("of scores", P * 9, Y, {}, ValueError,
            "expected probabilities from 0 to 1, got 3 to 3; use predict_proba"),
           ("of less than nothing", P - 0.5, Y, {}, ValueError, ".* from 0 to 1, got -0.167"),
           ("with label 3", P, Y + 1, {}, ValueError, "expected labels from 0 to 2"),
           ("with float labels", P, Y / 2, {}, TypeError, "expected integer labels"),
           ("of nothing", P[:0], Y[:0], {}, ValueError, "expected at least one label"),
           ("in no bins", P, Y, {"bins": 0}, ValueError, "bins must be an integer of at least"))},
    "r2 of columns": (lambda: metrics.r2(np.ones(6), np.ones((6, 1))), ValueError,
                      r"got \(6,\) and \(6, 1\)"),
    "r2 of one row": (lambda: metrics.r2(np.ones(1), np.ones(1)), ValueError, "two rows, got 1"),
    "r2 of NaN": (lambda: metrics.r2(np.ones(2), np.array([1, np.nan])), ValueError, "NaN"),
    "r2 of a constant": (lambda: metrics.r2(np.arange(3.0), np.full(3, 0.1)), ValueError,
                         "all the same"),
    "r2 of no columns": (lambda: metrics.r2(np.ones((3, 0)), np.ones((3, 0))), ValueError,
                         r"\(n, k\)"),
    "a matrix of a stray label": (lambda: metrics.confusion_matrix(Y, Y * 10**6), ValueError,
                                  "is a label wrong"),
    "an initializer in a list": (lambda: Dense(2, 3, init=["he"]), ValueError, "function or one"),
    "a gradient check of wrong labels": (lambda: checks.gradient_check(net(), X, Y + 1),
                                         ValueError, "labels from 0 to 2"),
    "the slope of a row of numbers": (
        lambda: checks.numerical_gradient(np.square, np.ones(3)), ValueError,
        r"expected one number from f, got an array of shape \(3,\); sum it up"),
    "a slope over no distance": (lambda: checks.numerical_gradient(np.sum, 1.0, step=0),
                                 ValueError, "numerical_gradient: step must be above 0"),
    "a table of no formulas": (lambda: checks.formulas({}), ValueError, "at least one row"),
    "a formula with a bar": (lambda: checks.formulas({"|x|": (1, 1)}), ValueError,
                             r"write \\lvert and \\rvert in '\|x\|'"),
    # files and pictures; test_photos.py and test_commands.py hold what is wrong with their bytes
    "a picture in a style that is none": (
        lambda: datasets.from_file("x.png", style="kmnist"), ValueError,
        "photos: style must be one of mnist, emnist, digits, got 'kmnist'"),
    **{f"notes that are {name}": (
        lambda given=given: net().save("never-written.npz", notes=given), ValueError,
        "Model.save: notes must be a dict of texts, finite numbers, lists and dicts, which JSON")
       for name, given in (("no dict", ["mnist"]), ("a tuple", {"shape": (28, 28)}),
                           ("of NaN", {"loss": float("nan")}), ("an array", {"X": X}),
                           ("numbered", {1: "one"}), ("endless", ENDLESS))},
    "data that there are not": (lambda: commands.sets.load("runes"), ValueError,
                                "data: expected one of digits, mnist, .*, got 'runes'"),
    "split of unequal lengths": (lambda: datasets.split(X, Y[:5]), ValueError, "6 rows in X"),
    "split of all": (lambda: datasets.split(X, Y, test=1), ValueError, "above 0 and below 1"),
    "split of one row": (lambda: datasets.split(X[:1], Y[:1]), ValueError, "too few"),
    "split of no rows": (lambda: datasets.split(X[:0], Y[:0]), ValueError, "too few"),
    "split by classes of one row": (
        lambda: datasets.split(X[:3], Y[:3], stratify=True), ValueError,
        "split: no class has two rows, one for each part"),
    "split by classes given apart": (lambda: datasets.split(X, Y, stratify=Y), TypeError,
                                     r"split: stratify must be True, False or None, got array"),
    **{f"split by classes that are {name}": (
        lambda y=y: datasets.split_rows(y, stratify=True), ValueError,
        f"split: stratify needs a row of integer labels, got {got}")
       for name, y, got in (("floats", Y / 2, r"float64 of shape \(6,\)"),
                            ("columns", np.eye(6, dtype=int), r"int64 of shape \(6, 6\)"))},
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
    **{f"a report of {name}": (
        lambda model=model, data=data, more=more: report.write(
            model() if callable(model) else model, data, "unwritten.html", **more), kind,
        message)
       for name, model, data, more, kind, message in (
           ("no model", "a net", told(), {}, TypeError, "report.write: expected a Model, got 'a"),
           ("a regression", regression, told(), {}, ValueError,
            r"report.write: expected a model that chooses one class, its loss CategoricalCross"
            r"Entropy, or BinaryCrossEntropy with one output; got MeanSquaredError\(\) with 1"),
           ("several questions", questions, told(), {}, ValueError,
            r"BinaryCrossEntropy with one output; got BinaryCrossEntropy\(\) with 3"),
           ("no probabilities", lambda: net(softmax=False), told(), {}, ValueError,
            r"end the model with Softmax\(\)"),
           ("arrays", net, (X, Y), {}, ValueError,
            "data with X_test, y_test, classes, name and source, got a tuple without X_test"),
           ("too few names", net, told(classes="ab"), {}, ValueError,
            "the model tells 3 classes apart, data.classes has 2 names"),
           ("one class", lambda: net((2, 1)), told(y=Y * 0, classes="a"), {}, ValueError,
            "tells 1 classes apart, .* as many, and at least two"),
           ("images of another size", net, told(X=np.ones((6, 8, 8))), {}, ValueError,
            "the model takes 2 columns, each of the images in data has 8 × 8; was it trained on"),
           ("points of space", net, told(X=np.ones((6, 3))), {}, ValueError,
            "the model takes 2 columns, each of the rows in data has 3; was it trained on"),
           ("images in colour", net, told(X=np.ones((6, 8, 8, 3))), {}, ValueError,
            r"X_test of shape \(n, h, w\) or \(n, 2\), got \(6, 8, 8, 3\)"),
           ("nothing", net, told(X=X[:0], y=Y[:0]), {}, ValueError, "at least one row in X"),
           ("label 3", net, told(y=Y + 1), {}, ValueError, "labels from 0 to 2, got 1 to 3"),
           ("too few labels", net, told(y=Y[:5]), {}, ValueError, r"labels of shape \(6,\)"),
           ("a history of another kind", net, told(), {"history": {"loss": [1]}}, TypeError,
            "report.write: expected a History, got {'loss'"),
           ("settings in a list", net, told(), {"settings": ["epochs"]}, TypeError,
            "report.write: expected a dict, got"))},
    **{f"occlusion of {name}": (
        lambda model=model, image=image, more=more: occlusion(model, image, **{"label": 0} | more),
        kind, f"occlusion: {message}")
       for name, model, image, more, kind, message in (
           ("no model", None, np.ones((1, 2)), {}, TypeError, "expected a Model, got None"),
           ("a row of pixels", net(), np.ones(2), {}, ValueError,
            r"expected an image \(h, w\) of 2 pixels, as many as the model takes, got \(2,\)"),
           ("a larger image", net(), np.ones((2, 2)), {}, ValueError, r".*, got \(2, 2\)"),
           ("label 3 of 3", net(), np.ones((1, 2)), {"label": 3}, ValueError,
            "label must be from 0 to 2, got 3"),
           ("label -1", net(), np.ones((1, 2)), {"label": -1}, ValueError, "label must be from 0"),
           ("half a label", net(), np.ones((1, 2)), {"label": 0.5}, ValueError, "label must be"),
           ("no patch", net(), np.ones((1, 2)), {"size": 0}, ValueError, "size must be an int"))},
    "a history of nothing": (lambda: plots.history(History(), alt="a b c d e f"), ValueError,
                             "no rows yet"),
    "a plot of seven schedules": (
        lambda: plots.schedule(dict.fromkeys("abcdefg", schedules.Constant(0.1)), 5,
                               alt="a b c d e f"), ValueError, "at most 6 schedules"),
    "a plot of no steps": (lambda: plots.schedule(schedules.Constant(0.1), 0, alt="a b c d e f"),
                           ValueError, "steps must be an integer"),
    "points in space": (lambda: plots.scatter(np.ones((6, 3)), Y, alt="a b c d e f"),
                        ValueError, r"\(n, 2\)"),
    "too many classes": (lambda: plots.scatter(X, Y + 4, alt="a b c d e f"), ValueError,
                         "labels from 0 to 5, got 4 to 6"),
    **{f"images {name}": (
        lambda X=X, more=more: plots.images(X, alt="a b c d e f", **more), ValueError, message)
       for name, X, more, message in (
           ("of one image", np.ones((3, 3)), {},
            r"shape \(n, h, w\), numbers, got \(3, 3\) of float64; one image is X\[np.newaxis\]"),
           ("in rows", np.ones(9), {}, r"shape \(n, h, w\), numbers, got \(9,\)"),
           ("of none", np.ones((0, 3, 3)), {}, r"got \(0, 3, 3\)"),
           ("of words", np.full((1, 1, 1), "a"), {}, "numbers, got .* of <U1"),
           ("of NaN", np.full((1, 1, 1), np.nan), {}, "X holds NaN or infinity"),
           ("with a caption too few", np.ones((3, 2, 2)), {"titles": "ab"},
            "expected 3 titles, one an image, got 2"),
           ("with an answer too many", np.ones((1, 2, 2)), {"right": [True, False]},
            "expected 1 right, one an image, got 2"),
           ("in no columns", np.ones((1, 2, 2)), {"columns": 0}, "columns must be an integer of"),
           ("with captions for few columns", np.ones((2, 2, 2)),
            {"titles": ["a", "words " * 4], "columns": 9},
            r"the caption '(words )+' is too long for 9 columns; shorten it or choose at most 3"),
           ("with a caption for no columns", np.ones((1, 2, 2)), {"titles": ["words " * 30]},
            r"is too long for 1 columns; shorten it$"))},
    **{f"a picture of {name}": (
        lambda C=C, names=names: plots.confusion(C, names, alt="a b c d e f"), ValueError, message)
       for name, C, names, message in (
           ("counts in a row", np.ones(4, int), "ab", r"C of shape \(k, k\), got \(4,\)"),
           ("counts in two rows of three", np.ones((2, 3), int), "ab", r"got \(2, 3\)"),
           ("no counts", np.ones((0, 0), int), "", r"got \(0, 0\)"),
           ("shares for counts", np.eye(2) / 2, "ab",
            "counts, whole numbers from 0, got float64 from 0.0 on; the shares are taken here"),
           ("counts below 0", -np.eye(2, dtype=int), "ab", "whole numbers from 0, got int64 from"),
           ("two classes of three", np.eye(3, dtype=int), "ab", "3 names in classes, got 2"))},
    **{f"labelled places of {name}": (
        lambda args=args, more=more: plots.labelled(*args, alt="a b c d e f", xlabel="x",
                                                    ylabel="y", **more), ValueError, message)
       for name, args, more, message in (
           ("two names for three", ([1, 2, 3], [1, 2, 3], "ab"), {},
            r"n numbers x and y, n names and n groups, got \(3,\), \(3,\), 2 and \(3,\)"),
           ("nothing", ([], [], ""), {}, r"got \(0,\)"),
           ("a seventh colour", ([1], [1], "a"), {"groups": [6]}, "from 0 to 5, got 6 to 6"))},
    **{f"reliability of {name}": (
        lambda rows=rows: plots.reliability(*rows, alt="a b c d e f"), ValueError, message)
       for name, rows, message in (
           ("unequal rows", ([0.5], [0.5, 0.6], [1, 2]),
            r"expected three rows of m numbers, got \(1,\), \(2,\) and \(2,\)"),
           ("nothing", ([], [], []), r"got \(0,\)"),
           ("columns", (np.ones((2, 1)),) * 3, r"got \(2, 1\)"),
           ("NaN with a count", ([0.5], [np.nan], [1]), "from 0 to 1 where there are counts"),
           ("per cent", ([50], [50], [1]), "must be from 0 to 1"))},
    # the protocols
    "a layer without forward": (lambda: Layer().forward(X), NotImplementedError, "^$"),
    "a layer without backward": (lambda: Layer().backward(X), NotImplementedError, "^$"),
    "a loss without forward": (lambda: Loss().forward(X, Y), NotImplementedError, "^$"),
    "a loss without backward": (lambda: Loss().backward(), NotImplementedError, "^$"),
    "a layer without penalty": (lambda: Layer().penalize(), NotImplementedError, "^$"),
    "a loss without decision": (lambda: Loss().decide(P), NotImplementedError, "^$"),
    "a loss without metric": (lambda: Loss().measure(), NotImplementedError, "^$"),
    "a loss without targets": (lambda: Loss().check_targets(Y, 6, 3), NotImplementedError, "^$"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    call, kind, message = REFUSED[case]
    with pytest.raises(kind, match=message):
        call()

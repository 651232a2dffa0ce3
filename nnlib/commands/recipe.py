"""The book's standard recipe: which layers, which optimizer, from the options of ``train``."""

import inspect
import math
from functools import partial

from .. import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    BatchNorm,
    CategoricalCrossEntropy,
    Dense,
    Dropout,
    Model,
    ReLU,
    Rescaling,
    RMSprop,
    Softmax,
)
from ..schedules import Cosine

OPTIMIZERS = {"adam": Adam, "adamw": AdamW, "sgd": SGD, "momentum": partial(SGD, momentum=0.9),
              "rmsprop": RMSprop, "adagrad": Adagrad}


def default_lr(name):
    """Return the learning rate that nnlib's optimizer of this name starts from.

    Examples
    --------
    >>> default_lr("adam"), default_lr("momentum")
    (0.001, 0.01)
    """
    return inspect.signature(OPTIMIZERS[name]).parameters["lr"].default


def build(shape, n_classes, *, hidden, l2, dropout, batch_norm, is_bytes, rng):
    """Return a classifier: (Dense, BatchNorm, ReLU, Dropout) for each hidden layer, and Softmax.

    Bytes are first brought to numbers from 0 to 1. Dropout and BatchNorm are there if asked for.
    """
    n_in, layers = math.prod(shape), [Rescaling(1 / 255)] if is_bytes else []
    for width in hidden:
        layers.append(Dense(n_in, width, l2=l2, rng=rng))
        if batch_norm:
            layers.append(BatchNorm(width))
        layers.append(ReLU())
        if dropout:
            layers.append(Dropout(dropout, rng=rng))
        n_in = width
    layers += [Dense(n_in, n_classes, l2=l2, rng=rng), Softmax()]
    return Model(layers, loss=CategoricalCrossEntropy())


def optimize(name, *, lr, schedule, weight_decay, steps):
    """Return the optimizer of this name; a cosine takes so many steps to fall to 0."""
    lr = default_lr(name) if lr is None else lr
    settings = {} if weight_decay is None else {"weight_decay": weight_decay}
    return OPTIMIZERS[name](Cosine(lr, steps) if schedule == "cosine" else lr, **settings)

"""nnlib: the finished code of *From Spirals to Script*, a course on neural networks.

    from nnlib import Model, Dense, ReLU, Softmax, CategoricalCrossEntropy, Adam

Importing it imports NumPy and nothing else; plots, data and progress bars bring their own
packages when they are first used.
"""

from . import datasets, initializers
from .activations import LeakyReLU, Linear, ReLU, Rescaling, Sigmoid, Softmax, Tanh
from .history import History
from .layers import Dense, Dropout, Layer
from .losses import BinaryCrossEntropy, CategoricalCrossEntropy, Loss
from .model import Model
from .normalization import BatchNorm
from .optimizers import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop
from .regression import MeanAbsoluteError, MeanSquaredError

__version__ = "0.1.0"

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "BatchNorm", "BinaryCrossEntropy",
           "CategoricalCrossEntropy", "Dense", "Dropout", "History", "Layer", "LeakyReLU",
           "Linear", "Loss", "MeanAbsoluteError", "MeanSquaredError", "Model", "Optimizer",
           "RMSprop", "ReLU", "Rescaling", "Sigmoid", "Softmax", "Tanh", "datasets",
           "initializers"]

# imported when first asked for
LATE = ("blas", "checks", "commands", "estimators", "metrics", "occlusion", "plots", "report",
        "schedules", "scrubber", "source", "store")


def __getattr__(name):
    """Import a module that brings other packages, or time, when it is first asked for."""
    if name in LATE:
        import importlib
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

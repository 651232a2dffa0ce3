"""nnlib: the finished code of *From Spirals to Script*, a course on neural networks.

    from nnlib import Model, Dense, ReLU, Softmax, CategoricalCrossEntropy, Adam

Importing it imports NumPy and nothing else; plots, data and progress bars bring their own
packages when they are first used.
"""

from . import datasets, metrics
from .activations import ReLU, Softmax
from .history import History
from .layers import Dense, Layer
from .losses import CategoricalCrossEntropy, Loss
from .model import Model
from .optimizers import SGD, Adam, Optimizer

__version__ = "0.1.0"

__all__ = ["SGD", "Adam", "CategoricalCrossEntropy", "Dense", "History", "Layer", "Loss",
           "Model", "Optimizer", "ReLU", "Softmax", "datasets", "metrics", "plots"]


def __getattr__(name):
    """Import nnlib.plots, and matplotlib with it, when it is first asked for."""
    if name == "plots":
        import importlib
        return importlib.import_module(".plots", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""Chapter 9, the spiral classifier."""

import numpy as np

from ..activations import Softmax
from .diagnosis import Exercise

softmax = Softmax().forward
_rng = np.random.default_rng(9)
_y = np.array([0, 1, 2, 0, 1, 2, 0, 1])
_choices = np.array([0, 1, 1, 0, 2, 2, 1, 0])
_best = np.array([0, 2, 1, 0, 1, 2, 2, 0])
_losses = _rng.random(11)
_z = _rng.normal(size=(5, 3))


def _means(losses, size):
    """Return the mean of each batch."""
    return [losses[i:i + size].mean() for i in range(0, len(losses), size)]


EXERCISES = {
    "9.1": Exercise(
        "a function of both choices and the labels that returns a share",
        right=lambda choices, best, y: np.mean(best[choices != y] != y[choices != y]),
        cases=((_choices, _best, _y), (_choices[2:], _best[2:], _y[2:])),
        mistakes={
            "this is the share that the best classifier gets right there":
                lambda choices, best, y: np.mean(best[choices != y] == y[choices != y]),
            "you divided by the number of all points. Divide by that of the network's mistakes":
                lambda choices, best, y: np.mean((choices != y) & (best != y)),
            "you divided by the number of the best classifier's mistakes. Divide by that of the "
            "network's": lambda choices, best, y: np.mean((choices != y)[best != y]),
            "this is how often both choose the same there. They can be wrong in two ways":
                lambda choices, best, y: np.mean((choices == best)[choices != y]),
            "this is a number of points and no share":
                lambda choices, best, y: np.sum((choices != y) & (best != y)),
        }),
    "9.2": Exercise(
        "a function of the number of units that returns a number",
        right=lambda units: 6 * units + 3, cases=((4,), (64,)),
        mistakes={
            "these are the weights alone: each unit and each class has a bias":
                lambda units: 5 * units,
            "each unit and each class has a bias of its own, and not each layer one":
                lambda units: 5 * units + 2,
            "the biases of the three classes are missing": lambda units: 6 * units,
            "the biases of the hidden units are missing": lambda units: 5 * units + 3,
            "you counted the weights of the two layers as a product, not a sum":
                lambda units: 2 * units * 3 * units,
        }),
    "9.3": Exercise(
        "a function of z, shape (n, k), and T that returns probabilities",
        right=lambda z, T: softmax(z / T), cases=((_z, 2.0), (_z[:2], 5), (1000 * _z[:3], 0.5)),
        mistakes={
            "you multiplied by T, which makes the network even surer":
                lambda z, T: softmax(z * T),
            "you divided the probabilities: they no longer have the sum 1":
                lambda z, T: softmax(z) / T,
            "these are the scores, divided: softmax is still to come": lambda z, T: z / T,
            "for large scores the exponential overflows: leave it to Softmax, or take the largest "
            "score off first":
                lambda z, T: np.exp(z / T) / np.exp(z / T).sum(axis=1, keepdims=True),
            "softmax was taken twice: start from scores, not from probabilities":
                lambda z, T: softmax(softmax(z) / T),
            "each column has the sum 1. Each row has to: axis=1":
                lambda z, T: softmax((z / T).T).T,
            "T has no effect: softmax of the scores as they were": lambda z, T: softmax(z),
        }),
    "clinic 9": Exercise(
        "a function of losses and the size of a batch that returns their mean",
        right=lambda losses, size: np.mean(losses),
        cases=((_losses, 4), (_losses, 11), (_losses, 2)),
        mistakes={
            "the last batch is shorter and counts as much as the others: weigh each mean by the "
            "length of its batch": lambda losses, size: np.mean(_means(losses, size)),
            "these are the means of the batches: weigh each by the length of its batch and add up":
                lambda losses, size: np.array(_means(losses, size)),
            "the last, shorter batch is left out":
                lambda losses, size: losses[:len(losses) // size * size].mean(),
            "this is the sum of all losses: divide by their number":
                lambda losses, size: losses.sum(),
            "you weighed all batches by the full size, also the short one":
                lambda losses, size: sum(np.multiply(_means(losses, size), size)) / len(losses),
        }),
}

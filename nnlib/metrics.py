"""Metrics: numbers that people read, as losses are numbers that training reads."""

import numpy as np

from ._validate import expect_labels


def accuracy(predictions, labels):
    """Return the fraction of predictions that equal the labels, from 0 to 1.

    predictions, labels: n integers each. Used from chapter 9 on.

    Raises
    ------
    TypeError
        If either holds no integers.
    ValueError
        If the lengths differ, or if there are no labels.

    Examples
    --------
    >>> accuracy(np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2]))
    0.75
    """
    labels = expect_labels("accuracy", labels, np.size(labels))
    predictions = expect_labels("accuracy", predictions, len(labels))
    if not len(labels):
        raise ValueError("accuracy: expected at least one label, got none")
    return float((predictions == labels).mean())

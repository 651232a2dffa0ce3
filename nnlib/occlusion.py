"""Where a model looks: cover a patch of an image, and see how much less sure it is."""

import numpy as np

from ._validate import expect_count, expect_instance, is_integer
from .model import Model


def occlusion(model, image, label, size=5):
    """Return how much p(label) falls when a patch around each pixel is covered, (h, w).

    Above 0 the model needed what was there; below 0 it is surer without. A fall is at most 1.
    The patch is paper, 0, and ends where the image does. Zeiler and Fergus (2014), Visualizing
    and Understanding Convolutional Networks, section 4.2. Built in chapter 16.

    Parameters
    ----------
    model : Model
        Takes the image's pixels, row by row, as its columns.
    image : array (h, w)
        With paper 0.
    label : int
        The class whose probability is watched.
    size : int
        Pixels a side of the patch.

    Raises
    ------
    ValueError, TypeError
        If the image does not fit the model, the label is none of its classes, or size is below
        1; and what predict_proba raises.

    Examples
    --------
    >>> from nnlib import CategoricalCrossEntropy, Dense, Softmax
    >>> model = Model([Dense(4, 2, init="zeros"), Softmax()], loss=CategoricalCrossEntropy())
    >>> model.layers[0].W = [[0, 0], [0, 0], [0, 0], [0, 2]]    # ink in the last pixel is a 1
    >>> occlusion(model, np.ones((2, 2)), label=1, size=1).round(2)
    array([[0.  , 0.  ],
           [0.  , 0.38]], dtype=float32)
    """
    expect_instance("occlusion", model, Model)
    expect_count("occlusion", "size", size)
    image = np.asarray(image)
    if image.ndim != 2 or image.size != model.n_in:
        raise ValueError(f"occlusion: expected an image (h, w) of {model.n_in} pixels, as many "
                         f"as the model takes, got {image.shape}")
    h, w = image.shape
    p = model.predict_proba(image.reshape(1, -1))               # (1, k)
    if not is_integer(label) or not 0 <= label < p.shape[1]:
        raise ValueError(f"occlusion: label must be from 0 to {p.shape[1] - 1}, got {label!r}")
    falls = np.empty((h, w), p.dtype)
    for i in range(h):                                          # a row at a time
        covered = np.repeat(image[np.newaxis], w, axis=0)       # (w, h, w)
        top = i - size // 2
        for j in range(w):
            left = j - size // 2
            covered[j, max(top, 0):top + size, max(left, 0):left + size] = 0
        falls[i] = p[0, label] - model.predict_proba(covered.reshape(w, -1))[:, label]
    return falls

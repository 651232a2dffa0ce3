"""What a set of images is: arrays to learn from and to test on, names, and where from."""

import string
from dataclasses import dataclass

import numpy as np

# the small letters that EMNIST does not merge with their capitals
APART = "abdefghnqrt"
CLASSES = {
    "byclass": tuple(string.digits + string.ascii_uppercase + string.ascii_lowercase),
    "bymerge": tuple(string.digits + string.ascii_uppercase + APART),
    "balanced": tuple(string.digits + string.ascii_uppercase + APART),
    "letters": tuple(string.ascii_uppercase),
    "digits": tuple(string.digits),
    "mnist": tuple(string.digits),
}


@dataclass(frozen=True, repr=False, eq=False)
class Dataset:
    """Images and labels, to learn from and to test on: X (n, height, width), y (n,).

    X_train, X_test are uint8, ink 255 on paper 0, upright; y_train, y_test int64, from 0.
    Built in chapter 14.

    Parameters
    ----------
    X_train, y_train, X_test, y_test : arrays
    classes : tuple of str
        The name of each label.
    source : str
        Where the bytes came from, in words.
    name : str
        What the set is called; a synthetic one says so here.

    Examples
    --------
    >>> X, y = np.zeros((3, 8, 8), np.uint8), np.arange(3)
    >>> data = Dataset(X, y, X[:1], y[:1], classes=("a", "b", "c"), source="zeros", name="black")
    >>> data
    Dataset('black': 3 + 1 images of 8 × 8, 3 classes)
    >>> X_train, y_train, X_test, y_test = data.arrays
    """

    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    classes: tuple
    source: str
    name: str = "data"

    @property
    def arrays(self):
        """X_train, y_train, X_test, y_test, in this order."""
        return self.X_train, self.y_train, self.X_test, self.y_test

    def __repr__(self):
        """Say what it is, and nothing that differs from machine to machine."""
        height, width = self.X_train.shape[1:]
        return (f"Dataset({self.name!r}: {len(self.X_train):,} + {len(self.X_test):,} images of "
                f"{height} × {width}, {len(self.classes)} classes)")

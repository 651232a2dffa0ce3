"""Data by the name that the command line knows it under."""

import sys

from .. import datasets
from ..datasets.handwriting import SETS, is_here
from ..datasets.sources import FILES

NAMES = ("digits", *SETS, "glyphs", "spiral")
N_PER_ARM = 1000


def load(name):
    """Return the Dataset of a name; what must be downloaded is announced on stderr.

    The spiral's X is (n, 2) float32, points and no images.

    Raises
    ------
    ValueError
        If there is no such set; and what the functions of nnlib.datasets raise.

    Examples
    --------
    >>> load("digits")
    Dataset('digits': 1,438 + 359 images of 8 × 8, 10 classes)
    """
    if name not in NAMES:
        raise ValueError(f"data: expected one of {', '.join(NAMES)}, got {name!r}")
    if name == "spiral":
        parts = [array for rng in (0, 1) for array in datasets.spiral(N_PER_ARM, rng=rng)]
        return datasets.Dataset(*parts, classes=("arm 0", "arm 1", "arm 2"), name="spiral",
                                source="drawn at random by nnfs")
    if name in SETS and not is_here(name):
        size = sum(FILES[file].size for file in SETS[name])
        print(f"{name} is not on this computer yet; downloading {size / 1e6:.0f} MB, once",
              file=sys.stderr)
    if name.startswith("emnist-"):
        return datasets.emnist(name.removeprefix("emnist-"))
    return getattr(datasets, name)()


def describe(shape):
    """Return what a sample is, in words.

    Examples
    --------
    >>> describe((28, 28)), describe((2,))
    ('images of 28 × 28', 'points of 2 numbers')
    """
    if len(shape) == 2:
        return f"images of {shape[0]} × {shape[1]}"
    return f"points of {shape[0]} numbers"

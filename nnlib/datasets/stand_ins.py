"""Stand-ins for real handwriting where neither the files nor a network are: never silently."""

import gzip
import os
import warnings

import numpy as np

from .files import cache
from .fonts import glyphs

VARIABLE = "NNLIB_STAND_IN"
FOLDER = "stand-ins"
PER_CLASS = 250                             # glyphs: what a laptop learns from in seconds
NAMES = {"mnist": "scikit-learn's digits, enlarged", "characters": "glyphs (synthetic)"}


def forced():
    """Say whether the environment variable NNLIB_STAND_IN asks for stand-ins in any case.

    So that a notebook can be tried in seconds. Used in chapter 14.
    """
    return bool(os.environ.get(VARIABLE))


def write(name, files):
    """Write what stands in for a set as files of these names, in IDX; return their paths.

    They lie in a folder of the cache, apart from the official ones. Used in chapter 14.

    Raises
    ------
    ValueError
        If nothing stands in for the set.
    """
    if name not in NAMES:
        raise ValueError(f"datasets: nothing stands in for {name}, only for {' and '.join(NAMES)}")
    folder = cache() / FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for file, array in zip(files, _digits() if name == "mnist" else _glyphs(), strict=True):
        paths.append(folder / file)
        # several notebooks may write the same bytes at once
        temporary = folder / f"{file}.{os.getpid()}.part"
        temporary.write_bytes(gzip.compress(packed(array), compresslevel=1, mtime=0))
        os.replace(temporary, paths[-1])
    return paths


def packed(array):
    """Return an array of uint8 as IDX: two zero bytes, type 8, the axes, the sizes, the numbers.

    Used in chapter 14.

    Examples
    --------
    >>> packed(np.array([7, 2], np.uint8)).hex(" ")
    '00 00 08 01 00 00 00 02 07 02'
    """
    sizes = np.array(array.shape, ">u4").tobytes()
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def named(path, *, name, source):
    """Return name and source of a Dataset, which say so if its files are stand-ins."""
    if path.parent.parent != cache() / FOLDER:
        return {"name": name, "source": source}
    kind = NAMES[path.parent.name]
    return {"name": f"{kind}: a stand-in for {name}", "source": f"{kind}, as {name} is not here"}


def announce(name, error):
    """Warn that a set is a stand-in, and say how to get the real one."""
    warnings.warn(
        f"{name} is not on this computer and cannot be downloaded. Its place is taken by "
        f"{NAMES[name]}: all cells run, but your numbers will not be the book's. For the real "
        f"set: python -m nnlib.datasets fetch {name}\n({str(error).splitlines()[0]})",
        stacklevel=4)


def _digits():
    """Return images and labels to learn from, and to test on, in MNIST's size."""
    from .handwriting import digits
    small = digits()
    return (_enlarged(small.X_train), small.y_train.astype(np.uint8),
            _enlarged(small.X_test), small.y_test.astype(np.uint8))


def _enlarged(X):
    """Return images (n, 28, 28) of (n, 8, 8): 20 pixels a side, as in MNIST, in a margin of 4."""
    from PIL import Image
    large = [np.asarray(Image.fromarray(x).resize((20, 20), Image.Resampling.BICUBIC)) for x in X]
    return np.pad(np.stack(large), ((0, 0), (4, 4), (4, 4)))


def _glyphs():
    """Return images, turned as EMNIST's files hold them, and labels."""
    data = glyphs(PER_CLASS)
    X = np.concatenate([data.X_train, data.X_test])             # (n, 28, 28)
    y = np.concatenate([data.y_train, data.y_test])
    return np.ascontiguousarray(X.transpose(0, 2, 1)), y.astype(np.uint8)

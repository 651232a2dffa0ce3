"""Real handwriting: MNIST, the splits of EMNIST, the course's own `characters`, small digits."""

import numpy as np

from . import stand_ins
from .dataset import CLASSES, Dataset
from .files import DownloadError, find, locate
from .idx import read_idx

LEARN = 100_000                             # of the 116,323 in characters()
TURN = 1000                                 # images turned at a time


def _names(split, part):
    """Return the names of a part's files: of its images and of its labels."""
    stem = {"train": "train", "test": "t10k"}[part] if split is None else f"emnist-{split}-{part}"
    return f"{stem}-images-idx3-ubyte.gz", f"{stem}-labels-idx1-ubyte.gz"


# the files of each set, by the name that the command line knows it under
SETS = {"mnist": (*_names(None, "train"), *_names(None, "test")),
        "characters": _names("bymerge", "test"),
        **{f"emnist-{split}": (*_names(split, "train"), *_names(split, "test"))
           for split in CLASSES}}


def mnist(folder=None, *, stand_in=False):
    """Return MNIST: 60,000 handwritten digits to learn from, 10,000 to test on.

    X: (n, 28, 28) uint8, ink 255 on 0; y: (n,) int64. Downloaded once, 12 MB. Built in
    chapter 14. Source: LeCun, Bottou, Bengio and Haffner 1998.

    Parameters
    ----------
    folder : str or Path, optional
        Where the official files lie; see nnlib.datasets.files.find for where else they are
        looked for.
    stand_in : bool
        Where they are not here and cannot be downloaded: return what stands in for them, and
        warn. For MNIST those are scikit-learn's digits, enlarged; ``name`` says so. With the
        environment variable NNLIB_STAND_IN set, it is returned even if they are here.

    Raises
    ------
    FileNotFoundError, ValueError, DownloadError, DiskError
        As nnlib.datasets.files.find and read_idx do: a file is missing, is not the official
        one, cannot be downloaded, or the disk is full.

    Examples
    --------
    >>> mnist()                                     # doctest: +SKIP
    Dataset('MNIST': 60,000 + 10,000 images of 28 × 28, 10 classes)
    """
    return _dataset("MNIST", None, *paths("mnist", folder, stand_in=stand_in))


def emnist(split="balanced", folder=None):
    """Return a split of EMNIST: handwritten digits and letters, upright, labels from 0.

    X: (n, 28, 28) uint8, ink 255 on 0; y: (n,) int64. The files hold every image with rows and
    columns exchanged, and the labels of letters count from 1; both are put right here. Of
    NIST's zip file only the members that are needed are downloaded, once. Built in chapter 15.
    Source: Cohen, Afshar, Tapson and van Schaik 2017.

    Parameters
    ----------
    split : str
        ================  =======  =======================================  ==============
        split             classes  of                                       learn + test
        ================  =======  =======================================  ==============
        balanced               47  digits, capitals, 11 small letters       112,800 + 18,800
        bymerge                47  the same, as often as people write them  697,932 + 116,323
        byclass                62  digits, capitals, small letters          697,932 + 116,323
        letters                26  letters, large and small together        124,800 + 20,800
        digits                 10  digits                                   240,000 + 40,000
        mnist                  10  digits, as many as in MNIST              60,000 + 10,000
        ================  =======  =======================================  ==============
    folder : str or Path, optional
        As for mnist.

    Raises
    ------
    ValueError
        If there is no such split; and what mnist raises.

    Examples
    --------
    >>> emnist("balanced")                          # doctest: +SKIP
    Dataset('EMNIST balanced': 112,800 + 18,800 images of 28 × 28, 47 classes)
    """
    if split not in CLASSES:
        raise ValueError(f"emnist: split must be one of {', '.join(CLASSES)}, got {split!r}")
    return _dataset(f"EMNIST {split}", split, *paths(f"emnist-{split}", folder))


def characters(rng=0, folder=None, *, stand_in=False):
    """Return the course's own EMNIST: 100,000 characters to learn from, 16,323 to test on.

    The official test file of ByMerge, 116,323 characters of 47 classes by several hundred
    people, shuffled and cut in two; a download of 29 MB where ByMerge whole is 202 MB. Results
    are comparable with each other and not with those published for ByMerge: people who wrote
    for the test also wrote for the training. Built in chapter 15.

    Parameters
    ----------
    rng : numpy.random.Generator or int
        Decides the order; the chapters use 0.
    folder, stand_in
        As for mnist; `glyphs`, drawn from fonts, stand in for characters.

    Raises
    ------
    FileNotFoundError, ValueError, DownloadError, DiskError
        As mnist does.

    Examples
    --------
    >>> characters()                                # doctest: +SKIP
    Dataset('characters': 100,000 + 16,323 images of 28 × 28, 47 classes)
    """
    found = paths("characters", folder, stand_in=stand_in)
    images, y = _read("bymerge", *found)
    order = np.random.default_rng(rng).permutation(len(y))      # (n,)
    cut = LEARN if len(y) > LEARN else round(len(y) * 6 / 7)    # of few stand-ins, a seventh
    learn, test = order[:cut], order[cut:]
    name, source = "characters", f"the official test file of EMNIST ByMerge, in {found[0].parent}"
    return Dataset(images[learn], y[learn], images[test], y[test], classes=CLASSES["bymerge"],
                   **stand_ins.named(found[0], name=name, source=source))


def digits(rng=0):
    """Return scikit-learn's small handwritten digits: 1,438 to learn from, 359 to test on.

    X: (n, 8, 8) uint8, their 17 grey levels spread over 0 to 255; y: (n,) int64. They come with
    scikit-learn: no download. Used in chapter 14. Source: Alpaydin and Kaynak 1998.

    Parameters
    ----------
    rng : numpy.random.Generator or int
        Decides the order and what is put aside.

    Examples
    --------
    >>> digits()
    Dataset('digits': 1,438 + 359 images of 8 × 8, 10 classes)
    """
    from sklearn.datasets import load_digits
    found = load_digits()
    order = np.random.default_rng(rng).permutation(len(found.target))
    X = np.rint(found.images[order] * (255 / 16)).astype(np.uint8)         # (n, 8, 8)
    y = found.target[order].astype(np.int64)
    n = round(0.8 * len(y))
    return Dataset(X[:n], y[:n], X[n:], y[n:], classes=CLASSES["digits"], name="digits",
                   source="scikit-learn's load_digits, of UCI's handwritten digits")


def is_here(name):
    """Say whether a set's files are on this machine, so that it needs no network.

    name: "mnist", "characters" or "emnist-" and a split. Only names and sizes are looked at.
    Used in chapter 14.

    Raises
    ------
    ValueError
        If there is no such set.

    Examples
    --------
    >>> is_here("mnist") in (True, False)
    True
    """
    return all(locate(file) is not None for file in _files(name))


def paths(name, folder=None, *, stand_in=False):
    """Return the paths of a set's files, downloaded if need be.

    name: "mnist", "characters" or "emnist-" and a split; images, then labels, of the training
    part and then of the test part, as far as the set has both. Built in chapter 14.

    Parameters
    ----------
    folder, stand_in
        As for mnist.

    Raises
    ------
    ValueError
        If there is no such set, or none stands in for it; and what mnist raises.

    Examples
    --------
    >>> paths("mnist")[0].name                      # doctest: +SKIP
    'train-images-idx3-ubyte.gz'
    """
    files = _files(name)
    if stand_in and folder is None and stand_ins.forced():
        return stand_ins.write(name, files)
    try:
        return [find(file, folder) for file in files]
    except DownloadError as error:
        if not stand_in:
            raise
        found = stand_ins.write(name, files)
        stand_ins.announce(name, error)
        return found


def _files(name):
    if name not in SETS:
        raise ValueError(f"datasets: expected one of {', '.join(SETS)}, got {name!r}")
    return SETS[name]


def _dataset(name, split, *found):
    """Return the set of four files."""
    train, test = _read(split, *found[:2]), _read(split, *found[2:])
    source = f"the official files of {name}, in {found[0].parent}"
    return Dataset(*train, *test, classes=CLASSES[split or "mnist"],
                   **stand_ins.named(found[0], name=name, source=source))


def _read(split, image_file, label_file):
    """Return the images, upright, and the labels, from 0, of a part's two files."""
    images = read_idx(image_file, shape=(None, 28, 28), dtype=np.uint8)
    labels = read_idx(label_file, shape=(None,), dtype=np.uint8)
    if len(images) != len(labels):
        raise ValueError(f"datasets: {len(images):,} images in {image_file}, but {len(labels):,} "
                         f"labels in {label_file}; fetch both again")
    if split is not None:
        _turn(images)
    y = labels.astype(np.int64)
    if split == "letters":
        y -= 1                              # its files count from 1
    n_classes = len(CLASSES[split or "mnist"])
    if len(y) and not 0 <= y.min() <= y.max() < n_classes:
        raise ValueError(f"datasets: expected {n_classes} classes in {label_file}, got labels "
                         f"from {labels.min()} to {labels.max()}; fetch it again")
    return images, y


def _turn(images):
    """Exchange rows and columns of each image in place, a few at a time to save memory."""
    for start in range(0, len(images), TURN):
        part = images[start:start + TURN]
        part[...] = part.transpose(0, 2, 1).copy()

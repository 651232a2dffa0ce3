"""MNIST, EMNIST and characters() come upright, with labels from 0 and the right names.

Protects from EMNIST's two traps, images with rows and columns exchanged and letters that count
from 1, and from loaders that need several times the memory of their data. What needs the real
files is skipped where NNLIB_DATA names no folder that has them.
"""

import gzip
import hashlib
import os
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from nnlib import datasets
from nnlib.datasets import dataset, files, handwriting
from nnlib.datasets.sources import FILES, File

DIGEST = "0ab16e08009fb73473d732bc4e63280d089c4961e202a34f3c98f4a45e1245c6"
DATA = Path(os.environ.get(files.VARIABLE, "nowhere"))


@pytest.fixture
def real():
    """Return what gives the real data, or skips."""
    def real(name):
        missing = [file for file in handwriting.SETS[name] if files.locate(file, DATA) is None]
        if missing:
            pytest.skip(f"no {missing[0]}: {files.VARIABLE} names no folder that has it")
        return DATA
    return real


def letter_l():
    """An L: ink down the left side and along the bottom."""
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 4:7] = 255
    image[21:24, 4:20] = 255
    return image


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Return what writes a split's four files as NIST would, with these labels and images."""
    def made(split, labels, images=None):
        for name in handwriting.SETS["mnist" if split is None else f"emnist-{split}"]:
            body = bytes(labels) if images is None or "labels" in name else b"".join(
                image.tobytes() for image in images)
            sizes = (len(labels),)
            if "images" in name:
                body = body if images is not None else bytes(784 * len(labels))
                sizes = (len(body) // 784, 28, 28)
            raw = bytes([0, 0, 8, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes) + body
            packed = gzip.compress(raw, mtime=0)
            (tmp_path / name).write_bytes(packed)
            monkeypatch.setitem(FILES, name, File(name, FILES[name].folder, len(packed),
                                                  hashlib.sha256(packed).hexdigest(), ()))
        return tmp_path
    return made


def test_emnist_is_turned_upright(made):
    folder = made("balanced", [21, 21], [letter_l().T] * 2)     # as NIST stores an L
    data = datasets.emnist("balanced", folder)
    for X, y in ((data.X_train, data.y_train), (data.X_test, data.y_test)):
        assert np.array_equal(X, [letter_l()] * 2)
        assert y.tolist() == [21, 21]
        assert (X.dtype, y.dtype) == (np.uint8, np.int64)
        assert X.flags.c_contiguous                             # so that rows need no copy
    assert data.classes[21] == "L"
    assert repr(data) == "Dataset('EMNIST balanced': 2 + 2 images of 28 × 28, 47 classes)"
    assert data.source == f"the official files of EMNIST balanced, in {folder}"


def test_mnist_is_upright_already(made):
    folder = made(None, [7], [letter_l()])
    assert np.array_equal(datasets.mnist(folder).X_train[0], letter_l())


def test_many_images_are_turned_one_by_one(monkeypatch):
    rng = np.random.default_rng(0)
    images = rng.integers(256, size=(25, 28, 28), dtype=np.uint8)
    expected = np.stack([image.T for image in images])
    monkeypatch.setattr(handwriting, "TURN", 10)
    handwriting._turn(images)
    assert np.array_equal(images, expected)


def test_letters_count_from_zero(made):
    data = datasets.emnist("letters", made("letters", [1, 2, 26]))
    assert data.y_train.tolist() == [0, 1, 25]
    assert "".join(data.classes[label] for label in data.y_test) == "ABZ"


@pytest.mark.parametrize(("split", "labels"), [
    ("letters", [0]), ("letters", [27]), ("balanced", [47]), ("digits", [10]), (None, [10])])
def test_labels_out_of_range_are_refused(made, split, labels):
    folder = made(split, labels)
    with pytest.raises(ValueError, match=r"datasets: expected \d+ classes in .*fetch it again"):
        datasets.mnist(folder) if split is None else datasets.emnist(split, folder)


def test_unequal_numbers_of_images_and_labels_are_refused(made):
    folder = made("digits", [1, 2, 3], [letter_l()] * 2)
    with pytest.raises(ValueError, match=r"2 images in .*but 3 labels in"):
        datasets.emnist("digits", folder)


def test_no_such_split():
    with pytest.raises(ValueError, match=r"split must be one of .*got 'Balanced'"):
        datasets.emnist("Balanced")
    with pytest.raises(ValueError, match=r"expected one of mnist, characters, .*got 'emnist'"):
        datasets.is_here("emnist")


def test_is_here(made, monkeypatch, tmp_path):
    monkeypatch.setattr(files, "cache", lambda: tmp_path / "cache")
    monkeypatch.setenv(files.VARIABLE, str(made("digits", [1])))
    assert datasets.is_here("emnist-digits")
    assert not datasets.is_here("characters")


def test_class_names_are_those_of_the_official_mappings():
    """emnist-*-mapping.txt: a line for each label, with the code of its capital, or of its own."""
    paths = sorted((DATA / "emnist").glob("emnist-*-mapping.txt"))
    if not paths:
        pytest.skip(f"no emnist-*-mapping.txt: {files.VARIABLE} names no folder that has them")
    for path in paths:
        split = path.name.split("-")[1]
        rows = [line.split() for line in path.read_text("ascii").splitlines()]
        names = {int(label): chr(int(code)) for label, code, *_ in rows}
        assert tuple(names[label] for label in sorted(names)) == dataset.CLASSES[split]


def test_digits_are_always_here():
    data = datasets.digits()
    assert data.X_train.dtype == np.uint8
    assert (data.X_train.max(), data.X_test.shape) == (255, (359, 8, 8))
    assert np.bincount(data.y_test).min() > 20
    assert np.array_equal(data.X_train, datasets.digits(rng=0).X_train)
    assert not np.array_equal(data.X_train, datasets.digits(rng=1).X_train)
    X_train, y_train, X_test, y_test = data.arrays
    assert len(X_train) == len(y_train) == 1438
    assert len(X_test) == len(y_test) == 359


def test_real_mnist(real):
    data = datasets.mnist(real("mnist"))
    assert data.X_train.shape == (60_000, 28, 28)
    assert data.X_test.shape == (10_000, 28, 28)
    assert data.y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert np.bincount(data.y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974,
                                                 1009]


@pytest.mark.parametrize(("n", "learn"), [(116, 100), (70, 60)])
def test_characters_are_cut_where_the_book_says(made, monkeypatch, n, learn):
    """At LEARN, however many more there are; of fewer, a seventh is for the test."""
    monkeypatch.setattr(handwriting, "LEARN", 100)
    labels = [i % 47 for i in range(n)]
    folder = made("bymerge", labels, [letter_l().T] * n)
    data = datasets.characters(folder=folder)
    assert (len(data.X_train), len(data.X_test)) == (learn, n - learn)
    assert sorted([*data.y_train, *data.y_test]) == sorted(labels)


def test_real_characters_are_whole_reproducible_and_sober(real):
    folder = real("characters")
    tracemalloc.start()
    data = datasets.characters(folder=folder)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2.1 * 116_323 * 784                           # never floats
    assert data.X_train.shape == (100_000, 28, 28)
    assert data.X_test.shape == (16_323, 28, 28)
    y = np.concatenate([data.y_train, data.y_test])
    assert (np.bincount(y).min(), np.bincount(y).max(), y.max()) == (415, 6400, 46)
    digest = hashlib.sha256(data.X_test.tobytes() + data.y_test.tobytes()).hexdigest()
    assert digest == DIGEST
    other = datasets.characters(rng=1, folder=folder)
    assert not np.array_equal(data.y_test, other.y_test)


def test_real_emnist_stands_like_real_mnist(real):
    """MNIST's mean digits recognise EMNIST's digits, where both stand upright."""
    mnist = datasets.mnist(real("mnist"))
    emnist = datasets.characters(folder=real("characters"))
    means = np.stack([mnist.X_train[mnist.y_train == label].mean(axis=0) for label in range(10)])
    is_digit = emnist.y_test < 10
    X, y = emnist.X_test[is_digit], emnist.y_test[is_digit]

    def accuracy(X):
        flat = X.reshape(len(X), -1).astype(np.float64)
        score = flat @ means.reshape(10, -1).T - (means**2).sum(axis=(1, 2)) / 2
        return (score.argmax(axis=1) == y).mean()

    assert accuracy(X) > 0.5
    for wrong in (X.transpose(0, 2, 1), X[:, ::-1], X[:, :, ::-1]):
        assert accuracy(wrong) < 0.4

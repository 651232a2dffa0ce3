"""Synthetic characters look like their class, vary, and are the same for a seed everywhere.

Protects from a stand-in for EMNIST of another shape or orientation, and from chapters whose
stored outputs depend on the processor.
"""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from nnlib import datasets
from nnlib.datasets import fonts

SAY = """
import hashlib
from nnlib import datasets
print(hashlib.sha256(datasets.glyphs(6, rng=3).X_train.tobytes()).hexdigest())
"""


@pytest.fixture(scope="module")
def data():
    return datasets.glyphs(60, rng=0)


def test_they_are_like_emnist_balanced(data):
    assert data.X_train.shape == (47 * 60, 28, 28)
    assert data.X_test.shape == (47 * 10, 28, 28)
    assert (data.X_train.dtype, data.y_train.dtype) == (np.uint8, np.int64)
    assert (data.X_train.min(), data.X_train.max()) == (0, 255)
    assert np.bincount(data.y_train).tolist() == [60] * 47
    assert np.bincount(data.y_test).tolist() == [10] * 47
    assert "".join(data.classes) == "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"
    assert not np.array_equal(data.y_train, np.sort(data.y_train))


def test_they_are_named_synthetic(data):
    assert "synthetic" in repr(data)
    assert "synthetic" in data.source


def test_they_stand_upright(data):
    """An L has its ink below and on the left, a 7 above, a T above and in the middle."""
    def mean(name):
        return data.X_train[data.y_train == data.classes.index(name)].mean(axis=0)

    assert mean("7")[:10].sum() > 1.3 * mean("7")[18:].sum()
    assert mean("T")[:10].sum() > 1.3 * mean("T")[18:].sum()
    assert mean("F")[:, :14].sum() > 1.2 * mean("F")[:, 14:].sum()
    assert mean("b")[18:].sum() > 1.1 * mean("b")[:10].sum()


def test_no_two_are_alike_and_all_fill_their_frame(data):
    assert len({image.tobytes() for image in data.X_train}) == len(data.X_train)
    ink = (data.X_train > 127).sum(axis=(1, 2))
    assert np.quantile(ink, 0.001) > 15
    assert ink.max() < 600
    for border in (data.X_train[:, [0, -1]], data.X_train[:, :, [0, -1]]):
        assert border.mean() < 12


def test_a_class_is_told_from_others(data):
    """The nearest mean is right for most, where a guess is for 2 %; both cases of C are C."""
    flat = data.X_train.reshape(len(data.X_train), -1) / 255
    means = np.stack([flat[data.y_train == label].mean(axis=0) for label in range(47)])
    test = data.X_test.reshape(len(data.X_test), -1) / 255
    guess = (test @ means.T - (means**2).sum(axis=1) / 2).argmax(axis=1)
    assert (guess == data.y_test).mean() > 0.4


def test_a_seed_repeats_and_a_generator_moves_on():
    first, again = datasets.glyphs(2, rng=4), datasets.glyphs(2, rng=4)
    assert all(map(np.array_equal, first.arrays, again.arrays))
    rng = np.random.default_rng(4)
    assert np.array_equal(datasets.glyphs(2, rng=rng).X_train, first.X_train)
    assert not np.array_equal(datasets.glyphs(2, rng=rng).X_train, first.X_train)


def test_the_same_bytes_with_another_kernel_and_without_avx():
    expected = hashlib.sha256(datasets.glyphs(6, rng=3).X_train.tobytes()).hexdigest()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SAY], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"OPENBLAS_CORETYPE": "Nehalem", "OPENBLAS_NUM_THREADS": "1",
                          "NPY_DISABLE_CPU_FEATURES": "X86_V4 X86_V3 AVX512_ICL"})
    assert done.stdout.strip() == expected


def test_the_blending_weights_are_whole():
    """So that float32 sums them exactly: 64 in all at each pixel, 63 · 64 · 64 at most."""
    blend = fonts._blend()
    assert np.array_equal(blend, np.rint(blend))
    assert (blend.sum(axis=0) == 64).all()
    assert blend.min() >= 0
    assert 63 * 64 * 64 < 2**24


@pytest.mark.parametrize("count", [0, 1.5, True])
def test_refused(count):
    with pytest.raises(ValueError, match="glyphs: n_per_class must be an integer of at least 1"):
        datasets.glyphs(count)


@pytest.mark.every
def test_as_many_as_emnist_balanced_in_15_seconds():
    """Counted as the processor's time of two cores: others may be using them too."""
    fonts._atlas.cache_clear()
    start = time.process_time()
    data = datasets.glyphs()
    assert (time.process_time() - start) / 2 < 15
    assert (len(data.X_train), len(data.X_test)) == (112_800, 18_800)

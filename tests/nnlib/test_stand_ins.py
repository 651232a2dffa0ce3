"""Stand-ins: every notebook runs without data and network, and nobody takes them for real.

Protects from stand-ins that are given to somebody who did not ask for them, that look like the
real set, or that mix with it.
"""

import warnings

import numpy as np
import pytest

from nnlib import datasets
from nnlib.datasets import files, stand_ins


@pytest.fixture
def nothing(tmp_path, monkeypatch):
    """A machine with an empty cache, no folder of data and no network."""
    def fail(file):
        raise files.DownloadError(f"datasets: {file.name} could not be downloaded:\n  and why")

    for module in (files, stand_ins):
        monkeypatch.setattr(module, "cache", lambda: tmp_path / "nnlib")
    monkeypatch.setattr(files, "_download", fail)
    monkeypatch.delenv(files.VARIABLE, raising=False)
    monkeypatch.delenv(stand_ins.VARIABLE, raising=False)
    return tmp_path / "nnlib"


LOADERS = {"mnist": datasets.mnist, "characters": datasets.characters}


@pytest.mark.parametrize("name", LOADERS)
def test_nobody_gets_a_stand_in_unasked(name, nothing):
    with pytest.raises(files.DownloadError, match="could not be downloaded"):
        LOADERS[name]()
    with pytest.raises(FileNotFoundError):
        LOADERS[name](folder=nothing, stand_in=True)    # whoever names a folder means that one


@pytest.mark.parametrize("name", LOADERS)
def test_a_stand_in_says_so_three_times(name, nothing):
    """In a warning with the remedy, in the name that a notebook shows, in the source."""
    with pytest.warns(UserWarning, match=f"(?s){name} is not on this computer.*fetch {name}"):
        data = LOADERS[name](stand_in=True)
    assert stand_ins.NAMES[name] in repr(data)
    assert "stand-in for" in data.name
    assert "is not here" in data.source


@pytest.mark.parametrize(("name", "n_classes"), [("mnist", 10), ("characters", 47)])
def test_a_stand_in_fits_where_the_real_set_did(name, n_classes, nothing, monkeypatch):
    monkeypatch.setenv(stand_ins.VARIABLE, "1")
    data = LOADERS[name](stand_in=True)
    for X, y in ((data.X_train, data.y_train), (data.X_test, data.y_test)):
        assert X.shape == (len(y), 28, 28)
        assert (X.dtype, y.dtype) == (np.uint8, np.int64)
        assert np.unique(y).tolist() == list(range(n_classes))
        assert X.max(axis=(1, 2)).min() > 100
    assert len(data.classes) == n_classes
    assert 5 * len(data.X_test) > len(data.X_train) // 2 > len(data.X_test)


def test_a_stand_in_is_upright(nothing, monkeypatch):
    """Glyphs go through the same exchange of rows and columns as EMNIST's files."""
    monkeypatch.setenv(stand_ins.VARIABLE, "1")
    data = datasets.characters(stand_in=True)
    glyphs = datasets.glyphs(stand_ins.PER_CLASS)
    assert {image.tobytes() for image in glyphs.X_test} <= {
        image.tobytes() for image in np.concatenate([data.X_train, data.X_test])}
    for c in (1, 18, 19, 21):                           # 1, I, J, L: taller than wide
        ink = data.X_test[data.y_test == c].mean(axis=0) > 60           # (28, 28)
        assert ink.any(axis=1).sum() > ink.any(axis=0).sum(), data.classes[c]


def test_the_variable_asks_for_a_stand_in_whatever_is_here(nothing, monkeypatch):
    """And tries no network, which may take its time to fail."""
    monkeypatch.setattr(files, "_download", None)
    monkeypatch.setenv(stand_ins.VARIABLE, "1")
    with warnings.catch_warnings():
        warnings.simplefilter("error")                  # who asks for it is not warned
        found = datasets.paths("mnist", stand_in=True)
    assert [path.parent for path in found] == [nothing / stand_ins.FOLDER / "mnist"] * 4
    with pytest.raises(TypeError):                      # but only where the call allows it
        datasets.mnist()


def test_no_half_of_a_set_is_real(nothing, monkeypatch):
    """One file that can be downloaded does not mix with three that stand in."""
    real = nothing / "train-images-idx3-ubyte.gz"

    def first_only(file):
        if file.name != real.name:
            raise files.DownloadError("datasets: no network")
        return real

    monkeypatch.setattr(files, "_download", first_only)
    with pytest.warns(UserWarning, match="mnist is not on this computer"):
        assert real not in datasets.paths("mnist", stand_in=True)


def test_what_is_left_behind_is_whole(nothing, monkeypatch):
    monkeypatch.setenv(stand_ins.VARIABLE, "1")
    for _ in range(2):
        found = datasets.paths("characters", stand_in=True)
    assert sorted(found) == sorted((nothing / stand_ins.FOLDER / "characters").iterdir())
    assert datasets.is_here("characters") is False


def test_nothing_stands_in_for_the_large_splits(nothing, monkeypatch):
    monkeypatch.setenv(stand_ins.VARIABLE, "1")
    with pytest.raises(ValueError, match="nothing stands in for emnist-bymerge"):
        datasets.paths("emnist-bymerge", stand_in=True)
    with pytest.raises(ValueError, match="expected one of mnist"):
        datasets.paths("imagenet")

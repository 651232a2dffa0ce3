"""Files: what comes back is what went in, a half-written file never replaces a whole one."""

import contextlib
import json
import os
import pickle
import stat
import subprocess
import sys
import time
import warnings
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from nnlib import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    CategoricalCrossEntropy,
    Dense,
    Model,
    Optimizer,
    ReLU,
    RMSprop,
    schedules,
    store,
)
from tests.nnlib.nets import LOSSES, all_in_one, data, net, parts


def test_a_model_comes_back_whole(tmp_path):
    model = net((2, 8, 3), dtype=np.float64)
    X, y = data()
    model.fit(X, y, epochs=3)
    model.save(tmp_path / "m.npz")
    loaded = Model.load(tmp_path / "m.npz")
    assert repr(loaded) == repr(model)
    assert np.array_equal(loaded.theta, model.theta)
    assert np.array_equal(loaded.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layer", parts(), ids=repr)
def test_every_layer_comes_back(tmp_path, layer, dtype):
    layer = next(part for part in parts(dtype) if part.config() | {"dtype": 0}
                 == layer.config() | {"dtype": 0} and type(part) is type(layer))
    model = Model([Dense(4, 4, rng=1, dtype=dtype), layer], loss=LOSSES[-1]())
    for name in (*layer.params, *layer.buffers):
        setattr(layer, name, np.random.default_rng(2).uniform(size=getattr(layer, name).shape))
    model.save(tmp_path / "m.npz")
    loaded = Model.load(tmp_path / "m.npz")
    assert repr(loaded) == repr(model)
    X = np.random.default_rng(0).standard_normal((9, 4))
    for training in (False, True, True):                        # Dropout's masks go on, too
        assert np.array_equal(loaded._pass(X, training=training),
                              model._pass(X, training=training))


@pytest.mark.parametrize("kind", LOSSES)
def test_every_loss_comes_back(tmp_path, kind):
    Model([Dense(2, 3)], loss=kind()).save(tmp_path / "m.npz")
    assert type(Model.load(tmp_path / "m.npz").loss) is kind


RESUMED = [SGD(0.1), SGD(0.1, momentum=0.9, nesterov=True), Adagrad(0.1), RMSprop(0.01),
           Adam(0.01), Adam(np.float64(0.01)),
           AdamW(schedules.Warmup(schedules.Cosine(0.1, steps=50, floor=0.01), steps=5))]


@pytest.mark.parametrize("optimizer", RESUMED, ids=repr)
def test_training_resumes_to_the_same_numbers(tmp_path, optimizer):
    X, y = data(50)
    model, rng = all_in_one(), np.random.default_rng(5)
    model.fit(X, y, epochs=2, batch_size=8, optimizer=optimizer, rng=rng)
    model.save(tmp_path / "m.npz", optimizer)
    loaded, resumed = Model.load(tmp_path / "m.npz"), Optimizer.load(tmp_path / "m.npz")
    assert repr(resumed) == repr(optimizer).replace("np.float64(0.01)", "0.01")
    again = np.random.default_rng()
    again.bit_generator.state = rng.bit_generator.state
    model.fit(X, y, epochs=2, batch_size=8, optimizer=optimizer, rng=rng)
    loaded.fit(X, y, epochs=2, batch_size=8, optimizer=resumed, rng=again)
    assert np.array_equal(loaded.theta, model.theta)
    assert np.array_equal(loaded.predict_proba(X), model.predict_proba(X))


NOTES = {"data": "mnist", "classes": ["0", "é"], "history": {"loss": [0.1, 2.5e-8]}, "rest": None}


@pytest.mark.parametrize("optimizer", [None, Adam(0.5)], ids=["alone", "with an optimizer"])
def test_notes_come_back_and_are_no_business_of_the_model(tmp_path, optimizer):
    net().save(tmp_path / "m.npz", optimizer, notes=NOTES)
    assert store.read_notes(tmp_path / "m.npz") == NOTES
    assert repr(Model.load(tmp_path / "m.npz")) == repr(net())
    if optimizer:
        assert repr(Optimizer.load(tmp_path / "m.npz")) == repr(optimizer)


def test_files_without_notes_are_as_they_were(tmp_path):
    """Those of earlier versions are read, and earlier versions read those of this one."""
    net().save(tmp_path / "m.npz")
    assert store.read_notes(tmp_path / "m.npz") == {}
    with np.load(tmp_path / "m.npz") as file:
        assert json.loads(str(file["nnlib"])).keys() == {"format", "loss", "layers"}
    assert store.FORMAT == 1


def test_another_file_has_no_notes(tmp_path):
    (tmp_path / "m.npz").write_text("hello")
    with pytest.raises(ValueError, match="not a file that"):
        store.read_notes(tmp_path / "m.npz")
    with pytest.raises(FileNotFoundError):
        store.read_notes(tmp_path / "none.npz")


def test_an_optimizer_that_has_not_stepped_is_saved_too(tmp_path):
    net().save(tmp_path / "m.npz", Adam(0.5))
    fresh = Optimizer.load(tmp_path / "m.npz")
    assert (repr(fresh), fresh.t) == (repr(Adam(0.5)), 0)
    net().train_step(*data(), fresh)


def test_no_optimizer_is_found_where_none_was_put(tmp_path):
    net().save(tmp_path / "m.npz")
    with pytest.raises(ValueError, match=r"no optimizer in it; Model\.save\(path, optimizer\)"):
        Optimizer.load(tmp_path / "m.npz")


def test_the_optimizer_of_another_model_is_not_saved(tmp_path):
    """The file could not be read again."""
    optimizer = Adam()
    net((2, 3)).train_step(*data(), optimizer)
    with pytest.raises(ValueError, match="has moved another model"):
        net().save(tmp_path / "m.npz", optimizer)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_no_link_is_followed_on_the_way(tmp_path):
    """Somebody who guesses the temporary name must not get another file overwritten."""
    (tmp_path / "victim").write_text("mine")
    for name in (f"m.npz.{os.getpid()}.part", "m.npz.part"):
        (tmp_path / name).symlink_to(tmp_path / "victim")
    net().save(tmp_path / "m.npz")
    assert (tmp_path / "victim").read_text() == "mine"
    assert not (tmp_path / "m.npz").is_symlink()


def test_long_names_and_threads_get_on(tmp_path):
    path = tmp_path / ("n" * 240 + ".npz")
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda seed: net(seed=seed).save(path), range(30)))
    Model.load(path)
    assert len(list(tmp_path.iterdir())) == 1


def test_only_known_optimizers_and_schedules_are_saved(tmp_path):
    class Mine(SGD):
        pass

    for optimizer in (Mine(0.1), SGD(lambda step: 0.1)):
        with pytest.raises(TypeError, match="only nnlib's own parts"):
            net().save(tmp_path / "m.npz", optimizer)
    assert not list(tmp_path.iterdir())


def test_the_path_is_taken_as_given(tmp_path):
    net().save(str(tmp_path / "no suffix"))
    assert [path.name for path in tmp_path.iterdir()] == ["no suffix"]
    Model.load(str(tmp_path / "no suffix"))


def test_the_same_model_gives_the_same_bytes(tmp_path):
    for name in "ab":
        net().save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_failed_save_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    net(seed=1).save(tmp_path / "m.npz")
    before = (tmp_path / "m.npz").read_bytes()

    def half(file, **arrays):
        file.write(b"half a file")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", half)
    with pytest.raises(KeyboardInterrupt):
        net(seed=2).save(tmp_path / "m.npz")
    assert (tmp_path / "m.npz").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_file_has_an_ordinary_mode(tmp_path):
    mask = os.umask(0o022)
    try:
        net().save(tmp_path / "m.npz")
        assert stat.S_IMODE((tmp_path / "m.npz").stat().st_mode) == 0o644
        (tmp_path / "m.npz").chmod(0o600)
        net().save(tmp_path / "m.npz")                          # and keeps the one it had
        assert stat.S_IMODE((tmp_path / "m.npz").stat().st_mode) == 0o600
    finally:
        os.umask(mask)


class Bomb:
    def __reduce__(self):
        return pytest.fail, ("a pickle in the file was run",)


def changed(path, **changes):
    """Rewrite a saved file with some of its arrays changed, None meaning left out."""
    with np.load(path) as file:
        arrays = {**file, **changes}
    with path.open("wb") as file:
        np.savez(file, **{key: value for key, value in arrays.items() if value is not None})


def compressed(path):
    with np.load(path) as file:
        arrays = dict(file)
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)


def alone(path):
    with path.open("wb") as file:
        np.save(file, np.ones(3))


def plan(path, **changes):
    with np.load(path) as file:
        return np.array(json.dumps(json.loads(str(file["nnlib"])) | changes))


def overlapping(path):
    """Claim that the parts are longer than the file, as nested ones are together."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", b"x" * 1000)
    whole = bytearray(path.read_bytes())
    entry = whole.index(b"PK\x01\x02")                          # the directory's entry
    whole[entry + 24:entry + 28] = (10**6).to_bytes(4, "little")
    path.write_bytes(whole)


def twice(path):
    with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("0.W.npy", b"")


def no_array(path):
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("note.txt", b"hello")


def with_header(path, header):
    """Put a part into the file whose .npy header is this text."""
    body = header.encode().ljust(117) + b"\n"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00" + len(body).to_bytes(2, "little") + body)


def optimizer_plan(path, *plan_of_it):
    return changed(path, nnlib=plan(path, optimizer=list(plan_of_it)))


DAMAGE = {
    "truncated": (lambda path: path.write_bytes(path.read_bytes()[:-200]), "damaged"),
    "empty": (lambda path: path.write_bytes(b""), "damaged"),
    "text": (lambda path: path.write_text("<html>not found</html>"), "not a file that"),
    "a pickle": (lambda path: path.write_bytes(pickle.dumps(Bomb())), "not a file that"),
    "a pickle inside": (lambda path: changed(path, **{"0.W": np.array([Bomb()])}), "pickle"),
    "one array alone": (alone, "not a file that"),
    "somebody else's": (lambda path: changed(path, nnlib=None), "not a file that"),
    "an unknown layer": (lambda path: changed(path, nnlib=plan(path, layers=[["os", {}]])),
                         "not a file that"),
    "a loss for a layer": (lambda path: changed(path, nnlib=plan(path, layers=[
        ["CategoricalCrossEntropy", {}]])), "not a file that"),
    "a layer for a loss": (lambda path: changed(path, nnlib=plan(path, loss="ReLU")),
                           "not a file that"),
    "a plan of huge layers": (lambda path: changed(path, nnlib=plan(path, layers=[
        ["Dense", {"n_in": 10**7, "n_out": 10**7, "dtype": "float32"}]])), "asks for arrays"),
    "compressed": (compressed, "compressed"),
    "a plan of nonsense": (lambda path: changed(path, nnlib=np.array("{")), "not a file that"),
    "an impossible layer": (lambda path: changed(path, nnlib=plan(path, layers=[
        ["Dense", {"n_in": -1, "n_out": 2, "dtype": "float32"}]])), "asks for arrays"),
    "an impossible dtype": (lambda path: changed(path, nnlib=plan(path, layers=[
        ["Dense", {"n_in": 2, "n_out": 8, "dtype": "int8"}], ["ReLU", {}],
        ["Dense", {"n_in": 8, "n_out": 3, "dtype": "int8"}]])), "dtype must be"),
    "another format": (lambda path: changed(path, nnlib=plan(path, format=99)), "format 99"),
    "an array less": (lambda path: changed(path, **{"0.b": None}), "asks for arrays"),
    "an array more": (lambda path: changed(path, extra=np.ones(1)), "asks for arrays"),
    "another shape": (lambda path: changed(path, **{"0.W": np.ones((3, 2), np.float32)}),
                      r"'0.W': \(2, 8\).* holds .*'0.W': \(3, 2\)"),
    "no layers": (lambda path: changed(path, nnlib=plan(path, layers=[]), **dict.fromkeys(
        ("0.W", "0.b", "2.W", "2.b"))), "no layer has parameters"),
    "another format with other layers": (lambda path: changed(path, nnlib=plan(
        path, format=2, layers=[["Conv", {}]])), "format 2; this nnlib reads format 1"),
    "sizes that are words": (lambda path: changed(path, nnlib=plan(path, layers=[
        ["Dense", {"n_in": "x", "n_out": 10**10, "dtype": "float32"}]])), "asks for arrays"),
    "sizes that are lists": (lambda path: changed(path, nnlib=plan(path, layers=[
        ["Dense", {"n_in": [0], "n_out": 10**10, "dtype": "float32"}]])), "asks for arrays"),
    "parts that overlap": (overlapping, "overlap"),
    "two parts of one name": (twice, "two parts of one name"),
    "a part that is no array": (no_array, "no array"),
    **{f"a header of {header!r}": (lambda path, header=header: with_header(path, header),
                                   "not a file that")
       for header in ("(", "{'descr': '(2,', 'fortran_order': False, 'shape': (2, 8)}",
                      "{'descr': (), 'fortran_order': False, 'shape': (2, 8)}")},
    "an unknown optimizer": (lambda path: optimizer_plan(path, "eval", 0, {}), "not a file that"),
    "an optimizer of nonsense": (lambda path: optimizer_plan(path, "Adam", 0, {"x": 1}),
                                 "not a file that"),
    "an optimizer from before its start": (lambda path: optimizer_plan(path, "Adam", -1, {}),
                                           "-1 steps"),
    "an optimizer without moments": (lambda path: optimizer_plan(path, "Adam", 3, {}),
                                     "asks for arrays"),
    "an unknown schedule": (lambda path: optimizer_plan(path, "Adam", 0, {"lr": {"os": {}}}),
                            "not a file that"),
    "two schedules": (lambda path: optimizer_plan(path, "Adam", 0, {"lr": {"a": {}, "b": {}}}),
                      "not a file that"),
    "notes that are a list": (lambda path: changed(path, nnlib=plan(path, notes=["mnist"])),
                              "its notes are no dict, but a list"),
    "notes nested too deep": (lambda path: changed(path, nnlib=np.array(
        '{"format": 1, "notes": ' + "[" * 10**5 + "]" * 10**5 + "}")), "not a file that"),
    "a generator of nonsense": (lambda path: changed(path, nnlib=plan(path, layers=[
        ["Dense", {"n_in": 2, "n_out": 8, "dtype": "float32"}],
        ["Dropout", {"rate": 0.5, "rng": {"bit_generator": "PCG64", "state": {"state": -1}}}],
        ["Dense", {"n_in": 8, "n_out": 3, "dtype": "float32"}]])), "damaged .*Error"),
    "another dtype": (lambda path: changed(path, **{"0.W": np.ones((2, 8))}),
                      "0.W should be float32, it is float64"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_other_files_are_refused(tmp_path, damage):
    path = tmp_path / "m.npz"
    net().save(path)
    spoil, message = DAMAGE[damage]
    spoil(path)
    with pytest.raises(ValueError, match=message) as refusal:
        Model.load(path)
    assert str(path) in str(refusal.value)


def test_no_damaged_byte_gets_past_the_contract(tmp_path):
    """Whatever is in the file: a model, or ValueError."""
    net((2, 3)).save(tmp_path / "m.npz")
    whole = (tmp_path / "m.npz").read_bytes()
    damaged = tmp_path / "damaged.npz"
    for place in range(len(whole)):
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 0x15]) + whole[place + 1:])
        with contextlib.suppress(ValueError):
            Model.load(damaged)


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path, monkeypatch):
    """At every moment of a save, a reader finds the old model or the new one."""
    net(seed=1).save(tmp_path / "m.npz")
    before = (tmp_path / "m.npz").read_bytes()
    seen = []
    replace = os.replace

    def watched(source, target):
        seen.append((Path(source).parent, (tmp_path / "m.npz").read_bytes()))
        replace(source, target)

    monkeypatch.setattr(os, "replace", watched)
    net(seed=2).save(tmp_path / "m.npz")
    assert seen == [(tmp_path.resolve(), before)]               # one file system, one rename
    assert (tmp_path / "m.npz").read_bytes() != before


SAVE_FOR_EVER = """
import sys
from nnlib import CategoricalCrossEntropy, Dense, Model
model = Model([Dense(300, 300, rng=0)], loss=CategoricalCrossEntropy())
for i in range(1_000_000):
    model.theta[:] = i
    model.save(sys.argv[1])
    print(i, flush=True)
"""


@pytest.mark.parametrize("wait", [0.0, 0.004, 0.013])
def test_a_save_that_is_killed_leaves_a_whole_file(tmp_path, wait):
    """Killed at whatever moment, with no chance to tidy up, another process finds a model."""
    path = tmp_path / "m.npz"
    with subprocess.Popen([sys.executable, "-c", SAVE_FOR_EVER, str(path)],
                          stdout=subprocess.PIPE, text=True) as saver:
        for _ in range(3):
            saver.stdout.readline()
        time.sleep(wait)
        saver.kill()
        done = [int(line) for line in saver.stdout.read().split()]
    theta = Model.load(path).theta
    assert (theta == theta[0]).all()
    assert theta[0] >= max([2, *done])


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link").symlink_to("real.npz")
    net().save(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    Model.load(tmp_path / "real.npz")


def test_a_missing_file_is_just_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        Model.load(tmp_path / "none.npz")


def test_only_known_parts_are_saved(tmp_path):
    class Mine(ReLU):
        pass

    model = Model([Dense(2, 3), Mine()], loss=CategoricalCrossEntropy())
    with pytest.raises(TypeError, match="only nnlib's own parts"):
        model.save(tmp_path / "m.npz")
    assert not list(tmp_path.iterdir())

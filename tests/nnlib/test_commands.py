"""The command line: a stranger types a line and is told what happens, or what to type instead.

Protects from a traceback for a user's mistake, from an hour's training lost at its end, from a
model that depends on the terminal, and from a file whose notes are believed unseen.
"""

import os
import signal
import subprocess
import sys
import time
import types

import click
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from nnlib import Dense, MeanSquaredError, Model, commands, datasets
from nnlib.__main__ import main
from nnlib.commands import base, notes, options, predict, recipe, sets, train
from nnlib.datasets import files
from tests.nnlib.nets import net
from tests.nnlib.test_photos import INK, save

QUICK = ["train", "--epochs", "2"]


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    """No data but those that come with the packages, and no way to more."""
    monkeypatch.delenv(files.VARIABLE, raising=False)
    monkeypatch.setattr(files, "cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(files, "_download", no_network)


def no_network(file):
    raise files.DownloadError(f"datasets: {file.name} could not be downloaded")


def run(*arguments):
    """Run a command as click does for tests: result.exit_code, .stdout, .stderr."""
    return CliRunner().invoke(commands.program, list(map(str, arguments)))


def fine(*arguments):
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return the file of a model of the small digits, and what its training printed."""
    path = tmp_path_factory.mktemp("trained") / "model.npz"
    return path, fine("train", "--hidden", "64", "32", "--epochs", "6", "--save", path)


@pytest.fixture
def picture(tmp_path):
    return save(tmp_path / "seven.png", 1 - INK)


# train --------------------------------------------------------------------------------------


def test_train_says_what_it_does_and_what_to_do_next(trained):
    path, printed = trained
    data, network, head, *epochs, test, saved, evaluate, predicted = printed.splitlines()
    assert data == ("Data: digits, images of 8 × 8, 10 classes; 1,294 to learn from, 144 to "
                    "watch, 359 to test on.")
    assert network == ("Network: 64 → 64 → 32 → 10, 6,570 parameters; adam, lr 0.001 (constant); "
                       "6 epochs of 21 steps.")
    assert head.split() == ["epoch", "loss", "accuracy", "val", "loss", "val", "accuracy"]
    assert [line.split()[0] for line in epochs] == list("123456")
    assert len({len(line) for line in (head, *epochs)}) == 1
    history = notes.read(path)[1].history
    assert epochs[-1].split() == ["6", f"{history['loss'][-1]:.4f}",
                                  f"{100 * history['accuracy'][-1]:.2f}", "%",
                                  f"{history['val_loss'][-1]:.4f}",
                                  f"{100 * history['val_accuracy'][-1]:.2f}", "%"]
    assert test.startswith("Test: loss 0.")
    assert [saved, evaluate, predicted] == [
        f"Saved to {path}. Next:", f"  python -m nnlib evaluate {path}",
        f"  python -m nnlib predict {path} picture.png"]


def test_what_is_saved_is_what_was_trained_and_says_so(trained):
    model, noted = notes.read(trained[0])
    data = datasets.digits()
    result = model.evaluate(data.X_test.reshape(359, 64), data.y_test)
    assert f"accuracy {100 * result['accuracy']:.2f} %" in trained[1]
    assert (noted.data, noted.classes, noted.shape) == ("digits", data.classes, (8, 8))
    assert noted.settings["hidden"] == [64, 32]
    assert noted.settings["seed"] == 0
    assert "save" not in noted.settings                         # no path travels along
    assert noted.settings["lr"] == 0.001                        # Adam's own, as none was given
    assert "patience" not in noted.settings                     # which was not used
    assert noted.history["epoch"] == [1, 2, 3, 4, 5, 6]
    assert repr(Model.load(trained[0])) == repr(model)          # and it is any model's file


@pytest.mark.parametrize(("words", "widths"), [
    (["--hidden", "6", "5", "--epochs", "1"], (6, 5)), (["--hidden=6"], (6,)),
    (["--epochs", "1", "--hidden", "6", "5", "4"], (6, 5, 4)), (["--hidden=6", "5"], (6, 5)),
    (["--hidden", "6,5"], (6, 5)), (["--hidden", "6 5", "-h"], None), ([], (128,)),
    (["--hidden", "9", "--hidden", "6", "5"], (6, 5)),
])
def test_hidden_takes_all_numbers_that_follow(monkeypatch, words, widths):
    seen = []
    monkeypatch.setattr(train, "_check", lambda given, _: seen.append(given["hidden"]) or (
        sys.exit(3)))
    done = run("train", *words)
    assert (seen, done.exit_code) == (([], 0) if widths is None else ([widths], 3))


@pytest.mark.parametrize(("words", "got"), [
    (["--hidden", "-5"], "'-5'"), (["--hidden", "64", "-0.5", "--epochs", "1"], "'-0.5'"),
    (["--hidden", "2.5"], "'2.5'"), (["--hidden", "many"], "'many'"), (["--hidden", "0"], "'0'"),
    (["--hidden=64", "x"], "'x'"), (["--hidden"], "none"), (["--hidden", "--epochs", "1"], "none"),
    (["--hidden", "²"], "'²'"),
])
def test_hidden_refuses_what_is_no_width(words, got):
    done = run("train", *words)
    assert done.exit_code == 2
    assert f"got {got}; for example 256 128" in " ".join(done.stderr.split())


@pytest.mark.parametrize(("words", "says"), [
    (["--data", "cursive"], "'cursive' is not one of 'digits', 'mnist', 'characters'"),
    (["--epochs", "0"], "0 is not in the range x>=1"), (["--lr", "0"], "range x>0"),
    (["--dropout", "1"], "range 0<=x<1"), (["--optimizer", "best"], "'best' is not one of 'adam'"),
    (["--weight-decay", "0.1"], "--weight-decay belongs to --optimizer adamw"),
    (["--patience", "3", "--validation", "0"], "--patience needs data to watch"),
    (["--save", "no/such/folder/m.npz"], "there is no folder"), (["--save", "."], "is a dir"),
    (["--seed", "-1"], "range x>=0"), (["--deep"], "No such option"),
    (["64"], "unexpected extra argument"),
])
def test_train_refuses_at_once(words, says):
    done = run("train", *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert says in " ".join(done.stderr.split())


@pytest.mark.parametrize("name", recipe.OPTIMIZERS)
def test_each_optimizer_learns_from_its_own_learning_rate(name):
    printed = fine("train", "--hidden", "16", "--epochs", "3", "--optimizer", name)
    assert f"; {name}, lr {recipe.default_lr(name):g} (constant)" in printed
    losses = [float(line.split()[1]) for line in printed.splitlines()[3:6]]
    assert losses == sorted(losses, reverse=True)


def layers_of(path):
    return [type(layer).__name__ for layer in Model.load(path).layers]


def test_the_layers_that_options_ask_for(tmp_path):
    path = tmp_path / "m.npz"
    fine(*QUICK, "--hidden", "8", "8", "--dropout", "0.2", "--batch-norm", "--l2", "0.01",
         "--save", path)
    block = ["Dense", "BatchNorm", "ReLU", "Dropout"]
    assert layers_of(path) == ["Rescaling", *block, *block, "Dense", "Softmax"]
    model = Model.load(path)
    assert [model.layers[i].l2 for i in (1, 5, 9)] == [0.01] * 3
    assert model.layers[4].rate == 0.2
    fine("train", "--data", "spiral", "--hidden", "8", "--epochs", "1", "--save", path)
    assert layers_of(path) == ["Dense", "ReLU", "Dense", "Softmax"]


def test_settings_reach_the_optimizer(monkeypatch):
    cosine = recipe.optimize("adamw", lr=0.5, schedule="cosine", weight_decay=0.3, steps=10)
    assert (cosine.weight_decay, cosine.lr(0), cosine.lr(10)) == (0.3, 0.5, 0)
    made, optimize = [], recipe.optimize
    monkeypatch.setattr(recipe, "optimize", lambda *a, **b: made.append(optimize(*a, **b)) or (
        made[-1]))
    fine(*QUICK, "--schedule", "cosine", "--batch-size", "100", "--validation", "0.25")
    assert made[0].t == made[0].lr.steps == 2 * 11              # and 0 when the last is done


def test_patience_keeps_the_best_epoch(tmp_path):
    path = tmp_path / "m.npz"
    printed = fine("train", "--data", "spiral", "--hidden", "8", "--epochs", "60", "--lr", "0.5",
                   "--patience", "2", "--save", path)
    _, noted = notes.read(path)
    losses = noted.history["val_loss"]
    best = losses.index(min(losses)) + 1
    assert best + 2 == len(losses) < 60
    assert f"Kept the weights of epoch {best}, the best" in printed


def test_learning_from_all(tmp_path):
    printed = fine(*QUICK, "--validation", "0")
    assert "1,438 to learn from, 0 to watch" in printed
    assert "val" not in printed
    assert "Not saved. The same line with --save model.npz gives the same model" in printed


def test_the_same_seed_gives_the_same_file_whatever_the_terminal(tmp_path, monkeypatch):
    path, words = tmp_path / "a.npz", [*QUICK, "--hidden", "16", "--dropout", "0.3"]
    fine(*words, "--seed", "5", "--save", path)
    first = path.read_bytes()
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    monkeypatch.setattr(train, "_say", lambda line: None)
    monkeypatch.setenv("COLUMNS", "20")
    fine(*words, "--seed", "5", "--save", path)
    assert path.read_bytes() == first
    fine(*words, "--seed", "6", "--save", path)
    assert path.read_bytes() != first


def test_lines_go_above_the_progress_bar(capsys):
    from tqdm import tqdm
    with tqdm(total=3, file=sys.stderr, disable=False) as bar:
        bar.update()
        train._say("a line")
    printed, shown = capsys.readouterr()
    assert printed == "a line\n"
    assert shown.count("1/3") >= 2                              # cleared, and drawn again


def test_ctrl_c_keeps_and_saves_what_was_learnt(tmp_path, monkeypatch):
    path, say = tmp_path / "m.npz", train._say

    def stop(line):
        say(line)
        if line.lstrip().startswith("3 "):
            raise KeyboardInterrupt

    monkeypatch.setattr(train, "_say", stop)
    done = run("train", "--epochs", "50", "--save", path)
    assert done.exit_code == 130
    assert done.stderr == "Model.fit: stopped by hand in epoch 3; what was learnt is kept\n"
    assert f"Saved to {path}" in done.stdout
    assert notes.read(path)[1].history["epoch"] == [1, 2, 3]


def test_a_model_stopped_before_its_first_epoch_is_saved_too(tmp_path, monkeypatch):
    path = tmp_path / "m.npz"
    monkeypatch.setattr(train, "_say", lambda line: (_ for _ in ()).throw(KeyboardInterrupt))
    monkeypatch.setattr(Model, "train_step", lambda *_, **__: (_ for _ in ()).throw(
        KeyboardInterrupt))
    assert run("train", "--patience", "2", "--save", path).exit_code == 130
    assert notes.read(path)[1].history is None


# evaluate, predict, report ------------------------------------------------------------------


def test_evaluate_counts_right(trained):
    model = Model.load(trained[0])
    data = datasets.digits()
    taken = model.predict(data.X_test.reshape(359, 64))
    lines = fine("evaluate", trained[0]).splitlines()
    assert [line[:10].strip() for line in lines[:5]] == ["data", "loss", "accuracy", "macro F1",
                                                         "top 3"]
    assert lines[2] == f"accuracy  {100 * (taken == data.y_test).mean():.2f} %"
    assert lines[5] == "Most often confused:"
    counts = []
    for line in lines[6:]:
        i, _, _, j, n, _, of = line.replace(":", "").replace(",", "").split()[:7]
        assert int(n) == ((data.y_test == int(i)) & (taken == int(j))).sum() > 0
        assert int(of) == (data.y_test == int(i)).sum()
        counts.append(int(n))
    assert counts == sorted(counts, reverse=True)


def test_a_model_that_errs_nowhere_has_no_pairs(trained, monkeypatch):
    data = datasets.digits()
    model = Model.load(trained[0])
    y = model.predict(data.X_test.reshape(359, 64))
    right = datasets.Dataset(data.X_train, data.y_train, data.X_test, y, classes=data.classes,
                             source="", name="right")
    monkeypatch.setattr(notes, "load", lambda name: right)
    printed = fine("evaluate", trained[0])
    assert "accuracy  100.00 %" in printed
    assert "confused" not in printed


def test_predict_names_the_character(trained, picture, tmp_path):
    other = save(tmp_path / "other.jpg", INK)
    how, first, second = fine("predict", trained[0], picture, other, "--top", "2").splitlines()
    assert how == "Pictures are framed as scikit-learn's digits: 8 × 8, as high as the frame."
    model = Model.load(trained[0])
    (p,) = model.predict_proba(datasets.from_file(picture, style="digits").reshape(1, 64))
    i, j = np.argsort(-p)[:2]
    assert first == f"{picture}: {i} {100 * p[i]:.1f} %, {j} {100 * p[j]:.1f} %"
    assert second.startswith(f"{other}: ")


def test_predict_shows_what_the_network_sees(trained, picture):
    lines = fine("predict", trained[0], picture, "--show").splitlines()[2:]
    assert lines == predict.blocks(datasets.from_file(picture, style="digits"),
                                   "utf-8").splitlines()
    assert {len(line) for line in lines} == {18}


def test_predict_goes_on_after_a_picture_that_is_none(trained, picture, tmp_path):
    (tmp_path / "text.png").write_text("hello")
    done = run("predict", trained[0], tmp_path / "none.png", tmp_path / "text.png", picture)
    assert done.exit_code == 1
    missing, text = done.stderr.splitlines()
    assert missing == f"Error: {tmp_path / 'none.png'}: No such file or directory"
    assert "is not a picture that Pillow can read" in text
    assert str(picture) in done.stdout


STYLE = {"digits": "digits", "mnist": "mnist", "glyphs": "emnist", "characters": "emnist",
         "emnist-balanced": "emnist", "emnist-mnist": "emnist"}


@pytest.mark.parametrize("data", STYLE)
def test_pictures_are_framed_as_what_the_model_learnt_from(data, tmp_path, picture):
    side = 8 if data == "digits" else 28
    net((side**2, 3)).save(tmp_path / "m.npz", notes={
        "data": data, "classes": ["a", "b", "c"], "shape": [side, side]})
    how, answer = fine("predict", tmp_path / "m.npz", picture).splitlines()
    assert predict.HOW[STYLE[data]] in how
    assert answer.split(": ")[1][0] in "abc"


@pytest.mark.parametrize(("side", "style"), [(28, "mnist"), (8, "digits")])
def test_a_model_from_a_notebook_has_no_notes_and_is_read_too(tmp_path, picture, side, style):
    net((side**2, 10)).save(tmp_path / "m.npz")
    assert predict.HOW[style] in fine("predict", tmp_path / "m.npz", picture)
    done = run("evaluate", tmp_path / "m.npz")
    assert done.exit_code == 1
    assert "does not say what it was trained on; name its data: --data mnist" in done.stderr
    if side == 8:
        assert "accuracy" in fine("evaluate", tmp_path / "m.npz", "--data", "digits")


def test_predict_in_another_style(tmp_path, picture):
    net((28**2, 10)).save(tmp_path / "m.npz")
    assert "as EMNIST's" in fine("predict", tmp_path / "m.npz", picture, "--style", "emnist")
    done = run("predict", tmp_path / "m.npz", picture, "--style", "digits")
    assert "reads images of 28 × 28; --style digits makes images of 8 × 8" in done.stderr


def test_report_is_handed_the_model_its_data_and_its_training(trained, tmp_path, monkeypatch):
    calls = []
    monkeypatch.setitem(sys.modules, "nnlib.report", types.SimpleNamespace(
        write=lambda model, data, path, **rest: calls.append((model, data, path, rest))))
    path = tmp_path / "page.html"
    assert fine("report", trained[0], "-o", path) == (
        f"Written to {path}; open it in a browser.\n")
    ((model, data, target, rest),) = calls
    assert (repr(model), repr(data), target) == (repr(Model.load(trained[0])),
                                                 repr(datasets.digits()), path)
    assert rest["history"]["epoch"] == [1, 2, 3, 4, 5, 6]
    assert (rest["settings"]["hidden"], rest["title"]) == ([64, 32], "model")


# Mistakes -----------------------------------------------------------------------------------


def spoil(path, **changes):
    """Save a model whose notes are those of a good one, but for changes."""
    good = {"data": "digits", "classes": list("abc"), "shape": [2], "settings": {"lr": 0.1},
            "history": {"epoch": [1], "loss": [0.5]}}
    net().save(path, notes=good | changes)
    return path


SPOILT = {
    "two classes for three": {"classes": ["a", "b"]}, "no list": {"classes": "abc"},
    "a number for a name": {"classes": ["a", "b", 3]},
    "a name that clears the screen": {"classes": ["a", "b", "\x1b[2J"]},
    "data that ring": {"data": "\a"}, "an endless name": {"data": "x" * 41},
    "data that are a list": {"data": ["digits"]},
    "another shape": {"shape": [3]}, "a shape of no numbers": {"shape": ["a"]},
    "a shape below 0": {"shape": [-1, -2]}, "three sides": {"shape": [1, 1, 2]},
    "a shape that is none": {"shape": 2},
    "settings of settings": {"settings": {"a": {"b": 1}}}, "settings in a list": {
        "settings": [1]}, "settings that ring": {"settings": {"a": "\a"}},
    "a history of words": {"history": {"epoch": [1], "loss": ["<b>"]}},
    "a history of unequal columns": {"history": {"epoch": [1, 2], "loss": [1]}},
    "a history that is a list": {"history": [1]}, "a column that is none": {
        "history": {"epoch": 1}},
}


@pytest.mark.parametrize("case", SPOILT)
def test_notes_that_do_not_fit_are_refused(tmp_path, case):
    path = spoil(tmp_path / "m.npz")
    notes.read(path)
    with pytest.raises(ValueError, match="its notes are damaged or not from `train`"):
        notes.read(spoil(path, **SPOILT[case]))
    Model.load(path)                                            # who does not ask is not bothered


def regression(path):
    Model([Dense(2, 1)], loss=MeanSquaredError()).save(path)


MISTAKES = {
    "no such model": (lambda path: None, ["evaluate"], "No such file or directory"),
    "a text for a model": (lambda path: path.write_text("hello"), ["evaluate"],
                           "not a file that Model.save wrote"),
    "a picture for a model": (lambda path: save(path.with_suffix(".png"), INK).rename(path),
                              ["predict", "x.png"], "not a file that Model.save wrote"),
    "a regression": (regression, ["evaluate"], "expected a classifier with CategoricalCrossEnt"),
    "data of another size": (spoil, ["evaluate"],
                             "expected points of 2 numbers in 3 classes, got digits: images of "
                             "8 × 8 in 10 classes; choose other data with --data"),
    "data unknown": (lambda path: spoil(path, data="runes"), ["report"],
                     "was trained on 'runes', which this nnlib does not have"),
    "a picture for points": (lambda path: spoil(path, data="spiral"), ["predict", "x.png"],
                             "expected a model of images of 28 × 28 or 8 × 8"),
    "no network": (lambda path: net((784, 10)).save(path), ["evaluate", "--data", "mnist"],
                   "could not be downloaded"),
    "a network elsewhere": (lambda path: net((784, 10)).save(path),
                            ["evaluate", "--data", "emnist-letters"], "could not be downloaded"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_gets_one_line(tmp_path, case):
    path = tmp_path / "m.npz"
    make, (command, *rest), message = MISTAKES[case]
    make(path)
    done = run(command, path, *rest)
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)               # no other got through
    *_, line = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert message in line


def test_training_that_diverges_gets_one_line():
    done = run(*QUICK, "--optimizer", "sgd", "--lr", "1e30")
    assert done.exit_code == 1
    assert "try a smaller learning rate" in done.stderr.splitlines()[-1]


def test_a_full_disk_gets_one_line(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    done = run(*QUICK, "--hidden", "8", "--save", tmp_path / "m.npz")
    assert (done.exit_code, done.stderr) == (1, "Error: No space left on device\n")


def test_ctrl_c_before_training_is_no_traceback(monkeypatch, capsys):
    def stop(name):
        raise KeyboardInterrupt

    monkeypatch.setattr(train, "load", stop)
    assert main(QUICK) == 130
    assert capsys.readouterr().err.strip() == "Stopped by hand."


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are others there")
def test_a_reader_that_has_read_enough_is_no_mistake(tmp_path):
    """As in `python -m nnlib predict … | head -1`."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, "-m", "nnlib", "train", "--epochs", "1"],
                          stdout=writing, stderr=subprocess.PIPE, cwd=tmp_path, check=False)
    os.close(writing)
    assert b"Traceback" not in done.stderr
    assert b"Error" not in done.stderr


def test_a_defect_of_ours_keeps_its_traceback(monkeypatch):
    monkeypatch.setattr(train, "load", lambda name: {}["defect"])
    assert isinstance(run(*QUICK).exception, KeyError)


def test_a_download_is_announced(monkeypatch):
    done = run(*QUICK, "--data", "characters")
    assert done.stderr.splitlines()[0] == (
        "characters is not on this computer yet; downloading 29 MB, once")


def test_every_name_of_data_can_be_loaded(monkeypatch):
    """Each goes to the function of nnlib.datasets that it says."""
    asked = []
    for name in ("mnist", "characters", "digits", "glyphs", "emnist"):
        monkeypatch.setattr(datasets, name, lambda *a, name=name: asked.append([name, *a]))
    for name in sets.NAMES[:-1]:
        sets.load(name)
    assert [*map("-".join, asked)] == list(sets.NAMES[:-1])
    X, _, X_test, _ = sets.load("spiral").arrays
    assert X.shape == X_test.shape == (3000, 2)
    assert not np.array_equal(X, X_test)
    with pytest.raises(ValueError, match=r"data: expected one of digits, .*, got 'runes'"):
        sets.load("runes")


def test_words_for_errors():
    assert base.words(OSError(13, "Permission denied", "a.npz")) == "a.npz: Permission denied"
    assert base.words(files.DownloadError("two\nlines")) == "two\nlines"
    assert base.words(ValueError()) == "ValueError"


# Help ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", commands.program.commands)
def test_help_explains_every_option_and_its_default(name):
    command = commands.program.commands[name]
    printed = " ".join(fine(name, "--help").split())
    assert printed.startswith(f"Usage: program {name}")
    for param in command.params:
        if isinstance(param, click.Option):
            assert param.opts[-1] in printed
            assert param.is_flag or "[default: " in param.help or param.show_default
    assert fine(name, "-h") == fine(name, "--help")


def test_the_examples_of_the_help_can_be_typed():
    """Every option and name of data in them exists."""
    texts = [command.epilog for command in (commands.program, *commands.program.commands.values())]
    lines = [line.split()[3:] for text in texts if text for line in text.splitlines()
             if line.startswith("  python -m nnlib ")]
    assert len(lines) > 10
    for name, *words in lines:
        command = commands.program.commands[name]
        if name != "run":
            command.make_context(name, list(words), resilient_parsing=False)


def test_options_of_several_values_are_only_those():
    assert [param.name for param in train.train.params
            if isinstance(param.type, options.Widths)] == ["hidden"]


# For real -----------------------------------------------------------------------------------


def python(*arguments, cwd, **variables):
    return subprocess.run([sys.executable, "-m", "nnlib", *arguments], capture_output=True,
                          cwd=cwd, check=False, timeout=120,
                          env=os.environ | {"OPENBLAS_NUM_THREADS": "1", **variables})


def test_a_stranger_trains_evaluates_and_predicts(tmp_path, picture):
    """On a console of another age, which knows no × and no block, and without colours."""
    old = {"PYTHONIOENCODING": "ascii", "NO_COLOR": "1", "PYTHONUTF8": "0"}
    for words, says in (
            (["train", "--hidden", "32", "16", "--epochs", "2", "--save", "m.npz"],
             b"8 ? 8, 10 classes"),
            (["evaluate", "m.npz"], b"macro F1"),
            (["predict", "m.npz", picture.name, "--show"], b"..@@"),
            (["predict", "--help"], b"Say which character is on a picture")):
        done = python(*words, cwd=tmp_path, **old)
        assert (done.returncode, done.stderr) == (0, b""), done.stderr
        assert says in done.stdout
        assert b"\x1b" not in done.stdout
    done = python("evaluate", "none.npz", cwd=tmp_path, **old)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.strip() == b"Error: none.npz: No such file or directory"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
def test_ctrl_c_for_real(tmp_path):
    """In the midst of training; a second later the file is whole and the exit code 130.

    A shell that runs the tests in the background has them, and so a child, ignore Ctrl-C.
    """
    with subprocess.Popen([sys.executable, "-m", "nnlib", "train", "--epochs", "100000",
                           "--hidden", "8", "--save", "m.npz"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, cwd=tmp_path, text=True,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
                          ) as child:
        for line in child.stdout:
            if line.lstrip().startswith("2 "):
                break
        child.send_signal(signal.SIGINT)
        printed, said = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "stopped by hand" in said
    assert "Traceback" not in said
    assert "Saved to m.npz" in printed
    assert notes.read(tmp_path / "m.npz")[1].data == "digits"


def test_help_is_quick_and_brings_nothing_heavy(tmp_path):
    code = ("import sys; from nnlib.__main__ import main; main(['--help']); "
            "print(*{'sklearn', 'scipy', 'PIL', 'matplotlib', 'pooch', 'requests', 'tqdm'} "
            "& set(sys.modules))")
    start = time.process_time()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          check=True, cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == ""
    assert time.process_time() - start < 2


def test_a_transparent_drawing_is_read(trained, tmp_path):
    Image.fromarray(np.dstack([np.zeros((*INK.shape, 3), np.uint8),
                               (255 * INK).astype(np.uint8)])).save(tmp_path / "drawn.png")
    assert "drawn.png: " in fine("predict", trained[0], tmp_path / "drawn.png")

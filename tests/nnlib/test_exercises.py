"""The checks behind the exercises: they tell what is wrong, and never raise."""

import importlib
import inspect
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nnlib import checks
from nnlib.checks.diagnosis import MISSING, RIGHT, WRONG, Exercise, exercises

FOLDER = Path(checks.__file__).parent
CHAPTERS = sorted(int(path.stem[-2:]) for path in FOLDER.glob("chapter_*.py"))
EXERCISES = {key: exercise for chapter in CHAPTERS for key, exercise in exercises(chapter).items()}
MISTAKES = [(key, words) for key, exercise in EXERCISES.items() for words in exercise.mistakes]


def test_there_are_exercises():
    assert len(EXERCISES) >= 4 * len(CHAPTERS) > 0


@pytest.mark.parametrize("key", EXERCISES)
def test_the_right_answer_is_right(key):
    assert EXERCISES[key].diagnose(EXERCISES[key].right) == (RIGHT, "right")


@pytest.mark.parametrize(("key", "words"), MISTAKES, ids=lambda value: value[:40])
def test_each_planted_mistake_gets_its_own_diagnosis(key, words):
    """Two mistakes that give the same numbers could not be told apart."""
    exercise = EXERCISES[key]
    assert exercise.diagnose(exercise.mistakes[words]) == (WRONG, words)
    # one that raises has to be the reader's mistake, and not a slip of ours
    assert not any(isinstance(result, NameError | AttributeError | SyntaxError)
                   for result in exercise.results(exercise.mistakes[words]))


@pytest.mark.parametrize("key", EXERCISES)
@pytest.mark.parametrize("nothing", [None, ..., lambda *_: None, lambda *_: ...],
                         ids=["None", "...", "returns None", "returns ..."])
def test_a_stub_is_told_what_is_wanted(key, nothing):
    if callable(nothing) and not callable(EXERCISES[key].right):
        pytest.skip("the answer is no function")
    mark, words = EXERCISES[key].diagnose(nothing)
    assert mark == MISSING
    assert EXERCISES[key].wants in words


@pytest.mark.parametrize("key", EXERCISES)
@pytest.mark.parametrize("answer", [
    0, "a", np.nan, [], [[1, 2], [3]], np.zeros((3, 3)), {}, object(), int,
    lambda: 1, lambda *_: "text", lambda *_: 1 / 0, lambda *_: np.zeros((2, 2, 2)),
    lambda *_: [1, "a"], lambda *_: (), lambda *_: {1}, lambda *_: object()])
def test_no_answer_makes_a_check_raise(key, answer, capsys):
    checks.check(key, answer)
    said = capsys.readouterr().out
    assert said.startswith(f"{WRONG} {key}: ")
    assert max(map(len, said.splitlines())) <= 74


def test_an_unknown_exercise_is_said_and_not_raised(capsys):
    for key in ("1.99", "nothing", "99.1", ""):
        checks.check(key, 1)
        assert "cannot be checked" in capsys.readouterr().out


def test_a_chapter_holds_its_own_exercises():
    """The number in a key says in which module to look."""
    for chapter in CHAPTERS:
        module = importlib.import_module(f"nnlib.checks.chapter_{chapter:02}")
        assert inspect.getdoc(module).startswith(f"Chapter {chapter}, ")
        for key in module.EXERCISES:
            assert key.startswith(f"{chapter}.") or key == f"clinic {chapter}"


# -- What is recognised in every exercise ------------------------------------------------------

_rng = np.random.default_rng(0)
MATRIX = Exercise("a function of x", right=lambda x: 2 * x,
                  cases=((_rng.normal(size=(4, 3)),), (_rng.normal(size=(2, 3)),)))
SQUARE = Exercise("a function of x", right=lambda x: x @ x, cases=((_rng.normal(size=(3, 3)),),))
VECTOR = Exercise("a function of x", right=lambda x: x.sum(axis=0) ** 2,
                  cases=((_rng.normal(size=(5, 4)),),))
PAIR = Exercise("a function of x that returns two arrays", right=lambda x: (x, x.sum(axis=0)),
                cases=((_rng.normal(size=(5, 4)),),))
FLAG = Exercise("True or False", right=True)
WORD = Exercise("a word", right="left")

RECOGNISED = [
    ("sign", MATRIX, lambda x: -2 * x, "signs are flipped"),
    ("n times", MATRIX, lambda x: 2 * x * len(x), "n times too large"),
    ("mean twice", MATRIX, lambda x: 2 * x / len(x), "n times too small"),
    ("factor", MATRIX, lambda x: x, "0.5 times what it should be"),
    ("transposed", MATRIX, lambda x: 2 * x.T, "transposed"),
    ("square transposed", SQUARE, lambda x: (x @ x).T, "transposed"),
    ("broadcast", VECTOR, lambda x: x.sum(0)[:, None] * x.sum(0) + 0, "into a square"),
    ("not summed", VECTOR, lambda x: x**2, "rows were not added up"),
    ("keepdims", VECTOR, lambda x: x.sum(axis=0, keepdims=True) ** 2, "see keepdims"),
    ("shape", VECTOR, lambda x: np.zeros(7), "expected shape (4,), got (7,)"),
    ("nan", VECTOR, lambda x: x.sum(0) * np.nan, "there is NaN"),
    ("infinity", VECTOR, lambda x: x.sum(0) + np.inf, "there is infinity"),
    ("error", VECTOR, lambda x: x @ x, "it stopped with ValueError: matmul"),
    ("words", VECTOR, lambda x: "four", "expected numbers"),
    ("number", VECTOR, lambda x: x.sum(axis=0) ** 2 + [0, 0, 1, 0], "at [2], got"),
    ("second of two", PAIR, lambda x: (x, -x.sum(axis=0)), "value 2 of 2: all signs"),
    ("second by name", replace(PAIR, names=("dx", "db")), lambda x: (x, -x.sum(axis=0)),
     "db: all signs"),
    ("three of two", PAIR, lambda x: (x, x, x), "expected 2 values"),
    ("one of two", PAIR, lambda x: x, "expected 2 values"),
    ("no function", MATRIX, np.zeros((2, 3)), "no function but an array of shape (2, 3)"),
    ("flag", FLAG, False, "expected True or False"),
    ("number for a flag", FLAG, 1, "expected True or False"),
    ("word", WORD, "right", "expected a word"),
]


@pytest.mark.parametrize(("exercise", "answer", "fragment"), [row[1:] for row in RECOGNISED],
                         ids=[row[0] for row in RECOGNISED])
def test_recognised_by_what_it_produces(exercise, answer, fragment):
    mark, words = exercise.diagnose(answer)
    assert mark == WRONG
    assert fragment in words


def test_a_function_that_writes_into_its_argument_is_found():
    def doubled(x):
        x *= 2
        return x
    mark, words = MATRIX.diagnose(doubled)
    assert mark == WRONG
    assert "wrote into the array" in words
    before = MATRIX.cases[0][0].copy()
    MATRIX.diagnose(doubled)
    assert np.array_equal(MATRIX.cases[0][0], before)           # the case itself is safe


def test_float32_is_precise_enough():
    assert MATRIX.diagnose(lambda x: 2 * x.astype(np.float32))[0] == RIGHT

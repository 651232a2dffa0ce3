"""Shape comments: those of the notebooks are true, and the machinery knows when one is not."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nnlib.datasets.stand_ins import VARIABLE
from tests.notebooks import shapes

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NOTATION = shapes.notation((ROOT / "book" / "notation.md").read_text(encoding="utf-8"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.name)
def path(request):
    return request.param


def complaints(*sources, tags=()):
    """Run cells and return what is wrong with their comments."""
    cells = [("import numpy as np", []), *((source, tags) for source in sources)]
    return [comment.complaint for comment in shapes.run(cells, {"__name__": "cells"})
            if comment.complaint]


# -- The notebooks -----------------------------------------------------------------------------


def test_every_shape_comment_is_true(path):
    """In a process of its own, so that no chapter finds what another left behind.

    And on stand-ins for real handwriting, on which every cell must run too.
    """
    done = subprocess.run([sys.executable, shapes.__file__, path], capture_output=True,
                          env=os.environ | {VARIABLE: "1"}, encoding="utf-8", check=False)
    assert not done.returncode, done.stdout + done.stderr


def test_only_what_a_line_has_trained_before_is_cut_short():
    """The first training is whole: later cells may look at its hundredth epoch."""
    asked = []

    class Net:
        @shapes.brief_repeats
        def fit(self, *data, epochs, **options):
            asked.append((*data, epochs, options))

    for seed in range(3):
        Net().fit("X", epochs=100, rng=seed)
    Net().fit("X", epochs=50)
    Net().fit("X", epochs=1)
    assert asked == [("X", 100, {"rng": 0}), ("X", 2, {"rng": 1}), ("X", 2, {"rng": 2}),
                     ("X", 50, {}), ("X", 1, {})]


def test_every_letter_stands_in_the_notation(path):
    used = set().union(*(shapes.letters(source) for source, _ in shapes.code_cells(path)))
    assert used <= shapes.known_letters(NOTATION)


# -- The notation page -------------------------------------------------------------------------


def test_the_notation_explains_its_own_letters():
    for row in NOTATION:
        used = {letter for shape in shapes.read(row["Shape"]) for size in shape
                for letter in shapes.LETTER.findall(size)}
        assert used <= shapes.known_letters(NOTATION), row


def test_every_row_of_the_notation_is_complete():
    """A symbol, a name in code, what it is, and a chapter; in the order of the book."""
    chapters = [int(row["Chapter"]) for row in NOTATION]
    assert chapters == sorted(chapters)
    assert set(chapters) <= set(range(1, 22))
    for row in NOTATION:
        assert re.fullmatch(r"\$[^$]+\$", row["Symbol"]), row
        assert re.fullmatch(r"`[^`]+`", row["In code"]), row
        assert row["Shape"] in ("number", "size") or shapes.read(row["Shape"]), row
        assert row["Meaning"], row


def test_a_name_means_one_thing():
    """Alone in code; within a shape it is a size, which is told apart."""
    for kind in (True, False):
        names = [row["In code"] for row in NOTATION if (row["Shape"] == "size") == kind]
        assert len(names) == len(set(names))


def test_another_table_is_refused():
    with pytest.raises(ValueError, match="one table with the columns"):
        shapes.notation("| Symbol | Meaning |\n|---|---|\n| $x$ | input |")


# -- Comments ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "expected"), [
    ("# (n, k)", [("n", "k")]),
    ("# (300, 2), (300,)", [("300", "2"), ("300",)]),
    ("# in the end (30000, 3)", [("30000", "3")]),
    ("# (m, m) one row each", [("m", "m")]),
    ("# ()", [()]),
    ("# (3*n, n_in + 1)", [("3*n", "n_in + 1")]),
    ("# half the gap, in deviations", []),
    ("# what f(x, y) gives (roughly)", []),
])
def test_a_comment_is_read(text, expected):
    assert shapes.read(text) == expected


@pytest.mark.parametrize(("text", "message"), [
    ("# (n)", r"one axis is \(n,\)"),
    ("# one row each (300)", r"one axis is \(300,\)"),
    ("# (n, 2 k)", "cannot be read"),
    ("# (n, 2×k)", "cannot be read"),
    ("# (batch, classes)", "cannot be read"),
    ("# (n; k)", "starts like a shape"),
    ("# [n, k]", "starts like a shape"),
    ("# (n, k", "not closed"),
    ("# (,)", "cannot be read"),
])
def test_what_only_looks_like_a_shape_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        shapes.read(text)


# -- Checks ------------------------------------------------------------------------------------


FUNCTION = """\
def rows(n):
    \"\"\"Return twice.\"\"\"
    x = np.zeros((n, 2))                    # (n, 2)
    return x, x[:, 0]                       # (n, 2), (n,)
"""
CLASS = """\
class Layer:
    def __init__(self, n_in):
        self.W = np.zeros((n_in, 3))        # (n_in, 3)
        self.__b = np.zeros(3)              # (3,)
Layer(2), Layer(4)
"""
TRUE = {
    "name": "x = np.zeros((3, 2))  # (3, 2)",
    "letters": "x = np.zeros((3, 2))  # (n, k)\nz = x @ x.T  # (n, n)",
    "tuple": "x, y = np.zeros((3, 2)), np.zeros(3)  # (3, 2), (3,)",
    "nested targets": "(x, y), z = (np.ones(1), np.ones(2)), np.ones(3)  # (1,), (2,), (3,)",
    "tuple under one name": "data = np.zeros((3, 2)), np.zeros(3)  # (n, 2), (n,)",
    "rest": "x, *others = np.ones((3, 2))  # (2,), (2,), (2,)",
    "chained": "x = y = np.zeros(3)  # (3,)",
    "in place": "x = np.zeros(3)\nx += 1  # (3,)",
    "annotated": "x: object = np.zeros(3)  # (3,)",
    "subscript": "d = {}\nd['W'] = np.zeros(3)  # (3,)",
    "expression": "np.zeros(3)  # (3,)",
    "scalar": "loss = np.zeros(3).sum()  # ()",
    "numbers left out": "loss, grad = 0.5, np.zeros(3)  # (3,)",
    "numbers not left out": "loss, grad = 0.5, np.zeros(3)  # (), (3,)",
    "objects left out": "name, grad = 'a', np.zeros(3)  # (3,)",
    "product": "x = np.zeros((3, 2))  # (n, k)\nv = x.ravel()  # (n*k,)",
    "product beside its letter": "x, v = np.zeros((2, 6)), np.zeros(3)  # (2, 2*n), (n,)",
    "several lines": "x = np.zeros(\n    (3, 2))  # (3, 2)",
    "two statements": "x = 1; y = np.zeros(3)  # (3,)",
    "attribute": CLASS,
    "loop": "for _ in range(3):\n    x = np.zeros(3)  # (n,)",
    "head of a loop": "for x, y in [(np.zeros(3), 1)]:  # (3,)\n    pass",
    "loop, in the end": "x = np.zeros(1)\nfor _ in range(2):\n"
                        "    x = np.append(x, x)  # in the end (4,)",
    "function called twice": FUNCTION + "rows(3), rows(4)",
    "function called in another's loop": FUNCTION + "n = np.zeros(9)  # (n,)\n"
                                         "for n in range(3):\n    rows(n)",
    "in the end of each call": "def f(n):\n    for i in range(n):\n"
                               "        x = np.zeros(i + 1)  # in the end (n,)\n"
                               "    return np.zeros(n)  # (n,)\nf(2), f(3)",
    "generator": "def f():\n    for n in (3, 3):\n        yield np.zeros(n)  # (n,)\nlist(f())",
    "function in a function": "def f(x):\n    a = x.T  # (k, n)\n    def g(y):\n"
                              "        return y.T  # (k, n)\n    return g(a)  # (n, k)\n"
                              "f(np.zeros((3, 2)))",
    "class in a function": "def f(x):\n    a = x.T  # (k, n)\n    class C:\n"
                           "        b = a.T  # (n, k)\n    return C\nf(np.zeros((3, 2)))",
    "hash in a text": "s = '# (n, k)'",
    "prose": "x = np.zeros(3)  # zeros: a start\n# of three (no more)",
}


@pytest.mark.parametrize("case", TRUE)
def test_what_is_true_passes(case):
    assert complaints(TRUE[case]) == []


FALSE = {
    "number of axes": ("x = np.zeros((3, 2))  # (3,)",
                       "number of axes: not 1 but 2; found (3, 2)"),
    "size": ("x = np.zeros((3, 2))  # (3, 3)", "not 3 but 2; found (3, 2)"),
    "letter of two sizes": ("x = np.zeros(3)  # (n,)\ny = np.zeros(4)  # (n,)",
                            "n is 3, not 4; found (4,)"),
    "letter of two sizes in one shape": ("x = np.zeros((3, 4))  # (n, n)", "n is 3, not 4"),
    "letter of two sizes in a loop": ("for i in range(2):\n    x = np.zeros(i)  # (n,)",
                                      "n is 0, not 1"),
    "letter of two sizes in one call": (
        "def f():\n    x = np.zeros(3)  # (n,)\n    return x[1:]  # (n,)\nf()", "n is 3, not 2"),
    "one call of two": (FUNCTION.replace("x[:, 0]", "x[:3, 0]") + "rows(3), rows(4)",
                        "n is 4, not 3"),
    "last of the values": ("for i in range(3):\n    x = np.zeros(i)  # in the end (3,)",
                           "not 3 but 2"),
    "too few": ("x, y = np.zeros(3), np.zeros(3)  # (3,)", "number of shapes: 1, of arrays: 2"),
    "too many": ("x = np.zeros(3)  # (3,), (3,)", "number of shapes: 2, of arrays: 1"),
    "second of a tuple": ("x, y = np.zeros(3), np.zeros(4)  # (3,), (3,)", "not 3 but 4"),
    "attribute": (CLASS.replace("(n_in, 3)        #", "(n_in, 4)        #").replace(
        "# (n_in, 3)", "# (n_in, 4)"), "not 4 but 3; found (2, 3)"),
    "in place": ("x = np.zeros(3)\nx += 1  # (2,)", "not 2 but 3"),
    "expression": ("np.zeros(3)  # (2,)", "not 2 but 3"),
    "head of a loop": ("for x in np.zeros((2, 3)):  # (2,)\n    pass", "not 2 but 3"),
    "generator": ("def f():\n    yield np.zeros(3)  # (2,)\nlist(f())", "not 2 but 3"),
    "product": ("x = np.zeros((3, 2))  # (n, k)\nv = x[0]  # (n*k,)", "n*k is 6, not 2"),
    "product of unknown letters": ("x = np.zeros(6)  # (2*n,)", "n in 2*n has not stood alone"),
    "no array": ("x = 'a'  # (3,)", "not every value is an array; found no array"),
    "no arrays": ("x = 'a', 'b'  # (3,)", "number of shapes: 1, of arrays: 0; found no array"),
    "function": ("f = lambda x: x  # (n, k)", "not every value is an array"),
    "never reached": ("if False:\n    x = np.zeros(3)  # (3,)", "never checked"),
    "never called": (FUNCTION.replace("return", "return 1\n    return"), "never checked"),
    "unreadable": ("x = np.zeros(3)  # (n)", "(n) is no shape; one axis is (n,)"),
    "on a line of its own": ("# (n, k)\nx = np.zeros((3, 2))", "nothing checks it"),
    "inside a statement": ("x = np.stack([np.zeros(3),  # (3,)\n    np.zeros(3)])",
                           "does not end the last line"),
    "on a definition": ("def f(x):  # (n, k)\n    return x\nf(np.zeros((3, 2)))",
                        "does not end the last line"),
    "on nothing that has a value": ("import math  # (n, k)", "does not end the last line"),
}


@pytest.mark.parametrize("case", FALSE)
def test_what_is_false_fails(case):
    source, message = FALSE[case]
    found = complaints(source)
    assert found
    assert all(complaint.startswith("cell 2, line ") for complaint in found)
    assert message in found[0]


def test_a_letter_is_free_again_in_the_next_cell():
    assert complaints("x = np.zeros(3)  # (n,)", "x = np.zeros(4)  # (n,)") == []


def test_a_function_is_checked_wherever_it_is_called():
    found = complaints(FUNCTION, "rows(3)", "np.zeros(4)  # (n,)")
    assert found == []
    found = complaints("def f(x):\n    return x.T  # (3, n)", "f(np.zeros((4, 3)))",
                       "f(np.zeros((4, 2)))")
    assert [complaint.partition(":")[0] for complaint in found] == [
        "cell 2, line 2, # (3, n)"]


def test_cells_run_as_they_stand():
    """The checks change no result, and leave docstrings and sources where they are."""
    names = {"__name__": "cells"}
    shapes.run([("import numpy as np\nimport inspect", []), (FUNCTION, []),
                ("x, y = rows(3)\nsource = inspect.getsource(rows)", [])], names)
    assert names["rows"].__doc__ == "Return twice."
    assert names["source"] == FUNCTION
    assert names["y"].shape == (3,)


def test_a_cell_that_raises_says_where():
    with pytest.raises(ZeroDivisionError):
        complaints("1 / 0")


def test_a_cell_may_raise_where_it_says_so():
    source = "x = np.zeros(3)  # (3,)\n1 / 0"
    assert complaints(source, tags=["raises-exception"]) == []
    assert "never checked" in complaints("1 / 0\nx = 1  # ()", tags=["raises-exception"])[0]


def test_letters_are_found_without_a_run():
    assert shapes.letters("x = f()  # (n, n_in), (2*k,) and A\n# p\ny = 1  # (m)") == {
        "n", "n_in", "k"}

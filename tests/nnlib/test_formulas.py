"""Tables of formulas and displayed source: what they show is what is there.

Protects from a check that passes whatever was derived: one that compares nothing, broadcasts,
or takes NaN for agreement.
"""

import re

import numpy as np
import pytest

from nnlib import Dense, checks, vector
from nnlib.source import Source
from tests.nnlib import nets


@pytest.mark.parametrize(("f", "at", "slope"), [
    (lambda q: (q**3).sum(), np.array([1.0, -2.0, 0.0]), [3, 12, 0]),
    (lambda q: q[0, 1] * q[1, 0], np.array([[1.0, 2.0], [3.0, 4.0]]), [[0, 3], [2, 0]]),
    (lambda q: np.sin(q).sum(), 0.5, np.cos(0.5)),
    (lambda q: q.sum(), np.array([1, 2]), [1, 1]),              # integers would swallow the step
    (lambda q: q.sum(), np.array([1, 2], np.float32), [1, 1]),
    (lambda q: (3 * q).sum(keepdims=True), np.ones((2, 1)), [[3], [3]]),
    (lambda q: q.sum(), np.ones((0, 3)), np.ones((0, 3)))])
def test_numerical_gradient(f, at, slope):
    kept = np.array(at)
    found = checks.numerical_gradient(f, at)
    assert np.allclose(found, slope, rtol=1e-9, atol=1e-9)
    assert (found.dtype, found.shape) == (np.float64, np.shape(at))
    assert np.array_equal(at, kept)


@pytest.mark.parametrize("f", [lambda q: q, np.squeeze, lambda q: q.reshape(1)])
def test_a_function_may_return_what_it_was_given(f):
    """That array changes under our hands: above and below would be one number."""
    assert checks.numerical_gradient(f, 2.0) == pytest.approx(1)


def test_the_difference_is_central():
    """One-sided, the slope of q² at 1 would be off by the step."""
    assert checks.numerical_gradient(np.square, 1.0, step=0.5) == pytest.approx(2, rel=1e-12)
    sizes = []
    checks.numerical_gradient(lambda q: sizes.append(float(q)) or 0.0, 1.0, step=0.5)
    assert sorted(sizes) == [0.5, 1.5]


def test_right_formulas():
    table = checks.formulas({"a": (np.ones(1200), np.ones(1200) + 1e-8), "b": (2, 2.0)})
    assert table.passed
    assert repr(table).splitlines()[2:] == [
        "| $a$ | central differences | 1,200 | ≤ 1e-7 | ✓ |",
        "| $b$ | central differences | 1 | ≤ 1e-7 | ✓ |"]
    assert table._repr_markdown_() == repr(table)


def test_one_wrong_formula_makes_the_table_wrong():
    table = checks.formulas({"a": (1.0, 1.0), "b": (np.array([3.0, 4.0]), np.array([3.0, 5.0]))},
                            against="PyTorch", tolerance=0.01)
    assert not table.passed
    assert repr(table).splitlines()[2:] == ["| $a$ | PyTorch | 1 | ≤ 1e-2 | ✓ |",
                                            "| $b$ | PyTorch | 2 | = 2e-1 | ✗ WRONG |"]
    assert table.rows[1][-1] == pytest.approx(1 / np.hypot(3, 5))    # of the longer one


@pytest.mark.parametrize(("found", "expected", "error"), [
    (np.ones(3), np.ones((3, 1)), "inf"),                       # never broadcast
    (np.ones(3), 1.0, "inf"),
    ([1.0, np.nan], [1.0, np.nan], "nan"),
    ([1.0, np.inf], [1.0, np.inf], "nan"),
    ([1.0, np.inf], [1.0, 2.0], "nan"),
    (np.zeros(3), np.full(3, 1e-300), "1e+00"),                 # whose square is 0
    (np.zeros(3), np.full(3, 1e300), "1e+00"),                  # and infinite
    (np.ones((0, 2)), np.ones((0, 2)), "nan"),                  # nothing was compared
    (np.ones(3), -np.ones(3), "2e+00")])
def test_wrong_formulas(found, expected, error):
    for pair in ((found, expected), (expected, found)):
        table = checks.formulas({"a": pair})
        assert not table.passed
        assert repr(table).endswith(f"= {error} | ✗ WRONG |")


def test_nothing_but_zeros_agrees():
    assert checks.formulas({"a": (np.zeros(3), np.zeros(3))}).passed


# Source -----------------------------------------------------------------------------------


def short(thing):
    return repr(Source(thing))


def test_source_is_code_that_does_the_same():
    """Without the ends of its docstrings it still runs."""
    space = {}
    for thing in (vector.slots, vector.join):
        exec(short(thing), vars(vector) | space, space)
    layers = nets.net().layers[:1]
    theta, _, n_decay = space["join"](layers)
    assert (theta.size, n_decay) == (24, 16)


def test_source_keeps_the_first_lines_of_docstrings():
    shown = short(Dense)
    assert '    """Affine map  z = x W + b.    x: (n, n_in)  ->  z: (n, n_out)."""\n' in shown
    assert '        """Write dW and db; return dx, shape (n, n_in), unless nobody needs' in shown
    assert "Parameters" not in shown
    assert shown.count('"""') % 2 == 0


def commented(x):
    """Return x.

    With a story.
    """
    # why, in a line of its own
    if x:
        # and deeper
        return x                            # at the end
    return "far   apart"


def test_source_draws_comments_near_and_keeps_their_indentation():
    assert short(commented) == '''\
def commented(x):
    """Return x."""
    # why, in a line of its own
    if x:
        # and deeper
        return x  # at the end
    return "far   apart"
'''


def test_source_stands_in_a_fence():
    shown = Source(vector.slots, vector.shorten)._repr_markdown_()
    assert re.fullmatch(r"```python\ndef slots\(.*\n\ndef shorten\(.*\n```", shown, re.DOTALL)
    assert shown.count("```") == 2

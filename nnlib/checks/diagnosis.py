"""Say what is wrong with an answer to an exercise, by what it produces.

An Exercise holds the right answer and the classic wrong ones. An answer that gives the numbers
of a wrong one has made its mistake. What no exercise foresaw (a transpose, a sign, a factor, a
shape that broadcasting made) is recognised for all of them.
"""

import copy
import importlib
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

RIGHT, WRONG, MISSING = "✓", "✗", "○"
WIDTH = 74                                  # of a line, to fit a page without scrolling


@dataclass(frozen=True)
class Exercise:
    """What is right, and what is classically wrong.

    Parameters
    ----------
    wants : str
        What the answer is to be, for who has none yet.
    right : callable or value
        The right function, called with each case; or the right numbers themselves.
    cases : tuple of tuples
        Arguments, for an answer that is a function.
    mistakes : dict
        {what to say: a wrong function or value}.
    use : callable
        Makes numbers of an answer and a case: ``use(answer, *case)``. By default it calls.
    tolerance : float
        How far off, relative to the largest number, a right answer may be.
    names : tuple of str
        What the values are called, where the answer is more than one.
    """

    wants: str
    right: object
    cases: tuple = ((),)
    mistakes: dict = field(default_factory=dict)
    use: Callable = lambda answer, *case: answer(*case) if callable(answer) else answer
    tolerance: float = 1e-5
    names: tuple = ()

    def results(self, answer):
        """Return what an answer gives for each case, an exception if it raises one."""
        return [self._result(answer, copy.deepcopy(case)) for case in self.cases]

    def _result(self, answer, case):
        try:
            with np.errstate(all="ignore"):
                return self.use(answer, *case)
        except Exception as error:          # whatever a reader's code may raise
            return error

    def same(self, found, expected):
        """Whether two lists of results agree, shapes included."""
        return all(_alike(a, b, self.tolerance) for a, b in zip(found, expected, strict=True))

    def diagnose(self, answer):
        """Return a mark and what to say of an answer."""
        if _nothing(answer):
            return MISSING, f"nothing to check yet. Wanted: {self.wants}"
        if callable(self.right) and not callable(answer):
            return WRONG, f"this is no function but {_kind(answer)}. Wanted: {self.wants}"
        found = self.results(answer)
        if all(map(_nothing, found)):
            return MISSING, f"nothing came back yet. Wanted: {self.wants}"
        expected = self.results(self.right)
        if self.same(found, expected):
            changed = self._changed(answer)
            return (WRONG, changed) if changed else (RIGHT, "right")
        for words, wrong in self.mistakes.items():
            if self.same(found, self.results(wrong)):
                return WRONG, words
        for case, result in zip(self.cases, found, strict=True):
            if isinstance(result, Exception):
                return WRONG, (f"it stopped with {type(result).__name__}: {result}"
                               f"{_arguments(case)}")
        return WRONG, _difference(found, expected, self.cases, self.tolerance, self.names)

    def _changed(self, answer):
        """Return a complaint if a function writes into its arguments."""
        for case in self.cases:
            given = copy.deepcopy(case)
            self._result(answer, given)
            for before, after in zip(case, given, strict=True):
                if isinstance(before, np.ndarray) and not _alike(before, after, 0):
                    return ("the numbers are right, but your function wrote into the array that "
                            "it was given. Make a new array instead of using += or out=")
        return ""


def check(key, answer):
    """Print whether an answer to exercise ``key`` is right, and if not, what is wrong.

    Never raises, so that a notebook runs on past an exercise that nobody has done yet.

    Examples
    --------
    >>> check("1.1", None)
    ○ 1.1: nothing to check yet. Wanted: the parameters of each of the three
      layers, as a, b, c
    """
    try:
        mark, words = exercises(re.search(r"\d+", key)[0])[key].diagnose(answer)
    except Exception as error:              # an unknown key, or numbers that cannot be compared
        mark, words = WRONG, f"this cannot be checked ({type(error).__name__}: {error})"
    print(textwrap.fill(f"{mark} {key}: {words}", WIDTH, subsequent_indent="  "))


def exercises(chapter):
    """Return the exercises of a chapter, by key."""
    return importlib.import_module(f".chapter_{int(chapter):02}", __package__).EXERCISES


def _nothing(answer):
    """Whether an answer is that of a stub: nothing, or dots in some place."""
    if isinstance(answer, tuple | list):
        return any(map(_nothing, answer))
    return answer is None or answer is ...


def _several(answer):
    """Whether an answer is a row of values."""
    return isinstance(answer, tuple | list) or (isinstance(answer, np.ndarray) and answer.ndim > 0)


def _kind(answer):
    """Return what an answer is, in words."""
    return f"an array of shape {answer.shape}" if isinstance(answer, np.ndarray) else repr(answer)


def _alike(a, b, tolerance):
    """Whether two results have one shape and the same numbers."""
    if isinstance(b, str | bool):
        return type(a) is type(b) and a == b
    if isinstance(b, Exception):
        return type(a) is type(b)
    if isinstance(b, tuple | list):
        return _several(a) and len(a) == len(b) and all(
            _alike(x, y, tolerance) for x, y in zip(a, b, strict=True))
    try:
        a, b = np.asarray(a, float), np.asarray(b, float)
    except (TypeError, ValueError):
        return False
    return a.shape == b.shape and _close(a, b, tolerance)


def _close(a, b, tolerance):
    """Whether two arrays of one shape agree; NaN and infinity with their like."""
    finite = np.abs(b[np.isfinite(b)])
    return np.allclose(a, b, rtol=tolerance, equal_nan=True,
                       atol=tolerance * float(finite.max(initial=0)))


def _difference(found, expected, cases, tolerance, names=()):
    """Return how the first wrong result differs from what it should be."""
    trios = [(a, b, case) for a, b, case in zip(found, expected, cases, strict=True)
             if not _alike(a, b, tolerance)]
    a, b, case = trios[0]
    where = _arguments(case)
    if isinstance(b, tuple | list):
        if not _several(a):
            return f"expected {len(b)} values{where}, got {_kind(a)}"
        if len(a) != len(b):
            return f"expected {len(b)} values{where}, got {len(a)}"
        j = next(j for j, (x, y) in enumerate(zip(a, b, strict=True))
                 if not _alike(x, y, tolerance))
        found, expected, cases = zip(*((a[j], b[j], case) for a, b, case in trios
                                       if len(a) == len(b)), strict=True)
        name = names[j] if len(names) == len(b) else f"value {j + 1} of {len(b)}"
        return f"{name}: " + _difference(found, expected, cases, tolerance)
    if isinstance(b, str | bool):
        return f"expected {'a word' if isinstance(b, str) else 'True or False'}, and not {a!r}"
    try:
        a, b = np.asarray(a, float), np.asarray(b, float)
    except (TypeError, ValueError):
        return f"expected numbers{where}, got {_kind(a)}"
    if a.shape != b.shape:
        return _shapes(a, b, tolerance) + where
    if np.isnan(a).any() and not np.isnan(b).any():
        return (f"there is NaN in it{where}. Look for infinity minus infinity, infinity divided "
                f"by infinity, or 0 divided by 0")
    if np.isinf(a).any() and not np.isinf(b).any():
        return f"there is infinity in it{where}. Look for exp of a large number or log of 0"
    if not case and not b.ndim:             # the number that is asked for stays a secret
        return f"{a:.6g} is {'below' if a < b else 'above'} the right number"
    return _numbers([(np.asarray(x, float), np.asarray(y, float)) for x, y, _ in trios
                     if np.shape(x) == np.shape(y)], tolerance) + where


def _shapes(a, b, tolerance):
    """Return words for a result a of another shape than b."""
    if a.shape == b.T.shape and _close(a, b.T, tolerance):
        return "it is transposed: rows and columns have changed places. Look for a missing .T"
    if not b.ndim:
        return f"expected one number, got an array of shape {a.shape}: take the mean, or the sum"
    if b.ndim == 1 and a.shape == (b.size, b.size):
        return (f"expected shape {b.shape}, got {a.shape}: (n, 1) and (n,) were broadcast into a "
                f"square. Give both the same shape")
    if a.size == b.size:
        return f"expected shape {b.shape}, got {a.shape}: the numbers may be right, see keepdims"
    if a.shape[1:] == b.shape and a.ndim == b.ndim + 1:
        return (f"expected shape {b.shape}, got {a.shape}: the rows were not added up. Look for a "
                f"missing sum over axis 0")
    return f"expected shape {b.shape}, got {a.shape}"


def _numbers(pairs, tolerance):
    """Return words for what wrong numbers in the right shapes have in common."""
    if all(_close(a, -b, tolerance) for a, b in pairs):
        return "all signs are flipped. Look for a minus too many or too few"
    if all(a.shape == a.T.shape and _close(a, b.T, tolerance) for a, b in pairs):
        return "it is transposed: rows and columns have changed places. Look for a missing .T"
    factors = [_factor(a, b, tolerance) for a, b in pairs]
    rows = [len(b) if b.ndim else 0 for _, b in pairs]
    if all(factors):
        # that it is n shows only where batches of different lengths agree on it
        if len(set(rows)) > 1 and min(rows) > 1:
            if np.allclose(factors, rows, rtol=1e-4):
                return "it is n times too large: take the mean over the n rows of the batch"
            if np.allclose(np.multiply(factors, rows), 1, rtol=1e-4):
                return "it is n times too small: was the mean taken twice?"
        if max(factors) - min(factors) < 1e-4 * abs(factors[0]) and sum(
                b.size for _, b in pairs) > 2:
            return f"it is {factors[0]:.4g} times what it should be, everywhere"
    a, b = pairs[0]
    place = np.unravel_index(np.argmax(~np.isclose(a, b, rtol=tolerance)), b.shape)
    at = f" at {[int(i) for i in place]}" if place else ""
    return f"expected {b[place]:.4g}{at}, got {a[place]:.4g}"


def _factor(a, b, tolerance):
    """Return c if a = c b, else None."""
    scale = float(np.vdot(b, b))
    c = float(np.vdot(a, b)) / scale if scale else 0.0
    return c if c and _close(a, c * b, tolerance) else None


def _arguments(case):
    """Return the arguments of a case, for the end of a sentence."""
    if not case:
        return ""
    shown = [f"an array {x.shape}" if isinstance(x, np.ndarray) and (x.size > 4 or x.ndim > 1)
             else np.array2string(x, precision=3, separator=", ") if isinstance(x, np.ndarray)
             else repr(x) for x in case]
    return f" (tried with {', '.join(shown)})"

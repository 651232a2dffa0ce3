"""Formulas and numerical gradients: a table that shows what was derived to be true."""

import numpy as np

from .._validate import expect_between

STEP = 1e-5                                 # in float64: its error is about STEP² and 1e-11


def numerical_gradient(f, at, *, step=STEP):
    """Return the slopes of f, a number, for each number in an array: central differences.

    (f(q + h) − f(q − h)) / 2h, in float64. ``f`` is called with an array of the shape of
    ``at``, which is not changed. Built in chapter 5.

    Raises
    ------
    ValueError, TypeError
        If f returns anything but one number, or step is not above 0.

    Examples
    --------
    >>> numerical_gradient(lambda q: (q**2).sum(), np.array([1.0, -3.0])).round(6)
    array([ 2., -6.])
    """
    expect_between("numerical_gradient", "step", step, 0)
    q = np.array(at, np.float64)
    slopes = np.empty_like(q)
    for i in np.ndindex(q.shape):
        kept = q[i]
        q[i] = kept + step
        above = _number(f(q))
        q[i] = kept - step
        slopes[i] = (above - _number(f(q))) / (2 * step)
        q[i] = kept
    return slopes


def _number(value):
    """Return a function's value as a float, no view of its argument; raise unless it is one."""
    value = np.asarray(value, np.float64)
    if value.size != 1:
        raise ValueError(f"numerical_gradient: expected one number from f, got an array of shape "
                         f"{value.shape}; sum it up, or take one of them")
    return value.item()


def formulas(rows, *, against="central differences", tolerance=1e-7):
    """Return a table that holds each formula against another way to its numbers.

    Built in chapter 5.

    Parameters
    ----------
    rows : dict
        {TeX of the formula: (its numbers, the numbers of the other way)}, or with a third
        item, the other way in words. For the bars of an
        absolute value write lvert and rvert: a bar would end the table's cell.
    against : str
        What the other way is, where a row does not say.
    tolerance : float
        The largest relative error ‖a − b‖ / max(‖a‖, ‖b‖) of a formula that is right.

    Returns
    -------
    Formulas
        Shows itself as a table; ``passed`` says whether all are right. Numbers of another shape
        are wrong, as are NaN, infinity, and none at all.

    Raises
    ------
    ValueError
        If there are no rows, or a formula holds a bar.

    Examples
    --------
    >>> formulas({"(q^2)' = 2q": (6.0, numerical_gradient(np.square, 3.0))})
    | formula | held against | numbers | relative error | |
    |---|---|---|---|---|
    | $(q^2)' = 2q$ | central differences | 1 | ≤ 1e-7 | ✓ |
    """
    if not rows:
        raise ValueError("formulas: expected at least one row, got none")
    for tex in rows:
        if "|" in tex:
            raise ValueError(rf"formulas: a bar ends the cell of a table; write \lvert and \rvert "
                             f"in {tex!r}")
    return Formulas([(tex, way[0] if way else against, np.size(found), _error(found, expected))
                     for tex, (found, expected, *way) in rows.items()], tolerance)


class Formulas:
    """What ``formulas`` found; displayed, a table. Built in chapter 5."""

    def __init__(self, rows, tolerance):
        self.rows, self.tolerance = rows, tolerance

    @property
    def passed(self):
        """Whether every formula is right (NaN is not)."""
        return all(error <= self.tolerance for *_, error in self.rows)

    def __repr__(self):
        """Return the table as Markdown."""
        lines = ["| formula | held against | numbers | relative error | |",
                 "|---|---|---|---|---|"]
        for tex, against, size, error in self.rows:
            right = error <= self.tolerance
            shown = f"≤ {self.tolerance:.0e}" if right else f"= {error:.0e}"
            shown = shown.replace("e-0", "e-")
            lines.append(f"| ${tex}$ | {against} | {size:,} | {shown} | "
                         f"{'✓' if right else '✗ WRONG'} |")
        return "\n".join(lines)

    _repr_markdown_ = __repr__


def _error(found, expected):
    """Return the relative error of two arrays, infinite if their shapes differ."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    if found.shape != expected.shape:
        return np.inf
    largest = np.max(np.abs([found, expected]), initial=0)
    if not found.size or not np.isfinite(largest):
        return np.nan
    if largest == 0:
        return 0.0
    found, expected = found / largest, expected / largest      # so that no square overflows
    length = max(np.linalg.norm(found), np.linalg.norm(expected))
    return float(np.linalg.norm(found - expected) / length)

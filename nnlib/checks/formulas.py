"""Formulas and numerical gradients: a table that shows what was derived to be true."""

import numpy as np

STEP = 1e-5                                 # in float64: its error is about STEP² and 1e-11


def numerical_gradient(f, at, *, step=STEP):
    """Return the slopes of f, a number, for each number in an array: central differences.

    (f(q + h) − f(q − h)) / 2h, in float64. ``f`` is called with an array of the shape of
    ``at``, which is not changed. Built in chapter 5.

    Examples
    --------
    >>> numerical_gradient(lambda q: (q**2).sum(), np.array([1.0, -3.0])).round(6)
    array([ 2., -6.])
    """
    q = np.array(at, np.float64)
    slopes = np.empty_like(q)
    for i in np.ndindex(q.shape):
        kept = q[i]
        q[i] = kept + step
        above = f(q)
        q[i] = kept - step
        slopes[i] = (above - f(q)) / (2 * step)
        q[i] = kept
    return slopes


def formulas(rows, *, against="central differences", tolerance=1e-7):
    """Return a table that holds each formula against another way to its numbers.

    Parameters
    ----------
    rows : dict
        {TeX of the formula: (its numbers, the numbers of the other way)}. For the bars of an
        absolute value write lvert and rvert: a bar would end the table's cell.
    against : str
        What the other way is.
    tolerance : float
        The largest relative error ‖a − b‖ / max(‖a‖, ‖b‖) of a formula that is right.

    Returns
    -------
    Formulas
        Shows itself as a table; ``passed`` says whether all are right.

    Examples
    --------
    >>> formulas({"(q^2)' = 2q": (6.0, numerical_gradient(np.square, 3.0))})
    | formula | held against | numbers | relative error | |
    |---|---|---|---|---|
    | $(q^2)' = 2q$ | central differences | 1 | ≤ 1e-7 | ✓ |
    """
    return Formulas([(tex, np.size(found), _error(found, expected))
                     for tex, (found, expected) in rows.items()], against, tolerance)


class Formulas:
    """What ``formulas`` found; displayed, a table."""

    def __init__(self, rows, against, tolerance):
        self.rows, self.against, self.tolerance = rows, against, tolerance

    @property
    def passed(self):
        """Whether every formula is right (NaN is not)."""
        return all(error <= self.tolerance for _, _, error in self.rows)

    def __repr__(self):
        """Return the table as Markdown."""
        lines = ["| formula | held against | numbers | relative error | |",
                 "|---|---|---|---|---|"]
        for tex, size, error in self.rows:
            right = error <= self.tolerance
            shown = f"≤ {self.tolerance:.0e}" if right else f"= {error:.0e}"
            shown = shown.replace("e-0", "e-")
            lines.append(f"| ${tex}$ | {self.against} | {size:,} | {shown} | "
                         f"{'✓' if right else '✗ WRONG'} |")
        return "\n".join(lines)

    _repr_markdown_ = __repr__


def _error(found, expected):
    """Return the relative error of two arrays, infinite if their shapes differ."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    if found.shape != expected.shape:
        return np.inf
    length = max(np.linalg.norm(found), np.linalg.norm(expected))
    return float(np.linalg.norm(found - expected) / length) if length else 0.0

"""A function of two numbers as a map with contour lines, and walks across it."""

import numpy as np

from .pictures import COLOURS, INK, LINES, drawing


def surface(f, *, alt, x, y, xlabel="$x_1$", ylabel="$x_2$", title=None, ax=None, levels=12,
            paths=None, resolution=120):
    """Draw lines of equal height of a function of two numbers, and paths across it.

    Parameters
    ----------
    f : callable
        From two numbers to a height.
    x, y : (low, high)
        What part of the plane to show.
    levels : int or list
        How many lines, or at which heights.
    paths : dict, optional
        {label: points (m, 2)}, each a line with dots, its start marked with a ring.
    alt, title, ax
        See scatter.

    Examples
    --------
    >>> surface(lambda a, b: a**2 + b**2, x=(-1, 1), y=(-1, 1), resolution=20,
    ...         alt="Rings round the origin, which is the lowest point")
    <Figure: Rings round the origin, which is the lowest point.>
    """
    across, up = np.linspace(*x, resolution), np.linspace(*y, resolution)
    heights = np.array([[f(a, b) for a in across] for b in up])     # (m, m)
    with drawing(ax, alt) as ax:
        ax.contour(across, up, heights, levels, colors=[INK], linewidths=0.8, alpha=0.7)
        for i, (label, points) in enumerate((paths or {}).items()):
            points = np.asarray(points)
            ax.plot(*points.T, f"o{LINES[i % len(LINES)]}", color=COLOURS[i], label=label,
                    markersize=3)
            ax.plot(*points[0], "o", color=COLOURS[i], markersize=9, fillstyle="none")
        ax.set(xlabel=xlabel, ylabel=ylabel, title=title, xlim=x, ylim=y)
        if paths:
            ax.legend(loc="best")
        return ax.figure

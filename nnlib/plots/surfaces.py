"""A function of two numbers as a map with contour lines, and walks across it."""

import numpy as np

from .pictures import COLOURS, INK, LINES, drawing


def surface(f, *, alt, x, y, xlabel=None, ylabel=None, title=None, ax=None, levels=12,
            labels=(), paths=None, resolution=120):
    """Draw lines of equal height of a function of two numbers, and paths across it.

    Parameters
    ----------
    f : callable
        From two numbers to a height.
    x, y : (low, high)
        What part of the plane to show.
    levels : int or list
        How many lines, or at which heights.
    labels : list, optional
        Which of these heights are written on their lines.
    paths : dict, optional
        {label: points (m, 2)}, each a line with dots, its start marked with a ring.
    alt, title, ax
        See scatter.

    Examples
    --------
    >>> surface(lambda a, b: a**2 + b**2, x=(-1, 1), y=(-1, 1), resolution=20,
    ...         alt="Rings round the origin, which is the lowest point")
    <Figure: Rings round the origin, which is the lowest point.>
    >>> picture = surface(lambda a, b: a**2 + b**2, x=(-1, 1), y=(-1, 1), resolution=20,
    ...                   levels=[0.1, 0.5], labels=[0.5], alt="Two rings, the outer one says 0.5")
    >>> [text.get_text() for text in picture.axes[0].texts]
    ['0.5']
    """
    across, up = np.linspace(*x, resolution), np.linspace(*y, resolution)
    heights = np.array([[f(a, b) for a in across] for b in up])     # (m, m)
    with drawing(ax, alt) as ax:
        lines = ax.contour(across, up, heights, levels, colors=[INK], linewidths=0.8, alpha=0.7)
        if len(labels):
            ax.clabel(lines, labels, fontsize="small")
        for i, (label, points) in enumerate((paths or {}).items()):
            points = np.asarray(points)
            ax.plot(*points.T, f"o{LINES[i % len(LINES)]}", color=COLOURS[i], label=label,
                    markersize=3)
            ax.plot(*points[0], "o", color=COLOURS[i], markersize=9, fillstyle="none")
        ax.set(xlabel=xlabel or "$x_1$", ylabel=ylabel or "$x_2$", title=title, xlim=x, ylim=y)
        if paths:
            ax.legend(loc="best")
        return ax.figure

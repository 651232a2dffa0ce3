"""Diagrams: a network of neurons, and a computation as a graph."""

from itertools import pairwise

import numpy as np

from .pictures import COLOURS, INK, drawing, panels

LABEL = 14                                  # points in a graph: to be read on a phone


def network(widths, *, alt, labels=None, weights=None, title=None, ax=None):
    """Draw neurons in columns, left to right, each joined to all of the column before.

    Parameters
    ----------
    widths : sequence of int
        Neurons in each column; the first are the inputs.
    labels : list of lists of str, optional
        What to write into them, column by column.
    weights : list of arrays (n_in, n_out), optional
        Thickens the lines by size and dashes those below 0.
    alt, title, ax
        See scatter.

    Examples
    --------
    >>> network((2, 3), alt="Two inputs, each joined to all of three neurons")
    <Figure: Two inputs, each joined to all of three neurons.>
    """
    ax = ax or panels(1, width=2.2 + 1.4 * len(widths), height=0.5 + 0.75 * max(widths))[1][0]
    with drawing(ax, alt) as ax:
        rows = [(n - 1) / 2 - np.arange(n) for n in widths]
        for i, (left, right) in enumerate(pairwise(rows)):
            largest = np.abs(weights[i]).max() if weights else 1
            for a, start in enumerate(left):
                for b, end in enumerate(right):
                    w = weights[i][a][b] if weights else 0.4
                    ax.plot([2 * i, 2 * i + 2], [start, end], color=INK, zorder=1,
                            linestyle="-" if w >= 0 else "--",
                            linewidth=0.4 + 2 * abs(w) / largest)
        for i, column in enumerate(rows):
            colour = INK if i == 0 else COLOURS[0]
            for j, y in enumerate(column):
                ax.plot(2 * i, y, "o", markersize=36 if labels else 26, color=colour,
                        markeredgewidth=0, zorder=2)
                if labels:
                    ax.text(2 * i, y, labels[i][j], color="white", ha="center", va="center",
                            zorder=3, fontsize=9.5)
        _bare(ax, title, x=(-0.6, 2 * len(widths) - 1.4), y=(-max(widths) / 2, max(widths) / 2))
        return ax.figure


def graph(nodes, arrows, *, alt, title=None, ax=None, width=6.8, height=3.2):
    """Draw a computation: boxes with what they compute, arrows with what passes along them.

    Parameters
    ----------
    nodes : dict
        {name: (x, y, text)}; x and y in steps of about 1.
    arrows : list of (from, to, forward, backward)
        Two names and two texts: above the arrow what goes forward, below it, in another
        colour and with a small arrow back, what comes back; either may be "".
    alt, title, ax
        See scatter.

    Examples
    --------
    >>> graph({"x": (0, 0, "x"), "z": (1, 0, "·3")}, [("x", "z", "2", "3")],
    ...       alt="An arrow with 2 from x to a box that multiplies by 3, and 3 coming back")
    <Figure: An arrow with 2 from x to a box that multiplies by 3, and 3 coming back.>
    """
    ax = ax or panels(1, width=width, height=height)[1][0]
    with drawing(ax, alt) as ax:
        for start, end, forward, backward in arrows:
            (x0, y0, _), (x1, y1, _) = nodes[start], nodes[end]
            ax.annotate("", (x1, y1), (x0, y0), zorder=1, arrowprops={
                "arrowstyle": "-|>", "color": INK, "shrinkA": 20, "shrinkB": 22})
            middle = (x0 + x1) / 2, (y0 + y1) / 2
            aside = 13 * np.sign(y1 - y0)                       # out of a slanted arrow's way
            ax.annotate(forward, middle, (-aside, 4), textcoords="offset points", ha="center",
                        va="bottom", color=COLOURS[0], fontsize=LABEL)
            ax.annotate(f"← {backward}" if backward else "", middle, (aside, -5), ha="center",
                        textcoords="offset points", va="top", color=COLOURS[1], fontsize=LABEL)
        for x, y, text in nodes.values():
            ax.text(x, y, text, ha="center", va="center", color="white", zorder=3, fontsize=LABEL,
                    bbox={"boxstyle": "round,pad=0.35", "facecolor": INK, "edgecolor": "none"})
        across, up = zip(*((x, y) for x, y, _ in nodes.values()), strict=True)
        _bare(ax, title, x=(min(across) - 0.3, max(across) + 0.3),
              y=(min(up) - 0.3, max(up) + 0.3))
        return ax.figure


def _bare(ax, title, *, x, y):
    """Leave out the axes: positions in a diagram mean nothing."""
    ax.set(xlim=x, ylim=y, title=title)
    ax.axis("off")

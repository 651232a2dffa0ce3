"""Which class was taken for which, and how far to believe a probability."""

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, LogNorm, to_rgba

from .images import WIDTH
from .pictures import CAPTION, COLOURS, INK, drawing, inches_of, panels

TILE = "#15181c"                            # what lies under shares, nearly black on any page
MISTAKES = LinearSegmentedColormap.from_list(
    "mistakes", ["#4a2208", "#8f4206", "#d55e00", "#ff9d4d", "#ffe0c2"])
HITS = LinearSegmentedColormap.from_list("hits", ["#12283a", "#16548a", "#1876b8"])
INNER = 5.2                                 # inches of all cells side by side
RAREST = 1e-3                               # share of a class with the palest colour
FEW, MANY = 12, 20                          # classes with counts in the cells; names in two rows


def confusion(C, classes, *, alt, title=None, ax=None):
    """Draw which class (row) is taken for which (column), as shares of the row.

    C: (k, k) counts, as of ``metrics.confusion_matrix``. Mistakes are orange on a logarithmic
    scale, so that one in a hundred shows beside one in two; the diagonal, what is right, is
    blue on a linear one and does not outshine them. Where nothing was counted all is dark. Up
    to twelve classes have their counts written in. Built in chapter 16.

    Parameters
    ----------
    classes : list of str
        k names.
    alt, title, ax
        See scatter.

    Raises
    ------
    ValueError
        If C is not square or holds no counts, or the names are not as many.

    Examples
    --------
    >>> confusion(np.array([[9, 1], [3, 7]]), "ab", alt="Of ten a's one is taken for a b")
    <Figure: Of ten a's one is taken for a b.>
    """
    C = np.asarray(C)
    if C.ndim != 2 or len(C) != C.shape[1] or not len(C):
        raise ValueError(f"plots.confusion: expected counts C of shape (k, k), got {C.shape}")
    if C.dtype.kind not in "iu" or C.min() < 0:
        raise ValueError(f"plots.confusion: expected counts, whole numbers from 0, got {C.dtype} "
                         f"from {C.min()} on; the shares are taken here")
    k = len(C)
    if len(classes) != k:
        raise ValueError(f"plots.confusion: expected {k} names in classes, got {len(classes)}")
    share = C / np.maximum(C.sum(axis=1, keepdims=True), 1)     # (k, k)
    own = np.eye(k, dtype=bool)
    colours = MISTAKES(LogNorm(RAREST, 1, clip=True)(share))    # (k, k, 4)
    colours[own] = HITS(share[own])
    colours[C == 0] = to_rgba(TILE)
    side = WIDTH if k > 4 else 5
    ax = ax or panels(1, width=side, height=side - 0.4 + (0.4 if title else 0))[1][0]
    with drawing(ax, alt) as ax:
        ax.imshow(colours, interpolation="nearest")
        ax.set(xlabel="predicted class", ylabel="true class", title=title)
        ax.spines[:].set_visible(True)
        _name_classes(ax, classes)
        if k <= FEW:
            size = min(CAPTION - 1, 72 * INNER / k / (0.62 * len(f"{C.max():,}")))
            for i, j in np.argwhere(C > 0):
                bright = colours[i, j, :3]**2.2 @ [0.21, 0.72, 0.07] > 0.19     # luminance
                ax.text(j, i, f"{C[i, j]:,}", ha="center", va="center", fontsize=size,
                        color=TILE if bright else "white")
        _scale(ax)
        return ax.figure


def reliability(confidence, accuracy, counts, *, alt, title=None, ax=None):
    """Draw how often a model is right against how sure it says it is, bin by bin.

    confidence, accuracy, counts: one number for each of m equal bins of 0 … 1, as
    ``metrics.calibration`` gives them. A dot on the diagonal is a model that keeps its word,
    below it one that is too sure. Bars through the dots say where the truth may lie, one standard
    deviation of luck either way (Wilson 1927); the numbers at the foot tell how many fall into
    each bin. Built in chapter 16.

    Parameters
    ----------
    alt, title, ax
        See scatter.

    Raises
    ------
    ValueError
        If the three are not m numbers each, or a number with a count is outside 0 … 1.

    Examples
    --------
    >>> reliability([0.3, 0.9], [0.5, 0.8], [10, 90], alt="Two dots, the right one a bit too low")
    <Figure: Two dots, the right one a bit too low.>
    """
    c, a, n = (np.asarray(values, float) for values in (confidence, accuracy, counts))
    if c.ndim != 1 or not c.shape == a.shape == n.shape or not len(c):
        raise ValueError(f"plots.reliability: expected three rows of m numbers, got {c.shape}, "
                         f"{a.shape} and {n.shape}")
    some = n > 0
    if not ((c[some] >= 0) & (c[some] <= 1) & (a[some] >= 0) & (a[some] <= 1)).all():
        raise ValueError("plots.reliability: confidence and accuracy must be from 0 to 1 where "
                         "there are counts")
    m = len(c)
    with drawing(ax or panels(1, width=5.6, height=5.3)[1][0], alt) as ax:
        ax.plot([0, 1], [0, 1], "--", color=INK, label="as sure as right")
        ax.bar((np.arange(m) + 0.5) / m, np.where(some, a, 0), width=1 / m, color=COLOURS[0],
               alpha=0.22, edgecolor=INK, linewidth=0.8)
        ax.errorbar(c[some], a[some], _reach(a[some], n[some]), fmt="o", color=COLOURS[0],
                    label="the model")
        for i in np.flatnonzero(some):
            ax.text((i + 0.5) / m, 0.02, f"{n[i]:,.0f}", ha="center", va="bottom", color=INK,
                    rotation=90, fontsize=11)
        ax.set(xlabel="how sure (the highest probability)", ylabel="how often right", title=title,
               xlim=(0, 1), ylim=(0, 1.02), aspect="equal")
        ax.legend(loc="upper left")
        return ax.figure


def labelled(x, y, names, *, alt, xlabel, ylabel, title=None, ax=None, groups=None, log=""):
    """Draw each of n things as its name, at its place (x, y). Built in chapter 15.

    Parameters
    ----------
    x, y : arrays (n,)
    names : list of str
        n names, a letter or two each.
    groups : array (n,), optional
        Whole numbers from 0: a colour each. What they are should show in the names, too.
    log : str
        "x", "y" or "xy": which axes are logarithmic.
    alt, xlabel, ylabel, title, ax
        See curves.

    Raises
    ------
    ValueError
        If there are not n of each, or more than six groups.

    Examples
    --------
    >>> labelled([1, 2], [3, 1], "ab", xlabel="rank", ylabel="score",
    ...          alt="The letter a at the upper left and b at the lower right")
    <Figure: The letter a at the upper left and b at the lower right.>
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    groups = np.zeros(x.shape, int) if groups is None else np.asarray(groups)
    if x.ndim != 1 or not len(x) or not x.shape == y.shape == groups.shape == (len(names),):
        raise ValueError(f"plots.labelled: expected n numbers x and y, n names and n groups, got "
                         f"{x.shape}, {y.shape}, {len(names)} and {groups.shape}")
    if groups.min() < 0 or groups.max() >= len(COLOURS):
        raise ValueError(f"plots.labelled: groups must be from 0 to {len(COLOURS) - 1}, got "
                         f"{groups.min()} to {groups.max()}")
    with drawing(ax or panels(1, height=5.4)[1][0], alt) as ax:
        ax.plot(x, y, linestyle="none")                         # for the limits alone
        ax.margins(0.06)
        if "x" in log:
            ax.set_xscale("log")
        if "y" in log:
            ax.set_yscale("log")
        for at, up, name, group in zip(x, y, names, groups, strict=True):
            ax.text(at, up, name, color=COLOURS[group], fontsize=CAPTION + 2, fontweight="bold",
                    ha="center", va="center", parse_math=False)
        ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
        return ax.figure


def _reach(a, n):
    """Return how far below and above a, a share of n, the truth may lie: Wilson's interval."""
    middle = (a + 0.5 / n) / (1 + 1 / n)
    half = np.sqrt(a * (1 - a) / n + 0.25 / n**2) / (1 + 1 / n)
    return np.maximum([a - middle + half, middle + half - a], 0)


def _name_classes(ax, classes):
    """Write the names along both axes; many in two rows, taking turns, to be larger."""
    k = len(classes)
    names = [name if len(name) <= 14 else f"{name[:13]}…" for name in map(str, classes)]
    turns = 2 if k > MANY else 1
    long = max(map(inches_of, names)) > turns * INNER / k
    for axis in (ax.xaxis, ax.yaxis):
        rows = 1 if long else turns
        for turn in range(rows):
            places = range(turn, k, rows)
            axis.set_ticks(places, [names[i] for i in places], minor=turn > 0,
                           parse_math=False)
        size = CAPTION if rows == 2 else min(CAPTION, 72 * INNER / k)
        axis.set_tick_params("both", size=0, labelsize=size, pad=3)
        axis.set_tick_params("minor", pad=17)
    if long:
        ax.tick_params("x", rotation=90)


def _scale(ax):
    """Add a bar that says which red is how rare."""
    colours = ax.figure.colorbar(ScalarMappable(LogNorm(RAREST, 1), MISTAKES), ax=ax, shrink=0.5,
                                 aspect=25, pad=0.02, anchor=(0, 1))
    colours.set_ticks([0.001, 0.01, 0.1, 1], labels=["0.1 %", "1 %", "10 %", "100 %"])
    colours.ax.set_title("mistakes", fontsize=11, fontweight="normal")
    colours.ax.minorticks_off()
    colours.outline.set_visible(False)

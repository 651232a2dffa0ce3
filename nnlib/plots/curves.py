"""Curves: what training looked like, learning rates, functions of one number."""

import matplotlib as mpl
import numpy as np
from matplotlib.ticker import MaxNLocator

from .._validate import expect_count
from .pictures import COLOURS, INK, LINES, MARKERS, drawing, legend, look, panels


def history(history, *, alt, title=None):
    """Draw the columns of a History against the epoch: loss, and accuracy if it is there.

    alt: one text for the whole picture; title: the finding. Validation is dashed. Built in
    chapter 9.
    """
    names = [name for name in history.columns if name != "epoch" and "val_" not in name]
    if not names:
        raise ValueError("plots.history: the history has no rows yet")
    picture, axes = panels(len(names), height=3.1)
    picture.describe(alt)
    with mpl.rc_context(picture.style):
        for ax, name in zip(axes, names, strict=True):
            for column, label, line, colour in ((name, "training", "-", COLOURS[0]),
                                                (f"val_{name}", "validation", "--", COLOURS[1])):
                if column in history.columns:
                    ax.plot(history["epoch"], history[column], line, color=colour, label=label,
                            marker="o" if len(history) == 1 else None)
            nats = name == "loss" and "accuracy" in names       # a classifier's
            ax.set(xlabel="epoch", ylabel="loss (nats)" if nats else name)
            ax.set_ylim(bottom=0, top=1 if name == "accuracy" else None)
            ax.xaxis.set_major_locator(MaxNLocator(3, integer=True))
            ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes[0].set_title(title)
        if f"val_{names[0]}" in history.columns:
            axes[-1].legend(loc="lower right")
    return picture


def schedule(schedules, steps, *, alt, title=None):
    """Draw the learning rates of one or more schedules over so many steps.

    schedules: {label: schedule}, or one schedule, labelled with its repr. Built in chapter 8.

    Examples
    --------
    >>> from nnlib.schedules import Cosine
    >>> schedule(Cosine(0.1, steps=100), 150,
    ...          alt="A curve that falls from 0.1 to 0 at step 100 and stays there")
    <Figure: A curve that falls from 0.1 to 0 at step 100 and stays there.>
    """
    expect_count("plots.schedule", "steps", steps)
    if not isinstance(schedules, dict):
        schedules = {repr(schedules): schedules}
    if len(schedules) > len(COLOURS):
        raise ValueError(f"plots.schedule: at most {len(COLOURS)} schedules in one picture, got "
                         f"{len(schedules)}")
    picture, (ax,) = panels(1, height=4)
    picture.describe(alt)
    with mpl.rc_context(picture.style):
        for i, (label, rate) in enumerate(schedules.items()):
            ax.plot([rate(step) for step in range(steps)], label=label, **look(i))
        ax.set(xlabel="step", ylabel="learning rate", title=title)
        ax.set_ylim(bottom=0)
        legend(ax)
    return picture


def curves(x, columns, *, alt, xlabel, ylabel, title=None, ax=None, log="",
           loc="best"):
    """Draw one curve or several over x, each with its own colour and line.

    Parameters
    ----------
    x : array (m,)
        Where the curves are taken.
    columns : dict
        {label: m numbers}. A single curve has no legend.
    alt, title, ax
        See scatter.
    xlabel, ylabel : str
        With the unit.
    log : str
        "x", "y" or "xy": which axes are logarithmic.
    loc : str
        Where the legend stands, in matplotlib's words; more than three names stand below.

    Examples
    --------
    >>> curves([0, 1, 2], {"squares": [0, 1, 4]}, xlabel="number", ylabel="its square",
    ...        alt="A curve that rises from 0 to 4 ever more steeply")
    <Figure: A curve that rises from 0 to 4 ever more steeply.>
    """
    if len(columns) > len(COLOURS):
        raise ValueError(f"plots.curves: at most {len(COLOURS)} curves in one picture, got "
                         f"{len(columns)}")
    if ax is None and len(columns) > 3:
        ax = panels(1, height=4)[1][0]                          # room for the names below
    with drawing(ax, alt, flat=True) as ax:
        for i, (label, y) in enumerate(columns.items()):
            ax.plot(x, y, label=label, **look(i))
        ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
        if "x" in log:
            ax.set_xscale("log")
        if "y" in log:
            ax.set_yscale("log")
        if len(columns) > 1:
            legend(ax, loc)
        return ax.figure


def histogram(values, *, alt, xlabel, ylabel="how many", title=None, ax=None, bins=40,
              marks=None):
    """Draw how often the values fall where, with labelled marks if given.

    values: m numbers; marks: {label: value}, each a dashed line. alt, title, ax: see scatter.

    Examples
    --------
    >>> histogram([1, 1, 2], xlabel="number", alt="Two bars, the left one twice as high")
    <Figure: Two bars, the left one twice as high.>
    """
    with drawing(ax, alt, flat=True) as ax:
        ax.hist(values, bins=bins, color=COLOURS[0], alpha=0.75)
        for i, (label, value) in enumerate((marks or {}).items(), 1):
            ax.axvline(value, linestyle=LINES[i % len(LINES)], color=COLOURS[i], label=label)
        ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
        if marks:
            ax.legend()
        return ax.figure


def strips(columns, *, alt, ylabel, title=None, ax=None, xlabel=None, level=None):
    """Draw every value of each group as a dot, and the group's median as a bar.

    Shows a comparison over seeds without hiding one of them. Built in chapter 10.

    Parameters
    ----------
    columns : dict
        {label: values}, a group each, side by side in this order.
    level : dict, optional
        {label: value}, a level to compare with, as a dashed line.
    alt, ylabel, title, ax, xlabel
        See curves.

    Examples
    --------
    >>> strips({"plain": [1, 2, 2], "better": [3, 3, 5]}, ylabel="score",
    ...        alt="Three dots at 1, 2 and 2, and three higher ones at 3, 3 and 5")
    <Figure: Three dots at 1, 2 and 2, and three higher ones at 3, 3 and 5.>
    """
    with drawing(ax, alt, flat=True) as ax:
        for i, values in enumerate(columns.values()):
            # equal values stand side by side: each goes as far out as it has equals before it
            values = np.sort(np.asarray(values, float))
            near = 0.02 * (np.ptp(np.concatenate([*columns.values()])) or 1)
            places, last, row = [], -np.inf, 0
            for value in values:
                row = row + 1 if value - last < near else 0
                places.append((-1)**row * (row + 1) // 2)
                last = value
            ax.plot(i + 0.05 * np.array(places), values, MARKERS[i % len(MARKERS)],
                    color=COLOURS[i % len(COLOURS)], markersize=5, alpha=0.8, markeredgewidth=0)
            ax.plot([i - 0.3, i + 0.3], [np.median(values)] * 2, color=INK, linewidth=2, zorder=1)
        for i, (label, value) in enumerate((level or {}).items()):
            ax.axhline(value, linestyle=LINES[1 + i % 3], color=INK, label=label)
        ax.set_xticks(range(len(columns)), [str(label) for label in columns])
        ax.set(xlabel=xlabel, ylabel=ylabel, title=title, xlim=(-0.5, len(columns) - 0.5))
        if level:
            legend(ax)
        return ax.figure

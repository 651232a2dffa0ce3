"""Every figure of the book: one palette, readable on light and dark pages, alt text required.

A drawing function returns a Picture, which shows itself as the value of a notebook cell and
carries its alt text with it. Given ``ax`` (from ``panels``) it draws there instead, so that
several share one Picture. Ink is a mid grey and the background transparent: both stand out
on white and on near-black alike.
"""

import base64
import html
import io
from contextlib import contextmanager

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image

from ._validate import expect_count, expect_labels

INK = "#7b7b82"
# Okabe and Ito's colours, safe for colour-vision deficiency, the blue a little lighter: the
# first three have a contrast of 3 to 1 or more on white and on near-black
COLOURS = ("#1a7fc4", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
MARKERS = ("o", "^", "s", "D", "v", "P")
LINES = ("-", "--", ":", "-.")              # never colour alone
STYLE = {
    "axes.edgecolor": INK, "axes.labelcolor": INK, "axes.titlecolor": INK, "text.color": INK,
    "xtick.color": INK, "ytick.color": INK, "axes.facecolor": "none",
    "figure.facecolor": "none", "axes.spines.top": False, "axes.spines.right": False,
    "axes.linewidth": 0.8, "xtick.major.width": 0.8, "ytick.major.width": 0.8,
    "font.size": 10.5, "axes.titlesize": 11.5, "axes.titleweight": "bold",
    "axes.titlelocation": "left", "axes.titlepad": 10, "legend.frameon": False,
    "lines.linewidth": 1.6,
}
LARGER = {"font.size": 12.5, "axes.titlesize": 13}          # side by side, to suit a phone
PIXELS = 100                                # of the page, for an inch of the figure
FINER = 2                                   # stored dots for a pixel of the page
TURNS = 8                                   # in which each class draws its points


class Picture(Figure):
    """A figure with alt text that displays itself, without pyplot's hidden list of figures."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.alts = []

    @property
    def alt(self):
        """The alt texts of all panels, in the order in which they were drawn."""
        return " ".join(text if text.endswith(".") else f"{text}." for text in self.alts)

    def describe(self, alt):
        """Add a panel's alt text; raise ValueError if it has fewer than six words."""
        self.alts.append(_alt_text(alt))

    def png(self):
        """Return the picture as PNG bytes, in at most 256 colours to be small."""
        raw = io.BytesIO()
        self.savefig(raw, format="png", dpi=PIXELS * FINER, metadata={"Software": None})
        image = Image.open(raw).quantize(256, method=Image.Quantize.FASTOCTREE)
        small = io.BytesIO()
        image.save(small, format="png", optimize=True)
        return small.getvalue()

    def __repr__(self):
        """Return the alt text, for who cannot see the picture."""
        return f"<Figure: {self.alt}>"

    def _repr_mimebundle_(self, include=None, exclude=None):
        """Return the PNG, its text and its metadata, as IPython asks for them.

        The page takes alt from the metadata of image/png. JupyterLab (4.6) ignores it there,
        so text/html, which Lab prefers, carries the picture with its alt once more.
        """
        data = base64.b64encode(self.png()).decode()
        width, height = (round(side * PIXELS) for side in self.get_size_inches())
        alt = html.escape(self.alt)
        tag = (f'<img class="nnlib-figure" alt="{alt}" width="{width}" '
               f'src="data:image/png;base64,{data}">')
        return ({"image/png": data, "text/html": tag, "text/plain": repr(self)},
                {"image/png": {"alt": self.alt, "width": width, "height": height}})


def panels(columns, *, rows=1, width=7.4, height=4.2):
    """Return a Picture and its axes, side by side, left to right, for ``ax=``.

    width and height are in inches; an inch is 100 pixels of the page.
    """
    style = STYLE if columns == 1 else STYLE | LARGER
    with mpl.rc_context(style):
        picture = Picture(figsize=(width, height), layout="compressed")
        picture.style = style
        axes = picture.subplots(rows, columns, squeeze=False)
    return picture, list(axes.flat)


def scatter(X, y, *, alt, ax=None, title=None, size=None):
    """Draw points in the plane, each class in its own colour and marker.

    X: (n, 2); y: n integers from 0. Built in chapter 9.

    Parameters
    ----------
    alt : str
        What the picture shows, in six words or more.
    ax : matplotlib axes, optional
        One of ``panels``; without it the picture is new.
    title : str, optional
        The finding.
    size : float, optional
        Of a marker, in points; fewer points are drawn larger.

    Examples
    --------
    >>> scatter(np.eye(2), np.array([0, 1]), alt="Two points, one of each of two classes")
    <Figure: Two points, one of each of two classes.>
    """
    X, y, alt = *_points(X, y), _alt_text(alt)
    with _drawing(ax, alt) as ax:
        _plane(ax, title)
        _scatter(ax, X, y, size)
        return ax.figure


def decision_boundary(model, X, y, *, alt, ax=None, title=None, size=None, resolution=400):
    """Draw the region where a model chooses each class, its edge, and the points.

    Parameters
    ----------
    model : Model or callable
        With predict_proba, or a function, from points (m, 2) to probabilities (m, k).
    X, y, alt, ax, title, size
        See scatter.
    resolution : int
        Points a side of the grid on which the model is asked.

    Notes
    -----
    The edge between class c and the rest is where p_c equals the largest of the other
    probabilities. Built in chapter 9.

    Examples
    --------
    >>> halves = lambda points: (points[:, :1] > 0) == [False, True]
    >>> decision_boundary(halves, np.eye(2), np.array([1, 0]), resolution=50,
    ...                   alt="Two halves of the plane, a point in each")
    <Figure: Two halves of the plane, a point in each.>
    """
    X, y, alt = *_points(X, y), _alt_text(alt)
    low, high = X.min(axis=0), X.max(axis=0)
    reach = 0.54 * float((high - low).max()) or 1.0             # half a side, and a margin
    x1, x2 = (np.linspace(c - reach, c + reach, resolution) for c in (low + high) / 2)
    grid = np.stack(np.meshgrid(x1, x2), axis=-1)               # (m, m, 2)
    p = _ask(model, grid.reshape(-1, 2)).reshape(resolution, resolution, -1)
    p = p.astype(float)
    with _drawing(ax, alt) as ax:
        _plane(ax, title)
        for c in range(p.shape[-1]):
            lead = p[..., c] - np.delete(p, c, axis=-1).max(axis=-1)        # (m, m)
            if lead.max() <= 0:
                continue                                        # chosen nowhere
            ax.contourf(x1, x2, lead, [0, np.inf], colors=[COLOURS[c]], alpha=0.22)
            if lead.min() < 0:
                ax.contour(x1, x2, lead, [0], colors=[INK], linewidths=1.3)
        _scatter(ax, X, y, size)
        ax.set(xlim=(x1[0], x1[-1]), ylim=(x2[0], x2[-1]))
        return ax.figure


def history(history, *, alt, title=None):
    """Draw the columns of a History against the epoch: loss, and accuracy if it is there.

    alt: one text for the whole picture; title: the finding. Validation is dashed. Built in
    chapter 9.
    """
    names = [name for name in history.columns if name != "epoch" and "val_" not in name]
    if not names:
        raise ValueError("plots.history: the history has no rows yet")
    picture, axes = panels(len(names), height=3.2)
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
            ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
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
    picture, (ax,) = panels(1, height=3.2)
    picture.describe(alt)
    with mpl.rc_context(picture.style):
        for i, (label, rate) in enumerate(schedules.items()):
            ax.plot([rate(step) for step in range(steps)], LINES[i % len(LINES)],
                    color=COLOURS[i], label=label)
        ax.set(xlabel="step", ylabel="learning rate", title=title)
        ax.set_ylim(bottom=0)
        ax.legend()
    return picture


@contextmanager
def _drawing(ax, alt):
    """Give the axes to draw on, new or given, in our style and with the alt text noted."""
    if ax is None:
        ax = panels(1, width=4.8, height=5.3)[1][0]
    if isinstance(ax.figure, Picture):
        ax.figure.describe(alt)
    with mpl.rc_context(getattr(ax.figure, "style", STYLE)):
        yield ax


def _alt_text(alt):
    """Return an alt text without line ends, once it is six words or more."""
    if not isinstance(alt, str) or len(alt.split()) < 6:
        raise ValueError(f"alt: say in six words or more what the picture shows, got {alt!r}")
    return " ".join(alt.split())


def _points(X, y):
    """Return X and y as arrays once they are points of the plane and labels."""
    X = np.asarray(X)
    if X.ndim != 2 or X.shape[1] != 2:
        raise ValueError(f"plots: expected X of shape (n, 2), got {X.shape}")
    y = expect_labels("plots", y, len(X))
    if len(y) and not 0 <= y.min() <= y.max() < len(COLOURS):
        raise ValueError(f"plots: expected labels from 0 to {len(COLOURS) - 1}, "
                         f"got {y.min()} to {y.max()}")
    return X, y


def _ask(model, points):
    """Return the probabilities of 2 to 6 classes that a model gives for points."""
    p = np.asarray(getattr(model, "predict_proba", model)(points))
    if p.ndim != 2 or len(p) != len(points) or not 2 <= p.shape[1] <= len(COLOURS):
        raise ValueError(f"plots: expected probabilities of shape ({len(points)}, k) with k "
                         f"from 2 to {len(COLOURS)} from the model, got {p.shape}")
    return p


def _plane(ax, title):
    """Give axes equal units, three ticks a side and the names of the two inputs."""
    ax.set_aspect("equal")
    ax.set(xlabel="$x_1$", ylabel="$x_2$", title=title)
    ax.locator_params(nbins=4)


def _scatter(ax, X, y, size):
    """Draw the points, the classes taking turns so that none lies over all others."""
    size = size or float(np.clip(180 / max(len(X), 1)**0.5, 1.5, 5.5))
    for start in range(TURNS):
        for c in np.unique(y):
            ax.plot(*X[y == c][start::TURNS].T, MARKERS[c], color=COLOURS[c], markersize=size,
                    markeredgewidth=0, alpha=0.9 if len(X) <= 500 else 0.6,
                    label=f"class {c}" if start == 0 else None)
    if not ax.figure.legends:                                   # one for all panels
        ax.figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center",
                         ncols=len(COLOURS), handletextpad=0.2)

"""Points of the plane, and the regions in which a model chooses each class."""

import numpy as np

from .._validate import expect_labels
from .pictures import COLOURS, INK, MARKERS, drawing

TURNS = 8                                   # in which each class draws its points


def scatter(X, y, *, alt, ax=None, title=None, size=None, names=None):
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
    names : list of str, optional
        What the classes are called; "class 0" and so on without it.

    Examples
    --------
    >>> scatter(np.eye(2), np.array([0, 1]), alt="Two points, one of each of two classes")
    <Figure: Two points, one of each of two classes.>
    """
    X, y = _points(X, y)
    with drawing(ax, alt) as ax:
        _plane(ax, title)
        _scatter(ax, X, y, size, names)
        return ax.figure


def decision_boundary(model, X, y, *, alt, ax=None, title=None, size=None, names=None,
                      resolution=400):
    """Draw the region where a model chooses each class, its edge, and the points.

    Parameters
    ----------
    model : Model or callable
        With predict_proba, or a function, from points (m, 2) to probabilities (m, k).
    X, y, alt, ax, title, size, names
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
    X, y = _points(X, y)
    low, high = X.min(axis=0), X.max(axis=0)
    reach = 0.54 * float((high - low).max()) or 1.0             # half a side, and a margin
    x1, x2 = (np.linspace(c - reach, c + reach, resolution) for c in (low + high) / 2)
    grid = np.stack(np.meshgrid(x1, x2), axis=-1)               # (m, m, 2)
    p = _ask(model, grid.reshape(-1, 2)).reshape(resolution, resolution, -1)
    p = p.astype(float)
    with drawing(ax, alt) as ax:
        _plane(ax, title)
        for c in range(p.shape[-1]):
            lead = p[..., c] - np.delete(p, c, axis=-1).max(axis=-1)        # (m, m)
            if lead.max() <= 0:
                continue                                        # chosen nowhere
            ax.contourf(x1, x2, lead, [0, np.inf], colors=[COLOURS[c]], alpha=0.22)
            if lead.min() < 0:
                ax.contour(x1, x2, lead, [0], colors=[INK], linewidths=1.3)
        _scatter(ax, X, y, size, names)
        ax.set(xlim=(x1[0], x1[-1]), ylim=(x2[0], x2[-1]))
        return ax.figure


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


def _scatter(ax, X, y, size, names):
    """Draw the points, the classes taking turns so that none lies over all others."""
    size = size or float(np.clip(180 / max(len(X), 1)**0.5, 1.5, 5.5))
    for start in range(TURNS):
        for c in np.unique(y):
            ax.plot(*X[y == c][start::TURNS].T, MARKERS[c], color=COLOURS[c], markersize=size,
                    markeredgewidth=0, alpha=0.9 if len(X) <= 500 else 0.6,
                    label=(names[c] if names else f"class {c}") if start == 0 else None)
    if not ax.figure.legends:                                   # one for all panels
        ax.figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center",
                         ncols=len(COLOURS), handletextpad=0.2,
                         markerscale=max(1, 4 / size))          # visible, however small

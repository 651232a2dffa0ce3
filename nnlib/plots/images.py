"""Small images in rows: digits, letters, and what a neuron looks for."""

import math

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from .._validate import expect_count
from .pictures import COLOURS, FINER, INK, PIXELS, drawing, panels

CAPTION = 12                                # points: to be read on a phone, which shows half
WIDTH = 6.8                                 # inches of a full row
MOST, LARGEST = 10, 1.35                    # images in a row; inches of an image
GAP = 0.08                                  # inches between two images
DOT = 1 / (PIXELS * FINER)                  # inches of a stored dot
RIGHT, WRONG = COLOURS[2], COLOURS[1]
# below 0 blue, 0 as black as paper without ink, above 0 orange: on any page, in any eye
SIGNED = LinearSegmentedColormap.from_list(
    "signed", ["#c4e8ff", "#3f9fdb", "#0d2a3d", "#000000", "#3d2200", "#e08a00", "#ffe3b3"])


def images(X, *, alt, titles=None, right=None, columns=None, title=None, signed=False,
           limit=None):
    """Draw small images side by side, ink white on black, with captions below if given.

    X: (n, h, w), uint8 or float. Built in chapter 14.

    Parameters
    ----------
    alt : str
        What the picture shows, in six words or more.
    titles : list of str, optional
        n captions, as short as "7" or "q → 9".
    right : list of bool, optional
        n answers: a caption starts with ✓ in green or with ✗ in red.
    columns : int, optional
        Images in a row; by default as many as leave room for the captions, at most ten.
    title : str, optional
        The finding.
    signed : bool
        For weights: blue below 0, black at 0, orange above.
    limit : float, optional
        The number with the brightest colour. Without it: 255 for uint8; the largest of all
        images; for signed ones the largest size within each image, so that the pattern of
        weak weights shows as well as that of strong ones.

    Raises
    ------
    ValueError
        For arrays of other shapes or without an image, NaN, and captions that do not fit.

    Examples
    --------
    >>> images(np.eye(3)[np.newaxis], titles=["three"], alt="A diagonal of three white pixels")
    <Figure: A diagonal of three white pixels.>
    """
    X, captions, colours = _tiles(X, titles, right)
    n, height, width = X.shape
    columns, side, across = _arrange(n, height, width, captions, columns)
    step = across, side * height + GAP + (0.3 if captions else 0)           # inches
    rows, top = math.ceil(n / columns), 0.42 if title else 0.04
    inches = columns * step[0] + GAP, rows * step[1] + GAP + top
    inches = max(inches[0], min(inches_of(title or "", 12.5, "bold") + 0.3, WIDTH)), inches[1]
    picture, (ax,) = panels(1, width=inches[0], height=inches[1])
    picture.set_layout_engine("none")                           # whole dots for every pixel
    ax.set_position((0, 0, 1, 1 - top / inches[1]))
    with drawing(ax, alt) as ax:
        ax.axis("off")
        ax.set_title(title, x=GAP / inches[0], pad=7)
        ends = _ends(X, signed, limit)
        for i, image in enumerate(X):
            left = i % columns * step[0] + (step[0] + GAP - side * width) / 2
            left, up = _whole(left), _whole(GAP + i // columns * step[1])
            box = left, left + side * width, up + side * height, up
            ax.imshow(image, cmap=SIGNED if signed else "gray", vmin=ends[0][i], vmax=ends[1][i],
                      extent=box, interpolation="nearest", aspect="auto", zorder=2)
            frame = colours[i] if colours else INK
            ax.plot([box[0], box[1], box[1], box[0], box[0]],
                    [box[2], box[2], box[3], box[3], box[2]], color=frame, zorder=1,
                    linewidth=3 if colours else 2, solid_joinstyle="miter")
            if captions:
                ax.text((box[0] + box[1]) / 2, box[2] + 0.16, captions[i], color=frame,
                        fontsize=CAPTION, ha="center", va="center", parse_math=False)
        ax.set(xlim=(0, inches[0]), ylim=(inches[1] - top, 0))  # imshow moved them
        return picture


def _tiles(X, titles, right):
    """Return the images as an array, their captions or none, and these' colours or none."""
    X = np.asarray(X)
    if X.ndim != 3 or not X.size or X.dtype.kind not in "fiub":
        remedy = "; one image is X[np.newaxis]" if X.ndim == 2 else ""
        raise ValueError(f"plots.images: expected X of shape (n, h, w), numbers, got {X.shape} "
                         f"of {X.dtype}{remedy}")
    if not np.isfinite(X).all():
        raise ValueError("plots.images: X holds NaN or infinity")
    for name, values in (("titles", titles), ("right", right)):
        if values is not None and len(values) != len(X):
            raise ValueError(f"plots.images: expected {len(X)} {name}, one an image, got "
                             f"{len(values)}")
    captions, colours = titles and [str(text) for text in titles], None
    if right is not None:
        marks = ["✓" if answer else "✗" for answer in right]
        captions = [f"{mark} {text}".strip() for mark, text in
                    zip(marks, captions or [""] * len(X), strict=True)]
        colours = [RIGHT if answer else WRONG for answer in right]
    return X, captions, colours


def _arrange(n, height, width, captions, columns):
    """Return the images in a row, the inches of one of their pixels, and those of a column."""
    need = max((inches_of(text) for text in captions or [""]), default=0) + 0.1
    fit = int((WIDTH - GAP) / need)
    if columns is not None:
        expect_count("plots.images", "columns", columns)
    if fit < (columns or 1):
        longest = max(captions, key=inches_of)
        remedy = f"it or choose at most {fit}" if fit else "it"
        raise ValueError(f"plots.images: the caption {longest!r} is too long for {columns or 1} "
                         f"columns; shorten {remedy}")
    if columns is None:
        columns = math.ceil(n / math.ceil(n / min(fit, MOST)))  # rows of much the same length
    room = (WIDTH - GAP) / columns
    side = min((room - GAP) / width, LARGEST / width, LARGEST / height)
    side = _whole(side) or side
    return min(columns, n), side, _whole(max(side * width + GAP, need))


def inches_of(text, size=CAPTION, weight="normal"):
    """Return how long a text is, in inches."""
    if not text.strip():
        return 0
    path = TextPath((0, 0), text.replace("$", r"\$"), size=size,
                    prop=FontProperties(weight=weight))
    return path.get_extents().width / 72


def _whole(inches):
    """Return a length rounded down to whole dots."""
    return math.floor(inches / DOT + 1e-6) * DOT


def _ends(X, signed, limit):
    """Return the numbers with the darkest and the brightest colour, (2, n)."""
    top = limit
    if signed:
        sizes = np.abs(X.astype(float)).max(axis=(1, 2))        # (n,)
        top = np.where(sizes > 0, sizes, 1) if limit is None else np.full(len(X), limit)
        return -top, top
    if limit is None:
        top = 255 if X.dtype == np.uint8 else float(X.max())
    low = min(0.0, float(X.min()))
    return np.full(len(X), low), np.full(len(X), max(top, low + 1e-9))

"""Characters drawn from fonts: EMNIST's 47 classes where no EMNIST is, and never handwriting."""

import functools
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from .._validate import expect_count
from .dataset import CLASSES, Dataset

SIDE = 28                                   # pixels of an image, as in MNIST
FINE = 3 * SIDE                             # pixels that a glyph is drawn with
TILE = FINE // 2                            # pixels of its map of distances
BOX = 24 / SIDE                             # its longer side, as a share of the image's
FAR = 8.0                                   # pixels; distances beyond are all alike
KNOTS = 5                                   # the grid of an elastic distortion, an axis
BATCH = 64                                  # images made at a time: they stay in the cache
FONTS = (*(f"DejaVuSans{face}" for face in ("", "-Bold", "-Oblique", "-BoldOblique")),
         *(f"DejaVuSerif{face}" for face in ("", "-Bold", "-Italic", "-BoldItalic")),
         *(f"STIXGeneral{face}" for face in ("", "Bol", "Italic", "BolIta")),
         "cmr10", "cmb10", "cmss10", "cmti10", "cmtt10")


def glyphs(n_per_class=2400, *, rng=0):
    """Return synthetic characters, drawn from fonts: a Dataset like EMNIST Balanced.

    X: (n, 28, 28) uint8, ink 255 on 0; y: (n,) int64, 0 to 46, in random order. Each image is a
    character of a random font that matplotlib ships (a class that EMNIST merges has its capital
    and its small letter), slanted, turned, sheared, stretched, moved, with a thinner or thicker
    pen, and bent by a smooth random field (Simard, Steinkraus and Platt 2003). It is *not*
    handwriting: what reads it well may read people badly, and chapter 15 measures how badly.

    A seed gives the same bytes on any processor: all arithmetic is exact, or rounded number by
    number. Only another version of Pillow or of the fonts may change a few grey levels. Used in
    chapter 15.

    Parameters
    ----------
    n_per_class : int
        Images to learn from, of each class; a sixth as many, at least one, are for the test.
    rng : numpy.random.Generator or int
        Where everything random comes from; an int is a seed.

    Raises
    ------
    ValueError
        If n_per_class is no integer of at least 1.

    Examples
    --------
    >>> data = glyphs(2, rng=0)
    >>> data.X_train.shape, data.X_test.shape, "".join(data.classes[10:14])
    ((94, 28, 28), (47, 28, 28), 'ABCD')
    """
    expect_count("glyphs", "n_per_class", n_per_class)
    rng = np.random.default_rng(rng)
    classes = CLASSES["balanced"]
    parts = []
    for count in (n_per_class, max(n_per_class // 6, 1)):
        y = rng.permutation(np.repeat(np.arange(len(classes)), count))     # (n,)
        parts += [_draw(y, rng), y]
    source = f"synthetic, no handwriting: drawn from {len(FONTS)} of matplotlib's fonts"
    return Dataset(*parts, classes=classes, name="glyphs (synthetic)", source=source)


def _draw(y, rng):
    """Return an image (n, 28, 28) of each class in y."""
    _, first, variants = _atlas()
    glyph = first[y] + rng.integers(variants[y])                           # (n,)
    images = np.empty((len(y), SIDE, SIDE), np.uint8)
    starts = range(0, len(y), BATCH)

    def fill(start, child):
        part = slice(start, start + BATCH)
        _bend(glyph[part], child, out=images[part])

    # each batch has its own generator, so that threads can take them in any order
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
        list(pool.map(fill, starts, rng.spawn(len(starts))))
    return images


def _bend(glyph, rng, out):
    """Draw the glyphs of these numbers into out (n, 28, 28), each in its own way.

    Every step is a product or a sum of two float32, rounded alike everywhere, or exact.
    """
    n = len(glyph)
    ax, bx, ay, by, cx, cy = (part[:, np.newaxis] for part in _affine(n, rng))     # (n, 1)
    grid = (np.arange(SIDE, dtype=np.float32) - (SIDE - 1) / 2)                    # (28,)
    x = (ax * grid + cx)[:, np.newaxis, :] + (bx * grid)[:, :, np.newaxis]         # (n, 28, 28)
    y = (ay * grid + cy)[:, np.newaxis, :] + (by * grid)[:, :, np.newaxis]
    field = _field(n, rng)                                                         # (2, n, 28, 28)
    x += field[0]
    y += field[1]
    for axis in (x, y):                         # from pixels to places in the map of distances
        axis *= TILE / SIDE
        axis += (TILE - 1) / 2
        np.clip(axis, 0, TILE - 1.001, out=axis)
    ink = _sample(glyph, x, y)                                                     # pixels
    # a pen wider or thinner, and an edge sharper or softer
    ink += _between(rng, -0.4, 1.0, n)[:, np.newaxis, np.newaxis]
    ink *= 255 / _between(rng, 1.0, 2.5, n)[:, np.newaxis, np.newaxis]
    ink += 128
    np.clip(ink, 0, 255, out=ink)
    out[...] = ink                              # cut, not rounded


def _sample(glyph, x, y):
    """Return the glyphs' distances at the points (x, y), between pixels by bilinear weights."""
    flat = _atlas()[0].reshape(-1)
    column, row = x.astype(np.int32), y.astype(np.int32)
    x -= column
    y -= row
    corner = row * TILE + column + (glyph * TILE**2).astype(np.int32)[:, np.newaxis, np.newaxis]
    rows = []
    for below in (0, TILE):
        left, right = flat.take(corner + below), flat.take(corner + (below + 1))
        right -= left
        right *= x
        rows.append(left + right)
    rows[1] -= rows[0]
    rows[1] *= y
    return rows[0] + rows[1]


def _affine(n, rng):
    """Return six arrays (n,): where in the glyph a pixel lies is (ax u + bx v + cx, ay u + …).

    The cosine and sine of an angle come from the tangent t of its half, by two exact
    divisions: (1 − t²)/(1 + t²) and 2t/(1 + t²).
    """
    t = _between(rng, -0.09, 0.09, n)                                              # ±10 degrees
    cos, sin = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    slant, shear = _between(rng, -0.25, 0.35, n), _between(rng, -0.1, 0.1, n)
    wide, high = _between(rng, 0.95, 1.3, n), _between(rng, 0.95, 1.15, n)
    ax, bx = wide * (cos + slant * sin), wide * (slant * cos - sin)
    ay, by = high * (sin + shear * cos), high * (cos - shear * sin)
    return ax, bx, ay, by, _between(rng, -1.5, 1.5, n), _between(rng, -1.5, 1.5, n)


def _field(n, rng):
    """Return smooth random shifts (2, n, 28, 28) in pixels.

    Random whole numbers on a coarse grid, blended by whole weights: sums that float32 holds
    exactly, in whichever order a BLAS takes them.
    """
    rough = rng.integers(-63, 64, (2 * n * KNOTS, KNOTS)).astype(np.float32)
    blend = _blend().astype(np.float32)                                            # (5, 28)
    half = (rough @ blend).reshape(2 * n, KNOTS, SIDE).transpose(0, 2, 1)          # (2n, 28, 5)
    field = (half.reshape(-1, KNOTS) @ blend).reshape(2, n, SIDE, SIDE)
    field *= _between(rng, 0.2, 1.0, n)[:, np.newaxis, np.newaxis] * (4 / (64 * 64 * 64))
    return field


@functools.cache
def _blend():
    """Return weights (5, 28) of the knots at each pixel, whole and 64 in all: a raised cosine."""
    place = np.arange(SIDE) * (KNOTS - 1) / (SIDE - 1)
    miss = np.clip(np.abs(place - np.arange(KNOTS)[:, np.newaxis]), 0, 1)
    weights = np.rint(32 * (1 + np.cos(np.pi * miss)))
    return weights + (64 - weights.sum(axis=0)) * (weights == weights.max(axis=0))


def _between(rng, low, high, n):
    """Return n float32 numbers, each between low and high equally likely."""
    return rng.random(n, np.float32) * np.float32(high - low) + np.float32(low)


@functools.cache
def _atlas():
    """Return every glyph's map of distances, each class's first glyph, and how many it has.

    maps: (g, 42, 42) float32: how far inside the ink a point lies, in pixels of an image, and
    below 0 outside. A threshold at 0 draws the glyph, any other one with a thinner or thicker pen.
    """
    classes = CLASSES["balanced"]
    # where EMNIST has no class of its own for the small letter, it is merged with the capital
    characters = [(name, name.lower()) if name.isupper() and name.lower() not in classes
                  else (name,) for name in classes]
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
        maps = list(pool.map(_distances, [
            (font, character) for group in characters for character in group for font in FONTS]))
    variants = np.array([len(group) * len(FONTS) for group in characters])         # (47,)
    return np.stack(maps), np.cumsum(variants) - variants, variants


def _distances(which):
    """Return the map (42, 42) of one character of a font."""
    from scipy.ndimage import distance_transform_edt
    is_ink = _outline(*which)                                                      # (84, 84)
    distance = distance_transform_edt(is_ink) - distance_transform_edt(~is_ink)
    half = distance.reshape(TILE, 2, TILE, 2).sum(axis=(1, 3)) / 4                 # (42, 42)
    half *= SIDE / FINE
    return (np.rint(np.clip(half, -FAR, FAR) * 64) / 64).astype(np.float32)


def _outline(font, character):
    """Return where the ink of a character is, its longer side as long as EMNIST's."""
    import matplotlib
    from PIL import ImageFont
    path = Path(matplotlib.get_data_path(), "fonts", "ttf", f"{font}.ttf")
    size, longest = float(FINE), round(BOX * FINE)
    for _ in range(2):                          # the first time to measure
        mask = ImageFont.truetype(path, size, layout_engine=0).getmask(character, mode="L")
        ink = np.array(mask, np.uint8).reshape(mask.size[::-1]) > 127
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        ink = ink[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
        size *= longest / max(ink.shape)
    canvas = np.zeros((FINE, FINE), bool)
    top, left = ((FINE - side) // 2 for side in ink.shape)
    canvas[top:top + ink.shape[0], left:left + ink.shape[1]] = ink
    return canvas

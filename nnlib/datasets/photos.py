"""From a picture of one character to what a network of the course reads.

A photograph has paper of some brightness, light from one side, and the character somewhere on
it; MNIST has ink 255 on paper 0, in a frame. What is done in between is told at each function,
since a misread picture is misread here more often than in the network.
"""

import math
import warnings

import numpy as np

STYLES = {"mnist": (28, 28), "emnist": (28, 28), "digits": (8, 8)}
# the width of a stroke as a share of the character's longer side: nine in ten of the data's
# characters have wider ones
PENS = {"mnist": 0.085, "emnist": 0.085, "digits": 0.15}
MOST = 100_000_000                          # pixels; a picture of more is not opened
WORK = 512                                  # pixels of the longer side to work with
FINE = 128                                  # pixels of a character before EMNIST's blur
BLUR = 3                                    # pixels that the blur reaches, of deviation 1
FAINT = 0.04                                # of the range from black to white: no ink below
SURE = 6                                    # ink stands out from paper by so many deviations
CUT = 0.1                                   # of the ink's darkness: where a character ends
SPECK = 0.02                                # of the largest stroke's area: what is smaller is dirt


def from_file(path, *, style="mnist"):
    """Return the character in a picture file, framed as a data set's are: uint8, ink 255 on 0.

    The picture may be a photograph, a scan or a drawing of one character on any plain ground,
    in any format that Pillow reads, grey or colour, transparent, of 16 bits, turned by its EXIF
    tag. It becomes grey; the ground's brightness is estimated from the border and may change
    smoothly across the picture; what differs from it, be it darker or lighter, is ink; small
    specks are dropped. Then the ink is cut out, drawn wider if the pen was much finer than those
    of the data, scaled and placed as the style says.

    Parameters
    ----------
    path : str or Path
        The picture.
    style : str
        "mnist": longer side 20 pixels, the centre of mass in the middle of 28 × 28 (LeCun,
        Bottou, Bengio and Haffner 1998). "emnist": blurred, the longer side 24 pixels with the
        blur, the box in the middle of 28 × 28, so that 2 pixels are free around it (Cohen,
        Afshar, Tapson and van Schaik 2017). "digits": as high as 32 × 32 cells, from 8 to 22
        wide, then averaged over 4 × 4 to 8 × 8, as scikit-learn's digits are (Alpaydin and
        Kaynak 1998).

    Raises
    ------
    FileNotFoundError, OSError
        If the file is not there or cannot be opened.
    ValueError
        If it is no picture, is damaged or too large, shows nothing on its ground, or there is
        no such style.

    Examples
    --------
    >>> from_file("seven.jpg").shape                # doctest: +SKIP
    (28, 28)
    """
    if style not in STYLES:
        raise ValueError(f"photos: style must be one of {', '.join(STYLES)}, got {style!r}")
    try:
        ink = _thicken(_character(_ink(_grey(path))), PENS[style])
    except ValueError as error:
        raise ValueError(f"photos: {path} {error}") from error
    frame = {"mnist": _mnist, "emnist": _emnist, "digits": _digits}[style]
    image = frame(ink)
    image *= 255 / image.max()
    return np.rint(np.clip(image, 0, 255)).astype(np.uint8)


# From a file to grey ------------------------------------------------------------------------


def _grey(path):
    """Return a picture as brightness (h, w), black 0 and white 1, its longer side WORK at most."""
    from PIL import Image, ImageOps
    with open(path, "rb") as file:          # what the system says of it comes through as it is
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")                 # of large pictures: see below
                picture = Image.open(file)
        except Image.DecompressionBombError:
            raise ValueError(_large("too many")) from None
        except Exception:                   # whatever its readers make of bad bytes
            raise ValueError("is not a picture that Pillow can read; PNG and JPEG are sure "
                             "to be") from None
        if picture.width * picture.height > MOST:
            raise ValueError(_large(f"{picture.width} × {picture.height}"))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                picture.draft("RGB", (2 * WORK, 2 * WORK))      # a JPEG need not be unpacked whole
                picture = ImageOps.exif_transpose(picture)
                return _brightness(picture)
        except Exception as error:
            raise ValueError(f"is a damaged picture ({error})") from error


def _large(pixels):
    return f"has {pixels} pixels; scale it down to {MOST:,} or fewer"


def _brightness(picture):
    """Return a Pillow picture as brightness (h, w); what shines through it contrasts with it."""
    from PIL import Image
    if picture.mode.startswith(("I", "F")):                     # 16 bits or more: Pillow would cut
        values = np.asarray(picture, np.float32)
        if not np.isfinite(values).all():
            raise ValueError("it holds NaN or infinity")
        top = 1.0 if picture.mode == "F" and values.max() <= 1 else 65535.0
        return _shrink(Image.fromarray(values / np.float32(max(top, values.max()))))
    if "transparency" in picture.info or picture.mode in ("LA", "La", "PA", "RGBA", "RGBa"):
        values = np.asarray(picture.convert("RGBA"), np.float32) / 255             # (h, w, 4)
        alpha = values[..., 3]
        grey = values[..., :3] @ np.array([0.299, 0.587, 0.114], np.float32)
        # dark ink lies on a light ground, light ink on a dark one
        dark = np.average(grey, weights=alpha) > 0.5 if alpha.any() else False
        if alpha.min() < 1:
            grey = grey * alpha + (1 - alpha) * (0 if dark else 1)
        return _shrink(Image.fromarray(grey))
    return _shrink(picture.convert("L")) / 255


def _shrink(picture):
    """Return a grey Pillow picture as floats (h, w), averaged down to WORK pixels."""
    from PIL import Image
    scale = WORK / max(picture.size)
    if scale < 1:
        size = [max(round(side * scale), 1) for side in picture.size]
        picture = picture.resize(size, Image.Resampling.BOX)
    return np.asarray(picture, np.float32)


# From grey to ink ---------------------------------------------------------------------------


def _ink(grey):
    """Return how much ink there is at each pixel (h, w), from 0 to 1 on the strokes."""
    ground, noise = _ground(grey)
    difference = (grey - ground).astype(np.float32)
    # ink is what stands out farthest, on the side where there is more of it
    light = np.clip(difference, 0, None)
    dark = np.clip(-difference, 0, None)
    ink = max(light, dark, key=lambda side: (side * side * side).sum())
    if min(grey.shape) < 3 or ink.max() < max(FAINT, SURE * noise):
        raise ValueError("shows no character: it is one colour all over; is the ink too faint, "
                         "or cut off?")
    is_stroke = ink > _otsu(ink)
    level = float(np.median(ink[is_stroke]))
    floor = min(2 * noise, level / 4)
    return np.clip((ink - floor) / (level - floor), 0, 1)


def _ground(grey):
    """Return the ground's brightness (h, w), and by how much pixels differ from it by chance.

    It is a surface of the second degree, fitted to the border, then to all that lies near, which
    leaves the ink out.
    """
    step = max(max(grey.shape) // 80, 1)                        # some of the pixels will do
    few = grey[::step, ::step].astype(np.float64)
    y, x = (np.linspace(-1, 1, length) for length in grey.shape)
    terms = np.stack(np.broadcast_arrays(*_terms(y[::step], x[::step])), axis=-1)  # (h', w', 6)
    margin = max(round(0.04 * min(few.shape)), 1)
    near = np.ones(few.shape, bool)
    near[margin:-margin, margin:-margin] = False
    near &= np.abs(few - np.median(few[near])) < 0.3            # but for ink that touches it
    for degree in (3, 6, 6, 6):
        weights, *_ = np.linalg.lstsq(terms[near][:, :degree], few[near], rcond=None)
        miss = np.abs(few - terms[..., :degree] @ weights)
        noise = 1.4826 * float(np.median(miss[near]))           # the standard deviation, if normal
        near = miss <= max(3 * noise, 0.02)
    return sum(weight * term for weight, term in zip(weights, _terms(y, x), strict=True)), noise


def _terms(y, x):
    """Return 1, x, y, x², xy, y² as arrays that broadcast to (h, w); y: (h,), x: (w,)."""
    y = y[:, np.newaxis]
    return np.ones((1, 1)), x[np.newaxis], y, x[np.newaxis]**2, x * y, y**2


def _otsu(ink):
    """Return the threshold that splits the values best into two groups (Otsu 1979)."""
    counts, edges = np.histogram(ink, bins=128, range=(0, float(ink.max())))
    middle = (edges[:-1] + edges[1:]) / 2
    below, total = np.cumsum(counts), np.cumsum(counts * middle)
    n, whole = below[-1], total[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = (whole * below / n - total)**2 / (below * (n - below))
    return float(edges[1 + int(np.nanargmax(spread[:-1]))])


def _character(ink):
    """Return the ink (h, w) cut out at its edges, without what is too small for a stroke."""
    from scipy import ndimage
    parts, _ = ndimage.label(ink > 0.5, structure=np.ones((3, 3)))
    areas = np.bincount(parts.ravel())
    areas[0] = 0
    kept = np.flatnonzero(areas >= max(SPECK * areas.max(), 1))
    strokes = np.isin(parts, kept)
    # a stroke's edge is soft: what is faint belongs to it where it touches it
    soft, _ = ndimage.label(ink > CUT, structure=np.ones((3, 3)))
    ink = np.where(np.isin(soft, np.unique(soft[strokes])), ink, 0)
    rows, columns = (np.flatnonzero((ink > CUT).any(axis=axis)) for axis in (1, 0))
    return ink[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]


def _thicken(ink, share):
    """Return the ink (h, w) with strokes at least this share of its longer side wide.

    A drawing's pen may be much finer than the pens that people wrote with for the data.
    """
    from scipy.ndimage import distance_transform_edt
    is_ink = np.pad(ink > 0.5, 1)
    # across a stroke, the mean distance to its edge is a quarter of its width
    width = 4 * float(distance_transform_edt(is_ink)[is_ink].mean()) - 2
    wanted = share * max(ink.shape)
    if width >= wanted:
        return ink
    grow = (wanted - width) / 2
    margin = math.ceil(grow)
    ink = np.pad(ink, margin)
    distance = distance_transform_edt(ink <= 0.5).astype(np.float32)
    return np.maximum(ink, np.clip(grow + 1 - distance, 0, 1))


# From ink to a frame ------------------------------------------------------------------------


def _resize(ink, height, width):
    """Return the ink scaled to this size, each pixel a weighted mean of what it covers."""
    from PIL import Image
    scaled = Image.fromarray(ink).resize((width, height), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(scaled, np.float32), 0, 1)


def _fit(ink, side):
    """Return the ink scaled so that its longer side has this many pixels."""
    scale = side / max(ink.shape)
    return _resize(ink, *(max(round(length * scale), 1) for length in ink.shape))


def _mnist(ink):
    """Return a frame (28, 28): 20 pixels long, the centre of mass in the middle."""
    small = _fit(ink, 20)
    frame = np.zeros((28, 28), np.float32)
    corner = []
    for axis, length in enumerate(small.shape):
        mass = small.sum(axis=1 - axis)
        centre = float(np.arange(length) @ mass / mass.sum())
        corner.append(min(max(round(14 - centre), 0), 28 - length))
    (top, left), (height, width) = corner, small.shape
    frame[top:top + height, left:left + width] = small
    return frame


def _emnist(ink):
    """Return a frame (28, 28): blurred, 24 pixels long with the blur, the box in the middle."""
    from scipy.ndimage import gaussian_filter
    fine = gaussian_filter(np.pad(_fit(ink, FINE), BLUR), 1)
    side = round(max(fine.shape) * 28 / 24)                     # 2 of 28 pixels are free around it
    rows, columns = (((side - n) // 2, side - n - (side - n) // 2) for n in fine.shape)
    return _resize(np.pad(fine, (rows, columns)), 28, 28)


def _digits(ink):
    """Return a frame (8, 8): 32 × 32 cells, as high as they are, averaged over 4 × 4 each."""
    cells = np.zeros((32, 32), np.float32)
    width = min(max(round(32 * ink.shape[1] / ink.shape[0]), 8), 22)
    left = (32 - width) // 2
    cells[:, left:left + width] = _resize(ink, 32, width)
    return cells.reshape(8, 4, 8, 4).mean(axis=(1, 3))

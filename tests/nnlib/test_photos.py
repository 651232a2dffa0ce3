"""Pictures of characters: whatever the paper, the light and the file, the same character.

Protects from a network that reads its data set well and the user's own picture badly: because of
paper taken for ink, a frame that the data do not have, or a pen that they do not have.
"""

import shutil
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from nnlib import datasets
from nnlib.commands.recipe import build
from nnlib.datasets import photos
from nnlib.datasets.photos import from_file


def seven(side=200, pen=16):
    """How much ink a large 7 leaves, (side, side) from 0 to 1."""
    ink = np.zeros((side, side), np.float32)
    ink[40:40 + pen, 60:140] = 1
    for row in range(40, 160):
        left = 140 - pen - (row - 40) // 3
        ink[row, left:left + pen] = 1
    return ink


INK = seven()


def save(path, grey, **settings):
    """Save brightness from 0 to 1 as a picture of bytes."""
    image = np.rint(np.clip(grey, 0, 1) * 255).astype(np.uint8)
    Image.fromarray(image).save(path, **settings)
    return path


@pytest.fixture
def plain(tmp_path):
    """Return what a 7, black on white, becomes in each style."""
    path = save(tmp_path / "plain.png", 1 - INK)
    return {style: from_file(path, style=style) for style in photos.STYLES}


def differ(image, other):
    """How many grey levels two images differ by; a frame of 28 may be a pixel aside."""
    aside = (-1, 0, 1) if len(image) == 28 else (0,)
    return min(np.abs(np.roll(image.astype(int), (down, right), (0, 1)) - other).mean()
               for down in aside for right in aside)


def light(ink):
    """A photograph's paper: darker to the right and below, noisy."""
    y, x = np.mgrid[:ink.shape[0], :ink.shape[1]] / ink.shape[0]
    noise = np.random.default_rng(0).normal(0, 0.02, ink.shape)
    return (0.95 - 0.45 * x - 0.2 * y + 0.1 * x * y) * (1 - 0.7 * ink) + noise


def coloured(path):
    values = np.full((*INK.shape, 3), (250, 240, 200), np.float32)
    values[INK > 0] = (20, 40, 160)
    Image.fromarray(values.astype(np.uint8)).save(path)


def transparent(path, ink=0):
    values = np.full((*INK.shape, 4), ink, np.uint8)
    values[..., 3] = 255 * INK
    Image.fromarray(values).save(path)


def palette(path):
    picture = Image.fromarray((INK > 0).astype(np.uint8)).convert("P")
    picture.putpalette([255, 255, 255, 30, 0, 90])
    picture.save(path, transparency=0)


def rotated(path):
    """As a phone saves it: on its side, and a tag that says so."""
    exif = Image.Exif()
    exif[0x0112] = 6                                            # turn clockwise to look at it
    image = np.rint(255 * (1 - np.rot90(INK))).astype(np.uint8)
    Image.fromarray(image).save(path, exif=exif)


def specked(ink):
    ink = ink.copy()
    for row, column in ((10, 10), (20, 180), (185, 30), (190, 190)):
        ink[row:row + 3, column:column + 3] = 1
    return 1 - ink


RENDERED = {
    "white on black": lambda path: save(path, INK),
    "grey on grey": lambda path: save(path, 0.6 - 0.2 * INK),
    "light on mid-grey": lambda path: save(path, 0.5 + 0.3 * INK),
    "a wide margin": lambda path: save(path, 1 - np.pad(INK, ((10, 500), (400, 20)))),
    "cut to its edges": lambda path: save(path, 1 - INK[40:160, 60:140]),
    "a large picture": lambda path: save(path, 1 - INK.repeat(6, axis=0).repeat(6, axis=1)),
    "uneven light and noise": lambda path: save(path, light(INK)),
    "specks of dirt": lambda path: save(path, specked(INK)),
    "colours": coloured,
    "dark on nothing": transparent,
    "light on nothing": lambda path: transparent(path, ink=255),
    "a palette": palette,
    "bits": lambda path: Image.fromarray(INK == 0).save(path),
    "16 bits": lambda path: Image.fromarray((40_000 - 39_000 * INK).astype(np.uint16)).save(path),
    "turned by EXIF": rotated,
}


@pytest.mark.parametrize("style", photos.STYLES)
@pytest.mark.parametrize("how", RENDERED)
def test_the_same_character_whatever_the_picture(tmp_path, plain, how, style):
    path = tmp_path / "picture.png"
    RENDERED[how](path)
    image = from_file(path, style=style)
    assert image.dtype == np.uint8
    assert image.shape == photos.STYLES[style]
    assert differ(image, plain[style]) < (20 if style == "digits" else 10)


def test_floats_and_jpeg(tmp_path, plain):
    Image.fromarray(1 - INK).save(tmp_path / "floats.tiff")
    save(tmp_path / "photo.jpg", light(INK), quality=60)
    for name in ("floats.tiff", "photo.jpg"):
        assert differ(from_file(tmp_path / name), plain["mnist"]) < 10


def box(image, least=60):
    """First and last row, first and last column of the ink."""
    rows, columns = (np.flatnonzero((image > least).any(axis=axis)) for axis in (1, 0))
    return rows[0], rows[-1], columns[0], columns[-1]


def test_mnist_is_20_long_and_centred_by_mass(plain):
    image = plain["mnist"].astype(float)
    top, bottom, *_ = box(image)
    assert bottom - top + 1 == 20
    mass = [image.sum(axis=axis) @ np.arange(28) / image.sum() for axis in (1, 0)]
    assert np.abs(np.array(mass) - 14).max() <= 0.5             # as in MNIST itself
    assert image.max() == 255


def test_emnist_is_24_long_with_its_blur_and_centred_by_its_box(plain):
    assert box(plain["emnist"], least=1)[:2] == (2, 25)
    top, bottom, left, right = box(plain["emnist"], least=128)
    assert 22 <= bottom - top + 1 <= 23                         # the ink itself
    assert abs(left + right - 27) <= 1
    assert abs(right - left + 1 - 23 * 80 / 120) < 1            # as wide as it was for its height


def test_the_small_digits_fill_their_height(plain):
    top, bottom, left, right = box(plain["digits"])
    assert (top, bottom) == (0, 7)
    assert 1 <= left < right <= 6


def test_more_ink_than_paper(tmp_path):
    """A heavy cross cut to its edges: no chance variation of the paper is as large as that."""
    ink = np.zeros((120, 120), np.float32)
    ink[35:85] = ink[:, 35:85] = 1
    assert ink.mean() > 0.6
    image = from_file(save(tmp_path / "cut.png", 1 - ink))
    whole = from_file(save(tmp_path / "whole.png", 1 - np.pad(ink, 80)))
    assert differ(image, whole) < 5


def test_a_dot_is_no_dirt(tmp_path):
    """An i keeps it."""
    ink = np.zeros((200, 200), np.float32)
    ink[80:160, 90:110] = ink[40:58, 90:110] = 1
    image = from_file(save(tmp_path / "i.png", 1 - ink), style="emnist")
    rows = (image > 100).any(axis=1)
    assert np.count_nonzero(np.diff(rows.astype(int)) == 1) == 2


@pytest.mark.parametrize(("style", "least"), [("mnist", 1.4), ("emnist", 1.6), ("digits", 1.0)])
def test_a_fine_pen_is_made_wider(tmp_path, style, least):
    """Else its strokes would be a grey veil: the widths across the stem, in pixels."""
    image = from_file(save(tmp_path / "fine.png", 1 - seven(pen=2)), style=style).astype(float)
    middle = len(image) * 5 // 8
    assert image[middle].sum() / 255 > least
    wide = from_file(save(tmp_path / "wide.png", 1 - INK), style=style).astype(float)
    assert image[middle].sum() < wide[middle].sum()


@pytest.fixture(scope="module")
def readers():
    """Return, by style, a model that reads a data set of it, and pictures that it has not seen."""
    found, digits, glyphs = {}, datasets.digits(), datasets.glyphs(60)
    for style, data in (("digits", digits), ("emnist", glyphs)):
        X, y, X_test, y_test = data.arrays
        X, y, X_test, y_test = X[y < 15], y[y < 15], X_test[y_test < 15], y_test[y_test < 15]
        model = build(X.shape[1:], 15, hidden=(128,), l2=0, dropout=0, batch_norm=False,
                      is_bytes=True, rng=np.random.default_rng(0))
        model.fit(X.reshape(len(X), -1), y, epochs=15, batch_size=32, rng=0)
        found[style] = model, X_test[:100], y_test[:100]
    return found


@pytest.mark.parametrize("kind", [lambda ink: 1 - ink, light],
                         ids=["black on white", "a photograph"])
@pytest.mark.parametrize(("style", "scale", "loss"), [("digits", 16, 0.12), ("emnist", 6, 0.1)])
def test_a_picture_is_read_about_as_well_as_the_data(tmp_path, readers, style, scale, loss, kind):
    """Digits of 8 pixels lose some where they are enlarged, glyphs as they are larger than EMNIST.

    Measured with 500 images of MNIST and of characters(): at most 2 points are lost.
    """
    model, images, y = readers[style]
    side = images.shape[1] * scale
    framed = np.empty((len(images), *photos.STYLES[style]), np.uint8)
    for i, image in enumerate(images):
        large = np.asarray(Image.fromarray(image).resize((side, side), 3), np.float32) / 255
        path = save(tmp_path / "picture.png", kind(np.pad(large, 20)))
        framed[i] = from_file(path, style=style)
    right, base = (np.mean(model.predict(X.reshape(len(X), -1)) == y) for X in (framed, images))
    assert base > 0.7
    assert right > base - loss


# What is refused ----------------------------------------------------------------------------


def cut_off(path):
    save(path, light(INK))
    path.write_bytes(path.read_bytes()[:2000])


def vast(path, side):
    """A PNG of a few bytes whose header promises more pixels than memory has room for."""
    save(path, 1 - INK)
    data = bytearray(path.read_bytes())
    data[16:24] = struct.pack(">II", side, side)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    path.write_bytes(data)


REFUSED = {
    "text": (lambda path: path.write_text("not a picture"), "is not a picture that Pillow can"),
    "nothing": (lambda path: path.write_bytes(b""), "is not a picture that Pillow can read"),
    "cut off": (cut_off, "is a damaged picture"),
    "a bomb": (lambda path: vast(path, 60_000), "too many pixels; scale it down"),
    "a large one": (lambda path: vast(path, 12_000), "12000 × 12000 pixels; scale it down to 100"),
    "white": (lambda path: save(path, np.ones((90, 90))), "shows no character"),
    "black": (lambda path: save(path, np.zeros((90, 90))), "shows no character"),
    "paper alone": (lambda path: save(path, light(np.zeros((300, 300)))), "shows no character"),
    "transparent": (lambda path: Image.new("RGBA", (50, 50)).save(path), "shows no character"),
    "one pixel": (lambda path: save(path, np.ones((1, 1))), "shows no character"),
    "a line of pixels": (lambda path: save(path, np.eye(1, 40)), "shows no character"),
    "NaN": (lambda path: Image.fromarray(np.full((9, 9), np.nan, np.float32)).save(
        path, format="TIFF"), "damaged picture .it holds NaN"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(tmp_path, case):
    path = tmp_path / "picture.png"
    make, message = REFUSED[case]
    make(path)
    with pytest.raises(ValueError, match=f"photos: .*{message}") as no:
        from_file(path)                                         # and no warning before it
    assert str(path) in str(no.value)


def test_a_missing_file_a_folder_and_a_style_that_is_none(tmp_path):
    with pytest.raises(FileNotFoundError):
        from_file(tmp_path / "none.png")
    with pytest.raises(OSError, match=r"irectory|denied"):
        from_file(tmp_path)
    path = save(tmp_path / "seven.png", 1 - INK)
    with pytest.raises(ValueError, match="style must be one of mnist, emnist, digits, got 'x'"):
        from_file(path, style="x")
    shutil.copy(path, tmp_path / "no suffix")
    from_file(tmp_path / "no suffix")                           # its bytes say what it is

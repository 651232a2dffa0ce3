"""The command ``predict``: which character is on a picture."""

import sys
from pathlib import Path

import click
import numpy as np

from .base import SETTINGS, words

HOW = {"mnist": "as MNIST's: 28 × 28, longer side 20, centre of mass in the middle",
       "emnist": "as EMNIST's: 28 × 28, blurred, longer side 24, box in the middle",
       "digits": "as scikit-learn's digits: 8 × 8, as high as the frame"}


@click.command(context_settings=SETTINGS, epilog="""\b
Examples:
  python -m nnlib predict model.npz seven.png
  python -m nnlib predict model.npz photo.jpg scan.png --top 5 --show
""")
@click.argument("model", metavar="MODEL.npz", type=click.Path(path_type=Path))
@click.argument("pictures", metavar="PICTURE...", nargs=-1, required=True,
                type=click.Path(path_type=Path))
@click.option("--top", type=click.IntRange(1), default=3, show_default=True,
              help="How many of the most probable classes to print.")
@click.option("--show", is_flag=True,
              help="Print what the network sees, to find out why a picture is misread.")
@click.option("--style", type=click.Choice(list(HOW)),
              help="How to scale and place the character.  [default: as in what the model learnt "
                   "from]")
def predict(model, pictures, top, show, style):
    """Say which character is on a picture.

    A picture shows one character, dark on light or light on dark, on any plain ground: a
    photograph, a scan, a drawing; PNG, JPEG and whatever else Pillow reads. It is brought to the
    form of the images that the model learnt from, and for each the most probable classes are
    printed with their probabilities.
    """
    from . import notes
    path = model
    model, noted = notes.read(path)
    style = style or _style(path, noted)
    from ..datasets import photos
    if photos.STYLES[style] != noted.shape:
        raise ValueError(f"{path}: reads {notes.describe(noted.shape)}; --style {style} makes "
                         f"{notes.describe(photos.STYLES[style])}")
    print(f"Pictures are framed {HOW[style]}.")
    failed = False
    for picture in pictures:
        try:
            image = photos.from_file(picture, style=style)
        except (OSError, ValueError) as error:                  # the others may be fine
            sys.stdout.flush()
            print(f"Error: {words(error)}", file=sys.stderr, flush=True)
            failed = True
            continue
        (p,) = model.predict_proba(image.reshape(1, -1))        # (k,)
        best = np.argsort(-p, kind="stable")[:top]
        said = ", ".join(f"{noted.classes[i]} {100 * p[i]:.1f} %" for i in best)
        print(f"{picture}: {said}")
        if show:
            print(blocks(image, sys.stdout.encoding), end="")
    if failed:
        click.get_current_context().exit(1)


def _style(path, noted):
    """Return the style of what a model learnt from; without notes, one whose shape fits."""
    known = {"mnist": "mnist", "digits": "digits", "glyphs": "emnist", "characters": "emnist"}
    if noted.data in known:
        return known[noted.data]
    if noted.data and noted.data.startswith("emnist-"):
        return "emnist"
    by_shape = {(28, 28): "mnist", (8, 8): "digits"}
    if noted.shape not in by_shape:
        raise ValueError(f"{path}: expected a model of images of 28 × 28 or 8 × 8, got one of "
                         f"other data; train one with --data mnist, say")
    return by_shape[noted.shape]


def blocks(image, encoding=None):
    """Return an image (h, w) of uint8 as text, two characters a pixel.

    Where the console's encoding does not know blocks, other characters stand in.

    Examples
    --------
    >>> image = np.array([[0, 100], [180, 255]], np.uint8)
    >>> print(blocks(image, "utf-8"), end="")
    |  ░░|
    |▓▓██|
    >>> print(blocks(image, "latin-1"), end="")
    |  ..|
    |##@@|
    """
    ramp = " ░▒▓█"
    try:
        ramp.encode(encoding or "ascii")
    except UnicodeEncodeError:
        ramp = " .+#@"
    levels = np.minimum(image.astype(int) * len(ramp) // 255, len(ramp) - 1)
    return "".join(f"|{''.join(2 * ramp[level] for level in row)}|\n" for row in levels)

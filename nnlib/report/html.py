"""The few kinds of HTML that a report is made of; every text is escaped here."""

import base64
import html
import io

import numpy as np
from PIL import Image

from ..plots.pictures import PIXELS

SPACE = "\N{NO-BREAK SPACE}"


def text(value):
    """Return anything as text of a page."""
    return html.escape(str(value))


def percent(share, digits=1):
    """Return a share of 1 as per cent."""
    return f"{100 * share:.{digits}f}{SPACE}%"


def section(anchor, heading, *parts):
    """Return a section under a heading, to which the contents lead."""
    return (f'<section aria-labelledby="{anchor}">\n<h2 id="{anchor}">{text(heading)}</h2>\n'
            + "\n".join(part for part in parts if part) + "\n</section>")


def paragraph(words, kind=""):
    """Return a paragraph of plain words."""
    return f"<p{f' class={kind}' if kind else ''}>{text(words)}</p>"


def scrolling(label, content):
    """Return what may be wider than a phone: it scrolls by itself, by keys too."""
    return (f'<div class="scroll" role="region" tabindex="0" aria-label="{text(label)}">'
            f"{content}</div>")


def table(caption, head, rows, *, foot=()):
    """Return a table whose first column names the rows; numbers are made beforehand.

    foot: rows that sum up the others.
    """
    columns = "".join(f'<th scope="col">{text(name)}</th>' for name in head)
    return scrolling(caption, (
        f"<table><caption>{text(caption)}</caption><thead><tr>{columns}</tr></thead>"
        f"<tbody>{_rows(rows)}</tbody>" + (f"<tfoot>{_rows(foot)}</tfoot>" if foot else "")
        + "</table>"))


def _rows(rows):
    lines = []
    for name, *cells in rows:
        columns = "".join(f"<td>{text(cell)}</td>" for cell in cells)
        lines.append(f'<tr><th scope="row">{text(name)}</th>{columns}</tr>\n')
    return "".join(lines)


def picture(drawn):
    """Return a Picture of nnlib.plots with its alt text."""
    width, height = (round(side * PIXELS) for side in drawn.get_size_inches())
    return (f'<img class="picture" alt="{text(drawn.alt)}" width="{width}" height="{height}" '
            f'src="{address(drawn.png())}">')


def address(png):
    """Return the bytes of a PNG as an address that holds them."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def pixels(values):
    """Return bytes (h, w) or (h, w, 3) as the address of a PNG, pixel by pixel."""
    raw = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(values, np.uint8)).save(raw, "png", optimize=True)
    return address(raw.getvalue())


def tile(images, alts, caption, *, right=None):
    """Return small images with a caption: ✓ or ✗ before it, a whole frame or a broken one."""
    mark, kind = "", "tile"
    if right is not None:
        word, sign = ("right", "✓") if right else ("wrong", "✗")
        mark = (f'<span class="mark" aria-hidden="true">{sign}</span>'
                f'<span class="unseen">{word}: </span>')
        kind = f"tile {word}"
    shown = "".join(f'<img alt="{text(alt)}" src="{source}">'
                    for source, alt in zip(images, alts, strict=True))
    return (f'<figure class="{kind}"><div class="frame">{shown}</div>'
            f"<figcaption>{mark}{caption}</figcaption></figure>")


def tiles(figures, kind=""):
    """Return tiles in rows, as many as fit."""
    return f'<div class="tiles {kind}">{"".join(figures)}</div>'

"""Training as pictures that the reader moves through with a slider; nothing plays by itself.

What all pictures share (points, axes, title) is stored once, as a PNG. The regions of
``plots.decision_boundary``, which change from picture to picture, lie beneath it as an SVG of a
few kilobytes, which is sharp on any screen. Forty pictures of a spiral take about 250 kB.
"""

import base64
import html
import json
import math

import numpy as np
from matplotlib.colors import to_hex
from matplotlib.contour import ContourSet

from ._validate import expect_instance
from .plots.pictures import PIXELS, Picture, alt_text

GRAIN = 4                                   # steps of an edge's corners, for a pixel of the page
TOLERANCE = 0.2                             # pixels by which an edge may be off
OUTSIDE = 3                                 # pixels from the view to where its border is hidden

PAGE = """\
<figure class="nnlib-scrubber" role="group" aria-label="{alt}" style="max-width:{width}px"
 data-frames="{data}">
<style>{style}</style>
<img class="nnlib-figure dark-light" alt="{first}" width="{width}" height="{height}"
 src="{over}" style="background:url({under}) 0 0 / 100% 100% no-repeat;{print}">
<figcaption><b>{label}</b> <label><small>picture 1 of {n}: a slider to the others comes with
JavaScript (in Jupyter, run the cell)</small></label></figcaption>
<script>{script}</script>
</figure>
"""
# paper shows the regions too, though they are a background
PRINT = "print-color-adjust:exact;-webkit-print-color-adjust:exact"
STYLE = """
.nnlib-scrubber.nnlib-scrubber { box-sizing: content-box; margin: 0 auto; padding: 0;
  break-inside: avoid; }
.nnlib-scrubber img.nnlib-figure.nnlib-figure { display: block; height: auto; margin: 0;
  max-width: 100%; padding: 0; }
.nnlib-scrubber.nnlib-scrubber figcaption { color: inherit; font: inherit;
  font-variant-numeric: tabular-nums; margin: 0; padding: 4px 4px 6px; text-align: center; }
.nnlib-scrubber b { font-weight: 600; }
.nnlib-scrubber label { display: inline; }
.nnlib-scrubber small { font-weight: inherit; margin-left: 0.5em; }
.nnlib-scrubber input { accent-color: #1a7fc4; box-sizing: border-box; height: 28px;
  display: block; margin: 4px 0 0; width: 100%; }
.nnlib-scrubber input:focus-visible { border-radius: 4px; outline: 2px solid currentcolor; }
@media print { .nnlib-scrubber input { display: none; } }
"""
# It sets up every scrubber on the page that is not yet: a page has one script for each. Without
# it there is no slider that does nothing. lmSuppressShortcuts makes JupyterLab leave the arrow
# keys to the slider. A new picture takes the old one's place when it can be drawn at once, so
# that nothing flickers.
SCRIPT = """
for (const figure of document.querySelectorAll(".nnlib-scrubber")) {
  if (figure.ready) continue;
  figure.ready = true;
  const [image, label, count] = ["img", "b", "small"].map(name => figure.querySelector(name));
  const { frames, over, under } = JSON.parse(figure.dataset.frames);
  const slider = Object.assign(document.createElement("input"),
    { type: "range", min: 0, max: frames.length - 1, value: 0, autocomplete: "off" });
  slider.dataset.lmSuppressShortcuts = "true";
  over.unshift(image.src);
  under.unshift(image.style.backgroundImage.slice(5, -2));
  const drawable = url => Object.assign(new Image(), { src: url }).decode();
  const show = () => {
    const now = slider.valueAsNumber, [name, alt, place] = frames[now];
    label.textContent = name;
    count.textContent = `picture ${now + 1} of ${frames.length}`;
    slider.setAttribute("aria-valuetext", name);
    Promise.allSettled([over[place], under[now]].map(drawable)).then(() => {
      if (slider.valueAsNumber !== now) return;
      if (image.src !== over[place]) image.src = over[place];
      image.style.backgroundImage = `url("${under[now]}")`;
      image.alt = alt;
    });
  };
  slider.addEventListener("input", show);
  if (frames.length > 1) count.after(slider);
  show();
}
"""


class Scrubber:
    """Pictures in a row, one visible, and a slider under it; shows itself as a cell's value.

    The slider answers the mouse, the finger and, once it has the focus, the arrow keys, Home
    and End. Without JavaScript the first picture is there.

    Parameters
    ----------
    alt : str
        What happens from the first picture to the last, in six words or more.

    Raises
    ------
    ValueError, TypeError
        For a shorter alt text, or when a scrubber without pictures is to show itself.

    Examples
    --------
    >>> from nnlib import plots
    >>> frames = Scrubber(alt="The edge between two halves moves to the right")
    >>> for step in range(3):
    ...     halves = lambda points: (points[:, :1] > 0.3 * step) == [False, True]
    ...     frames.add(f"step {step}", plots.decision_boundary(
    ...         halves, np.eye(2), np.array([1, 0]), resolution=50,
    ...         alt="Two halves of the plane, a point in each"))
    >>> frames
    <Scrubber: step 0 to step 2, 3 pictures. The edge between two halves moves to the right.>
    """

    def __init__(self, *, alt):
        self.alt = alt_text(alt).rstrip(".") + "."
        self.size = None
        self._frames = []                   # label, alt text, and place in _over
        self._over = {}                     # address of a layer: its place
        self._under = []                    # one each: other processors may draw two alike

    def __len__(self):
        """Return the number of pictures."""
        return len(self._frames)

    def add(self, label, picture):
        """Add a picture under a label; it is drawn now, so that it may change afterwards.

        Pictures that differ in more than the regions of decision_boundary, a title that counts
        for example, work too, but take 30 to 80 kB each.

        Parameters
        ----------
        label : str
            Such as "epoch 120".
        picture : Picture
            From a function of ``plots``, all of the same size.

        Raises
        ------
        ValueError, TypeError
            For a label without text, no Picture, or one of another size.
        """
        if not isinstance(label, str) or not label.strip():
            raise ValueError(f"Scrubber: label must say which picture this is, got {label!r}")
        expect_instance("Scrubber", picture, Picture)
        size = tuple(round(side * PIXELS) for side in picture.get_size_inches())
        if self.size not in (None, size):
            raise ValueError(f"Scrubber: expected a picture of {self.size} pixels like those "
                             f"before, got {size}")
        self.size = size
        over, under = _layers(picture)
        label = " ".join(label.split())
        self._frames.append((label, f"{label}: {picture.alt}",
                             self._over.setdefault(over, len(self._over))))
        self._under.append(under)

    def __repr__(self):
        """Return the labels and the alt text, for who cannot see the pictures."""
        if not self._frames:
            return f"<Scrubber: no pictures yet. {self.alt}>"
        first, last = self._frames[0][0], self._frames[-1][0]
        return f"<Scrubber: {first} to {last}, {len(self)} pictures. {self.alt}>"

    def _repr_html_(self):
        """Return the HTML that the site and JupyterLab show, as IPython asks for it."""
        if not self._frames:
            raise ValueError("Scrubber: there are no pictures yet; add(label, picture) first")
        over, under = list(self._over), self._under
        label, first, _ = self._frames[0]
        # the first layers stand in the image
        data = json.dumps({"frames": self._frames, "over": over[1:], "under": under[1:]},
                          ensure_ascii=False, separators=(",", ":"))
        return PAGE.format(
            alt=html.escape(self.alt), first=html.escape(first), label=html.escape(label),
            data=html.escape(data), n=len(self), width=self.size[0],
            height=self.size[1], over=over[0], under=under[0], print=PRINT, style=STYLE,
            script=SCRIPT)


def _layers(picture):
    """Return the addresses of a picture's two layers: all but the regions, and these."""
    regions = [artist for ax in picture.axes for artist in ax.get_children() if _is_region(artist)]
    try:
        for artist in regions:
            artist.set_visible(False)
        png = picture.png()                                     # and so places the axes
    finally:
        for artist in regions:
            artist.set_visible(True)
    return _address("image/png", png), _address("image/svg+xml", _svg(picture).encode())


def _address(kind, content):
    """Return bytes as an address that holds them."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _is_region(artist):
    """Say whether an artist is a region of decision_boundary, or the edge of one."""
    return isinstance(artist, ContourSet) and list(artist.levels) in ([0], [0, math.inf])


def _svg(picture):
    """Return the regions of all axes of a picture, and their edges, as SVG."""
    width, height = (round(side * PIXELS) for side in picture.get_size_inches())
    grain = GRAIN * PIXELS / picture.dpi
    parts = []
    for ax in picture.axes:
        regions = [artist for artist in ax.get_children() if _is_region(artist)]
        edges = [artist for artist in regions if not artist.filled]
        box = ax.bbox.transformed(picture.transFigure.inverted())
        x, y = box.x0 * width, (1 - box.y1) * height
        w, h = box.width * width, box.height * height
        # an inner svg cuts off what is outside its view
        parts.append(f'<svg x="{x:.2f}" y="{y:.2f}" width="{w:.2f}" height="{h:.2f}" '
                     f'viewBox="0 0 {GRAIN * w:.1f} {GRAIN * h:.1f}" stroke-linejoin="round"')
        if edges:
            line = edges[0].get_linewidth()[0] * PIXELS / 72 * GRAIN
            parts.append(f' stroke="{to_hex(edges[0].get_edgecolor()[0])}" '
                         f'stroke-width="{line:.1f}"')
        parts.append(">")
        for region in regions:
            if region.filled:
                *colour, alpha = region.get_facecolor()[0]
                polygons = (polygon for path in region.get_paths()
                            for polygon in path.to_polygons(region.get_transform()))
                outline = "".join(_outline(polygon, ax.bbox, grain) for polygon in polygons)
                parts.append(f'<path fill="{to_hex(colour)}" fill-opacity="{alpha:.3g}" '
                             f'd="{outline}"/>')
        parts.append("</svg>")
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}">{"".join(parts)}</svg>')


def _outline(polygon, view, grain):
    """Return a polygon as the text of an SVG path, in small whole steps from corner to corner.

    polygon: (n, 2), the last point that of the start. Where it runs along the border of the
    view it goes outside, so that only edges between regions are seen.
    """
    points = (polygon - [view.x0, view.y1]) * [grain, -grain]
    size = np.array([view.width, view.height]) * grain
    points = np.where(points < 0.5, -OUTSIDE * GRAIN, points)
    points = np.where(points > size - 0.5, size + OUTSIDE * GRAIN, points)
    corners = np.rint(_simplified(points, TOLERANCE * GRAIN)).astype(int)
    steps = np.diff(corners[:-1], axis=0)                       # z draws the last
    lines = "".join(f"{dx} {dy} " for dx, dy in steps.tolist() if dx or dy)
    if not lines:                           # a speck; l without numbers would end the whole path
        return ""
    return f"M{corners[0, 0]} {corners[0, 1]}l{lines}z".replace(" -", "-").replace(" z", "z")


def _simplified(points, tolerance):
    """Return the fewer points of a line that stays within a distance of the one given.

    As Ramer (1972) and Douglas and Peucker (1973) do it: keep the point farthest from the
    straight line between the ends, and do the same on both sides of it.
    """
    keep = np.zeros(len(points), bool)                          # (n,)
    keep[[0, -1]] = True
    todo = [(0, len(points) - 1)]
    while todo:
        start, end = todo.pop()
        if end - start < 2:
            continue
        along = points[end] - points[start]                     # (2,)
        between = points[start + 1:end] - points[start]         # (m, 2)
        share = np.clip(between @ along / (along @ along or 1), 0, 1)           # (m,)
        far = np.hypot(*(between - share[:, None] * along).T)   # (m,)
        if far.max() > tolerance:
            middle = start + 1 + int(far.argmax())
            keep[middle] = True
            todo += [(start, middle), (middle, end)]
    return points[keep]

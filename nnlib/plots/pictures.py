"""A figure that carries its alt text and shows itself in a notebook; the book's one style."""

import base64
import html
import io
import warnings
from contextlib import contextmanager

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from PIL import Image

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
    "font.size": 12, "axes.titlesize": 12.5, "axes.titleweight": "bold",
    "axes.titlelocation": "left", "axes.titlepad": 10, "legend.frameon": False,
    "lines.linewidth": 1.6,
}
PIXELS = 100                                # of the page, for an inch of the figure
CAPTION = 12                                # points: to be read on a phone, which shows half
FINER = 2                                   # stored dots for a pixel of the page


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
        self.alts.append(alt_text(alt))

    def png(self):
        """Return the picture as PNG bytes, in at most 256 colours to be small.

        Warns of a title that does not fit, and of named lines that differ by colour alone.
        """
        raw = io.BytesIO()
        self.savefig(raw, format="png", dpi=PIXELS * FINER, metadata={"Software": None})
        right = self.get_size_inches()[0] * PIXELS * FINER
        for title in (title for ax in self.axes for title in (ax.title, ax._left_title)):
            if title.get_window_extent(dpi=PIXELS * FINER).x1 > right:
                warnings.warn(f"plots: the title {title.get_text()!r} is too long for its panel; "
                              "shorten it", stacklevel=2)
        for one, other in same_but_for_colour(self.axes):
            warnings.warn(f"plots: {one!r} and {other!r} differ by colour alone; give one "
                          "another line or marker", stacklevel=2)
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


def look(i):
    """Return how curve i of up to six is drawn: from the fifth on, lines come with marks."""
    marks = {} if i < len(LINES) else {
        "marker": MARKERS[i - len(LINES)], "markevery": 0.1, "markersize": 4.5}
    return {"linestyle": LINES[i % len(LINES)], "color": COLOURS[i], **marks}


def same_but_for_colour(axes):
    """Yield the labels of lines that share an axes, and of which only the colours differ."""
    for ax in axes:
        seen = {}
        for line in ax.lines:
            name, shape = line.get_label(), (line.get_linestyle(), line.get_marker())
            first = seen.setdefault(shape, line) if not name.startswith("_") else line
            if first.get_color() != line.get_color():
                yield first.get_label(), name


def panels(columns, *, rows=1, width=None, height=3.6):
    """Return a Picture and its axes, side by side, left to right, for ``ax=``.

    width and height are in inches; an inch is 100 pixels of the page. The default width, 6.2
    or, for more than one column, 6.8, leaves the ticks readable on a phone, which shows half.
    """
    width = width or (6.2 if columns == 1 else 6.8)
    with mpl.rc_context(STYLE):
        picture = Picture(figsize=(width, height), layout="compressed")
        picture.style = STYLE
        axes = picture.subplots(rows, columns, squeeze=False)
    return picture, list(axes.flat)


def legend(ax, loc="best"):
    """Name the curves within the axes, or below the picture if they are more than three."""
    handles, labels = ax.get_legend_handles_labels()
    if len(labels) > 3:
        ax.figure.legend(handles, labels, loc="outside lower center",
                         ncols=4 if len(labels) == 4 else 3)
    else:
        ax.legend(loc=loc)


@contextmanager
def drawing(ax, alt, *, flat=False):
    """Give the axes to draw on, new or given, in our style and with the alt text noted.

    New ones are nearly square, as for points of the plane, or flat, as for curves.
    """
    alt = alt_text(alt)
    if ax is None:
        ax = (panels(1, height=3.4) if flat else panels(1, width=4.8, height=5.3))[1][0]
    if isinstance(ax.figure, Picture):
        ax.figure.describe(alt)
    with mpl.rc_context(getattr(ax.figure, "style", STYLE)):
        yield ax


def alt_text(alt):
    """Return an alt text without line ends, once it is six words or more."""
    if not isinstance(alt, str) or len(alt.split()) < 6:
        raise ValueError(f"alt: say in six words or more what the picture shows, got {alt!r}")
    return " ".join(alt.split())


def inches_of(text, size=CAPTION, weight="normal"):
    """Return how long a text is, in inches."""
    if not text.strip():
        return 0
    path = TextPath((0, 0), text.replace("$", r"\$"), size=size,
                    prop=FontProperties(weight=weight))
    return path.get_extents().width / 72

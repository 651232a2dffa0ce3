"""Draw the cover: a network learning the spiral, for light and for dark pages.

``python tools/cover.py`` writes book/_static/cover-light.png and cover-dark.png, which README
and the book's first page show. The network is that of chapter 9, trained on
3,000 points in batches of 128; each disc shows what it had learnt after the epochs named below.
"""

import io
from pathlib import Path

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from nnlib import Adam, CategoricalCrossEntropy, Dense, Model, ReLU, Softmax, datasets
from nnlib.plots import COLOURS, MARKERS

FOLDER = Path(__file__).resolve().parents[1] / "book" / "_static"
EPOCHS = (1, 20, 1000)
RADIUS = 1.12
SIDE = 700                                  # points a side of the grid
STYLES = {                                  # the page's colour, and that of lines and words
    "light": ("#fefdfb", "#5b6068"),
    "dark": ("#16191d", "#b9bec6"),
}


def train():
    """Yield the probabilities on the grid after each of EPOCHS, and the points in the end."""
    X, y = datasets.spiral(1000, rng=4)
    rng = np.random.default_rng(7)
    model = Model([Dense(2, 64, rng=rng), ReLU(), Dense(64, 3, rng=rng), Softmax()],
                  loss=CategoricalCrossEntropy())
    side = np.linspace(-RADIUS, RADIUS, SIDE)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)    # (m, 2)
    optimizer, done = Adam(lambda step: 0.05 / (1 + step / 1000)), 0
    shuffle = np.random.default_rng(5)
    for epoch in EPOCHS:
        model.fit(X, y, epochs=epoch - done, batch_size=128, optimizer=optimizer, rng=shuffle)
        done = epoch
        yield model.predict_proba(grid).reshape(SIDE, SIDE, 3), X[::6], y[::6]


def draw(frames, page, ink):
    """Return the picture as a Pillow image with a transparent background."""
    figure = Figure(figsize=(12, 4.7), facecolor="none")
    side = np.linspace(-RADIUS, RADIUS, SIDE)
    inside = np.hypot(*np.meshgrid(side, side))                         # (m, m) distances
    colours = np.array([to_rgb(colour) for colour in COLOURS[:3]])      # (3, 3)
    for ax, epoch, (p, X, y) in zip(figure.subplots(1, 3), EPOCHS, frames, strict=True):
        strength = 0.16 + 0.34 * ((p.max(axis=2, keepdims=True) - 1 / 3) * 1.5)
        rgb = (1 - strength) * to_rgb(page) + strength * (p @ colours)  # (m, m, 3)
        edge = np.clip((RADIUS - inside) * SIDE / 4, 0, 1)              # a soft rim
        ax.imshow(np.dstack([rgb, edge]), extent=(-RADIUS, RADIUS) * 2, origin="lower")
        for c in range(3):
            lead = p[..., c] - np.delete(p, c, axis=2).max(axis=2)
            lead = np.where(inside < RADIUS * 0.995, lead, np.nan)
            ax.contour(side, side, lead, [0], colors=[ink], linewidths=0.9, alpha=0.85)
            ax.plot(*X[y == c].T, MARKERS[c], color=COLOURS[c], markersize=3.1,
                    markeredgecolor=page, markeredgewidth=0.35)
        ax.set(xlim=(-RADIUS, RADIUS), ylim=(-RADIUS, RADIUS))
        ax.set_axis_off()
        ax.text(0, -RADIUS * 1.18, f"{epoch:,} epoch" + "s" * (epoch > 1), color=ink,
                ha="center", fontsize=19)
    figure.subplots_adjust(left=0.01, right=0.99, top=0.99, bottom=0.12, wspace=0.04)
    raw = io.BytesIO()
    figure.savefig(raw, format="png", dpi=120, metadata={"Software": None})
    return Image.open(raw)


def main():
    """Write both variants."""
    frames = list(train())
    for name, (page, ink) in STYLES.items():
        image = draw(frames, page, ink)
        image.save(FOLDER / f"cover-{name}.png", optimize=True)


if __name__ == "__main__":
    main()

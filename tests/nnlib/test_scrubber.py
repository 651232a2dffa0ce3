"""The scrubber: small, the same from run to run, and it says what it shows."""

import base64
import html
import json
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

from nnlib import Adam, CategoricalCrossEntropy, Dense, Model, ReLU, Softmax, datasets, plots
from nnlib.scrubber import Scrubber, _layers, _outline, _simplified
from tests.nnlib.nets import data, net

ALT = "Straight cuts curl into three arms"
EACH = "The regions of three classes and their points"
X, Y = data(30)
SVG = "{http://www.w3.org/2000/svg}"


def halves(edge):
    """A model that cuts the plane at x1 = edge."""
    return lambda points: (points[:, :1] > edge) == [False, True]


def picture(edge=0.0, title=None, alt=EACH, **kwargs):
    corners = np.array([[-1.0, -1.0], [1.0, 1.0]])
    return plots.decision_boundary(halves(edge), corners, np.array([0, 1]), alt=alt, title=title,
                                   resolution=50, **kwargs)


def scrubber(n=3, **kwargs):
    frames = Scrubber(alt=ALT)
    for i in range(n):
        frames.add(f"epoch {i}", picture(0.2 * i, **kwargs))
    return frames


def stored(frames):
    """The data of the script: frames, over and under."""
    return json.loads(html.unescape(re.search('data-frames="(.*?)"', frames._repr_html_())[1]))


def svg(picture):
    """The layer of the regions, parsed."""
    address = _layers(picture)[1]
    return ElementTree.fromstring(base64.b64decode(address.partition(",")[2]))


def test_forty_pictures_of_a_trained_spiral_stay_below_300_kb():
    X, y = datasets.spiral(1000, rng=0)
    rng = np.random.default_rng(7)
    model = Model([Dense(2, 64, rng=rng), ReLU(), Dense(64, 3, rng=rng), Softmax()],
                  loss=CategoricalCrossEntropy())
    frames = Scrubber(alt=ALT)

    def show(model, epoch, history):
        if epoch % 5 == 0:
            frames.add(f"epoch {epoch}", plots.decision_boundary(model, X, y, alt=EACH))

    model.fit(X, y, epochs=40, batch_size=128, optimizer=Adam(0.02), rng=rng, on_epoch_end=show)
    assert len(frames) == 8
    data = stored(frames)
    assert data["over"] == []               # stored once, in the image
    last = len(data["under"][-1])           # the most wound
    whole = len(frames._repr_html_().encode()) + (40 - len(frames)) * (last + 200)
    assert whole < 300_000


def test_the_same_pictures_have_the_same_html():
    assert scrubber()._repr_html_() == scrubber()._repr_html_()


def test_every_picture_is_there_in_order_under_its_label():
    frames = scrubber()
    assert [frame[0] for frame in stored(frames)["frames"]] == ["epoch 0", "epoch 1", "epoch 2"]
    assert [frame[1] for frame in stored(frames)["frames"]] == [
        f"epoch {i}: {EACH}." for i in range(3)]
    assert [frame[2] for frame in stored(frames)["frames"]] == [0, 0, 0]
    assert len(set(stored(frames)["under"])) == 2               # and the first, in the image
    assert "<small>picture 1 of 3: " in frames._repr_html_()


def test_what_pictures_share_is_stored_once():
    frames = scrubber(title="One")
    frames.add("another title", picture(title="Two"))
    frames.add("the first again", picture(title="One"))
    assert [frame[2] for frame in stored(frames)["frames"]] == [0, 0, 0, 1, 0]
    assert len(stored(frames)["over"]) == 1


def test_alt_texts_reach_the_page_escaped():
    frames = Scrubber(alt='"Halves" & their\n edge, <left> to right.')
    frames.add('epoch "1"\n', picture(alt="Two <halves> of the plane & their points"))
    page = frames._repr_html_()
    assert 'aria-label="&quot;Halves&quot; &amp; their edge, &lt;left&gt; to right."' in page
    assert ('alt="epoch &quot;1&quot;: Two &lt;halves&gt; of the plane &amp; their points."'
            in page)
    assert "<b>epoch &quot;1&quot;</b>" in page
    assert repr(frames) == ('<Scrubber: epoch "1" to epoch "1", 1 pictures. '
                            '"Halves" & their edge, <left> to right.>')


@pytest.mark.parametrize("alt", ["", "Five words are not enough", None])
def test_wants_an_alt_text(alt):
    with pytest.raises(ValueError, match="six words or more"):
        Scrubber(alt=alt)


def test_without_pictures_there_is_nothing_to_show():
    frames = Scrubber(alt=ALT)
    assert repr(frames) == f"<Scrubber: no pictures yet. {ALT}.>"
    with pytest.raises(ValueError, match=r"no pictures yet; add\(label, picture\) first"):
        frames._repr_html_()


def test_refuses_what_is_no_picture_has_no_label_or_another_size():
    frames = scrubber(1)
    with pytest.raises(TypeError, match="expected a Picture, got 3"):
        frames.add("epoch 1", 3)
    for label in ("", " ", 7):
        with pytest.raises(ValueError, match="label must say which picture this is"):
            frames.add(label, picture())
    with pytest.raises(ValueError, match=r"expected a picture of \(480, 530\) pixels"):
        frames.add("epoch 1", plots.panels(2)[0])
    assert len(frames) == 1


def test_regions_have_the_place_and_the_colours_of_the_picture():
    drawn = picture(edge=0.5)
    (view,) = svg(drawn)
    left, right = view
    assert [left.get("fill"), right.get("fill")] == list(plots.COLOURS[:2])
    assert left.get("fill-opacity") == "0.22"
    assert view.get("stroke") == plots.INK
    ax = drawn.axes[0]
    x0, y1 = ax.transAxes.transform((0, 1)) * plots.pictures.PIXELS / drawn.dpi
    width, height = ax.bbox.size * plots.pictures.PIXELS / drawn.dpi
    wanted = (x0, 530 - y1, width, height)
    for name, value in zip(("x", "y", "width", "height"), wanted, strict=True):
        assert float(view.get(name)) == pytest.approx(value, abs=0.01)
    # in quarters of a pixel; the edge is where the model has it, to a cell of the grid
    edge = 4 * (ax.transData.transform((0.5, 0))[0] * plots.pictures.PIXELS / drawn.dpi - x0)
    assert corners(left)[:, 0].max() == pytest.approx(edge, abs=4 * width / 49)
    assert corners(right)[:, 0].min() == pytest.approx(edge, abs=4 * width / 49)
    assert np.ptp(corners(left)[:, 1]) > 4 * height         # its other borders are outside


def corners(path):
    """The corners of a path of one polygon."""
    start, steps = re.fullmatch(r"M(.*)l(.*)z", path.get("d")).groups()
    numbers = [int(number) for number in re.findall(r"-?\d+", f"{start} {steps}")]
    return np.cumsum(np.reshape(numbers, (-1, 2)), axis=0)


def test_one_class_everywhere_leaves_no_edge():
    drawn = plots.decision_boundary(lambda points: np.tile([0.7, 0.3], (len(points), 1)), X, Y % 2,
                                    alt=EACH, resolution=20)
    (view,) = svg(drawn)
    assert view.get("stroke") is None
    assert len(view) == 1


def test_other_pictures_and_panels_work_too():
    assert len(svg(plots.scatter(X, Y, alt=EACH))[0]) == 0
    both, axes = plots.panels(2)
    for ax in axes:
        plots.decision_boundary(net(), X, Y, alt=EACH, ax=ax, resolution=50)
    left, right = svg(both)
    assert float(left.get("x")) + float(left.get("width")) < float(right.get("x"))


def test_a_picture_is_left_as_it_was():
    drawn, other = picture(), picture()
    scrubber(1).add("epoch 1", drawn)
    other.png()                             # as add does, which moves the axes a little
    assert drawn.png() == other.png()


def test_a_simpler_line_stays_near():
    t = np.linspace(0, 2 * np.pi, 500)
    circle = 100 * np.stack([np.cos(t), np.sin(t)], axis=1)
    few = _simplified(circle, 0.5)
    assert len(few) < 60
    assert np.array_equal(few[[0, -1]], circle[[0, -1]])
    middles = (few[1:] + few[:-1]) / 2
    assert np.abs(np.hypot(*middles.T) - 100).max() < 0.51
    assert len(_simplified(circle[:2], 0.5)) == 2


def test_comes_when_asked_for():
    code = "import sys, nnlib; sys.exit('nnlib.scrubber' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_speck_does_not_end_the_path():
    """A region of one point has no steps, and an l without numbers ends an SVG path there."""
    picture = plots.scatter(np.eye(2), np.array([0, 1]),
                            alt="Two points, one of each of two classes")
    view = picture.axes[0].bbox
    speck = np.full((4, 2), (view.x0 + view.x1) / 2)
    speck += [[0, 0], [0.01, 0], [0, 0.01], [0, 0]]
    assert _outline(speck, view, 1.0) == ""
    square = speck[0] + 20 * np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]])
    assert _outline(square, view, 1.0).startswith("M")

"""Pictures: they say what they show, suit light and dark pages, and draw what is there."""

import base64
import io
import warnings

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from scipy.stats import binomtest

from nnlib import Dense, MeanSquaredError, Model, datasets, plots, schedules
from tests.nnlib.nets import data, net

ALT = "Points of three classes scattered in the plane"
X, Y = data(30)


def shown(picture):
    """The picture as a reader's page composes it: an RGBA array."""
    return np.asarray(Image.open(io.BytesIO(picture.png())).convert("RGBA"))


def test_alt_text_reaches_the_output_and_its_metadata():
    picture = plots.scatter(X, Y, alt='Points "here" &\n   there, of three <classes>')
    outputs, metadata = picture._repr_mimebundle_()
    alt = 'Points "here" & there, of three <classes>.'
    assert metadata["image/png"]["alt"] == alt
    assert outputs["text/plain"] == f"<Figure: {alt}>"
    # JupyterLab shows text/html: its img has the alt text, escaped, and the same bytes
    assert 'alt="Points &quot;here&quot; &amp; there, of three &lt;classes&gt;."' in (
        outputs["text/html"])
    assert outputs["image/png"] in outputs["text/html"]
    png = Image.open(io.BytesIO(base64.b64decode(outputs["image/png"])))
    assert png.width == 2 * metadata["image/png"]["width"]
    assert png.height == 2 * metadata["image/png"]["height"]


@pytest.mark.parametrize(("second", "warned"), [
    ({"color": "r"}, True), ({"color": "r", "linestyle": "--"}, False),
    ({"color": "r", "marker": "o"}, False), ({"color": "b"}, False),
    ({"color": "r", "label": "_unnamed"}, False)])
def test_colour_is_never_alone(second, warned):
    """Who can't tell two colours apart needs another difference between what is named."""
    picture, (ax,) = plots.panels(1)
    for style in ({"color": "b", "label": "one"}, {"label": "other", **second}):
        ax.plot([0, 1], [0, 1], **style)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        picture.png()
    said = ["plots: 'one' and 'other' differ by colour alone; give one another line or marker"]
    assert [str(w.message) for w in caught] == said * warned


def points_drawn(ax):
    """All marked points of a plot, with the marker and colour that each has."""
    return [(x, y, line.get_marker(), line.get_color()) for line in ax.lines
            for x, y in line.get_xydata()]


@pytest.mark.parametrize("draw", [
    plots.scatter, lambda *args, **kwargs: plots.decision_boundary(net(), *args, **kwargs)])
def test_every_point_is_there_in_the_colour_and_marker_of_its_class(draw):
    picture = draw(X, Y, alt=ALT, title="The finding", size=7)
    ax = picture.axes[0]
    wanted = [(x, y, plots.MARKERS[c], plots.COLOURS[c])
              for (x, y), c in zip(X.tolist(), Y, strict=True)]
    assert sorted(points_drawn(ax)) == sorted(wanted)
    assert len(set(plots.MARKERS)) == len(set(plots.COLOURS)) == len(plots.MARKERS)
    assert ax.get_aspect() == 1
    assert ax.get_title(loc="left") == "The finding"
    assert {line.get_markersize() for line in ax.lines} == {7}
    assert ax.get_xlabel() == "$x_1$"
    labels = [text.get_text() for text in picture.legends[0].get_texts()]
    assert labels == ["class 0", "class 1", "class 2"]


def test_the_edge_between_two_regions_is_a_line():
    halves = np.array([[-1.0, 0.0], [1.0, 0.0]])
    picture = plots.decision_boundary(
        lambda points: 0.5 + 0.5 * np.sign(points[:, :1]) * [-1, 1], halves, np.array([0, 1]),
        alt=ALT)
    lines = [path.vertices for drawn in picture.axes[0].collections
             if not drawn.get_facecolor().any()
             for path in drawn.get_paths() if len(path.vertices)]
    assert lines
    assert all(np.abs(vertices[:, 0]).max() < 0.01 for vertices in lines)


def test_the_view_is_where_the_points_are():
    picture = plots.decision_boundary(net(), X + np.array([100, -50]), Y, alt=ALT, resolution=50)
    ax = picture.axes[0]
    for (low, high), column in ((ax.get_xlim(), X[:, 0] + 100), (ax.get_ylim(), X[:, 1] - 50)):
        assert low < column.min() < column.max() < high
        assert high - low < 1.2 * np.ptp(X, axis=0).max()
    plots.decision_boundary(net(), X[:1], Y[:1], alt=ALT, resolution=50)    # no width at all


def test_panels_put_their_alt_texts_together():
    picture, (left, right) = plots.panels(2)
    plots.scatter(X, Y, alt="Left, the points as they are", ax=left)
    result = plots.decision_boundary(net(), X, Y, alt="Right, where the network would put them",
                                     ax=right)
    assert result is picture
    assert picture.alt == ("Left, the points as they are. "
                           "Right, where the network would put them.")
    assert len(picture.legends) == 1


def test_an_axes_of_pyplots_own_figures_works_too():
    figure = Figure()
    ax = figure.subplots()
    assert plots.scatter(X, Y, alt=ALT, ax=ax) is figure


@pytest.mark.parametrize("page", [(255, 255, 255), (18, 18, 18)])
def test_ink_and_classes_stand_out_on_light_and_dark_pages(page):
    def luminance(colour):
        c = np.asarray(colour) / 255
        c = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
        return c @ [0.2126, 0.7152, 0.0722]

    def contrast(a, b):
        high, low = sorted((luminance(a), luminance(b)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    for colour in (plots.INK, *plots.COLOURS[:3]):
        rgb = [int(colour[i:i + 2], 16) for i in (1, 3, 5)]
        assert contrast(rgb, page) >= 3, colour
    corner = shown(plots.scatter(X, Y, alt=ALT))[0, 0]
    assert corner[3] == 0                                       # transparent


def test_regions_are_those_that_the_model_chooses():
    """A model that splits the plane at x1 = 0 gives two tints, left and right."""
    def halves(points):
        p = 1 / (1 + np.exp(-50 * points[:, 0]))
        return np.stack([1 - p, p], axis=1)

    points = np.array([[-1.0, -1.0], [1.0, 1.0]])
    picture = plots.decision_boundary(halves, points, np.array([0, 1]), alt=ALT)
    ax = picture.axes[0]
    pixels = shown(picture)
    for x, colour in ((-0.5, plots.COLOURS[0]), (0.5, plots.COLOURS[1])):
        column, row = ax.transData.transform((x, 0.5)) * plots.pictures.FINER
        tint = pixels[pixels.shape[0] - int(row), int(column)]
        wanted = [int(colour[i:i + 2], 16) for i in (1, 3, 5)]
        assert np.abs(tint[:3].astype(int) - wanted).max() <= 8
        assert tint[3] == pytest.approx(0.22 * 255, abs=6)


def test_a_class_that_is_chosen_nowhere_is_no_trouble():
    plots.decision_boundary(lambda points: np.tile([0.6, 0.3, 0.1], (len(points), 1)), X, Y,
                            alt=ALT, resolution=20)


def test_history_draws_what_was_logged():
    history = net().fit(X, Y, epochs=5, validation=0.2, rng=0)
    picture = plots.history(history, alt=ALT, title="It fell")
    lines = {line.get_label(): line for line in picture.axes[0].lines}
    assert set(lines) == {"training", "validation"}
    assert lines["validation"].get_ydata().tolist() == history["val_loss"]
    assert picture.axes[0].get_ylabel() == "loss (nats)"
    assert picture.axes[1].get_ylim() == (0, 1)
    assert picture.axes[0].get_title(loc="left") == "It fell"
    assert lines["training"].get_linestyle() != lines["validation"].get_linestyle()
    assert lines["training"].get_color() != lines["validation"].get_color()
    assert len(plots.history(net().fit(X, Y, epochs=2), alt=ALT).axes[0].lines) == 1


def test_history_of_a_regression_counts_in_no_nats():
    model = Model([Dense(2, 1, rng=0)], loss=MeanSquaredError())
    picture = plots.history(model.fit(X, X[:, 0], epochs=2), alt=ALT)
    assert [ax.get_ylabel() for ax in picture.axes] == ["loss", "mae"]


def test_schedules_are_drawn_as_they_are():
    two = {"falls": schedules.Cosine(0.1, 50), "warms up": schedules.Warmup(0.1, 9)}
    (ax,) = plots.schedule(two, 60, alt=ALT, title="Up and down").axes
    for line, (label, rate) in zip(ax.lines, two.items(), strict=True):
        assert line.get_label() == label
        assert line.get_ydata().tolist() == [rate(step) for step in range(60)]
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()
    assert ax.lines[0].get_color() != ax.lines[1].get_color()
    one = plots.schedule(schedules.Constant(0.1), 5, alt=ALT)
    assert one.axes[0].lines[0].get_label() == "Constant(lr=0.1)"


def test_the_same_picture_has_the_same_small_bytes():
    X, y = datasets.spiral(100, rng=0)
    first, second = (plots.decision_boundary(datasets.spiral_bayes, X, y, alt=ALT).png()
                     for _ in range(2))
    assert first == second
    assert len(first) < 60_000


def test_no_figure_stays_in_pyplots_list():
    import matplotlib.pyplot as plt
    plots.scatter(X, Y, alt=ALT).png()
    assert plt.get_fignums() == []


# -- Curves, maps and diagrams -----------------------------------------------------------------

SIX = "One two three four five six"


def test_curves_are_drawn_as_given_each_with_its_own_line():
    x, columns = [1, 2, 4], {"a": [1, 2, 3], "b": [3, 2, 1]}
    ax = plots.curves(x, columns, alt=SIX, xlabel="x", ylabel="y", title="T", log="xy").axes[0]
    assert [line.get_xydata().tolist() for line in ax.lines] == [
        [list(point) for point in zip(x, y, strict=True)] for y in columns.values()]
    assert len({(line.get_color(), line.get_linestyle()) for line in ax.lines}) == 2
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    alone = plots.curves(x, {"a": x}, alt=SIX, xlabel="x", ylabel="y").axes[0]
    assert alone.get_legend() is None
    assert alone.get_xscale() == "linear"


def test_six_curves_differ_by_more_than_colour():
    six = {str(i): [0, i] for i in range(6)}
    rates = {name: schedules.Constant(float(name) + 1) for name in six}
    for picture in (plots.curves([0, 1], six, alt=SIX, xlabel="x", ylabel="y"),
                    plots.schedule(rates, 20, alt=SIX)):
        lines = picture.axes[0].lines
        assert len({(line.get_linestyle(), line.get_marker()) for line in lines}) == 6
        picture.png()                           # a warning would be an error here


def test_more_curves_than_colours_are_refused():
    with pytest.raises(ValueError, match="at most 6 curves in one picture, got 7"):
        plots.curves([0], {i: [0] for i in range(7)}, alt=SIX, xlabel="x", ylabel="y")


def test_a_histogram_counts_and_marks():
    ax = plots.histogram([1, 1, 2], bins=[0.5, 1.5, 2.5], marks={"here": 1.5, "there": 2},
                         xlabel="x", alt=SIX).axes[0]
    assert [bar.get_height() for bar in ax.patches] == [2, 1]
    assert [line.get_xdata()[0] for line in ax.lines] == [1.5, 2]
    assert len({(line.get_color(), line.get_linestyle()) for line in ax.lines}) == 2
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["here", "there"]


def test_a_surface_has_its_heights_where_they_are():
    """The contour of height 1 of a² + 4 b² passes through (1, 0) and (0, ½), not the reverse."""
    ax = plots.surface(lambda a, b: a**2 + 4 * b**2, x=(-2, 2), y=(-2, 2), levels=[1],
                       alt=SIX).axes[0]
    points = np.vstack([path.vertices for path in ax.collections[0].get_paths()])
    assert np.allclose(points[:, 0]**2 + 4 * points[:, 1]**2, 1, atol=0.01)
    assert points[:, 0].max() > 0.99
    assert points[:, 1].max() < 0.51


def test_a_walk_on_a_surface_shows_its_start():
    path = np.array([[1.0, 1.0], [0.5, 0.0], [0.0, 0.0]])
    ax = plots.surface(lambda a, b: a + b, x=(-2, 2), y=(-2, 2), paths={"walk": path}, alt=SIX,
                       xlabel="left", ylabel="up").axes[0]
    walk, start = ax.lines
    assert walk.get_xydata().tolist() == path.tolist()
    assert start.get_xydata().tolist() == [[1.0, 1.0]]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("left", "up")


def test_a_network_joins_each_neuron_to_all_before_it():
    weights = [np.array([[1.0, -2.0, 0.0], [0.5, 1.0, -1.0]])]
    ax = plots.network((2, 3), weights=weights, labels=[["a", "b"], ["c", "d", "e"]],
                       alt=SIX).axes[0]
    lines = [line for line in ax.lines if len(line.get_xdata()) == 2]
    assert len(lines) == 6
    assert [line.get_linestyle() for line in lines] == ["-", "--", "-", "-", "-", "--"]
    assert max(lines, key=lambda line: line.get_linewidth()) is lines[1]
    assert [text.get_text() for text in ax.texts] == ["a", "b", "c", "d", "e"]


def test_a_graph_says_what_passes_along_its_arrows():
    ax = plots.graph({"x": (0, 0, "x"), "z": (1, 0, "times")}, [("x", "z", "2", "3")],
                     alt=SIX, title="T").axes[0]
    shown = [text.get_text() for text in ax.texts if text.get_text()]
    assert shown == ["2", "← 3", "x", "times"]


def test_a_title_that_does_not_fit_is_told():
    picture, axes = plots.panels(2)
    for ax in axes:
        plots.curves([0, 1], {"line": [0, 1]}, ax=ax, xlabel="x", ylabel="y", alt=ALT,
                     title="Short enough")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture.png()
    axes[1].set_title("Words upon words that run out of the picture on the right")
    with pytest.warns(UserWarning, match="'Words upon words .* too long for its panel"):
        picture.png()


@pytest.mark.parametrize(("n", "below"), [(3, False), (4, True)])
def test_a_long_legend_stands_below_the_curves(n, below):
    picture = plots.curves([0, 1], {f"number {i}": [0, i] for i in range(n)}, xlabel="x",
                           ylabel="y", alt=ALT)
    assert bool(picture.legends) is below
    assert (picture.axes[0].get_legend() is None) is below


def test_strips_show_every_value_and_the_median_of_each_group():
    groups = {"plain": [1.0, 5.0, 2.0, 2.0], "better": [3.0, 4.0, 9.0]}
    picture = plots.strips(groups, ylabel="score", alt=ALT, level={"limit": 10})
    (ax,) = picture.axes
    dots = [line for line in ax.lines if line.get_linestyle() == "None"]
    for i, (line, values) in enumerate(zip(dots, groups.values(), strict=True)):
        assert sorted(line.get_ydata()) == sorted(values)
        assert np.all(abs(line.get_xdata() - i) < 0.3)
        assert len({*zip(line.get_xdata(), line.get_ydata(), strict=True)}) == len(values)
    bars = [line.get_ydata()[0] for line in ax.lines if line.get_linewidth() == 2]
    assert bars == [2.0, 4.0]
    assert [text.get_text() for text in ax.get_xticklabels()] == [*groups]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["limit"]


# -- Images and evaluation ---------------------------------------------------------------------

INKED = np.random.default_rng(0).integers(0, 256, (7, 5, 4)).astype(np.uint8)


def tiles(picture):
    """The images of a picture: what they show, their ends, and where they are."""
    return [(np.asarray(image.get_array()), image.get_clim(), image.get_extent())
            for image in picture.axes[0].images]


def test_images_stand_in_rows_white_on_black_each_as_it_is():
    picture = plots.images(INKED, alt=SIX, columns=3, title="Seven")
    for (drawn, ends, _), image in zip(tiles(picture), INKED, strict=True):
        assert np.array_equal(drawn, image)
        assert ends == (0, 255)
    places = [(round(left, 3), round(top, 3)) for *_, (left, _, _, top) in tiles(picture)]
    across, down = (sorted({place[i] for place in places}) for i in range(2))
    assert places == [(across[i % 3], down[i // 3]) for i in range(7)]
    assert picture.axes[0].images[0].cmap(1.0)[:3] == (1, 1, 1)
    assert picture.axes[0].get_title(loc="left") == "Seven"


def test_every_pixel_of_an_image_is_as_wide_as_the_next_in_the_file():
    """Pixels of four and of five dots side by side would look like a pattern of the image."""
    board = np.indices((6, 6)).sum(axis=0) % 2
    pixels = shown(plots.images(np.stack([board] * 3), alt=SIX))[..., 0].astype(int)
    row = pixels[pixels.shape[0] // 2]
    changes = np.flatnonzero(abs(np.diff(row)) > 200)
    widths = np.diff(changes)
    inside = widths[widths == np.median(widths)]
    assert len(inside) >= 3 * 4                                 # but for the frames


def test_the_tiles_stand_out_on_any_page():
    """Black images have a frame of the ink that both pages show."""
    pixels = shown(plots.images(np.zeros((1, 4, 4), np.uint8), alt=SIX))
    ink = [int(plots.INK[i:i + 2], 16) for i in (1, 3, 5)]
    solid = pixels[pixels[..., 3] == 255][:, :3].astype(int)
    assert (abs(solid - ink).max(axis=1) < 12).sum() > 4 * 100
    assert (solid.max(axis=1) < 8).sum() > 100**2
    assert pixels[0, 0, 3] == 0


def test_captions_say_right_and_wrong_in_signs_and_in_colours():
    picture = plots.images(INKED[:3], alt=SIX, titles=["7", "q → 9", "$ → $"],
                           right=[True, False, np.False_])
    texts = picture.axes[0].texts
    assert [text.get_text() for text in texts] == ["✓ 7", "✗ q → 9", "✗ $ → $"]
    assert not any(text.get_parse_math() for text in texts)     # a class may be called $
    assert [text.get_color() for text in texts] == [
        plots.COLOURS[2], plots.COLOURS[1], plots.COLOURS[1]]
    assert [line.get_color() for line in picture.axes[0].lines] == [
        text.get_color() for text in texts]
    signs = plots.images(INKED[:2], alt=SIX, right=[True, False]).axes[0].texts
    assert [text.get_text() for text in signs] == ["✓", "✗"]


@pytest.mark.parametrize("title", ["7", "q → 9", "right, 0.99", "a caption of many words"])
def test_captions_are_legible_on_a_phone_and_do_not_touch(title):
    picture = plots.images(np.repeat(INKED, 3, axis=0), alt=SIX, titles=[title] * 21)
    picture.draw_without_rendering()
    texts = picture.axes[0].texts
    assert {text.get_fontsize() for text in texts} == {12}
    assert picture.get_size_inches()[0] <= 6.85
    boxes = [text.get_window_extent() for text in texts]
    for i, box in enumerate(boxes):
        assert box.x0 >= 0
        assert box.x1 <= picture.bbox.width
        assert not any(box.overlaps(other) for other in boxes[:i])


@pytest.mark.parametrize(("n", "columns"), [(1, 1), (10, 10), (12, 6), (20, 10), (21, 7)])
def test_rows_are_of_much_the_same_length(n, columns):
    picture = plots.images(np.zeros((n, 3, 3)), alt=SIX)
    assert len({round(place[0], 3) for *_, place in tiles(picture)}) == columns


def test_floats_share_one_scale_and_weights_have_their_own_about_0():
    W = np.stack([np.array([[0.1, -0.2]]), np.array([[3.0, 1.0]]), np.zeros((1, 2))])
    assert [ends for _, ends, _ in tiles(plots.images(W, alt=SIX))] == [(-0.2, 3)] * 3
    signed = plots.images(W, alt=SIX, signed=True)
    assert [ends for _, ends, _ in tiles(signed)] == [(-0.2, 0.2), (-3, 3), (-1, 1)]
    colours = signed.axes[0].images[0].cmap
    assert max(colours(0.5)[:3]) < 0.05                         # 0 is paper
    assert colours(0.1)[2] > colours(0.1)[0]                    # below it blue
    assert colours(0.9)[0] > colours(0.9)[2]
    for flag, low in ((True, -2), (False, -0.2)):
        limited = plots.images(W, alt=SIX, signed=flag, limit=2)
        assert [ends for _, ends, _ in tiles(limited)] == [(low, 2)] * 3


C10 = np.diag([90] * 9 + [0]) + np.eye(10, k=1, dtype=int) * 10


def test_a_confusion_matrix_shows_shares_of_its_rows():
    """Ten times the data look the same; rows are what it is, columns what it was taken for."""
    C = np.array([[8, 2, 0], [0, 10, 0], [4, 0, 396]])
    first, second = (plots.confusion(times * C, "abc", alt=SIX).axes[0].images[0].get_array()
                     for times in (1, 10))
    assert np.array_equal(first, second)
    luminance = first[..., :3] @ [0.2, 0.7, 0.1]
    assert luminance[0, 1] > luminance[2, 0] > luminance[0, 2] == luminance[1, 0]
    assert first[0, 1, 0] > first[0, 1, 2]                      # mistakes orange, hits blue
    assert first[0, 0, 2] > first[0, 0, 0]


def test_rare_mistakes_stand_out_from_none():
    C = np.array([[998, 2], [0, 1000]])
    cells = plots.confusion(C, "ab", alt=SIX).axes[0].images[0].get_array()
    assert abs(cells[0, 1] - cells[1, 0]).max() > 0.2
    empty = plots.confusion(np.zeros((2, 2), int), "ab", alt=SIX).axes[0].images[0].get_array()
    assert np.array_equal(empty[0, 0], empty[0, 1])


def test_counts_are_written_where_few_classes_leave_room():
    (ax, scale) = plots.confusion(1000 * C10, range(10), alt=SIX, title="T").axes
    assert {(text.get_position(), text.get_text()) for text in ax.texts} == {
        ((j, i), f"{1000 * C10[i, j]:,}") for i, j in np.argwhere(C10)}
    assert ax.get_xlabel() == "predicted class"
    assert ax.get_ylabel() == "true class"
    assert [text.get_text() for text in scale.get_yticklabels()] == [
        "0.1 %", "1 %", "10 %", "100 %"]
    many = plots.confusion(np.eye(13, dtype=int), range(13), alt=SIX).axes[0]
    assert not many.texts


@pytest.mark.parametrize("count", [7, 1234, 123_456])
def test_counts_stay_within_their_cells(count):
    picture = plots.confusion(np.full((10, 10), count), range(10), alt=SIX)
    picture.draw_without_rendering()
    ax = picture.axes[0]
    cell = ax.get_window_extent().width / 10
    assert all(text.get_window_extent().width < cell for text in ax.texts)


@pytest.mark.parametrize("names", [
    datasets.dataset.CLASSES["balanced"], datasets.dataset.CLASSES["byclass"], "0123456789",
    [f"class ${i}$, a long name" for i in range(10)], [f"number {i}" for i in range(47)]])
def test_class_names_stand_at_their_rows_and_columns_and_do_not_overlap(names):
    k = len(names)
    picture = plots.confusion(np.eye(k, dtype=int), names, alt=SIX)
    picture.draw_without_rendering()
    ax = picture.axes[0]
    for axis in (ax.xaxis, ax.yaxis):
        labels = {}
        for minor in (False, True):
            labels |= dict(zip(axis.get_ticklocs(minor=minor), axis.get_ticklabels(minor=minor),
                               strict=True))
        assert sorted(labels) == list(range(k))
        for i, name in enumerate(names):
            text = labels[i].get_text()
            assert text == name or (len(name) > 14 and text == f"{name[:13]}…")
            if len(name) == 1:
                assert labels[i].get_fontsize() == 12           # legible, though there are many
        boxes = [label.get_window_extent().padded(-1) for label in labels.values()]
        assert not any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[:i])


def wilson(*scores):
    """SciPy's interval of one standard deviation for each (right, of how many)."""
    return np.array([binomtest(*score).proportion_ci(0.682689492137, method="wilson")
                     for score in scores])


def test_reliability_does_not_trust_a_bin_of_one():
    """Right once of once is no certainty; √(a(1 − a)/n) would draw it as one."""
    (ax,) = plots.reliability([0.9], [1.0], [1], alt=SIX).axes
    (bars,) = (c for c in ax.collections if hasattr(c, "get_segments"))
    ends = np.array([segment[:, 1] for segment in bars.get_segments()])
    assert ends == pytest.approx(wilson((1, 1)))


def test_labelled_puts_every_name_in_its_place():
    picture = plots.labelled([1, 100, 10], [0.5, 0.2, 0.9], ["g", "$q$", "9"], groups=[2, 2, 0],
                             alt=SIX, xlabel="x", ylabel="y", title="T", log="x")
    (ax,) = picture.axes
    assert [(*text.get_position(), text.get_text()) for text in ax.texts] == [
        (1, 0.5, "g"), (100, 0.2, "$q$"), (10, 0.9, "9")]
    assert [text.get_color() for text in ax.texts] == [plots.COLOURS[i] for i in (2, 2, 0)]
    assert not any(text.get_parse_math() for text in ax.texts)
    assert (ax.get_xscale(), ax.get_yscale(), ax.get_title(loc="left")) == ("log", "linear", "T")
    box = ax.get_window_extent()
    assert all(box.contains(*ax.transData.transform(text.get_position())) for text in ax.texts)
    assert plots.labelled([1], [2], "a", alt="Another one in the same picture", xlabel="x",
                          ylabel="y", ax=ax) is picture


def test_images_take_names_in_an_array():
    (ax,) = plots.images(np.ones((2, 3, 3)), titles=np.array(["a", "b"]), alt=SIX).axes
    assert [text.get_text() for text in ax.texts] == ["a", "b"]


def test_reliability_shows_dots_their_luck_and_how_many():
    picture = plots.reliability([np.nan, 0.4, 0.9], [np.nan, 0.5, 0.8], [0, 4, 1600], alt=SIX,
                                title="T")
    (ax,) = picture.axes
    diagonal, dots = ax.lines[:2]
    assert diagonal.get_xydata().tolist() == [[0, 0], [1, 1]]
    assert dots.get_xydata().tolist() == [[0.4, 0.5], [0.9, 0.8]]
    (bars,) = (c for c in ax.collections if hasattr(c, "get_segments"))
    ends = np.array([segment[:, 1] for segment in bars.get_segments()])
    assert ends == pytest.approx(wilson((2, 4), (1280, 1600)))
    assert [bar.get_height() for bar in ax.patches] == [0, 0.5, 0.8]
    assert [bar.get_x() for bar in ax.patches] == pytest.approx([0, 1 / 3, 2 / 3])
    assert [text.get_text() for text in ax.texts] == ["4", "1,600"]
    assert ax.get_title(loc="left") == "T"


def test_evaluation_shares_a_picture():
    picture, (left, right) = plots.panels(2)
    assert plots.confusion(C10, range(10), alt="Left, what was taken for what", ax=left) is picture
    plots.reliability([0.5], [0.5], [3], alt="Right, how sure and how right", ax=right)
    assert picture.alt == "Left, what was taken for what. Right, how sure and how right."

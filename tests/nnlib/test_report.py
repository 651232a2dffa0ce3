"""A model's report: its numbers are the right ones, it is one file, and it is all there.

Protects from a page that says something else than the metrics do, from class names that break
it, and from a file that needs the network or is there in half.
"""

import base64
import io
import math
import os
import re
from types import SimpleNamespace

import numpy as np
import pytest
from bs4 import BeautifulSoup
from PIL import Image
from sklearn import metrics as theirs

from nnlib import (
    Adam,
    BatchNorm,
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Dense,
    Model,
    ReLU,
    Rescaling,
    Sigmoid,
    Softmax,
    datasets,
    metrics,
    report,
)
from nnlib.occlusion import occlusion
from tests.nnlib.nets import data as random_data
from tests.nnlib.nets import net

DIGITS = datasets.digits()
FLAT = DIGITS.X_test.reshape(len(DIGITS.X_test), -1)
ALWAYS = ["The data", "The model", "Class by class", "What is taken for what",
          "How far to believe it"]
OF_IMAGES = ["The most confident mistakes", "A sample", "What the first layer looks for",
             "Where it looks"]
SPACE = "\N{NO-BREAK SPACE}"


def trained():
    """A net that reads most digits, and its history."""
    rng = np.random.default_rng(0)
    model = Model([Rescaling(1 / 255), Dense(64, 16, rng=rng), ReLU(), Dense(16, 10, rng=rng),
                   Softmax()], loss=CategoricalCrossEntropy())
    history = model.fit(DIGITS.X_train.reshape(-1, 64), DIGITS.y_train, epochs=5, batch_size=64,
                        optimizer=Adam(0.003), validation=0.1, rng=rng)
    return model, history


MODEL, HISTORY = trained()
P = MODEL.predict_proba(FLAT)
Y, PREDICTED = DIGITS.y_test, P.argmax(axis=1)


def made_of(X, y, classes, name="made", source="of numbers"):
    return SimpleNamespace(X_test=X, y_test=y, classes=classes, name=name, source=source)


def written(folder, model=MODEL, data=DIGITS, **more):
    path = report.write(model, data, folder / "report.html", **more)
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


def headings(page):
    return [heading.get_text() for heading in page.select("h2")]


def rows(page, caption):
    """The rows of a table, name first, as text."""
    (table,) = (t for t in page.select("table") if t.caption.get_text() == caption)
    return [[cell.get_text() for cell in row.select("th, td")] for row in table.select("tr")]


def decoded(image):
    """The pixels of an image of the page."""
    kind, _, data = image["src"].partition(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return written(tmp_path_factory.mktemp("report"), history=HISTORY,
                   settings={"epochs": 5, "optimizer": Adam(0.003)})


# -- The numbers --------------------------------------------------------------------------------

def test_the_verdict_is_scikit_learns(page):
    accuracy = theirs.accuracy_score(Y, PREDICTED)
    bins = np.ceil(10 * P.max(axis=1)).astype(int)
    error = sum(abs((PREDICTED == Y)[bins == b].sum() - P.max(axis=1)[bins == b].sum())
                for b in range(1, 11)) / len(Y)
    assert page.select_one(".score").get_text() == (
        f"{100 * accuracy:.1f}{SPACE}% of 359 test images right")
    words = page.select_one(".verdict").get_text().replace(SPACE, " ")
    luck, commonest = math.sqrt(accuracy * (1 - accuracy) / 359), np.bincount(Y).max() / 359
    for wanted in (f"± {100 * luck:.1f} points (one standard error)",
                   f"the commonest class would be right in {100 * commonest:.1f} %",
                   f"F1 is {theirs.f1_score(Y, PREDICTED, average='macro'):.3f} (macro)",
                   f"most probable in {100 * theirs.top_k_accuracy_score(Y, P, k=3):.1f} %",
                   f"log loss is {theirs.log_loss(Y, P):.3f} nats; to know nothing of 10 classes "
                   f"costs 2.303",
                   f"off by {100 * error:.1f} points (expected calibration error"):
        assert wanted in words


@pytest.mark.parametrize(("sharper", "verdict"), [
    (1, "as sure as it should be"), (4, "too sure"), (0.25, "not sure enough")])
def test_the_verdict_says_whether_to_believe_the_model(tmp_path, sharper, verdict):
    """Labels drawn from a model's own probabilities; then its scores are stretched."""
    model = Model([Dense(2, 3, rng=0), Softmax()], loss=CategoricalCrossEntropy())
    rng = np.random.default_rng(0)
    X = 2 * rng.standard_normal((3000, 2))
    draws = rng.random((3000, 1))
    y = (draws > model.predict_proba(X).cumsum(axis=1)[:, :2]).sum(axis=1)
    model.theta *= sharper
    words = written(tmp_path, model, made_of(X, y, "abc")).select_one(".verdict").get_text()
    assert words.endswith(f"on the whole it is {verdict}.")


def test_precision_recall_f1_and_support_are_scikit_learns(page):
    head, *body = rows(page, "Precision, recall and F1")
    assert head == ["class", "precision", "recall", "F1", "support"]
    wanted = [[name, *(f"{number:.3f}" for number in numbers), str(count)]
              for name, *numbers, count in zip(
                  DIGITS.classes, *theirs.precision_recall_fscore_support(Y, PREDICTED),
                  strict=True)]
    for average in ("macro", "weighted", "micro"):
        scores = theirs.precision_recall_fscore_support(Y, PREDICTED, average=average)[:3]
        wanted.append([average, *(f"{score:.3f}" for score in scores), "359"])
    assert body == wanted
    hardest = np.argmin(theirs.f1_score(Y, PREDICTED, average=None))
    C = theirs.confusion_matrix(Y, PREDICTED)
    assert (f"Hardest is {hardest}: of {C[hardest].sum()} the model finds "
            f"{C[hardest, hardest]}.") in page.get_text()


def test_the_most_frequent_mistakes_are_listed_most_frequent_first(page):
    head, *body = rows(page, "The most frequent mistakes")
    assert head == ["true → predicted", "how often", "of the true class", "the other way"]
    C = theirs.confusion_matrix(Y, PREDICTED)
    wrong = C - np.diag(np.diag(C))
    assert [int(row[1]) for row in body] == sorted(wrong[wrong > 0], reverse=True)[:12]
    assert len({row[0] for row in body}) == len(body)
    for name, count, share, other in body:
        i, j = map(int, name.split(" → "))
        assert (int(count), int(other)) == (C[i, j], C[j, i])
        assert share == f"{100 * C[i, j] / C[i].sum():.1f}{SPACE}%"


def test_the_model_the_data_and_the_settings_are_named(page):
    assert page.pre.get_text() == MODEL.summary()
    facts = [element.get_text() for element in page.select("dt, dd")]
    facts = dict(zip(facts[::2], facts[1::2], strict=True))
    assert facts["Source"] == DIGITS.source
    assert facts["Name"] == "digits"
    assert facts["Training images"] == "1,438"
    assert facts["Test images"].startswith("359, ")
    assert facts["Of which each has"] == "8 × 8 pixels"
    assert facts["Parameters"] == f"{MODEL.theta.size:,} of float32"
    assert facts["Loss"] == "CategoricalCrossEntropy()"
    assert rows(page, "Settings of the training")[1:] == [
        ["epochs", "5"], ["optimizer", repr(Adam(0.003))]]


@pytest.mark.parametrize(("source", "shown"), [
    ("the official files of MNIST, in /home/ada/data/mnist", "the official files of MNIST"),
    (r"the official files of MNIST, in C:\Users\ada\mnist", "the official files of MNIST"),
    ("drawn from fonts, in seconds", "drawn from fonts, in seconds"),
])
def test_no_folder_of_the_writers_travels_along(tmp_path, source, shown):
    page = written(tmp_path, data=made_of(DIGITS.X_test, Y, DIGITS.classes, source=source))
    assert page.find("dt", string="Source").find_next("dd").get_text() == shown


def test_who_cannot_afford_mistakes_sees_what_a_threshold_costs(page):
    head, *body = rows(page, "Answers at a threshold")
    assert head == ["sure of at least", "answered", "wrong among these", "right among these"]
    assert [float(row[0]) for row in body] == [0.5, 0.8, 0.9, 0.95, 0.99]
    for threshold, *found in body:
        said = P.max(axis=1) >= float(threshold)
        right = (f"{100 * theirs.accuracy_score(Y[said], PREDICTED[said]):.1f}{SPACE}%"
                 if said.any() else "none to count")
        assert found == [f"{100 * said.mean():.1f}{SPACE}%",
                         str(np.sum(said & (PREDICTED != Y))), right]
    assert body[0][3] != body[2][3]                             # or the column would say nothing


def test_nothing_is_said_of_answers_that_nobody_gave(tmp_path):
    """A model that knows nothing is never sure."""
    model = Model([Dense(2, 3, init="zeros"), Softmax()], loss=CategoricalCrossEntropy())
    page = written(tmp_path, model, made_of(np.eye(2), np.array([0, 1]), "abc"))
    assert rows(page, "Answers at a threshold")[1] == ["0.50", f"0.0{SPACE}%", "0",
                                                       "none to count"]


# -- Images -------------------------------------------------------------------------------------

def test_mistakes_are_those_of_which_the_model_was_surest(page):
    tiles = page.find(id="mistakes").parent.select(".tile")
    wrong = np.flatnonzero(PREDICTED != Y)
    wanted = wrong[np.argsort(-P[wrong].max(axis=1))][:24]
    assert len(tiles) == len(wanted) > 5
    for tile, i in zip(tiles, wanted, strict=True):
        assert np.array_equal(decoded(tile.img), DIGITS.X_test[i])
        assert tile.img["alt"] == f"Test image {i + 1}, of class {Y[i]}"
        assert tile.figcaption.get_text(" ", strip=True) == (
            f"✗ wrong: {Y[i]} → {PREDICTED[i]} {P[i].max():.3f}")
        assert "wrong" in tile["class"]


def test_a_sample_shows_right_and_wrong_in_two_styles(page):
    tiles = page.find(id="sample").parent.select(".tile")
    assert len(tiles) == 24
    shown = [int(re.search(r"image (\d+)", tile.img["alt"])[1]) - 1 for tile in tiles]
    assert len(set(shown)) == 24
    assert {*(PREDICTED == Y)[shown]} == {True, False}
    for tile, i in zip(tiles, shown, strict=True):
        assert np.array_equal(decoded(tile.img), DIGITS.X_test[i])
        word, mark = ("right", "✓") if PREDICTED[i] == Y[i] else ("wrong", "✗")
        assert tile["class"] == ["tile", word]
        names = Y[i] if word == "right" else f"{Y[i]} → {PREDICTED[i]}"
        assert tile.figcaption.get_text(" ", strip=True) == (
            f"{mark} {word}: {names} {P[i].max():.3f}")


def test_maps_show_where_it_looks(page):
    tiles = page.find(id="looks").parent.select(".tile")
    assert len(tiles) == 6
    classes = []
    for tile in tiles:
        ink, heat = tile.select("img")
        i = int(re.search(r"image (\d+)", ink["alt"])[1]) - 1
        classes.append(Y[i])
        assert PREDICTED[i] == Y[i]
        assert np.array_equal(decoded(ink), DIGITS.X_test[i])
        fall = occlusion(MODEL, DIGITS.X_test[i], Y[i], size=2)
        assert tile.small.get_text() == f"{P[i].max():.2f} → {P[i].max() - fall.max():.2f}"
        colours = decoded(heat).astype(int)                     # orange where it falls most
        place = np.unravel_index(fall.argmax(), fall.shape)
        assert colours[place][0] > colours[place][2]
        assert colours[place].sum() == colours[fall > 0].sum(axis=1).max()
    assert len(set(classes)) == 6


def test_float_images_are_as_bright_as_their_bytes(tmp_path):
    floats = made_of(DIGITS.X_test / 255, Y, DIGITS.classes)
    model = Model([Dense(64, 10, rng=0), Softmax()], loss=CategoricalCrossEntropy())
    tile = written(tmp_path, model, floats).find(id="sample").parent.select_one(".tile")
    i = int(re.search(r"image (\d+)", tile.img["alt"])[1]) - 1
    assert abs(decoded(tile.img).astype(int) - DIGITS.X_test[i]).max() <= 1


# -- What is there, and what is not ---------------------------------------------------------------

def test_every_section_is_there_and_the_contents_lead_to_it(page):
    assert headings(page) == [*ALWAYS[:2], "The training", *ALWAYS[2:], *OF_IMAGES]
    links = page.select("nav a")
    assert [link.get_text() for link in links] == headings(page)
    assert [page.find(id=link["href"][1:]).get_text() for link in links] == headings(page)


def test_what_was_not_given_is_left_out(tmp_path):
    page = written(tmp_path, title="A title")
    assert headings(page) == [*ALWAYS, *OF_IMAGES]
    assert "Settings" not in page.get_text()
    assert page.h1.get_text() == page.title.get_text() == "A title"
    assert written(tmp_path).h1.get_text() == "Report on digits"


def test_points_have_no_images(tmp_path):
    X, y = datasets.spiral(30, rng=0)
    page = written(tmp_path, net(), made_of(X, y, ("a", "b", "c"), "spiral", "nnfs"))
    assert headings(page) == ALWAYS
    assert "90 test rows" in page.get_text()
    assert "three most probable" not in page.get_text()         # of three classes


def test_weights_are_left_out_where_they_are_no_images(tmp_path):
    X = np.random.default_rng(0).integers(0, 256, (70, 8, 8)).astype(np.uint8)
    y = np.arange(70) % 64
    model = Model([BatchNorm(64), Softmax()], loss=CategoricalCrossEntropy())
    page = written(tmp_path, model, made_of(X, y, range(64)))
    assert "What the first layer looks for" not in headings(page)
    assert "A sample" in headings(page)


@pytest.mark.parametrize(("name", "source"), [
    ("glyphs (synthetic)", "fonts"), ("glyphs", "Synthetic, from fonts"), ("digits", "people")])
def test_synthetic_data_say_so(tmp_path, name, source):
    X, y = random_data(30)
    page = written(tmp_path, net(), made_of(X, y, "abc", name, source))
    found = page.select(".warning")
    assert len(found) == (name != "digits")
    assert all(warning.strong.get_text() == "Synthetic data." for warning in found)


# -- All kinds of classifiers ---------------------------------------------------------------------

@pytest.mark.parametrize("k", [2, 13, 62])
def test_any_number_of_classes(tmp_path, k):
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 256, (2 * k, 6, 5)).astype(np.uint8), np.arange(2 * k) % k
    model = Model([Rescaling(1 / 255), Dense(30, k, rng=0), Softmax()],
                  loss=CategoricalCrossEntropy())
    page = written(tmp_path, model, made_of(X, y, range(k)))
    assert len(rows(page, "Precision, recall and F1")) == 1 + k + 3


def test_a_yes_or_no_is_a_choice_of_two(tmp_path):
    X, y = random_data(60, classes=2)
    model = Model([Dense(2, 1, rng=0), Sigmoid()], loss=BinaryCrossEntropy())
    page = written(tmp_path, model, made_of(X, y, ("no", "yes")))
    right = metrics.accuracy(model.predict(X), y)
    assert page.select_one(".score strong").get_text() == f"{100 * right:.1f}{SPACE}%"
    assert f"{theirs.log_loss(y, model.predict_proba(X)):.3f}{SPACE}nats" in page.get_text()
    assert [row[0] for row in rows(page, "Precision, recall and F1")][1:3] == ["no", "yes"]


def test_a_model_without_a_mistake_has_no_luck_of_0(tmp_path):
    """0 of 60 wrong does not mean that none ever will be."""
    X, y = random_data(60)
    X = np.eye(3)[y]
    model = Model([Dense(3, 3, init="zeros"), Softmax()], loss=CategoricalCrossEntropy())
    model.layers[0].W = 9 * np.eye(3)
    page = written(tmp_path, model, made_of(X, y, "abc"))
    words = page.select_one(".verdict").get_text()
    assert words.startswith(f"None was wrong; of others like them up to 5.0{SPACE}% may be")
    assert "±" not in words
    assert [table.caption.get_text() for table in page.select("table")] == [
        "Precision, recall and F1", "Answers at a threshold"]   # and no list of mistakes


def test_classes_without_a_test_image_are_listed_too(tmp_path):
    X, _ = random_data(20)
    page = written(tmp_path, net(), made_of(X, np.arange(20) % 2, "abc"))
    (row,) = (row for row in rows(page, "Precision, recall and F1") if row[0] == "c")
    assert (row[2], row[4]) == ("0.000", "0")
    assert "Hardest is c" not in page.get_text()


# -- One file -------------------------------------------------------------------------------------

def test_nothing_is_fetched_and_nothing_runs(tmp_path):
    path = report.write(MODEL, DIGITS, tmp_path / "report.html", history=HISTORY)
    text = path.read_text("utf-8")
    page = BeautifulSoup(text, "html.parser")
    assert not page.select("script, iframe, object, embed, base, form, [onload], [onerror]")
    addresses = [element[name] for element in page.find_all()
                 for name in ("src", "href", "srcset", "poster", "data") if element.has_attr(name)]
    assert addresses
    assert all(address.startswith(("data:", "#")) for address in addresses)
    assert "://" not in re.sub(r"data:[^\"]*", "", text)
    assert not re.search(r"@import|url\(", page.style.get_text())


NASTY = ("<", "&", '"', "'", "$x$", "</title><b>", "${style}", "&amp;", "a\nb", "ø 漢")


@pytest.mark.filterwarnings("ignore:Glyph .* missing from font")
def test_names_are_text_and_never_markup(tmp_path, page):
    nasty = made_of(DIGITS.X_test, Y, NASTY, "a <i>name</i>", "from <script>alert(1)</script>")
    found = written(tmp_path, data=nasty, title="<u>Title</u> & more", history=HISTORY,
                    settings={"<epochs>": "<5>"})
    assert not found.select("i, u, b, script")
    assert found.h1.get_text() == found.title.get_text() == "<u>Title</u> & more"
    assert [row[0] for row in rows(found, "Precision, recall and F1")][1:11] == [*NASTY]
    assert rows(found, "Settings of the training")[1] == ["<epochs>", "<5>"]
    assert "from <script>alert(1)</script>" in found.get_text()
    alts = [image["alt"] for image in found.select(".tile img")]
    assert any(alt.endswith('of class "') for alt in alts)
    # the elements of names that need no escapes, but for one setting and the training images
    assert len(found.find_all()) == len(page.find_all()) - 3 - 2


def test_it_is_a_page_that_everybody_can_use(page):
    assert page.html["lang"] == "en"
    assert len(page.select("h1")) == 1
    assert not page.select("h3")
    for image in page.select("img"):
        assert len(image["alt"].split()) >= 5
    for table in page.select("table"):
        assert table.caption.get_text()
        for row in table.select("tbody tr, tfoot tr"):
            assert row.find().name == "th"
            assert row.th["scope"] == "row"
        assert all(cell["scope"] == "col" for cell in table.select("thead th"))
    assert all(region["tabindex"] == "0" and region["aria-label"]
               for region in page.select(".scroll"))


def test_the_same_model_gives_the_same_bytes(tmp_path):
    first, second = (report.write(MODEL, DIGITS, tmp_path / name, history=HISTORY).read_bytes()
                     for name in "ab")
    assert first == second
    assert len(first) < 300_000


def test_the_path_comes_back_and_may_be_text(tmp_path):
    path = report.write(MODEL, DIGITS, str(tmp_path / "no suffix"))
    assert path == tmp_path / "no suffix"
    assert [*tmp_path.iterdir()] == [path]


def test_a_failure_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    path = report.write(MODEL, DIGITS, tmp_path / "report.html")
    before = path.read_bytes()

    def full(handle):
        raise OSError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="no space left"):
            report.write(MODEL, DIGITS, path, title="Another")
    with pytest.raises(ValueError, match="labels from 0 to 9"):
        report.write(MODEL, made_of(DIGITS.X_test, Y + 1, DIGITS.classes), path)
    assert path.read_bytes() == before
    assert [*tmp_path.iterdir()] == [path]


def test_neither_model_nor_data_change(tmp_path):
    model, data = net((64, 10)), made_of(DIGITS.X_test.copy(), Y.copy(), DIGITS.classes)
    theta = model.theta.copy()
    report.write(model, data, tmp_path / "report.html")
    assert np.array_equal(model.theta, theta)
    assert np.array_equal(data.X_test, DIGITS.X_test)
    assert np.array_equal(data.y_test, Y)


# -- Where a model looks --------------------------------------------------------------------------

@pytest.mark.parametrize("size", [1, 2, 3, 8, 20])
def test_occlusion_is_what_covering_one_place_at_a_time_gives(size):
    """The patch has its middle at the pixel, the lower right one of four."""
    image, label = DIGITS.X_test[0, :, :7], 1
    model = net((56, 5, 3))
    found = occlusion(model, image, label, size)
    before = image.copy()
    p = model.predict_proba(image.reshape(1, -1))[0, label]
    for i in range(8):
        for j in range(7):
            covered = [[0 if -(size // 2) <= r - i < size - size // 2
                        and -(size // 2) <= c - j < size - size // 2 else image[r, c]
                        for c in range(7)] for r in range(8)]
            fall = p - model.predict_proba(np.reshape(covered, (1, -1)))[0, label]
            assert found[i, j] == pytest.approx(fall, abs=1e-6)
    assert found.shape == (8, 7)
    assert np.array_equal(image, before)

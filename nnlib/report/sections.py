"""The sections of a report, each made from the findings, or empty where it does not apply."""

import math
import re

import numpy as np

from .. import metrics, plots
from ..occlusion import occlusion
from ..plots.images import SIGNED
from .html import (
    SPACE,
    paragraph,
    percent,
    picture,
    pixels,
    scrolling,
    section,
    table,
    text,
    tile,
    tiles,
)

THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.99)
MISTAKES, SAMPLES, LOOKS, NEURONS, CONFUSIONS = 24, 24, 6, 40, 12       # shown at most


def verdict(f):
    """Return the paragraph that says it all."""
    commonest = np.bincount(f.y, minlength=f.k).max() / f.n
    if f.right.all():
        words = [f"None was wrong; of others like them up to {percent(min(1, 3 / f.n))} may be "
                 f"(rule of three)."]
    else:
        words = [f"Luck moves that by ±{SPACE}{100 * f.standard_error:.1f}{SPACE}points (one "
                 f"standard error)."]
    words.append(f"Always naming the commonest class would be right in {percent(commonest)}.")
    words.append(f"Averaged over the classes, F1 is {f.averaged('macro')[2]:.3f} (macro).")
    if f.k > 3:
        words.append(f"The right class is among the three most probable in "
                     f"{percent(metrics.top_k_accuracy(f.p, f.y, 3))}.")
    words.append(f"The log loss is {f.loss:.3f}{SPACE}nats; to know nothing of {f.k} classes "
                 f"costs {math.log(f.k):.3f}.")
    gap = f.confidence.mean() - f.accuracy
    sure = "as sure as it should be"
    if abs(gap) > 2 * f.standard_error:
        sure = "too sure" if gap > 0 else "not sure enough"
    words.append(f"Its probabilities are off by "
                 f"{100 * metrics.expected_calibration_error(f.p, f.y):.1f}{SPACE}points "
                 f"(expected calibration error, ten bins); on the whole it is {sure}.")
    return (f'<p class="score"><strong>{percent(f.accuracy)}</strong> of {f.n:,} test '
            f"{f.things} right</p>" + paragraph(" ".join(words), "verdict"))


def data(f):
    """Return what the data are, and a warning where they are synthetic."""
    counts = np.bincount(f.y, minlength=f.k)
    train = getattr(f.data, "X_train", None)
    between = " " if max(map(len, f.classes)) == 1 else ", "
    facts = [("Name", f.data.name), ("Source", _source(f.data)),
             (f"Test {f.things}", f"{f.n:,}, from {counts.min():,} to {counts.max():,} a class"),
             ("Of which each has", " × ".join(map(str, f.X.shape[1:]))
              + (" pixels" if f.images else " numbers")),
             (f"Classes ({f.k})", between.join(f.classes))]
    if train is not None:
        facts.insert(2, (f"Training {f.things}", f"{len(train):,}"))
    warning = ""
    if "synthetic" in f"{f.data.name} {f.data.source}".lower():
        warning = ('<p class="warning"><strong>Synthetic data.</strong> They were made by a '
                   "program. What is measured here says little about real ones.</p>")
    return section("data", "The data", warning, _facts(facts))


def _source(data):
    """Return where the data came from, but not where they lie on the writer's computer."""
    return re.sub(r", in ([/~]|[A-Za-z]:[\\/]).*", "", str(data.source))


def architecture(f, settings):
    """Return the layers, the number of parameters, and the settings if there are any."""
    facts = _facts([("Parameters", f"{f.model.theta.size:,} of {f.model.dtype.name}"),
                    ("Loss", repr(f.model.loss))])
    layers = scrolling("The layers", f"<pre>{text(f.model.summary())}</pre>")
    chosen = ""
    if settings:
        chosen = table("Settings of the training", ("setting", "value"), settings.items())
    return section("model", "The model", facts, layers, chosen)


def training(history):
    """Return the curves of the training, or nothing without a history."""
    if history is None:
        return ""
    ends = [f"{name} from {column[0]:.3g} to {column[-1]:.3g}"
            for name, column in history.columns.items() if name != "epoch"]
    curves = plots.history(history, alt=f"Curves over the epochs {history['epoch'][0]} to "
                           f"{history['epoch'][-1]}: {', '.join(ends)}")
    return section("training", "The training", picture(curves))


def by_class(f):
    """Return the table of precision, recall and F1, and what sums it up."""
    support = np.bincount(f.y, minlength=f.k)
    rows = [(name, *(f"{score[c]:.3f}" for score in f.by_class), f"{support[c]:,}")
            for c, name in enumerate(f.classes)]
    foot = [(average, *(f"{score:.3f}" for score in f.averaged(average)), f"{f.n:,}")
            for average in ("macro", "weighted", "micro")]
    worst = min(np.flatnonzero(support), key=lambda c: f.by_class[2][c])
    return section(
        "classes", "Class by class",
        paragraph(f"Of what the model calls a class, precision is the share that is one; of what "
                  f"is one, recall is the share that it calls so. F1 is their harmonic mean, "
                  f"support how many were tested. Hardest is {f.classes[worst]}: of "
                  f"{support[worst]:,} the model finds {f.counts[worst, worst]:,}."),
        table("Precision, recall and F1", ("class", "precision", "recall", "F1", "support"),
              rows, foot=foot))


def confusion(f):
    """Return the picture of the confusion matrix and its largest mistakes as a table."""
    most = f.confusions(CONFUSIONS)
    worst = "no mistake at all"
    if most:
        i, j, count = most[0]
        worst = f"the most frequent mistake: {f.classes[i]} taken for {f.classes[j]}, {count:,}×"
    drawn = plots.confusion(f.counts, f.classes, alt=(
        f"A square of {f.k} by {f.k} cells, its diagonal the right answers; {worst}"))
    rows = []
    for i, j, count in most:
        rows.append((f"{f.classes[i]} → {f.classes[j]}", f"{count:,}",
                     percent(count / f.counts[i].sum()), f"{f.counts[j, i]:,}"))
    return section(
        "confusion", "What is taken for what",
        paragraph("A row for each true class, a column for each prediction. Blue is right, "
                  "orange a mistake, the brighter the larger its share of the row."),
        picture(drawn),
        table("The most frequent mistakes",
              ("true → predicted", "how often", "of the true class", "the other way"), rows)
        if rows else "")


def reliability(f):
    """Return the reliability diagram."""
    confidence, right, counts = metrics.calibration(f.p, f.y)
    some = np.flatnonzero(counts)
    drawn = plots.reliability(confidence, right, counts, alt=(
        f"Dots near or far from a diagonal: the leftmost sure {confidence[some[0]]:.2f} and right "
        f"{right[some[0]]:.2f}, the rightmost sure {confidence[some[-1]]:.2f} and right "
        f"{right[some[-1]]:.2f}"))
    rows = []
    for threshold in THRESHOLDS:
        said = f.confidence >= threshold
        rows.append((f"{threshold:.2f}", percent(said.mean()), f"{np.sum(said & ~f.right):,}",
                     percent(f.right[said].mean()) if said.any() else "none to count"))
    return section(
        "reliability", "How far to believe it",
        paragraph("Where the dots lie on the diagonal, a prediction made with 80 % is right in "
                  "80 of 100 cases; below it the model is too sure. The numbers at the foot "
                  "count the predictions."), picture(drawn),
        paragraph("Whoever cannot afford a mistake lets the model answer only where it is sure, "
                  "and has a person look at the rest."),
        table("Answers at a threshold",
              ("sure of at least", "answered", "wrong among these", "right among these"), rows))


def mistakes(f):
    """Return the images that the model got wrong although it was sure."""
    rows = f.worst_mistakes(MISTAKES)
    if not f.images or not len(rows):
        return ""
    return section("mistakes", "The most confident mistakes",
                   paragraph("The true class, what the model took it for, and how sure it was. "
                             "Is it always the model that is wrong?"),
                   tiles(_answer(f, i) for i in rows))


def sample(f):
    """Return images drawn at random with what the model makes of them."""
    if not f.images:
        return ""
    rows = f.sample(SAMPLES)
    return section("sample", "A sample",
                   paragraph(f"{len(rows)} test images drawn at random: ✓ and a whole frame where "
                             f"the model is right, ✗ and a broken one where it is wrong."),
                   tiles(_answer(f, i) for i in rows))


def weights(f):
    """Return the weights of the first layer as images."""
    W = f.first_weights()
    if W is None:
        return ""
    sizes = np.linalg.norm(W.reshape(len(W), -1), axis=1)
    largest = np.sort(np.argsort(-sizes, kind="stable")[:NEURONS])
    which = (f"the {len(largest)} of {len(W)} neurons with the largest weights"
             if len(W) > NEURONS else f"all {len(W)} neurons")
    drawn = plots.images(W[largest], signed=True, alt=(
        f"Tiles with the weights of {which}, orange above 0 and blue below"))
    return section("weights", "What the first layer looks for",
                   paragraph(f"A tile for each of {which}: ink where it is orange excites the "
                             f"neuron, ink where it is blue calms it, black counts for nothing. "
                             f"Each has a scale of its own."), picture(drawn))


def looks(f):
    """Return maps of where a covered patch makes the model less sure."""
    rows = f.nearly_sure(LOOKS) if f.images else ()
    if not len(rows):
        return ""
    size = max(2, round(max(f.X.shape[1:]) / 6))                # 5 of 28, as in chapter 16
    falls = [occlusion(f.model, f.X[i], int(f.y[i]), size) for i in rows]
    limit = max(max(np.abs(fall).max() for fall in falls), 1e-6)
    figures = []
    for i, fall in zip(rows, falls, strict=True):
        name, p = f.classes[f.y[i]], f.confidence[i]
        heat = pixels(255 * SIGNED(0.5 + 0.5 * fall / limit)[..., :3])
        caption = f"{text(name)} <small>{p:.2f} → {p - fall.max():.2f}</small>"
        figures.append(tile([_ink(f, i), heat], [
            f"Test image {i + 1}, of class {name}",
            f"Map of it: covered at the worst place, p falls by {fall.max():.2f}"], caption))
    return section(
        "looks", "Where it looks",
        paragraph(f"Images that the model reads right and is about 0.90 sure of, so that there is "
                  f"room to fall. A patch of {size} × {size} pixels covers each place in turn. "
                  f"Orange is where this makes the right class less probable, blue where more so; "
                  f"the numbers are its probability before, and with the worst place covered. "
                  f"All maps share a scale."), tiles(figures, "pairs"))


def _facts(pairs):
    """Return names and what they stand for, in two columns."""
    return "<dl>" + "".join(f"<dt>{text(name)}</dt><dd>{text(value)}</dd>"
                            for name, value in pairs) + "</dl>"


def _answer(f, i):
    """Return a test image with what the model takes it for."""
    true, predicted = f.classes[f.y[i]], f.classes[f.predictions[i]]
    names = text(true) if f.right[i] else f"{text(true)} → {text(predicted)}"
    return tile([_ink(f, i)], [f"Test image {i + 1}, of class {true}"],
                f"{names} <small>{f.confidence[i]:.3f}</small>", right=f.right[i])


def _ink(f, i):
    """Return a test image as the address of a PNG, ink white."""
    image = f.X[i]
    if image.dtype != np.uint8:
        low, high = min(0, f.X.min()), f.X.max()
        image = 255 * ((image - low) / (high - low or 1))
    return pixels(image)

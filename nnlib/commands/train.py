"""The command ``train``: a network learns, an epoch a line, and is saved."""

import math
import os
import sys
import warnings
from pathlib import Path

import click
import numpy as np

from . import recipe
from .base import SETTINGS, STOPPED
from .notes import Notes, to_json
from .options import Several, Widths
from .sets import NAMES, describe, load

RATES = ", ".join(f"{recipe.default_lr(name):g} for {name}" for name in recipe.OPTIMIZERS)
COLUMNS = {"loss": ("loss", 9), "accuracy": ("accuracy", 11), "val_loss": ("val loss", 11),
           "val_accuracy": ("val accuracy", 15)}            # title and width

EXAMPLES = """\b
Examples:
  python -m nnlib train --save model.npz
  python -m nnlib train --data mnist --hidden 256 128 64 32 --epochs 5 --save mnist.npz
  python -m nnlib train --data characters --hidden 512 256 --dropout 0.2 --schedule cosine
  python -m nnlib train --data spiral --hidden 64 --epochs 100 --l2 5e-4

\b
Data:
  digits                small digits of 8 × 8 pixels; no download
  mnist                 60,000 handwritten digits
  characters            100,000 handwritten digits and letters of 47 classes
  emnist-…              the official splits of EMNIST, of digits and letters
  glyphs                characters drawn from fonts, no handwriting; no download
  spiral                the points of Parts 1 to 3 of the book; no download
"python -m nnlib.datasets" says how large each download is, and what is already here.
"""


@click.command(cls=Several, context_settings=SETTINGS, epilog=EXAMPLES)
@click.option("--data", type=click.Choice(NAMES), default="digits", show_default=True,
              metavar="NAME", help="What to learn; see below for the names.")
@click.option("--hidden", type=Widths(), default=(128,), metavar="N ...",
              help="Units of each hidden layer, from the first on: --hidden 256 128 makes two.  "
                   "[default: 128]")
@click.option("--epochs", type=click.IntRange(1), default=20, show_default=True, metavar="N",
              help="Passes over the data.")
@click.option("--batch-size", type=click.IntRange(1), default=64, show_default=True, metavar="N",
              help="Images (or points) that each step of the training looks at.")
@click.option("--optimizer", type=click.Choice(list(recipe.OPTIMIZERS)), default="adam",
              show_default=True, help="How to step; momentum is sgd with a momentum of 0.9.")
@click.option("--lr", type=click.FloatRange(0, min_open=True), metavar="X",
              help=f"Learning rate: how far a step goes.  [default: {RATES}]")
@click.option("--schedule", type=click.Choice(["constant", "cosine"]), default="constant",
              show_default=True, help="Whether the learning rate stays, or falls to 0 by the end.")
@click.option("--l2", type=click.FloatRange(0), default=0.0, show_default=True, metavar="X",
              help="Penalty on large weights: so many times the sum of their squares.")
@click.option("--weight-decay", type=click.FloatRange(0), metavar="X",
              help="Share of lr by which adamw shrinks the weights at each step.  "
                   "[default: 0.01]")
@click.option("--dropout", type=click.FloatRange(0, 1, max_open=True), default=0.0, metavar="X",
              show_default=True, help="Fraction of hidden units switched off at each step.")
@click.option("--batch-norm", is_flag=True, help="Normalize each hidden layer over the batch.")
@click.option("--validation", type=click.FloatRange(0, 1, max_open=True), default=0.1,
              show_default=True, metavar="X",
              help="Fraction of the data to watch and not to learn from; 0: learn from all.")
@click.option("--patience", type=click.IntRange(1), metavar="N",
              help="Stop once the validation loss has not improved for so many epochs, and keep "
                   "the best epoch's weights.  [default: run all epochs]")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, metavar="N",
              help="Decides all that is random: the same seed gives the same model.")
@click.option("--save", type=click.Path(dir_okay=False, writable=True, path_type=Path),
              metavar="FILE", help="Where to keep the model: model.npz, say.  [default: nowhere]")
@click.pass_context
def train(ctx, *, save, **options):
    """Train a network on a data set, and test it.

    The network has layers of ReLU units and ends in a probability for each class. Each epoch
    prints a line: loss (in nats; less is better) and accuracy on the data that it learns from,
    then the same (val) on data that it does not. At the end it is tested on data kept apart all
    the time. Ctrl-C ends the training early and keeps what was learnt.
    """
    _check(options, save)
    data = load(options["data"])
    shape, rng = data.X_train.shape[1:], np.random.default_rng(options["seed"])
    model = recipe.build(shape, len(data.classes), is_bytes=data.X_train.dtype == np.uint8,
                         rng=rng, **_some(options, "hidden", "l2", "dropout", "batch_norm"))
    watched = round(options["validation"] * len(data.X_train))
    steps = math.ceil((len(data.X_train) - watched) / options["batch_size"])
    optimizer = recipe.optimize(options["optimizer"], steps=steps * options["epochs"],
                                **_some(options, "lr", "schedule", "weight_decay"))
    _announce(data, watched, model, options, optimizer, steps)
    history, stopped = _fit(model, data, optimizer, rng, options)
    if save:
        # what was used, defaults included; what was not has no place among the settings
        used = options | {"lr": _rate(optimizer)}
        settings = {name: list(value) if isinstance(value, tuple) else value
                    for name, value in used.items() if name != "data" and value is not None}
        model.save(save, notes=to_json(Notes(options["data"], data.classes, shape, settings,
                                             history)))
    _conclude(model, data, save)
    if stopped:
        ctx.exit(STOPPED)


def _some(options, *names):
    return {name: options[name] for name in names}


def _check(options, save):
    """Raise click.UsageError for options that do not go together, before an hour of training."""
    if options["weight_decay"] is not None and options["optimizer"] != "adamw":
        raise click.UsageError("--weight-decay belongs to --optimizer adamw; with others use --l2")
    if options["patience"] and not options["validation"]:
        raise click.UsageError("--patience needs data to watch: a --validation above 0")
    if save and not os.access(save.absolute().parent, os.W_OK | os.X_OK):
        raise click.UsageError(f"--save: there is no folder {save.absolute().parent} to write "
                               "into; make it first, or choose another")


def _announce(data, watched, model, options, optimizer, steps):
    """Print in two lines what will happen."""
    n = len(data.X_train) - watched
    print(f"Data: {data.name}, {describe(data.X_train.shape[1:])}, {len(data.classes)} classes; "
          f"{n:,} to learn from, {watched:,} to watch, {len(data.X_test):,} to test on.")
    widths = " → ".join(map(str, [model.n_in, *options["hidden"], model.n_out]))
    print(f"Network: {widths}, {model.theta.size:,} parameters; {options['optimizer']}, "
          f"lr {_rate(optimizer):g} ({options['schedule']}); {options['epochs']:,} "
          f"epoch{'s'[:options['epochs'] > 1]} of {steps:,} steps.", flush=True)


def _rate(optimizer):
    """Return the learning rate of the first step."""
    return optimizer.lr(0) if callable(optimizer.lr) else optimizer.lr


def _fit(model, data, optimizer, rng, options):
    """Train with a line for each epoch; return the History and whether Ctrl-C ended it."""
    def tell(model, epoch, history):
        columns = {name: COLUMNS[name] for name in COLUMNS if name in history.columns}
        if epoch == 1:
            _say("epoch" + "".join(f"{title:>{width}}" for title, width in columns.values()))
        line = f"{epoch:5}"
        for name, (_, width) in columns.items():
            value = history[name][-1]
            line += f"{100 * value:{width - 2}.2f} %" if "accuracy" in name else (
                f"{value:{width}.4f}")
        _say(line)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = model.fit(
            data.X_train.reshape(len(data.X_train), -1), data.y_train, optimizer=optimizer,
            validation=options["validation"] or None, on_epoch_end=tell, rng=rng,
            **_some(options, "epochs", "batch_size", "patience"))
    for warning in caught:
        print(warning.message, file=sys.stderr)
    stopped = any("stopped by hand" in str(warning.message) for warning in caught)
    if len(history) and options["patience"]:
        losses = history["val_loss"]
        print(f"Kept the weights of epoch {history['epoch'][losses.index(min(losses))]}, the best "
              "on the data to watch.")
    return history, stopped


def _say(line):
    """Print a line above the progress bar, if there is one."""
    if "tqdm" in sys.modules:
        sys.modules["tqdm"].tqdm.write(line, file=sys.stdout)
    else:
        print(line)
    sys.stdout.flush()


def _conclude(model, data, save):
    """Print the test's result, where the model is, and what to do next."""
    result = model.evaluate(data.X_test.reshape(len(data.X_test), -1), data.y_test)
    print(f"Test: loss {result['loss']:.4f}, accuracy {100 * result['accuracy']:.2f} %.")
    if save is None:
        print("Not saved. The same line with --save model.npz gives the same model, and keeps it.")
        return
    print(f"Saved to {save}. Next:")
    print(f"  python -m nnlib evaluate {save}")
    if data.X_train.ndim == 3:
        print(f"  python -m nnlib predict {save} picture.png")

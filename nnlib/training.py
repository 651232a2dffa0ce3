"""The loop behind Model.fit: epochs, batches, validation, and when to stop."""

import math
import os
import sys
import warnings
from itertools import pairwise

import numpy as np

from ._validate import expect_between, expect_count, expect_instance
from .datasets import split_rows
from .history import History
from .optimizers import Adam, Optimizer

# seconds before a bar shows: JupyterLab hides a cell's outputs beyond 50, and bars count
BAR_AFTER = 2
CHUNK = 4096                                # rows at a time where no gradient is needed


def fit(model, X, y, *, epochs, batch_size, optimizer, validation, patience, clip,
        on_epoch_end, rng, log_every):
    """Train a model; Model.fit says what the arguments are, and what it raises."""
    for name, value in (("epochs", epochs), ("log_every", log_every),
                        ("batch_size", batch_size), ("patience", patience)):
        if value is not None or name in ("epochs", "log_every"):
            expect_count("Model.fit", name, value)
    if clip is not None:
        expect_between("Model.fit", "clip", clip, 0)
    if patience is not None and validation is None:
        raise ValueError("Model.fit: patience needs validation data to watch")
    optimizer = Adam() if optimizer is None else optimizer
    expect_instance("Model.fit", optimizer, Optimizer)
    rng = np.random.default_rng(rng)
    X, y = model._check(X, y)
    rows = np.arange(len(X))                                    # those to learn from
    if validation is None:
        watched = None
    elif isinstance(validation, tuple | list):
        if len(validation) != 2:
            raise ValueError(f"Model.fit: validation must be a fraction or (X, y), got "
                             f"{len(validation)} parts")
        watched = model._check(*validation)
    else:                                                       # no copy of either part
        expect_between("Model.fit", "validation", validation, 0, 1)
        by_class = model.loss.classifies and y.size == len(y)
        rows, aside = split_rows(y, test=validation, stratify=by_class, rng=rng)
        watched = X, y, aside
    if batch_size is None or batch_size >= len(rows):           # one batch, in the order given
        if len(rows) < len(X):
            X, y = X[rows], y[rows]
        rows = None
    history, best = History(), _Best(model)
    bounds = None if rows is None else _bounds(len(rows), batch_size, model)
    bar = _progress(epochs * (1 if rows is None else len(bounds)), delay=BAR_AFTER)
    penalized = any(layer.penalized for layer in model.layers)
    interrupted = False
    try:
        for epoch in range(1, epochs + 1):
            log = epoch % log_every == 0 or epoch == epochs
            loss, penalty, score = _epoch(model, X, y, rows, bounds, optimizer, clip, rng, epoch,
                                          measure=log and model.loss.metric, bar=bar)
            if log:
                row = {"loss": loss - penalty}
                if penalized:
                    row["penalty"] = penalty
                if model.loss.metric:
                    row[model.loss.metric] = score
                if watched:
                    row |= {f"val_{name}": value
                            for name, value in evaluate(model, *watched).items()}
                history.append(epoch=epoch, **row)
            if on_epoch_end is not None:
                on_epoch_end(model, epoch, history)
            if log and patience is not None and best.is_old(row["val_loss"], epoch, patience):
                break
    except KeyboardInterrupt:
        interrupted = True
    finally:
        if bar is not None:
            bar.close()
    best.restore()
    if interrupted:
        warnings.warn(f"Model.fit: stopped by hand in epoch {epoch}; what was learnt is kept",
                      stacklevel=3)
    if not np.isfinite(model.theta).all():                      # no loss saw the last step
        raise FloatingPointError(f"Model.fit: theta is not finite after epoch {epoch}; try a "
                                 f"smaller learning rate")
    return history


def _epoch(model, X, y, rows, bounds, optimizer, clip, rng, epoch, *, measure, bar):
    """Take every row once; return the epoch's mean loss, penalty and, if asked, metric."""
    total, penalty, score, n = 0.0, 0.0, 0.0, 0
    for i, (x, targets) in enumerate(_batches(X, y, rows, bounds, rng), 1):
        try:
            loss = model.train_step(x, targets, optimizer, clip=clip)
        except FloatingPointError as error:
            raise FloatingPointError(f"Model.fit: {error} in epoch {epoch}, batch {i}; try a "
                                     f"smaller learning rate") from None
        n += len(x)
        total += loss * len(x)
        penalty += model._penalty * len(x)
        if measure:
            score += model.loss.measure() * len(x)
        if bar is not None:
            bar.update()
    return total / n, penalty / n, score / n


def evaluate(model, X, y, rows=None):
    """Return mean loss and metric, by name, over all rows or those whose numbers are given."""
    n = len(X) if rows is None else len(rows)
    totals = {}
    for start in range(0, n, CHUNK):
        part = slice(start, start + CHUNK) if rows is None else rows[start:start + CHUNK]
        loss = model.loss.forward(model._pass(X[part]), y[part], from_scores=model._fused)
        row = {"loss": loss}
        if model.loss.metric:
            row[model.loss.metric] = model.loss.measure()
        for name, value in row.items():
            totals[name] = totals.get(name, 0.0) + value * len(y[part])
    return {name: total / n for name, total in totals.items()}


def _batches(X, y, rows, bounds, rng):
    """Yield the batches of an epoch, shuffled anew; all rows as they are if rows is None."""
    if rows is None:
        yield X, y
        return
    order = rng.permutation(rows)
    for start, stop in bounds:
        part = order[start:stop]
        yield X.take(part, axis=0), y.take(part, axis=0)        # quicker than X[part]


def _bounds(n, batch_size, model):
    """Return start and stop of each batch of n rows.

    A last batch too short for a layer (BatchNorm, of one row) goes with the one before.
    """
    least = max(layer.least for layer in model.layers)
    return list(pairwise([*range(0, n - least + 1, batch_size), n]))


class _Best:
    """The weights of the best epoch so far, and whether to go on hoping for a better one."""

    def __init__(self, model):
        self.model, self.loss, self.epoch, self.arrays = model, math.inf, 0, None

    def _live(self):
        """Return everything that training changes: theta and the layers' buffers."""
        return [self.model.theta, *(getattr(layer, name) for layer in self.model.layers
                                    for name in layer.buffers)]

    def is_old(self, loss, epoch, patience):
        """Take note of an epoch; say whether the best is as long ago as patience allows."""
        if loss < self.loss:
            self.loss, self.epoch = loss, epoch
            self.arrays = [array.copy() for array in self._live()]
        return epoch - self.epoch >= patience

    def restore(self):
        """Put the best weights back, if any epoch was noted."""
        if self.arrays:
            for array, best in zip(self._live(), self.arrays, strict=True):
                array[...] = best


def _progress(steps, *, unit="step", **settings):
    """Return a progress bar where a person watches, else None; it leaves nothing behind.

    A person watches a terminal or a notebook; the environment variable TQDM_DISABLE=1 says
    that nobody does.
    """
    ipython = sys.modules.get("IPython")
    in_notebook = ipython is not None and hasattr(ipython.get_ipython(), "kernel")
    if os.environ.get("TQDM_DISABLE") or not (
            in_notebook or (sys.stderr and sys.stderr.isatty())):
        return None
    from tqdm.auto import tqdm
    # tqdm reads the variable only once, when it is first imported: by pooch, say
    return tqdm(total=steps, unit=unit, leave=False, disable=False, **settings)

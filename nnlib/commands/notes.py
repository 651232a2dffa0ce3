"""What a saved model says of itself: its data, its classes, how it was trained."""

import math
from numbers import Real
from typing import NamedTuple

from .. import CategoricalCrossEntropy, History, Model, store
from .._validate import is_integer, is_number
from .sets import NAMES, describe, load

LONGEST = 40                                # characters of a name that goes to the terminal


class Notes(NamedTuple):
    """What ``train --save`` puts beside the parameters.

    Without notes, as of a model saved from a notebook, data, settings and history are None, the
    classes are numbered, and a square number of columns is taken for an image.
    """

    data: str | None
    classes: tuple
    shape: tuple
    settings: dict | None = None
    history: History | None = None


def to_json(notes):
    """Return notes as a dict for Model.save."""
    return {"data": notes.data, "classes": list(notes.classes), "shape": list(notes.shape),
            "settings": notes.settings, "history": notes.history.columns}


def read(path):
    """Return the classifier and the Notes in a file; nothing in it is believed unseen.

    Raises
    ------
    OSError, ValueError
        As Model.load does; ValueError for a model that is no classifier, and for notes that do
        not fit it or could spoil a terminal.
    """
    model, notes = Model.load(path), store.read_notes(path)
    if not isinstance(model.loss, CategoricalCrossEntropy):
        raise ValueError(f"{path}: expected a classifier with CategoricalCrossEntropy, got a "
                         f"model with {type(model.loss).__name__}; use it from Python")
    try:
        return model, _checked(model, notes)
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: its notes are damaged or not from `train` ({error})") from error


def _checked(model, notes):
    """Return the Notes of a dict once they fit the model."""
    side = math.isqrt(model.n_in)
    shape = [side, side] if side > 2 and side**2 == model.n_in else [model.n_in]
    shape = notes.get("shape", shape)
    if not all(is_integer(n) and n > 0 for n in shape) or len(shape) > 2 or math.prod(
            shape) != model.n_in:
        raise ValueError(f"the shape does not make {model.n_in} numbers")
    classes = notes.get("classes", [str(i) for i in range(model.n_out)])
    if not isinstance(classes, list) or len(classes) != model.n_out:
        raise ValueError(f"expected the names of {model.n_out} classes")
    for name in (*classes, notes.get("data") or "none"):
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST or not name.isprintable():
            raise ValueError(f"a name is no printable text of 1 to {LONGEST} characters")
    settings, columns = notes.get("settings"), notes.get("history")
    if settings is not None and not all(_is_plain(value) for value in settings.values()):
        raise ValueError("a setting is no number and no text")
    history = None
    if columns:
        history = History()
        if not all(is_number(value) for column in columns.values() for value in column):
            raise ValueError("the history holds what is no number")
        for row in zip(*columns.values(), strict=True):
            history.append(**dict(zip(columns, row, strict=True)))
    return Notes(notes.get("data"), tuple(classes), tuple(shape), settings, history)


def _is_plain(value):
    """Say whether a setting is a number, a printable text, nothing, or a list of such."""
    if isinstance(value, list):
        return all(_is_plain(part) and not isinstance(part, list) for part in value)
    return value is None or isinstance(value, Real) or (
        isinstance(value, str) and value.isprintable())


def data_for(path, model, notes, name):
    """Return the Dataset of this name, or the one that a model was trained on.

    Raises
    ------
    ValueError
        If neither is known, or the data do not fit the model; and what load raises.
    """
    name = name or notes.data
    if name is None:
        raise ValueError(f"{path}: does not say what it was trained on; name its data: --data "
                         "mnist, say")
    if name not in NAMES:
        raise ValueError(f"{path}: was trained on {name!r}, which this nnlib does not have; name "
                         "other data that fit: --data mnist, say")
    data = load(name)
    shape = data.X_train.shape[1:]
    if math.prod(shape) != model.n_in or len(data.classes) != model.n_out:
        raise ValueError(
            f"{path}: expected {describe(notes.shape)} in {model.n_out} classes, got {name}: "
            f"{describe(shape)} in {len(data.classes)} classes; choose other data with --data")
    return data

"""Models on disk: an .npz of plain arrays and one JSON string, never a pickle."""

import dataclasses
import json
import os
import zipfile

import numpy as np

from . import activations, losses, optimizers, regression, schedules
from ._validate import is_integer
from ._whole import whole
from .layers import Dense, Dropout
from .normalization import BatchNorm

FORMAT = 1


def _table(*kinds):
    return {kind.__name__: kind for kind in kinds}


# the only names that a file may use
LAYERS = _table(Dense, Dropout, BatchNorm, activations.LeakyReLU, activations.Linear,
                activations.ReLU, activations.Rescaling, activations.Sigmoid,
                activations.Softmax, activations.Tanh)
LOSSES = _table(losses.BinaryCrossEntropy, losses.CategoricalCrossEntropy,
                regression.MeanAbsoluteError, regression.MeanSquaredError)
OPTIMIZERS = _table(optimizers.SGD, optimizers.Adagrad, optimizers.RMSprop, optimizers.Adam,
                    optimizers.AdamW)
SCHEDULES = _table(schedules.Constant, schedules.InverseTime, schedules.Step,
                   schedules.Exponential, schedules.Cosine, schedules.Warmup)


def write(path, layers, loss, optimizer=None, notes=None):
    """Write layers, loss and optimizer to path; a reader sees the old file or the new, whole.

    The arrays stand under "0.W", "0.b", … (the layer's number and the array's name) and
    "optimizer.m", …; the architecture and all settings as JSON under "nnlib", with the notes, a
    dict of whatever JSON can hold: what the model was trained on, say.

    Raises
    ------
    TypeError
        If a layer, the loss, the optimizer or its schedule is not one of nnlib's own.
    ValueError
        If the optimizer has moved another model, or the notes would not come back as they are.
    OSError
        If the file cannot be written.
    """
    arrays = {f"{i}.{name}": getattr(layer, name) for i, layer in enumerate(layers)
              for name in (*layer.params, *layer.buffers)}
    plan = {"format": FORMAT, "loss": _name(loss, LOSSES),
            "layers": [[_name(layer, LAYERS), layer.config()] for layer in layers]}
    if optimizer is not None:
        plan["optimizer"] = [_name(optimizer, OPTIMIZERS), optimizer.t,
                             {name: _plain(value)
                              for name, value in optimizer.settings().items()}]
        moments = {f"optimizer.{name}": getattr(optimizer, name)
                   for name in optimizer.moments if optimizer.t}
        size = sum(getattr(layer, name).size for layer in layers for name in layer.params)
        if any(moment.shape != (size,) for moment in moments.values()):
            raise ValueError(f"Model.save: {optimizer} has moved another model")
        arrays |= moments
    if notes is not None:
        plan["notes"] = _held(notes)
    with whole(path) as file:
        np.savez(file, nnlib=np.array(json.dumps(plan)), **arrays)


def read_model(path):
    """Return the layers and the loss that write put into path.

    Raises
    ------
    OSError
        If the file is not there or cannot be opened.
    ValueError
        If the file is damaged, was not written by write, or its arrays do not fit its plan.
    """
    layers, loss, *_ = _read(path)
    return layers, loss


def read_optimizer(path):
    """Return the optimizer that write put into path.

    Raises what read_model raises, and ValueError if there is none.
    """
    _, _, optimizer, _ = _read(path)
    if optimizer is None:
        raise ValueError(f"{path}: no optimizer in it; Model.save(path, optimizer) puts one")
    return optimizer


def read_notes(path):
    """Return the notes that write put into path, a dict; empty if it put none.

    Whoever wrote the file wrote them: nothing in them is checked. Raises what read_model raises.
    """
    *_, notes = _read(path)
    return notes


def _read(path):
    """Return the layers, the loss, the optimizer or None, and the notes."""
    with open(path, "rb") as raw:
        try:
            arrays = _arrays(raw)
            plan = json.loads(str(arrays.pop("nnlib")))
            version = plan["format"]
        except Exception as error:          # whatever NumPy, zipfile and JSON make of bad bytes
            raise ValueError(f"{path}: not a file that Model.save wrote, or damaged "
                             f"({type(error).__name__}: {error})") from error
    if version != FORMAT:
        raise ValueError(f"{path}: format {version}; this nnlib reads format {FORMAT}")
    try:
        return _build(plan, arrays)
    except Exception as error:                                  # and of a hostile plan
        raise ValueError(f"{path}: not a file that Model.save wrote, or damaged "
                         f"({type(error).__name__}: {error})") from error


def _build(plan, arrays):
    """Return the layers, the loss, the optimizer or None, the notes, once all of it agrees."""
    notes = plan.get("notes", {})
    if not isinstance(notes, dict):
        raise ValueError(f"its notes are no dict, but a {type(notes).__name__}")
    kinds = [(LAYERS[name], config) for name, config in plan["layers"]]
    wanted = {f"{i}.{name}": tuple(shape) for i, (kind, config) in enumerate(kinds)
              for name, shape in kind.shapes(config).items()}
    optimizer = _optimizer(*plan["optimizer"]) if "optimizer" in plan else None
    moments = optimizer.moments if optimizer and optimizer.t else ()
    # shapes before layers: a plan of huge layers must not fill the memory
    shapes = {key: array.shape for key, array in arrays.items()}
    if wanted != {key: shapes[key] for key in shapes if not key.startswith("optimizer.")}:
        raise ValueError(f"its plan asks for arrays of the shapes {wanted}, it holds {shapes}")
    size = sum(arrays[f"{i}.{name}"].size for i, (kind, _) in enumerate(kinds)
               for name in kind.params)
    wanted |= {f"optimizer.{name}": (size,) for name in moments}
    if wanted != shapes:
        raise ValueError(f"its plan asks for arrays of the shapes {wanted}, it holds {shapes}")
    layers = [kind.from_config(config) for kind, config in kinds]
    dtypes = [getattr(layer, name).dtype for layer in layers for name in layer.params]
    if not dtypes:
        raise ValueError("no layer has parameters")
    if moments:
        optimizer.start(np.empty(size, dtypes[0]))
    for key, array in arrays.items():
        part, _, name = key.partition(".")
        like = getattr(optimizer if part == "optimizer" else layers[int(part)], name)
        if array.dtype != like.dtype:
            raise ValueError(f"{key} should be {like.dtype}, it is {array.dtype}")
        like[...] = array
    return layers, LOSSES[plan["loss"]](), optimizer, notes


def _held(notes):
    """Return notes that JSON gives back as they are, or raise ValueError."""
    try:
        same = isinstance(notes, dict) and json.loads(json.dumps(notes)) == notes
    except (TypeError, ValueError, RecursionError):             # no JSON, or it holds itself
        same = False
    if not same:
        raise ValueError(f"Model.save: notes must be a dict of texts, finite numbers, lists and "
                         f"dicts, which JSON gives back as they are; got {notes!r:.200}")
    return notes


def _name(part, table):
    """Return the name under which a part is known in its table, or raise TypeError."""
    name = type(part).__name__
    if table.get(name) is not type(part):
        raise TypeError(f"Model.save: only nnlib's own parts can be saved, got {part}")
    return name


def _plain(value):
    """Return a setting as JSON can hold it: a schedule as {its name: its own settings}."""
    if callable(value):
        return {_name(value, SCHEDULES): {field.name: _plain(getattr(value, field.name))
                                          for field in dataclasses.fields(value)}}
    return value.item() if isinstance(value, np.generic) else value


def _optimizer(name, t, settings):
    """Return the optimizer of a plan, its moments still missing."""
    optimizer = OPTIMIZERS[name](**{key: _setting(value) for key, value in settings.items()})
    if not is_integer(t) or t < 0:
        raise ValueError(f"the optimizer has taken {t!r} steps")
    optimizer.t = t
    return optimizer


def _setting(value):
    """Return what _plain was given."""
    if not isinstance(value, dict):
        return value
    (name, settings), = value.items()
    return SCHEDULES[name](**{key: _setting(inner) for key, inner in settings.items()})


def _arrays(raw):
    """Return the arrays of an open .npz file by name; refuse what unpacks to more than it is."""
    with zipfile.ZipFile(raw) as archive:
        parts = archive.infolist()
    if any(part.compress_type != zipfile.ZIP_STORED for part in parts):
        raise ValueError("its parts are compressed")
    if sum(part.file_size for part in parts) > raw.seek(0, os.SEEK_END):
        raise ValueError("its parts overlap")
    if len({part.filename for part in parts}) < len(parts):
        raise ValueError("it holds two parts of one name")
    raw.seek(0)
    with np.load(raw, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):
        raise ValueError("it holds what is no array")
    return arrays

"""Models on disk: an .npz of plain arrays and one JSON string, never a pickle."""

import dataclasses
import json
import math
import os
import stat
import zipfile
import zlib
from pathlib import Path

import numpy as np

from . import activations, losses, optimizers, schedules
from ._validate import is_integer
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
                losses.MeanAbsoluteError, losses.MeanSquaredError)
OPTIMIZERS = _table(optimizers.SGD, optimizers.Adagrad, optimizers.RMSprop, optimizers.Adam,
                    optimizers.AdamW)
SCHEDULES = _table(schedules.Constant, schedules.InverseTime, schedules.Step,
                   schedules.Exponential, schedules.Cosine, schedules.Warmup)
# what np.load and the JSON reader raise for bytes that nobody meant
DAMAGE = (ValueError, TypeError, KeyError, AttributeError, EOFError, OSError, RuntimeError,
          NotImplementedError, MemoryError, OverflowError, zipfile.BadZipFile, zlib.error)


def write(path, layers, loss, optimizer=None):
    """Write layers, loss and optimizer to path; a reader sees the old file or the new, whole.

    The arrays stand under "0.W", "0.b", … (the layer's number and the array's name) and
    "optimizer.m", …; the architecture and all settings as JSON under "nnlib".

    Raises
    ------
    TypeError
        If a layer, the loss, the optimizer or its schedule is not one of nnlib's own.
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
        arrays |= {f"optimizer.{name}": getattr(optimizer, name)
                   for name in optimizer.moments if optimizer.t}
    path = Path(os.path.realpath(path))                         # a link stays a link
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        # the process's mode mask applies, as for any new file
        handle = os.open(temporary, os.O_CREAT | os.O_TRUNC | os.O_WRONLY
                         | getattr(os, "O_BINARY", 0), mode)
        with open(handle, "wb") as file:
            np.savez(file, nnlib=np.array(json.dumps(plan)), **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read_model(path):
    """Return the layers and the loss that write put into path.

    Raises
    ------
    OSError
        If the file is not there or cannot be opened.
    ValueError
        If the file is damaged, was not written by write, or its arrays do not fit its plan.
    """
    layers, loss, _ = _read(path)
    return layers, loss


def read_optimizer(path):
    """Return the optimizer that write put into path; ValueError also if there is none."""
    *_, optimizer = _read(path)
    if optimizer is None:
        raise ValueError(f"{path}: no optimizer in it; Model.save(path, optimizer) puts one")
    return optimizer


def _read(path):
    """Return the layers, the loss, and the optimizer or None."""
    with open(path, "rb") as raw:
        try:
            arrays = _arrays(raw)
            plan = json.loads(str(arrays.pop("nnlib")))
            version = plan["format"]
            kinds = [(LAYERS[name], config) for name, config in plan["layers"]]
            wanted = {f"{i}.{name}": tuple(shape) for i, (kind, config) in enumerate(kinds)
                      for name, shape in kind.shapes(config).items()}
            loss = LOSSES[plan["loss"]]()
            optimizer = _optimizer(*plan["optimizer"]) if "optimizer" in plan else None
            size = sum(math.prod(shape) for key, shape in wanted.items()
                       if key.partition(".")[2] in kinds[int(key.partition(".")[0])][0].params)
            if optimizer and optimizer.t:
                wanted |= {f"optimizer.{name}": (size,) for name in optimizer.moments}
        except DAMAGE as error:
            raise ValueError(f"{path}: not a file that Model.save wrote, or damaged "
                             f"({type(error).__name__}: {error})") from error
    if version != FORMAT:
        raise ValueError(f"{path}: format {version}; this nnlib reads format {FORMAT}")
    # shapes before layers: a plan of huge layers must not fill the memory
    shapes = {key: array.shape for key, array in arrays.items()}
    if wanted != shapes:
        raise ValueError(f"{path}: its plan asks for arrays of the shapes {wanted}, "
                         f"it holds {shapes}")
    try:
        layers = [kind.from_config(config) for kind, config in kinds]
        parts = dict(enumerate(layers))
        dtype = next(getattr(layer, name).dtype for layer in layers for name in layer.params)
    except (*DAMAGE, StopIteration) as error:
        raise ValueError(f"{path}: {error}") from error
    if optimizer and optimizer.t:
        optimizer.start(np.empty(size, dtype))
    for key, array in arrays.items():
        part, _, name = key.partition(".")
        like = getattr(optimizer if part == "optimizer" else parts[int(part)], name)
        if array.dtype != like.dtype:
            raise ValueError(f"{path}: {key} should be {like.dtype}, it is {array.dtype}")
        like[...] = array
    return layers, loss, optimizer


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
        if any(part.compress_type != zipfile.ZIP_STORED for part in archive.infolist()):
            raise ValueError("its parts are compressed")
    raw.seek(0)
    with np.load(raw, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}

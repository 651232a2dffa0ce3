"""Models on disk: an .npz of plain arrays and one JSON string, never a pickle."""

import json
import os
import stat
import zipfile
import zlib
from pathlib import Path

import numpy as np

from .activations import ReLU, Softmax
from .layers import Dense
from .losses import CategoricalCrossEntropy

FORMAT = 1
LAYERS = {kind.__name__: kind for kind in (Dense, ReLU, Softmax)}
LOSSES = {kind.__name__: kind for kind in (CategoricalCrossEntropy,)}
# what np.load and the JSON reader raise for bytes that nobody meant
DAMAGE = (ValueError, TypeError, KeyError, AttributeError, EOFError, OSError, RuntimeError,
          NotImplementedError, MemoryError, zipfile.BadZipFile, zlib.error)


def write(path, layers, loss):
    """Write layers and loss to path; a reader sees the old file or the new one, whole.

    The arrays stand under "0.W", "0.b", … (the layer's number and the array's name), the
    architecture as JSON under "nnlib".

    Raises
    ------
    TypeError
        If a layer or the loss is not one of nnlib's own.
    OSError
        If the file cannot be written.
    """
    for part, kinds in (*((layer, LAYERS) for layer in layers), (loss, LOSSES)):
        if kinds.get(type(part).__name__) is not type(part):
            raise TypeError(f"Model.save: only nnlib's own parts can be saved, got {part}")
    arrays = {f"{i}.{name}": getattr(layer, name) for i, layer in enumerate(layers)
              for name in (*layer.params, *layer.buffers)}
    plan = {"format": FORMAT, "loss": type(loss).__name__,
            "layers": [[type(layer).__name__, layer.config()] for layer in layers]}
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


def read(path):
    """Return the layers and the loss that write put into path.

    Raises
    ------
    OSError
        If the file is not there or cannot be opened.
    ValueError
        If the file is damaged, was not written by write, or its arrays do not fit its plan.
    """
    with open(path, "rb") as raw:
        try:
            arrays = _arrays(raw)
            plan = json.loads(str(arrays.pop("nnlib")))
            version = plan["format"]
            kinds = [(LAYERS[name], config) for name, config in plan["layers"]]
            wanted = {f"{i}.{name}": shape for i, (kind, config) in enumerate(kinds)
                      for name, shape in kind.shapes(**config).items()}
            loss = LOSSES[plan["loss"]]()
        except DAMAGE as error:
            raise ValueError(f"{path}: not a file that Model.save wrote, or damaged "
                             f"({type(error).__name__}: {error})") from error
    if version != FORMAT:
        raise ValueError(f"{path}: format {version}; this nnlib reads format {FORMAT}")
    # shapes before layers: a plan of huge layers must not fill the memory
    shapes = {key: array.shape for key, array in arrays.items()}
    if {key: tuple(shape) for key, shape in wanted.items()} != shapes:
        raise ValueError(f"{path}: its plan asks for arrays of the shapes {wanted}, "
                         f"it holds {shapes}")
    try:
        layers = [kind(**config) for kind, config in kinds]
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: {error}") from error
    for key, array in arrays.items():
        i, _, name = key.partition(".")
        like = getattr(layers[int(i)], name)
        if array.dtype != like.dtype:
            raise ValueError(f"{path}: {key} should be {like.dtype}, it is {array.dtype}")
        setattr(layers[int(i)], name, array)
    return layers, loss


def _arrays(raw):
    """Return the arrays of an open .npz file by name; refuse what unpacks to more than it is."""
    with zipfile.ZipFile(raw) as archive:
        if any(part.compress_type != zipfile.ZIP_STORED for part in archive.infolist()):
            raise ValueError("its parts are compressed")
    raw.seek(0)
    with np.load(raw, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}

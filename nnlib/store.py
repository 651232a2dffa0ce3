"""Models on disk: an .npz of plain arrays and one JSON string, never a pickle."""

import json
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from .activations import ReLU, Softmax
from .layers import Dense
from .losses import CategoricalCrossEntropy

FORMAT = 1
KINDS = {kind.__name__: kind for kind in (Dense, ReLU, Softmax, CategoricalCrossEntropy)}


def write(path, layers, loss):
    """Write layers and loss to path; a reader sees the old file or the new one, whole.

    The arrays stand under "0.W", "0.b", … (the layer's number and the array's name), the
    architecture as JSON under "nnlib".
    """
    for part in (*layers, loss):
        if KINDS.get(type(part).__name__) is not type(part):
            raise TypeError(f"Model.save: only nnlib's own parts can be saved, got {part}")
    arrays = {f"{i}.{name}": getattr(layer, name) for i, layer in enumerate(layers)
              for name in (*layer.params, *layer.buffers)}
    plan = {"format": FORMAT, "loss": type(loss).__name__,
            "layers": [[type(layer).__name__, layer.config()] for layer in layers]}
    path = Path(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, nnlib=np.array(json.dumps(plan)), **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())                  # mkstemp's file is private
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def read(path):
    """Return the layers and the loss that write put into path.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, was not written by write, or its arrays do not fit its plan.
    """
    try:
        # opened here and not by np.load, which leaves damaged files open
        with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        plan = json.loads(str(arrays.pop("nnlib")))
        version = plan["format"]
        layers = [KINDS[name](**config) for name, config in plan["layers"]]
        loss = KINDS[plan["loss"]]()
    except (ValueError, TypeError, KeyError, AttributeError, EOFError,
            zipfile.BadZipFile) as error:
        raise ValueError(f"{path}: not a file that Model.save wrote, or damaged "
                         f"({type(error).__name__}: {error})") from error
    if version != FORMAT:
        raise ValueError(f"{path}: format {version}; this nnlib reads format {FORMAT}")
    wanted = {f"{i}.{name}": (layer, name) for i, layer in enumerate(layers)
              for name in (*layer.params, *layer.buffers)}
    if wanted.keys() != arrays.keys():
        raise ValueError(f"{path}: expected the arrays {sorted(wanted)}, "
                         f"got {sorted(arrays)}")
    for key, (layer, name) in wanted.items():
        like = getattr(layer, name)
        if arrays[key].shape != like.shape or arrays[key].dtype != like.dtype:
            raise ValueError(f"{path}: {key} should be {like.dtype} of shape {like.shape}, "
                             f"it is {arrays[key].dtype} of shape {arrays[key].shape}")
        setattr(layer, name, arrays[key])
    return layers, loss


def _umask():
    """Return the process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask

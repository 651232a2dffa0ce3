"""IDX, the format of MNIST and EMNIST: four bytes of type, the sizes, then the numbers."""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP = b"\x1f\x8b"
PIECE = 2**20                               # bytes unpacked at a time
MOST = 2**30                                # EMNIST's largest file unpacks to 547 million bytes
DEFLATE = 1032                              # gzip makes nothing smaller by more than this


def read_idx(path, *, shape=None, dtype=None, max_bytes=MOST):
    """Return the array that an IDX file holds, packed by gzip or plain.

    Two zero bytes, one for the type of the numbers, one for how many axes k, then k sizes of
    four bytes each, then the numbers row by row; all big-endian, while the array is in this
    machine's order. Sizes are believed only if the file can hold that much, so that neither a
    damaged header nor a small file that unpacks to gigabytes fills the memory. Built in
    chapter 14. Source: LeCun, Cortes, Burges, THE MNIST DATABASE, "FILE FORMATS".

    Parameters
    ----------
    path : str or Path
        The file; whether it is packed is seen from its first bytes.
    shape : tuple, optional
        What to insist on, None for an axis of any length: (None, 28, 28) for images.
    dtype : NumPy dtype, optional
        What to insist on.
    max_bytes : int
        Refuse what would unpack to more.

    Raises
    ------
    ValueError
        If it is no IDX file, or cut off, damaged, longer than its header says, larger than
        max_bytes, or of another shape or dtype than asked for.
    OSError
        If the file is not there or cannot be opened.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "labels-idx1-ubyte")
    ...     _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]))
    ...     read_idx(path)
    array([7, 2, 1], dtype=uint8)
    """
    path = Path(path)
    who = f"read_idx: {path}"
    with open(path, "rb") as raw:
        packed = raw.read(2) == GZIP
        raw.seek(0)
        file = gzip.GzipFile(fileobj=raw) if packed else raw
        try:
            kind, sizes, header = _header(who, file)
            _expect(who, kind, sizes, shape, dtype)
            _expect_room(who, sizes, kind.itemsize, path.stat().st_size, max_bytes,
                         header, packed)
            array = np.empty(sizes, kind)
            _fill(who, file, array.reshape(-1).view(np.uint8))
            if file.read(1):                # at the end, gzip also compares its checksum
                raise ValueError(f"{who}: more follows after the {array.nbytes:,} bytes that "
                                 "its header promises; is it two files in one?")
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(f"{who}: damaged or cut off ({error}); fetch it again") from error
    return array.astype(kind.newbyteorder("="), copy=False)


def looks_like(start):
    """Return in words what a file is that starts with these bytes, or None.

    What servers send in place of data. Used in chapter 14.

    Examples
    --------
    >>> looks_like(b"<!DOCTYPE html><title>Sign in</title>")
    'a web page'
    """
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:100].lower()
    if start.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<!--")):
        return "a web page"
    if start.startswith(b"version https://git-lfs"):
        return "a Git LFS pointer, which only names the file"
    return None


def _header(who, file):
    """Return dtype, sizes, and the header's own length in bytes."""
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in TYPES or not magic[3]:
        found = looks_like(magic + file.read(100)) or f"a file that starts with {magic!r}"
        raise ValueError(f"{who}: expected an IDX file, which starts with two zero bytes, a type "
                         f"and a number of axes, got {found}; fetch it again")
    axes = magic[3]
    rest = file.read(4 * axes)
    if len(rest) < 4 * axes:
        raise ValueError(f"{who}: cut off within its header; fetch it again")
    sizes = tuple(int.from_bytes(rest[i:i + 4], "big") for i in range(0, 4 * axes, 4))
    return np.dtype(TYPES[magic[2]]), sizes, 4 + 4 * axes


def _expect(who, kind, sizes, shape, dtype):
    """Raise ValueError unless dtype and sizes are those asked for."""
    if dtype is not None and kind != np.dtype(dtype).newbyteorder(">"):
        raise ValueError(f"{who}: expected {np.dtype(dtype)}, got {kind.newbyteorder('=')}")
    if len(sizes) > 32:                     # NumPy has 64 at most, and older ones 32
        raise ValueError(f"{who}: expected at most 32 axes, got {len(sizes)}")
    if shape is not None and (len(shape) != len(sizes) or any(
            wanted not in (None, got) for wanted, got in zip(shape, sizes, strict=True))):
        words = str(tuple("n" if size is None else size for size in shape)).replace("'", "")
        remedy = "; are images and labels mixed up?" if len(shape) != len(sizes) else ""
        raise ValueError(f"{who}: expected shape {words}, got {sizes}{remedy}")


def _expect_room(who, sizes, itemsize, length, max_bytes, header, packed):
    """Raise ValueError unless a file of this length can hold the sizes that it claims."""
    claim = math.prod(sizes) * itemsize
    says = f"{who}: its header promises {' × '.join(map(str, sizes))} numbers, {claim:,} bytes"
    if math.prod(size or 1 for size in sizes) * itemsize > max_bytes:
        raise ValueError(f"{says}, and at most {max_bytes:,} are read; if you trust the file, "
                         f"give max_bytes")
    if packed and claim > DEFLATE * length:
        raise ValueError(f"{says}, more than a packed file of {length:,} bytes can hold; "
                         "fetch it again")
    if not packed and length != header + claim:
        raise ValueError(f"{says}, but {length - header:,} follow; it is cut off or damaged: "
                         "fetch it again")


def _fill(who, file, flat):
    """Read into the bytes of flat, piece by piece, until they are full."""
    done = 0
    while done < len(flat):
        piece = file.read(min(PIECE, len(flat) - done))
        if not piece:
            raise ValueError(f"{who}: its header promises {len(flat):,} bytes, but only {done:,} "
                             "follow; fetch it again")
        flat[done:done + len(piece)] = np.frombuffer(piece, np.uint8)
        done += len(piece)

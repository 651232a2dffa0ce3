"""The IDX reader returns what was written, and refuses what is damaged, hostile or no IDX.

Protects from arrays that are silently too short or misread, and from a file of a few bytes
that fills the memory.
"""

import gzip
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nnlib.datasets import read_idx

CODES = {0x08: np.dtype("u1"), 0x09: np.dtype("i1"), 0x0B: np.dtype(">i2"),
         0x0C: np.dtype(">i4"), 0x0D: np.dtype(">f4"), 0x0E: np.dtype(">f8")}
IMAGES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)


def as_idx(array, code=0x08):
    """Write the format down anew: the standard's words, not the reader's code."""
    head = bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(CODES[code]).tobytes()


def put(path, data):
    path.write_bytes(data)
    return path


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("idx") / "file"


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(sorted(CODES)), st.booleans())
def test_what_was_written_is_read(place, data, code, packed):
    kind = CODES[code].newbyteorder("=")
    array = data.draw(arrays.arrays(kind, arrays.array_shapes(min_side=0, max_dims=4)))
    raw = as_idx(array, code)
    found = read_idx(put(place, gzip.compress(raw) if packed else raw))
    assert found.dtype == kind                                  # in this machine's byte order
    assert found.shape == array.shape
    assert found.tobytes() == array.tobytes()                   # NaN is NaN


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40), st.booleans())
def test_any_bytes_are_read_or_refused_and_never_fill_the_memory(place, data, packed):
    """What a header promises is believed only if the file can hold it."""
    data = b"\0\0" + data
    path = put(place, gzip.compress(data) if packed else data)
    says, array = "", None
    tracemalloc.start()
    try:
        array = read_idx(path)
    except ValueError as error:
        says = str(error)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5e6
    assert says.startswith(f"read_idx: {place}: ") if array is None else array.nbytes <= len(data)


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "plain"])
@pytest.mark.parametrize(("data", "says"), [
    (b"", "starts with two zero bytes"),
    (b"\0\0\x08", "starts with two zero bytes"),
    (b"\1\0\x08\1\0\0\0\0", "starts with two zero bytes"),
    (b"\0\0\x07\1\0\0\0\0", "a type"),
    (b"\0\0\x08\0", "number of axes"),
    (b"<!DOCTYPE html><title>Sign in</title>", "got a web page"),
    (b"\xef\xbb\xbf\n <html>", "got a web page"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:12\n", "Git LFS pointer"),
    (b"\0\0\x08\3\0\0\0\2\0\0", "within its header"),
    (as_idx(IMAGES)[:-1], r"cut off|only 23 follow"),
    (as_idx(IMAGES) + b"\0", r"25 follow|more follows"),
    (as_idx(IMAGES).replace(b"\0\0\0\2", b"\0\0\0\3"), r"36 bytes"),
    (bytes([0, 0, 8, 33]) + struct.pack(">33I", *[1] * 33) + b"\7", "at most 32 axes"),
    (b"\0\0\x08\3" + b"\xff" * 12, "at most 1,073,741,824 are read"),
    (b"\0\0\x08\3\0\0\0\0" + b"\xff" * 8, "at most 1,073,741,824 are read"),
    (b"\0\0\x08\1\x3f\xff\xff\xff" + bytes(9), r"can hold|but 9 follow")],
    ids=["empty", "three bytes", "magic", "type", "no axes", "a web page", "a web page, blanks",
         "LFS", "half a header", "cut off", "trailing", "wrong count", "axes", "huge",
         "huge and empty", "large"])
def test_refused(tmp_path, data, says, packed):
    path = put(tmp_path / "file", gzip.compress(data) if packed else data)
    with pytest.raises(ValueError, match=f"read_idx: .*(?:{says})"):
        read_idx(path)


def test_a_damaged_or_cut_off_gzip_file_is_refused(tmp_path):
    data = gzip.compress(as_idx(np.random.default_rng(0).integers(256, size=(9, 9))))
    spoilt = bytearray(data)
    spoilt[-6] ^= 1                                             # in the checksum
    inside = bytearray(data)
    inside[10:20] = bytes(10)
    for bad in (data[:-1], data[:40], data[:5], spoilt, inside, data + b"more"):
        with pytest.raises(ValueError, match="fetch it again"):
            read_idx(put(tmp_path / "file", bad))
    for size in range(len(data)):
        with pytest.raises(ValueError, match="read_idx"):
            read_idx(put(tmp_path / "file", data[:size]))


def test_a_small_file_that_unpacks_to_much_is_refused_unread(tmp_path):
    """The header of a bomb may be honest; what follows the promised bytes stays packed."""
    honest = put(tmp_path / "honest", gzip.compress(as_idx(np.zeros((300, 10_000)))))
    with pytest.raises(ValueError, match=r"3,000,000 bytes, and at most 1,000,000.*max_bytes"):
        read_idx(honest, max_bytes=10**6)
    assert read_idx(honest).nbytes == 3_000_000
    liar = put(tmp_path / "liar", gzip.compress(as_idx(IMAGES) + bytes(50_000_000)))
    tracemalloc.start()
    with pytest.raises(ValueError, match="more follows after the 24 bytes"):
        read_idx(liar)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2e6


def test_shape_and_type_can_be_insisted_on(tmp_path):
    path = put(tmp_path / "file", as_idx(IMAGES))
    assert read_idx(path, shape=(None, 3, 4), dtype=np.uint8).shape == (2, 3, 4)
    with pytest.raises(ValueError, match=r"expected shape \(n, 28, 28\), got \(2, 3, 4\)$"):
        read_idx(path, shape=(None, 28, 28))
    with pytest.raises(ValueError, match=r"expected shape \(n,\), got .*mixed up"):
        read_idx(path, shape=(None,))
    with pytest.raises(ValueError, match="expected float32, got uint8"):
        read_idx(path, dtype=np.float32)


def test_a_file_that_is_not_there_is_an_os_error():
    with pytest.raises(FileNotFoundError):
        read_idx(Path("no", "such", "file"))

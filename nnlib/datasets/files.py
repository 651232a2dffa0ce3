"""Where the official files are: a folder of yours, NNLIB_DATA, the cache, or the network."""

import hashlib
import logging
import os
from contextlib import contextmanager
from pathlib import Path

from .download import AddressError, disk, fetch
from .idx import looks_like
from .sources import FILES

VARIABLE = "NNLIB_DATA"
PIECE = 2**20                               # bytes read at a time


class DownloadError(OSError):
    """No address yielded the file; the message says of each why, and what to do.

    Used in chapter 14.
    """


def find(name, folder=None):
    """Return the path of an official file, its bytes checked; download it if need be.

    Looked for in the folder alone, if one is given; otherwise in the folder that the
    environment variable NNLIB_DATA names, then in the cache (see `cache`), then at each of its
    addresses. What lies in the cache under its name is always whole: a download comes under
    another name, is held against its SHA-256 and then renamed, and a second process waits for
    the first. Built in chapter 14.

    Parameters
    ----------
    name : str
        The official name, such as "train-images-idx3-ubyte.gz".
    folder : str or Path, optional
        A folder that holds mnist/ and emnist/, or the files themselves.

    Raises
    ------
    FileNotFoundError
        If the folder lacks the file, or NNLIB_DATA names no folder.
    ValueError
        If the file there is not the official one, byte for byte, or no file has this name.
    DownloadError
        If it is nowhere, and no address yields it.
    DiskError
        If the disk is full or cannot be written.

    Examples
    --------
    >>> find("t10k-labels-idx1-ubyte.gz", folder="no/such/folder")
    Traceback (most recent call last):
        ...
    FileNotFoundError: datasets: no t10k-labels-idx1-ubyte.gz in no/such/folder or its mnist/; ...
    """
    file = _official(name)
    path = locate(name, folder)
    if path is None and folder is not None:
        raise FileNotFoundError(
            f"datasets: no {name} in {folder} or its {file.folder}/; leave the folder out to "
            f"download it ({file.size:,} bytes)")
    if path is not None:
        if (wrong := check(path, file)) is None:
            return path
        if path.parent.parent != cache():
            raise ValueError(f"datasets: {path} is not the official file: {wrong}; delete it, and "
                             "it will be downloaded when next asked for")
    return _download(file)


def locate(name, folder=None):
    """Return where a file of this name lies, unchecked, or None.

    In the folder, if one is given; else in NNLIB_DATA's folder or the cache. Used in chapter 14.

    Raises
    ------
    FileNotFoundError
        If NNLIB_DATA names no folder.
    ValueError
        If no official file has this name.

    Examples
    --------
    >>> locate("t10k-labels-idx1-ubyte.gz", folder="no/such/folder") is None
    True
    """
    file = _official(name)
    roots = [folder]
    if folder is None:
        given = os.environ.get(VARIABLE)
        if given and not Path(given).is_dir():
            raise FileNotFoundError(f"datasets: the environment variable {VARIABLE} names "
                                    f"{given!r}, which is no folder; correct or unset it")
        roots = [given, cache()] if given else [cache()]
    places = [Path(root, inner, name) for root in roots for inner in (file.folder, "", "gzip")]
    return next((place for place in places if place.is_file()), None)


def cache():
    """Return the folder that downloads go to: the one that the user's platform has for such.

    Used in chapter 14.

    Examples
    --------
    >>> cache().name
    'nnlib'
    """
    import pooch
    return Path(pooch.os_cache("nnlib"))


def check(path, file):
    """Return in words why a file on disk is not the official one, or None if it is.

    Used in chapter 14.

    Examples
    --------
    >>> check(Path(__file__), FILES["t10k-labels-idx1-ubyte.gz"]).partition(":")[0]
    'it is altered'
    """
    digest = hashlib.sha256()
    with open(path, "rb") as data:
        start = data.read(PIECE)
        size = os.fstat(data.fileno()).st_size
        if size != file.size:
            if found := looks_like(start):
                remedy = ", which `git lfs pull` replaces by the file" if "LFS" in found else ""
                return f"it is {found}{remedy}"
            what = "cut off" if size < file.size else "altered"
            return f"it is {what}: its length is {size:,} bytes in place of {file.size:,}"
        while start:
            digest.update(start)
            start = data.read(PIECE)
    if digest.hexdigest() != file.sha256:
        return "it is altered: its SHA-256 is another"
    return None


def _official(name):
    if name not in FILES:
        raise ValueError(f"datasets: {name!r} is none of the {len(FILES)} official files; see "
                         "nnlib.datasets.sources.FILES")
    return FILES[name]


def _download(file):
    """Return the path in the cache of a file that was not there, once it is."""
    import filelock
    unfinished = cache() / "unfinished"
    path = cache() / file.folder / file.name
    with disk(cache()):
        unfinished.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(exist_ok=True)
        # waits for another process that is downloading it
        lock = filelock.FileLock(unfinished / f"{file.name}.lock").acquire()
    with lock:
        if path.is_file() and check(path, file) is None:
            return path
        path.unlink(missing_ok=True)
        faults = []
        for url in file.urls:
            try:
                _retrieve(file, url, path, unfinished)
                return path
            except AddressError as fault:
                faults.append(f"  {url.partition('!')[0]}: the server {fault}")
    raise DownloadError("\n".join([
        f"datasets: {file.name} ({file.size:,} bytes) could not be downloaded:", *faults,
        f"Try again later (of a download that broke off, what came is kept), or put the file into "
        f"a folder {file.folder}/ by hand and name the folder above it in {VARIABLE}. "
        "datasets.glyphs() and datasets.digits() need no network."]))


def _retrieve(file, url, path, unfinished):
    """Download from one address: pooch names, checks and renames, our fetch brings the bytes."""
    import pooch
    # a part of one address is of no use to another
    part = unfinished / f"{file.name}.{hashlib.sha256(url.encode()).hexdigest()[:8]}"

    def bring(url, temporary, _):
        resumed = part.exists() or part.with_name(f"{part.name}.zip").exists()
        with _bar(file.name) as show:
            fetch(url, part, file.size, show)
            if resumed and check(part, file):               # it was no part of this file
                part.unlink()
                fetch(url, part, file.size, show)
        if wrong := check(part, file):
            part.unlink()
            raise AddressError(f"has another file: {wrong}")
        os.replace(part, temporary)

    with _quiet(), disk(path.parent):
        pooch.retrieve(url, f"sha256:{file.sha256}", fname=path.name, path=path.parent,
                       downloader=bring)


@contextmanager
def _bar(name):
    """Yield what shows how far a download is, in a bar if a person watches."""
    from ..training import _progress
    bar = None

    def show(have, size):
        nonlocal bar
        if bar is None:
            bar = _progress(size, unit="B", unit_scale=True, initial=have, desc=name)
        if bar is not None:
            bar.update(have - bar.n)

    try:
        yield show
    finally:
        if bar is not None:
            bar.close()


@contextmanager
def _quiet():
    """Keep pooch from announcing addresses and paths, which differ from machine to machine."""
    import pooch
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)

"""Downloads that live: resumed, held to a size, tried again, and each fault told apart."""

import errno
import os
import random
import re
import struct
import time
import zlib
from contextlib import contextmanager

from .idx import GZIP, looks_like

TRIES = 5                                   # in a row without a byte more than before
WAIT = 1.0                                  # seconds before a second try; then twice as long
LONGEST = 20.0                              # who asks for more is given up
TIMEOUT = (10.0, 30.0)                      # seconds to connect, and from one piece to the next
PIECE = 2**16                               # bytes
ZIP = b"PK\3\4"
# NIST refuses what calls itself urllib
HEADERS = {"User-Agent": "Mozilla/5.0 (compatible; nnlib)", "Accept-Encoding": "identity"}
NAMES = {401: "asks for a password", 403: "refuses it", 404: "does not have it",
         410: "does not have it any more", 429: "is asked too often",
         500: "has an error", 502: "has an error", 503: "is overloaded or closed for repair"}


class DiskError(OSError):
    """The disk is full or cannot be written; errno says which."""


class AddressError(Exception):
    """Why one address failed, in words that follow "the server"; tries: how many make sense."""

    def __init__(self, why, *, tries=1, wait=0.0):
        super().__init__(why)
        self.tries, self.wait = tries, wait


def fetch(url, path, size, show):
    """Put the bytes at an address into path, going on where an earlier try left off.

    Used in chapter 14.

    Parameters
    ----------
    url : str
        An address; "!" and a name after it mean one member of the zip file there.
    path : Path
        Where to. What is there already is taken for the start of the same bytes.
    size : int
        How many bytes to expect.
    show : callable
        Called with how many bytes are there and how many there will be, now and then.

    Raises
    ------
    AddressError
        If the address does not yield the file; path stays if going on later makes sense.
    DiskError
        If the disk is full or cannot be written.
    """
    import requests
    url, _, member = url.partition("!")
    with requests.Session() as session:
        session.headers.update(HEADERS)
        session.hooks["response"] = [_refuse]
        if not member:
            _insist(lambda: _go_on(session, url, path, None, size, show), path)
            return
        # packed, in the zip, and to be resumed there; unpacked beside it
        raw = path.with_name(f"{path.name}.zip")
        start, stop = _insist(lambda: _locate(session, url, member), raw)
        if not 30 < stop - start < size + size // 100 + PIECE:
            raise AddressError(f"has another file in its zip file, of {stop - start:,} bytes")
        _insist(lambda: _go_on(session, url, raw, start, stop - start, show), raw)
        try:
            _unpack(raw, path, size)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        finally:
            raw.unlink()


def _insist(attempt, path):
    """Return attempt(), tried again after passing faults; bytes that came start the count anew."""
    tries, furthest = 0, _length(path)
    while True:
        try:
            return attempt()
        except AddressError as fault:
            tries += 1
            if _length(path) > furthest:
                tries, furthest = 1, _length(path)
            if tries >= min(fault.tries, TRIES):
                if not _length(path):       # nothing to go on with
                    path.unlink(missing_ok=True)
                raise
            time.sleep(max(fault.wait, WAIT * 2**(tries - 1) * random.uniform(1, 1.2)))


def _length(path):
    return path.stat().st_size if path.exists() else 0


def _refuse(response, **_):
    """Raise an AddressError for a status that is no success; follow redirections first."""
    status = response.status_code
    if status < 400 or status == 416:
        return
    passing = status in (408, 425, 429) or status >= 500
    wait = response.headers.get("Retry-After", "")
    wait = float(wait) if wait.isdigit() else 0.0
    response.close()
    name = NAMES.get(status, response.reason or "refuses it")
    raise AddressError(f"{name} ({status})", wait=wait,
                       tries=TRIES if passing and wait <= LONGEST else 1)


@contextmanager
def _network():
    """Turn what requests and urllib3 raise into an AddressError that says what is wrong."""
    import requests
    import urllib3
    try:
        yield
    except requests.exceptions.SSLError as error:
        raise AddressError(f"shows no certificate that can be checked ({_cause(error)}); is this "
                           "computer's clock right, and does a company's proxy read along?"
                           ) from error
    except requests.exceptions.ProxyError as error:
        raise AddressError("is behind a proxy that does not answer; see HTTPS_PROXY", tries=2
                           ) from error
    except (requests.Timeout, urllib3.exceptions.ReadTimeoutError) as error:
        slow = isinstance(error, requests.ConnectTimeout)
        raise AddressError(f"does not answer within {TIMEOUT[0]:g} s" if slow else
                           f"stalls: nothing came for {TIMEOUT[1]:g} s", tries=2 if slow else 3
                           ) from error
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        if "resol" in str(error):                           # resolve the name, or its resolution
            raise AddressError("is not found: there seems to be no network") from error
        if "Max retries" in str(error):
            raise AddressError(f"cannot be reached ({_cause(error)}); is there a network?", tries=2
                               ) from error
        raise AddressError(f"broke off ({_cause(error)})", tries=TRIES) from error


def _cause(error):
    """Return an error's innermost cause in a few words."""
    while isinstance(inner := getattr(error, "reason", None) or error.__cause__
                     or error.__context__, BaseException):
        error = inner
    return (str(error) or type(error).__name__)[:100]


def _go_on(session, url, path, start, size, show):
    """Append to path until it holds size bytes, those from start on; start=None means a file."""
    have = _length(path)
    if have > size:
        path.unlink()
        have = 0
    show(have, size)
    if have == size:
        return
    headers, first = {}, (start or 0) + have
    if have or start is not None:
        headers["Range"] = f"bytes={first}-{(start or 0) + size - 1}"
    with _network():
        response = session.get(url, headers=headers, stream=True, timeout=TIMEOUT)
    with response:
        have = _accept(response, path, start, first, have)
        pieces = response.raw.stream(PIECE, decode_content=False)
        with disk(path.parent, path), open(path, "ab" if have else "wb") as file:
            while piece := _next(pieces):
                if not have:
                    _check_start(piece, ZIP if start is not None else GZIP)
                    _check_length(response, size)
                have += len(piece)
                if have > size:
                    break
                file.write(piece)
                show(have, size)
    if have > size:
        path.unlink()
        raise AddressError(f"sends more than the {size:,} bytes of the official file")
    if have < size:
        raise AddressError(f"broke off after {have:,} of {size:,} bytes", tries=TRIES)


def _next(pieces):
    with _network():
        return next(pieces, b"")


def _accept(response, path, start, first, have):
    """Return how many of the bytes on disk the response goes on from."""
    if response.status_code == 206:
        found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
        if found is None or int(found[1]) != first:
            path.unlink(missing_ok=True)
            raise AddressError("sends another part of the file than asked for", tries=2)
        return have
    if response.status_code == 416:                         # what is there is not its start
        path.unlink(missing_ok=True)
        raise AddressError("has a shorter file than the official one", tries=2)
    if start is not None:
        found = looks_like(_next(response.raw.stream(PIECE, decode_content=False)))
        raise AddressError(f"sends {found} in place of the file" if found else
                           "does not send parts of a file (no range requests)")
    return 0                                                # it sends all again


def _check_start(piece, magic):
    if not piece.startswith(magic):
        found = looks_like(piece) or f"something else (it starts with {piece[:8]!r})"
        raise AddressError(f"sends {found} in place of the file")


def _check_length(response, size):
    length = response.headers.get("Content-Length", "")
    if response.status_code == 200 and length.isdigit() and int(length) != size:
        raise AddressError(f"has another file: of {int(length):,} bytes, not {size:,}")


@contextmanager
def disk(folder, spoiled=None):
    """Raise a DiskError that says what is wrong; leave no spoiled file behind on a full disk."""
    try:
        yield
    except DiskError:
        raise
    except OSError as error:
        full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None))
        if full and spoiled is not None:
            spoiled.unlink(missing_ok=True)
        why = ("the disk is full; free some space" if full else
               f"{error.strerror or error}; allow it to be written")
        raise DiskError(error.errno, f"datasets: cannot write to {folder}: {why}, or put the "
                                     "files elsewhere and name that folder in NNLIB_DATA"
                        ) from error


def _locate(session, url, member):
    """Return where in a zip file the member's header starts, and where what follows it starts."""
    import zipfile

    from remotezip import RemoteIOError, RemoteZip, RemoteZipError
    try:
        with _network(), RemoteZip(url, session=session, timeout=TIMEOUT) as archive:
            info = archive.getinfo(member)
            later = [other.header_offset for other in archive.infolist()
                     if other.header_offset > info.header_offset]
            return info.header_offset, min(later, default=archive.start_dir)
    except KeyError as error:
        raise AddressError(f"has a zip file without {member}") from error
    except (RemoteZipError, zipfile.BadZipFile, ValueError) as error:
        with _network():
            start = session.get(url, stream=True, timeout=TIMEOUT)
        with start:
            found = looks_like(_next(start.raw.stream(PIECE, decode_content=False)))
        if found:
            raise AddressError(f"sends {found} in place of the file") from error
        raise AddressError(f"does not let us read parts of its zip file ({error})",
                           tries=TRIES if isinstance(error, RemoteIOError) else 1) from error


def _unpack(raw, path, size):
    """Write the member whose header and bytes raw holds to path, and never more than size."""
    with disk(path.parent, path), open(raw, "rb") as file, open(path, "wb") as out:
        head = file.read(30)
        method, name, extra = struct.unpack("<8xH16xHH", head)
        if head[:4] != ZIP or method not in (0, 8):
            raise AddressError("has a zip file of an unknown kind")
        file.seek(name + extra, os.SEEK_CUR)
        inflate = zlib.decompressobj(-15) if method else None
        left = size
        while left and (piece := file.read(PIECE)):
            try:
                piece = inflate.decompress(piece, left) if inflate else piece[:left]
            except zlib.error as error:
                raise AddressError(f"has a damaged zip file ({error})") from error
            out.write(piece)
            left -= len(piece)

"""A file that is written whole or not at all."""

import os
import secrets
import stat
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path):
    """Give a binary file to write; in the end it takes the place of path, unless that failed.

    A reader sees the old file or the new one. A new file has the mode that the process gives
    to any, an old one keeps its own. Raises OSError if the file cannot be written.
    """
    path = Path(os.path.realpath(path))                         # a link stays a link
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666
    # a name that nobody can have put a link under
    temporary = path.with_name(f"{path.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        # the process's mode mask applies, as for any new file
        handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY
                         | getattr(os, "O_BINARY", 0), mode)
        with open(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise

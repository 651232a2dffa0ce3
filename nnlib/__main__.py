"""The command line: ``python -m nnlib train``, ``python -m nnlib --help``."""

import sys

from .commands import program
from .commands.base import call


def main(arguments=None):
    """Run one command; return an exit code."""
    return call(program, arguments, "python -m nnlib")


if __name__ == "__main__":
    sys.exit(main())

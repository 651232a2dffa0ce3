"""The command line: ``python -m nnlib.datasets``, ``python -m nnlib.datasets fetch NAME``."""

import argparse
import sys

from . import files
from .handwriting import SETS
from .sources import FILES

MADE = ("always here: spiral, moons, circles, sine, vertical (points); digits (scikit-learn's, "
        "8 × 8);\nglyphs (synthetic characters, drawn from fonts)")


def megabytes(size):
    """Return a size in words.

    Examples
    --------
    >>> megabytes(28_905_295)
    '28.9 MB'
    """
    return f"{size / 1e6:.1f} MB"


def row(name):
    """Return a set's line of the list: its name, its size, and whether and where it is."""
    places = {file: files.locate(file) for file in SETS[name]}
    missing = [FILES[file].size for file, place in places.items() if place is None]
    size = megabytes(sum(FILES[file].size for file in places))
    folders = sorted({str(place.parent) for place in places.values() if place is not None})
    if not missing:
        where = f"here: {', '.join(folders)}"
    elif len(missing) < len(places):
        where = f"in part; {megabytes(sum(missing))} to download"
    else:
        where = "not here"
    return f"{name:16}{size:>9}  {where}"


def show(_):
    """Print the list of sets."""
    print("name                 size  where")
    for name in SETS:
        print(row(name))
    print(f"\n{MADE}\n\nTo download one: python -m nnlib.datasets fetch NAME\n"
          f"Downloads go to {files.cache()}; {files.VARIABLE} may name another folder to look in "
          "first.")
    return 0


def fetch(options):
    """Download what is missing of the sets that were named, and say where it lies."""
    for name in options.names:
        try:
            folders = sorted({str(files.find(file).parent) for file in SETS[name]})
        except (OSError, ValueError) as error:
            print(error.strerror if getattr(error, "strerror", None) else error, file=sys.stderr)
            return 1
        print(f"{name}: whole and checked, in {', '.join(folders)}")
    return 0


def parse(arguments):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m nnlib.datasets",
        description="List the data sets of the course: how large they are, and whether they are "
                    "on this computer.",
        epilog="Data are looked for in the folder that the environment variable NNLIB_DATA names "
               "(mnist/ and emnist/ inside, with the official .gz files), then among earlier "
               "downloads.")
    parser.set_defaults(call=show)
    commands = parser.add_subparsers(metavar="COMMAND")
    sub = commands.add_parser(
        "fetch", help="download a data set now, so that it needs no network later",
        description="Download data sets, but for what is here already. Every file is checked "
                    "(SHA-256). An interrupted download goes on where it stopped.")
    sub.add_argument("names", nargs="+", metavar="NAME", choices=SETS,
                     help=f"one or more of {', '.join(SETS)}")
    sub.set_defaults(call=fetch)
    return parser.parse_args(arguments)


def main(arguments=None):
    """Run one command; return an exit code."""
    # a console that does not know × should still get the sentence around it
    sys.stdout.reconfigure(errors="replace")
    options = parse(arguments)
    try:
        return options.call(options)
    except FileNotFoundError as error:                          # NNLIB_DATA names no folder
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

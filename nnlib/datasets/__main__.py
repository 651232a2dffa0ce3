"""The command line: ``python -m nnlib.datasets``, ``python -m nnlib.datasets fetch NAME``."""

import sys

import click

from ..commands.base import SETTINGS, Commands, call
from . import files
from .handwriting import SETS
from .sources import FILES

MADE = ("always here: spiral, moons, circles, sine, vertical (points); digits (scikit-learn's, "
        "8 × 8);\nglyphs (synthetic characters, drawn from fonts)")


class Name(click.ParamType):
    """The name of a data set that can be downloaded."""

    name = "name"

    def convert(self, value, param, ctx):
        """Return the name, if it is one."""
        if value not in SETS:
            self.fail(f"{value!r} is none; choose from {', '.join(SETS)}", param, ctx)
        return value


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


def show():
    """Print the list of sets."""
    print("name                 size  where")
    for name in SETS:
        print(row(name))
    print(f"\n{MADE}\n\nTo download one: python -m nnlib.datasets fetch NAME\n"
          f"Downloads go to {files.cache()}; {files.VARIABLE} may name another folder to look in "
          "first.")


@click.group(cls=Commands, context_settings=SETTINGS, invoke_without_command=True)
@click.pass_context
def program(ctx):
    """List the data sets of the course: how large they are, and whether they are on this computer.

    Data are looked for in the folder that the environment variable NNLIB_DATA names (mnist/ and
    emnist/ inside, with the official .gz files), then among earlier downloads.
    """
    if ctx.invoked_subcommand is None:
        show()


@program.command(help=f"""Download data sets now, so that they need no network later.

What is here already is not downloaded again. Every file is checked (SHA-256). An interrupted
download goes on where it stopped.

\b
The names:
  {f'{chr(10)}  '.join(SETS)}""")
@click.argument("names", nargs=-1, required=True, metavar="NAME...", type=Name())
def fetch(names):
    """Download what is missing of the sets that were named, and say where it lies."""
    for name in names:
        folders = sorted({str(files.find(file).parent) for file in SETS[name]})
        print(f"{name}: whole and checked, in {', '.join(folders)}")


def main(arguments=None):
    """Run one command; return an exit code."""
    return call(program, arguments, "python -m nnlib.datasets")


if __name__ == "__main__":
    sys.exit(main())

"""The commands ``info`` and ``run``: what matrix products run on, and on what they should."""

import os
import platform

import click
import numpy as np

from .. import __version__, blas

GIB = 2**30


@click.command()
def info():
    """Show BLAS, kernel, threads and memory of this computer.

    Also measures (2 seconds) whether another kernel would multiply matrices faster, which is
    what training spends its time on.
    """
    found, memory = blas.library(), blas.memory()
    lines = {
        "nnlib": __version__,
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "BLAS": f"{found.name} {found.version or ''}".strip(),
        "kernel": found.kernel or "unknown",
        "threads": found.threads or "unknown",
        "memory": "unknown (psutil is not installed)" if memory is None else
                  f"{memory[0] / GIB:.1f} GiB, {memory[1] / GIB:.1f} GiB of them free",
    }
    for name, value in lines.items():
        print(f"{name:9}{value}")
    print(blas.recommendation(), flush=True)


class Untouched(click.Command):
    """A command all of whose words are another program's, but for a first -h or --help."""

    def parse_args(self, ctx, args):
        """Keep every word as it is."""
        if not args or args[0] in ctx.help_option_names:
            return super().parse_args(ctx, args)
        ctx.params["arguments"] = tuple(args)
        return []


@click.command(cls=Untouched, options_metavar="", epilog="""\b
Examples:
  python -m nnlib run script.py
  python -m nnlib run -m nnlib train --data mnist --epochs 20
""")
@click.argument("arguments", nargs=-1, required=True, metavar="[-m MODULE | SCRIPT] ...")
def run(arguments):
    """Run a Python program with the BLAS kernel that is fastest here.

    Whatever follows is handed to python as it is. Which kernel is fastest is measured once; the
    environment variable OPENBLAS_CORETYPE, where it is set, is left alone.
    """
    blas.start(arguments, None if blas.VARIABLE in os.environ else blas.best())

"""The command line: ``python -m nnlib info``, ``python -m nnlib run …``."""

import argparse
import os
import platform
import sys

import numpy as np

from . import __version__, blas

GIB = 2**30


def info(options):
    """Print what matrix products run on, and one line on whether it could be faster."""
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
    return 0


def run(options):
    """Become the Python that was asked for, with the best kernel unless one is set."""
    blas.start(options.arguments, None if blas.VARIABLE in os.environ else blas.best())


def parse(arguments):
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m nnlib", description="nnlib's own tools.")
    parser.add_argument("--version", action="version", version=f"nnlib {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    sub = commands.add_parser("info", help="show BLAS, kernel, threads and memory",
                              description="Show BLAS, kernel, threads and memory, and measure "
                                          "(2 seconds) whether another kernel is faster.")
    sub.set_defaults(call=info)
    sub = commands.add_parser("run", help="run a Python program with the fastest kernel",
                              usage="python -m nnlib run [-m MODULE | SCRIPT] ...",
                              description="Run python with whatever follows, with the BLAS "
                                          "kernel that is fastest here (measured once), "
                                          f"unless {blas.VARIABLE} is set.")
    sub.add_argument("arguments", nargs="+", metavar="...", help="as you would give to python")
    sub.set_defaults(call=run)
    # what follows `run` is the other program's: none of it is an option of ours
    if arguments[:1] == ["run"] and arguments[1:2] not in ([], ["-h"], ["--help"]):
        return argparse.Namespace(command="run", call=run, arguments=arguments[1:])
    return parser.parse_args(arguments)


def main(arguments=None):
    """Run one command; return an exit code."""
    # a console that does not know × should still get the sentence around it
    sys.stdout.reconfigure(errors="replace")
    options = parse(sys.argv[1:] if arguments is None else arguments)
    return options.call(options)


if __name__ == "__main__":
    sys.exit(main())

"""The command ``report``: all that can be said of a saved model, as one page."""

import importlib
from pathlib import Path

import click

from .base import SETTINGS
from .sets import NAMES


@click.command(context_settings=SETTINGS, epilog="""\b
Examples:
  python -m nnlib report model.npz
  python -m nnlib report mnist.npz -o mnist.html
""")
@click.argument("model", metavar="MODEL.npz", type=click.Path(path_type=Path))
@click.option("--data", type=click.Choice(NAMES), metavar="NAME",
              help="Other data to test on, of the same size and classes; \"python -m nnlib train "
                   "--help\" lists the names.  [default: the test part of what it learnt from]")
@click.option("-o", "--output", type=click.Path(dir_okay=False, writable=True, path_type=Path),
              default="report.html", show_default=True, metavar="FILE",
              help="Where to write the page.")
def report(model, data, output):
    """Write a page on a saved model, to be opened in a browser.

    One HTML file with the results on the test data, what the model mixes up, and how it was
    trained.
    """
    from . import notes
    path = model
    model, noted = notes.read(path)
    data = notes.data_for(path, model, noted, data)
    importlib.import_module("nnlib.report").write(
        model, data, output, history=noted.history, settings=noted.settings, title=path.stem)
    print(f"Written to {output}; open it in a browser.")

"""The command line: what the book does in notebooks, for who would rather type a line.

=====================================================  ==========================================
``python -m nnlib train --data mnist --save m.npz``    a network learns, and is kept
``python -m nnlib evaluate m.npz``                     how well it reads what it has never seen
``python -m nnlib predict m.npz photo.jpg``            which character is on a picture
``python -m nnlib report m.npz -o report.html``        all that can be said of it, as one page
``python -m nnlib info``, ``python -m nnlib run …``    what matrix products run on, and should
``python -m nnlib.datasets``                           which data are here; ``fetch`` brings more
=====================================================  ==========================================

Each explains itself with ``--help``. They are built with click; ``program`` is the group of them.
Each is a module of its own, and imports what takes time when it runs.
"""

import click

from .. import __version__
from . import evaluate, machine, predict, report, train
from .base import SETTINGS, Commands

EXAMPLES = """\b
Examples:
  python -m nnlib train --save model.npz
      small digits, which need no download: a network in a few seconds
  python -m nnlib train --data mnist --hidden 256 128 --epochs 10 --save digits.npz
      MNIST, 60,000 handwritten digits (12 MB, downloaded once)
  python -m nnlib evaluate digits.npz
      how well it reads digits that it has never seen, and which it mixes up
  python -m nnlib predict digits.npz photo.jpg --show
      which digit is on a photograph, and what the network saw of it

"python -m nnlib COMMAND --help" explains a command and all of its options.
"""


@click.group(cls=Commands, context_settings=SETTINGS, epilog=EXAMPLES)
@click.version_option(__version__, message="nnlib %(version)s")
def program():
    """Train a neural network to read handwriting, test it, and show it pictures.

    The networks are those of the book From Spirals to Script, written in NumPy.
    """


for command in (train.train, evaluate.evaluate, predict.predict, report.report, machine.info,
                machine.run):
    program.add_command(command)

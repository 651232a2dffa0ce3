"""The command ``evaluate``: how well a saved model reads what it has never seen."""

from pathlib import Path

import click
import numpy as np

from .base import SETTINGS
from .sets import NAMES

PAIRS = 8                                   # the worst to show


@click.command(context_settings=SETTINGS, epilog="""\b
Examples:
  python -m nnlib evaluate model.npz
  python -m nnlib evaluate mnist.npz --data emnist-mnist
""")
@click.argument("model", metavar="MODEL.npz", type=click.Path(path_type=Path))
@click.option("--data", type=click.Choice(NAMES), metavar="NAME",
              help="Other data to test on, of the same size and classes; \"python -m nnlib train "
                   "--help\" lists the names.  [default: the test part of what it learnt from]")
def evaluate(model, data):
    """Test a saved model on data that it has not learnt from.

    Prints the loss (mean surprise, in nats), the accuracy, the macro F1 (the mean over the classes
    of how well each is found and not overcalled), how often the right answer is among the three
    most probable, and which classes are taken for which most often.
    """
    from .. import metrics
    from . import notes
    path = model
    model, noted = notes.read(path)
    data = notes.data_for(path, model, noted, data)
    X, y = data.X_test.reshape(len(data.X_test), -1), data.y_test
    p = model.predict_proba(X)                                  # (n, k)
    taken = p.argmax(axis=1)                                    # (n,)
    rows = {
        "data": f"{data.name}, {len(y):,} to test on",
        "loss": f"{model.evaluate(X, y)['loss']:.4f} nats",
        "accuracy": f"{100 * metrics.accuracy(taken, y):.2f} %",
        "macro F1": f"{100 * metrics.precision_recall_f1(taken, y)[2]:.2f} %",
        "top 3": f"{100 * metrics.top_k_accuracy(p, y, k=min(3, p.shape[1])):.2f} %",
    }
    for name, value in rows.items():
        print(f"{name:10}{value}")
    C = metrics.confusion_matrix(taken, y, len(data.classes))                      # (k, k)
    actual = C.sum(axis=1)
    np.fill_diagonal(C, 0)
    # a pair of the same count stays in the order of the classes
    worst = [divmod(int(cell), len(C)) for cell in np.argsort(-C, axis=None, kind="stable")]
    worst = [(i, j) for i, j in worst[:PAIRS] if C[i, j]]
    if worst:
        print("Most often confused:")
    for i, j in worst:
        print(f"  {data.classes[i]} taken for {data.classes[j]}: {C[i, j]:,} of {actual[i]:,}, "
              f"{100 * C[i, j] / actual[i]:.1f} %")

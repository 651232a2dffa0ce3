"""Train chapter 15's network on official splits of EMNIST and keep what it scores.

``python tools/official.py balanced bymerge`` writes ``book/official_splits.json``, from which the
page "Official splits" takes its table. The images have to be here already
(``python -m nnlib.datasets fetch emnist-balanced emnist-bymerge``). The publishing workflow runs
it; the file is never committed.
"""

import argparse
import json
import math
import sys
from pathlib import Path

import numpy as np

from nnlib import __version__, blas, datasets
from nnlib.commands import recipe
from nnlib.metrics import precision_recall_f1, top_k_accuracy

RESULTS = Path(__file__).resolve().parents[1] / "book" / "official_splits.json"
SPLITS = ("balanced", "bymerge", "letters", "digits", "mnist")
EPOCHS, BATCH = 10, 128


def network(k, rng):
    """Return chapter 15's network for k classes."""
    return recipe.build((28, 28), k, hidden=(512, 256), l2=0.0, dropout=0.1, batch_norm=False,
                        is_bytes=True, rng=rng)


def measure(data, *, epochs=EPOCHS, seed=0):
    """Train on all images to learn from; return sizes and scores on the test images, by name."""
    X, y, X_test, y_test = data.arrays
    X, X_test = (images.reshape(len(images), -1) for images in (X, X_test))         # (n, 784)
    rng = np.random.default_rng(seed)
    model = network(len(data.classes), rng)
    steps = epochs * math.ceil(len(X) / BATCH)
    optimizer = recipe.optimize("adamw", lr=0.001, schedule="cosine", weight_decay=0.1,
                                steps=steps)
    model.fit(X, y, epochs=epochs, batch_size=BATCH, optimizer=optimizer, rng=rng)
    p = model.predict_proba(X_test)                             # (n, k)
    return {"train": len(X), "test": len(X_test), **model.evaluate(X_test, y_test),
            "macro_f1": precision_recall_f1(p.argmax(axis=1), y_test)[2],
            "top_3": top_k_accuracy(p, y_test, 3)}


def made_with():
    """Return what computes here, in words."""
    found = blas.library()
    return (f"nnlib {__version__}, NumPy {np.__version__}, {found.name} "
            f"({found.kernel or 'its own kernel'})")


def main():
    """Measure the splits that the command line names, beside those measured before."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("split", nargs="+", choices=SPLITS)
    splits = json.loads(RESULTS.read_text(encoding="utf-8"))["splits"] if RESULTS.is_file() else {}
    for name in parser.parse_args().split:
        if not datasets.is_here(f"emnist-{name}"):
            sys.exit(f"EMNIST {name} is not here: python -m nnlib.datasets fetch emnist-{name}")
        print(f"training on {name} ...", flush=True)
        splits[f"EMNIST {name}"] = measure(datasets.emnist(name))
    text = json.dumps({"splits": splits, "with": made_with()}, indent=1)
    RESULTS.write_text(f"{text}\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()

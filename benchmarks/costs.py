"""What nnlib costs beside its steps: fit around them, its import, the memory of a long run.

``python -m benchmarks.costs fit wide`` prints the time of fit ÷ that of the bare steps of the
same batches, ``import`` the milliseconds that nnlib adds to NumPy's import, ``memory`` the peak
bytes of training on 700,000 images.
"""

import os
import statistics
import subprocess
import sys
import time

import numpy as np

from .nets import NETS, batch
from .peers import build, keep_to_two_cores

BATCHES = 20                                # an epoch: shuffling and gathering count
ROUNDS = 31
IMAGES, PIXELS, CLASSES = 700_000, 784, 47
IMPORT = """
import time
import numpy
start = time.perf_counter()
import nnlib
print(1e3 * (time.perf_counter() - start))
"""


class Watched:
    """A stream that says it is a terminal, so that fit draws its progress bar, unseen."""

    def __init__(self, stream):
        self.stream = stream

    def __getattr__(self, name):
        """Be the stream in all other respects."""
        return getattr(self.stream, name)

    def isatty(self):
        """Say that somebody watches."""
        return True


def fit(key, *, rounds=ROUNDS, seconds=0.1):
    """Return the time of fit ÷ that of as many bare steps, the median of several rounds.

    fit shuffles, gathers, keeps the history of loss and accuracy and draws its bar; the
    bare steps find the same batches cut and waiting.
    """
    net = NETS[key]
    model, optimizer = build(net)
    X, y = batch(net, BATCHES * net.n)
    parts = [(X[i:i + net.n].copy(), y[i:i + net.n].copy()) for i in range(0, len(X), net.n)]

    def bare(epochs):
        for _ in range(epochs):
            for x, targets in parts:
                model.train_step(x, targets, optimizer)

    def fitted(epochs):
        model.fit(X, y, epochs=epochs, batch_size=net.n, optimizer=optimizer, rng=0)

    def timed(task, epochs):
        start = time.perf_counter()
        task(epochs)
        return time.perf_counter() - start

    os.environ.pop("TQDM_DISABLE", None)
    stderr = sys.stderr
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        sys.stderr = Watched(nowhere)
        try:
            timed(fitted, 1)
            epochs = max(1, round(seconds / timed(bare, 1)))
            ratios = [timed(fitted, epochs) / timed(bare, epochs) for _ in range(rounds)]
        finally:
            sys.stderr = stderr
    return statistics.median(ratios)


def imported(*, rounds=ROUNDS):
    """Return the milliseconds that nnlib takes to import after NumPy, in fresh processes."""
    times = [float(subprocess.run([sys.executable, "-c", IMPORT], capture_output=True,
                                  check=True).stdout) for _ in range(rounds)]
    return statistics.median(times)


def memory(*, images=IMAGES):
    """Return the peak bytes of this process after an epoch on so many uint8 images.

    The images stay uint8; each batch is scaled by the first layer.
    """
    import resource

    from nnlib import Rescaling
    rng = np.random.default_rng(0)
    X = rng.integers(256, size=(images, PIXELS), dtype=np.uint8)
    y = rng.integers(CLASSES, size=images)
    net = NETS["batch"]
    model, optimizer = build(net, Rescaling(1 / 255))
    model.fit(X, y, epochs=1, batch_size=net.n, optimizer=optimizer, rng=0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024)     # elsewhere it is in KiB


def main(what, *arguments):
    """Print one figure."""
    keep_to_two_cores()
    print({"fit": fit, "import": imported, "memory": memory}[what](*arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])

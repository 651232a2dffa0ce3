"""How much a training step costs beside the matrix products that it cannot do without.

Three things are timed in turn, in one process, so that a drifting machine hits all of them:
the bare products of a step (forward, and backward for weights and inputs), ``train_step``,
and ``fit`` for as many steps. What is printed are ratios of medians.
"""

import platform
import statistics
import time
from itertools import pairwise

import numpy as np

from nnlib import Adam, CategoricalCrossEntropy, Dense, Model, ReLU, Softmax

ROUNDS = 15
NETS = {
    # widths, rows in a step, steps in a timing
    "spiral 2-64-3, n = 300": ((2, 64, 3), 300, 400),
    "784-256-128-64-32-10, n = 128": ((784, 256, 128, 64, 32, 10), 128, 40),
}


def build(widths):
    """Return a classifier with ReLU between its dense layers."""
    layers = []
    for n_in, n_out in pairwise(widths):
        layers += [Dense(n_in, n_out, rng=0), ReLU()]
    return Model([*layers[:-1], Softmax()], loss=CategoricalCrossEntropy())


def products(model, n):
    """Return a function that does a step's matrix products and nothing else."""
    rng = np.random.default_rng(0)
    weights = [layer.W for layer in model.layers if layer.params]
    pairs = [(rng.random((n, W.shape[0]), np.float32), rng.random((n, W.shape[1]), np.float32))
             for W in weights]

    def step():
        for i, (W, (x, dz)) in enumerate(zip(weights, pairs, strict=True)):
            x @ W
            x.T @ dz
            if i:                               # nobody asks for the gradient of the data
                dz @ W.T

    return step


def measure(widths, n, steps):
    """Return median seconds a step of: products, train_step, fit."""
    model = build(widths)
    rng = np.random.default_rng(1)
    X = rng.random((n, widths[0]), np.float32)          # (n, n_in)
    y = rng.integers(widths[-1], size=n)                # (n,)
    bare, optimizer = products(model, n), Adam(1e-4)
    tasks = (lambda: [bare() for _ in range(steps)],
             lambda: [model.train_step(X, y, optimizer) for _ in range(steps)],
             lambda: model.fit(X, y, epochs=steps, optimizer=optimizer, log_every=steps))
    seconds = [[] for _ in tasks]
    for _ in range(ROUNDS):
        for task, times in zip(tasks, seconds, strict=True):
            start = time.perf_counter()
            task()
            times.append((time.perf_counter() - start) / steps)
    return [statistics.median(times) for times in seconds]


def main():
    """Print a table of ratios."""
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}")
    print(f"{'':32}{'step / products':>16}{'fit / step':>12}")
    for name, (widths, n, steps) in NETS.items():
        bare, step, fit = measure(widths, n, steps)
        print(f"{name:32}{step / bare:16.2f}{fit / step:12.2f}")


if __name__ == "__main__":
    main()

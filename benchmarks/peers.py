"""The peers: each takes the same step of Adam on the same net, batch and first weights.

``steps(k)`` takes k steps and returns the last one's loss. Each peer imports its package when
it is made, so that a process that times one holds no other's threads:

    python -m benchmarks.peers torch        answers "net seconds" with the seconds of a step
"""

import importlib.util
import math
import os
import sys
import time
import warnings

import numpy as np

from .nets import LR, NETS, batch, weights

THREADS = 2
# set before a peer's package is imported: all of them read one or the other
ENVIRONMENT = {**dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
                               str(THREADS)),
               "JAX_PLATFORMS": "cpu"}


class Nnlib:
    """nnlib's train_step."""

    name, package = "nnlib", "nnlib"

    def __init__(self, net):
        self.model, self.optimizer = build(net)
        self.X, self.y = batch(net)

    def steps(self, k):
        """Take k steps; return the last loss."""
        for _ in range(k):
            loss = self.model.train_step(self.X, self.y, self.optimizer)
        return loss


def build(net, *before):
    """Return nnlib's model of a net, more layers before it if given, and its optimizer."""
    from nnlib import Adam, CategoricalCrossEntropy, Dense, Model, ReLU, Softmax
    layers = list(before)
    for W, b in weights(net):
        layers += [Dense(*W.shape, rng=0), ReLU()]
        layers[-2].W, layers[-2].b = W, b
    model = Model([*layers[:-1], Softmax()], loss=CategoricalCrossEntropy())
    return model, Adam(LR)


class Torch:
    """PyTorch, eager, as its guide to performance on a CPU asks: fused Adam, gradients None."""

    name, package = "PyTorch", "torch"

    def __init__(self, net):
        import torch
        torch.set_num_threads(THREADS)
        layers = []
        for W, b in weights(net):
            layers += [torch.nn.Linear(*W.shape), torch.nn.ReLU()]
            with torch.no_grad():
                layers[-2].weight.copy_(torch.from_numpy(W.T))
                layers[-2].bias.copy_(torch.from_numpy(b))
        self.model = torch.nn.Sequential(*layers[:-1])
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=LR, fused=True)
        self.loss = torch.nn.functional.cross_entropy
        X, y = batch(net)
        self.X, self.y = torch.from_numpy(X), torch.from_numpy(y)

    def steps(self, k):
        """Take k steps; return the last loss, the one that is read."""
        for _ in range(k):
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.loss(self.model(self.X), self.y)
            loss.backward()
            self.optimizer.step()
        return loss.item()


class Jax:
    """JAX, the whole step compiled as one function that may reuse its arguments' memory."""

    name, package = "JAX", "jax"

    def __init__(self, net):
        import jax
        import jax.numpy as jnp

        def loss_of(params, X, y):
            for W, b in params[:-1]:
                X = jax.nn.relu(X @ W + b)
            W, b = params[-1]
            logs = jax.nn.log_softmax(X @ W + b)                # (n, k)
            return -jnp.take_along_axis(logs, y[:, None], axis=1).mean()

        def step(state, X, y):
            params, m, v, t = state
            loss, grad = jax.value_and_grad(loss_of)(params, X, y)
            t = t + 1
            m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, grad)
            v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, grad)
            m_share, v_share = 1 - 0.9**t, 1 - 0.999**t
            params = jax.tree.map(
                lambda p, m, v: p - LR * (m / m_share) / (jnp.sqrt(v / v_share) + 1e-8),
                params, m, v)
            return (params, m, v, t), loss

        self.step = jax.jit(step, donate_argnums=0)
        params = [(jnp.array(W), jnp.array(b)) for W, b in weights(net)]
        zeros = [jax.tree.map(jnp.zeros_like, params) for _ in "mv"]
        self.state = params, *zeros, jnp.array(0.0)
        self.X, self.y = map(jnp.asarray, batch(net))

    def steps(self, k):
        """Take k steps, waiting for the last alone; return its loss."""
        for _ in range(k):
            self.state, loss = self.step(self.state, self.X, self.y)
        return float(loss)


class Sklearn:
    """scikit-learn's MLPClassifier: fit on one batch, an epoch being a step.

    partial_fit takes one step at a call too, and checks its arguments each time; in fit that
    cost is shared by all steps, which is the kinder measure.
    """

    name, package = "scikit-learn", "sklearn"

    def __init__(self, net):
        from sklearn.neural_network import MLPClassifier
        self.X, self.y = batch(net)
        self.model = MLPClassifier(net.widths[1:-1], alpha=0, batch_size=net.n, shuffle=False,
                                   learning_rate_init=LR, max_iter=1, warm_start=True, tol=0,
                                   n_iter_no_change=10**9, random_state=0)
        self.steps(1)                       # makes its arrays, which then take our weights
        self.model.coefs_, self.model.intercepts_ = map(list, zip(*weights(net), strict=True))
        self.model.loss_curve_.clear()

    def steps(self, k):
        """Take k steps with an optimizer of their own; return the last loss."""
        from sklearn.exceptions import ConvergenceWarning
        self.model.max_iter = k
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.model.fit(self.X, self.y)
        return self.model.loss_


class Textbook:
    """The form of textbooks, benchmarks/textbook.py."""

    name, package = "textbook form", "numpy"

    def __init__(self, net):
        from .textbook import Network
        self.network = Network(weights(net), LR)
        self.X, self.y = batch(net)

    def steps(self, k):
        """Take k steps; return the last loss."""
        for _ in range(k):
            loss = self.network.step(self.X, self.y)
        return float(loss)


class Products:
    """The matrix products of a step, forward and backward, and nothing else."""

    name, package = "bare products", "numpy"

    def __init__(self, net):
        rng = np.random.default_rng(0)
        shapes = [W.shape for W, _ in weights(net)]
        self.layers = [tuple(rng.random(shape, np.float32) for shape in (
            (net.n, n_in), (n_in, n_out), (net.n, n_out))) for n_in, n_out in shapes]

    def steps(self, k):
        """Multiply k times; there is no loss."""
        for _ in range(k):
            for i, (x, W, dz) in enumerate(self.layers):
                x @ W
                x.T @ dz
                if i:                       # nobody asks for the gradient of the data
                    dz @ W.T
        return math.nan


PEERS = {"nnlib": Nnlib, "torch": Torch, "jax": Jax, "sklearn": Sklearn,
         "textbook": Textbook, "products": Products}


def is_installed(key):
    """Say whether the package of a peer is there, without importing it."""
    return importlib.util.find_spec(PEERS[key].package) is not None


def keep_to_two_cores():
    """Give this process two cores where the system lets us, for those who count cores."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])


def seconds_a_step(peer, seconds):
    """Return the mean seconds of a step over about so many seconds, after a short warm-up."""
    start = time.perf_counter()
    peer.steps(2)
    warm = (time.perf_counter() - start) / 2
    k = max(2, round(seconds / max(warm, 1e-6)))
    start = time.perf_counter()
    peer.steps(k)
    return (time.perf_counter() - start) / k


def main(key):
    """Answer each line "net seconds" until there are no more."""
    keep_to_two_cores()
    peers = {}
    for line in sys.stdin:
        name, seconds = line.split()
        if name not in peers:
            peers[name] = PEERS[key](NETS[name])
            peers[name].steps(5)            # compiles, allocates, wakes the threads
        print(seconds_a_step(peers[name], float(seconds)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])

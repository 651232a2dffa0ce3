"""Every gradient against central differences, in float64.

Protects from what still trains but is wrong: a sign, a missing 1/n, a transposed matrix, a
mask that is always true, a bias gradient that is not summed.
"""

import numpy as np
import pytest

from nnlib import CategoricalCrossEntropy, Dense, Model, ReLU, Softmax
from tests.nnlib.nets import data, net

STEP = 1e-5


def slopes(function, x):
    """The gradient of a function of the array x by central differences, all coordinates."""
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        kept = x[place]
        x[place] = kept + STEP
        above = function()
        x[place] = kept - STEP
        below = function()
        x[place] = kept
        gradient[place] = (above - below) / (2 * STEP)
    return gradient


def relative_error(a, b):
    return np.linalg.norm(a - b) / max(np.linalg.norm(a), np.linalg.norm(b), 1e-300)


def away_from_zero(x, margin=0.05):
    """Move numbers out of the way of ReLU's kink, further than STEP can reach."""
    return x + np.where(x >= 0, margin, -margin)


@pytest.mark.parametrize("layer", [Dense(4, 3, rng=0, dtype=np.float64), ReLU(), Softmax()],
                         ids=repr)
def test_layer_for_its_input_and_parameters(layer):
    rng = np.random.default_rng(1)
    x = away_from_zero(rng.standard_normal((5, 4)))
    weights = rng.standard_normal(layer.forward(x).shape)       # a loss of their own each

    def loss():
        return float((weights * layer.forward(x)).sum())

    layer.forward(x, training=True)
    dx = layer.backward(weights)
    assert relative_error(dx, slopes(loss, x)) < 1e-7
    for name in layer.params:
        assert relative_error(getattr(layer, f"d{name}"),
                              slopes(loss, getattr(layer, name))) < 1e-7


@pytest.mark.parametrize("from_scores", [True, False])
def test_cross_entropy_for_its_output(from_scores):
    rng = np.random.default_rng(2)
    output = rng.standard_normal((6, 3))
    if not from_scores:
        output = Softmax().forward(output)
    y = rng.integers(3, size=6)
    loss = CategoricalCrossEntropy()

    def value():
        return loss.forward(output, y, from_scores=from_scores)

    expected = slopes(value, output)
    value()
    assert relative_error(loss.backward(), expected) < 1e-7


def kink_free(model, X):
    """Say whether every ReLU's input stays further from 0 than a step can move it."""
    x = X
    for layer in model.layers:
        if isinstance(layer, ReLU) and np.abs(x).min() < 100 * STEP:
            return False
        x = layer.forward(x)
    return True


@pytest.mark.parametrize("widths", [(2, 3), (2, 8, 3), (3, 7, 5, 4), (2, 6, 6, 6, 6, 3)], ids=str)
def test_whole_nets(widths):
    for seed in range(100):
        model = net(widths, seed=seed, dtype=np.float64)
        X, y = data(12, widths[0], widths[-1], seed=seed)
        if kink_free(model, X):
            break
    else:
        pytest.fail("no net without a kink nearby was found")
    expected = slopes(lambda: model.evaluate(X, y)["loss"], model.theta)
    _, gradient = model.loss_and_gradient(X, y)
    assert relative_error(gradient, expected) < 1e-7


def test_an_unjoined_loss_gives_the_gradient_of_the_joined_one():
    """Softmax taken for any layer, then cross-entropy of probabilities: the general path."""

    class OtherSoftmax(Softmax):
        """No longer the canonical one: whoever overrides a method must be heard."""

    X, y = data(12)
    joined = net(dtype=np.float64)
    dense = [Dense(2, 8, dtype=np.float64), Dense(8, 3, dtype=np.float64)]
    general = Model([dense[0], ReLU(), dense[1], OtherSoftmax()],
                    loss=CategoricalCrossEntropy())
    general.theta[:] = joined.theta
    loss, gradient = joined.loss_and_gradient(X, y)
    general_loss, general_gradient = general.loss_and_gradient(X, y)
    assert general_loss == pytest.approx(loss, rel=1e-12)
    assert relative_error(general_gradient, gradient) < 1e-12


def test_log_loss_does_not_saturate():
    """A clip at 1e-7 would stop it at 16.118 and let the gradient vanish."""
    loss = CategoricalCrossEntropy()
    assert loss.forward(np.array([[0.0, 1000.0]]), np.array([0]), from_scores=True) == 1000
    assert np.array_equal(loss.backward(), [[-1, 1]])
    assert loss.forward(np.array([[1e-30, 1.0]]), np.array([0])) == pytest.approx(69.0776)
    assert loss.forward(np.array([[0.0, 1.0]]), np.array([0])) == np.inf


def test_what_a_layer_gave_may_be_changed_before_backward():
    """ReLU remembers where it was active, not the array that it handed out."""
    layer = ReLU()
    a = layer.forward(np.array([[-1.0, 1.0]]), training=True)
    a += 5
    assert np.array_equal(layer.backward(np.ones((1, 2))), [[0, 1]])


def test_softmax_does_not_overflow():
    p = Softmax().forward(np.array([[1000.0, 0.0, -1000.0], [-1e4, -1e4, -1e4]]))
    assert np.allclose(p, [[1, 0, 0], [1 / 3, 1 / 3, 1 / 3]])

"""Every gradient against central differences, in float64.

Protects from what still trains but is wrong: a sign, a missing 1/n, a transposed matrix, a
mask that is always true or forgotten, a bias gradient that is not summed.
"""

from itertools import pairwise

import numpy as np
import pytest

import nnlib
from nnlib import (
    BatchNorm,
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Dense,
    Dropout,
    Layer,
    LeakyReLU,
    Linear,
    Loss,
    MeanAbsoluteError,
    MeanSquaredError,
    Model,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    checks,
    datasets,
)
from tests.nnlib.nets import LOSSES, all_in_one, data, net, parts, targets

STEP = 1e-5
LAYERS = parts()
BENT = (ReLU, LeakyReLU)                                        # slopes jump at 0


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
    return np.linalg.norm(a - b) / max(np.linalg.norm(a), np.linalg.norm(b), 1e-3)


def away_from_zero(x, margin=0.05):
    """Move numbers out of the way of ReLU's kink, further than STEP can reach."""
    return x + np.where(x >= 0, margin, -margin)


def same_masks(layer):
    """Return a function that makes the next forward draw the masks of the first again."""
    if not hasattr(layer, "rng"):
        return lambda: None
    state = layer.rng.bit_generator.state
    return lambda: setattr(layer.rng.bit_generator, "state", state)


def test_every_layer_and_every_loss_is_tried_here():
    kinds = {kind for kind in vars(nnlib).values() if isinstance(kind, type)}
    assert {kind for kind in kinds if issubclass(kind, Layer)} - {Layer} == set(map(type, LAYERS))
    assert {kind for kind in kinds if issubclass(kind, Loss)} - {Loss} == set(LOSSES)


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_layer_for_its_input_and_parameters(layer):
    rng = np.random.default_rng(1)
    x = away_from_zero(rng.standard_normal((5, 4)))
    rewind = same_masks(layer)
    for name in (*layer.params, *layer.buffers):                # no round numbers
        setattr(layer, name, rng.uniform(0.5, 2, getattr(layer, name).shape))
    rewind()
    weights = rng.standard_normal(layer.forward(x, training=True).shape)

    def loss():                                                 # one of its own each
        rewind()
        return float((weights * layer.forward(x, training=True)).sum())

    loss()
    dx = layer.backward(weights)
    assert relative_error(dx, slopes(loss, x)) < 1e-7
    for name in layer.params:
        found = getattr(layer, f"d{name}").copy()
        assert relative_error(found, slopes(loss, getattr(layer, name))) < 1e-7
    if layer.params:                                            # and the same without dx
        loss()
        layer.backward(weights)
        found = {name: getattr(layer, f"d{name}").copy() for name in layer.params}
        for name in layer.params:
            setattr(layer, f"d{name}", np.full_like(found[name], np.nan))
        assert layer.backward(weights, need_dx=False) is None
        for name in layer.params:
            assert np.array_equal(getattr(layer, f"d{name}"), found[name])


@pytest.mark.parametrize("which", ["l1", "l2", "bias_l1", "bias_l2"])
def test_each_penalty_alone(which):
    layer = Dense(4, 3, rng=0, dtype=np.float64, **{which: 0.7})
    layer.b = np.random.default_rng(1).standard_normal(3)
    layer.dW, layer.db = np.ones((4, 3)), np.ones(3)            # from backward, to be kept

    def penalty():
        total = 0.7 * np.abs(layer.b if "bias" in which else layer.W)
        return float((total if which.endswith("l1") else total**2 / 0.7).sum())

    assert layer.penalize() == pytest.approx(penalty())
    for name in layer.params:
        assert relative_error(getattr(layer, f"d{name}") - 1,
                              slopes(penalty, getattr(layer, name))) < 1e-7


def test_a_weight_of_0_is_left_alone_by_l1():
    layer = Dense(2, 2, l1=1.0, init="zeros")
    layer.W = [[0, 1], [-1, 0]]
    layer.penalize()
    assert np.array_equal(layer.dW, [[0, 1], [-1, 0]])


@pytest.mark.parametrize("width", [1, 3])
@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("from_scores", [True, False])
def test_loss_for_its_output(kind, width, from_scores):
    loss, rng = kind(), np.random.default_rng(2)
    output = rng.standard_normal((6, width))
    if not from_scores and loss.canonical is not Linear:
        output = loss.canonical().forward(output)
    y = targets(loss, 6, width)

    def value():
        return loss.forward(output, y, from_scores=from_scores)

    expected = slopes(value, output)
    value()
    assert relative_error(loss.backward(), expected) < 1e-7


def kink_free(model, X, y):
    """Say whether all that has a bend stays further from it than a step can move it."""
    x = X
    for layer in model.layers:
        if isinstance(layer, BENT) and np.abs(x).min() < 100 * STEP:
            return False
        x = layer.forward(x, training=True)
    return not isinstance(model.loss, MeanAbsoluteError) or np.abs(x - y).min() > 100 * STEP


def smooth_case(build):
    """Return the first model, X, y of build(0), build(1), … whose kinks are all far away."""
    for seed in range(200):
        model, X, y = build(seed)
        if kink_free(checks.in_float64(model), X, y):
            return model, X, y
    raise AssertionError("no net without a kink nearby was found")


def against_differences(model, X, y):
    """Return the relative error of a float64 model's gradient over all coordinates."""
    rewinds = [same_masks(layer) for layer in model.layers]

    def loss():
        for rewind in rewinds:
            rewind()
        return model.loss_and_gradient(X, y)[0]

    loss()
    found = model.grad.copy()
    return relative_error(found, slopes(loss, model.theta))


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("last", [layer for layer in LAYERS if not layer.params], ids=repr)
def test_every_last_layer_with_every_loss(last, kind):
    """Canonical pairs are joined, all others take the general path."""
    loss = kind()

    def build(seed):
        rng = np.random.default_rng(seed)
        layers = [Dense(3, 5, rng=rng, dtype=np.float64), Tanh(),
                  Dense(5, 4, rng=rng, dtype=np.float64), type(last).from_config(last.config())]
        X = rng.standard_normal((7, 3))
        return Model(layers, loss=loss), X, targets(loss, 7, 4, seed=seed)

    model, X, y = smooth_case(build)
    probabilities = isinstance(last, Sigmoid | Softmax)
    if issubclass(kind, BinaryCrossEntropy | CategoricalCrossEntropy) and not probabilities:
        with pytest.raises(ValueError, match="expected probabilities from 0 to 1"):
            model.loss_and_gradient(X * 100, y)
    elif kind is CategoricalCrossEntropy and isinstance(last, Sigmoid):
        with pytest.raises(ValueError, match="rows of probabilities that sum to 1"):
            model.loss_and_gradient(X, y)
    else:
        assert model._fused == (type(last) is kind.canonical)
        assert against_differences(model, X, y) < 1e-7


@pytest.mark.parametrize("widths", [(2, 3), (2, 8, 3), (3, 7, 5, 4), (2, 6, 6, 6, 6, 3)], ids=str)
def test_whole_nets(widths):
    model, X, y = smooth_case(lambda seed: (net(widths, seed=seed, dtype=np.float64),
                                            *data(12, widths[0], widths[-1], seed=seed)))
    expected = slopes(lambda: model.evaluate(X, y)["loss"], model.theta)
    _, gradient = model.loss_and_gradient(X, y)
    assert relative_error(gradient, expected) < 1e-7


def random_net(seed):
    """A net of one to five blocks of random parts, penalties among them, and its data."""
    rng = np.random.default_rng(seed)
    widths = rng.integers(2, 6, size=rng.integers(2, 7))
    layers = []
    for n_in, n_out in pairwise(widths):
        penalties = rng.choice([0, 0.01, 0.1], size=4)
        layers.append(Dense(int(n_in), int(n_out), rng=rng, dtype=np.float64, **dict(
            zip(("l1", "l2", "bias_l1", "bias_l2"), penalties.tolist(), strict=True))))
        layers[-1].b = rng.standard_normal(n_out)
        if rng.random() < 0.3:
            layers.append(BatchNorm(int(n_out), frozen=bool(rng.random() < 0.3),
                                    dtype=np.float64))
        layers.append([ReLU, LeakyReLU, Sigmoid, Tanh, Linear][rng.integers(5)]())
        if rng.random() < 0.3:
            layers.append(Dropout(0.2, rng=rng))
    loss = LOSSES[seed % len(LOSSES)]()
    layers.append(loss.canonical())
    n = int(rng.integers(3, 9))
    X = rng.standard_normal((n, int(widths[0])))
    return Model(layers, loss=loss), X, targets(loss, n, int(widths[-1]), seed=seed)


@pytest.mark.parametrize("seed", range(24))
def test_nets_of_random_depth_and_parts(seed):
    model, X, y = smooth_case(lambda extra: random_net(seed + 1000 * extra))
    assert against_differences(model, X, y) < 1e-7


def test_an_unjoined_loss_gives_the_gradient_of_the_joined_one():
    """Softmax taken for any layer, then cross-entropy of probabilities: the general path."""
    class OtherSoftmax(Softmax):
        pass

    X, y = data()
    joined = net(dtype=np.float64)
    dense = [Dense(2, 8, dtype=np.float64), Dense(8, 3, dtype=np.float64)]
    general = Model([dense[0], ReLU(), dense[1], OtherSoftmax()],
                    loss=CategoricalCrossEntropy())
    general.theta[:] = joined.theta
    loss, gradient = joined.loss_and_gradient(X, y)
    general_loss, general_gradient = general.loss_and_gradient(X, y)
    assert general_loss == pytest.approx(loss, rel=1e-12)
    assert relative_error(general_gradient, gradient) < 1e-12


def test_canonical_pairs_give_prediction_minus_target():
    z, rng = np.random.default_rng(0).standard_normal((5, 3)), np.random.default_rng(1)
    y = rng.integers(3, size=5)
    loss = CategoricalCrossEntropy()
    loss.forward(z, y, from_scores=True)
    assert np.allclose(loss.backward(), (Softmax().forward(z) - np.eye(3)[y]) / 5, rtol=1e-12)
    Y = rng.integers(2, size=(5, 3))
    loss = BinaryCrossEntropy()
    loss.forward(z, Y, from_scores=True)
    assert np.allclose(loss.backward(), (Sigmoid().forward(z) - Y) / 15, rtol=1e-12)
    loss = MeanSquaredError()
    loss.forward(z, Y)
    assert np.allclose(loss.backward(), 2 * (z - Y) / 15, rtol=1e-12)


def test_log_loss_does_not_saturate():
    """A clip at 1e-7 would stop it at 16.118 and let the gradient vanish."""
    loss = CategoricalCrossEntropy()
    assert loss.forward(np.array([[0.0, 1000.0]]), np.array([0]), from_scores=True) == 1000
    assert np.array_equal(loss.backward(), [[-1, 1]])
    assert loss.forward(np.array([[1e-30, 1.0]]), np.array([0])) == pytest.approx(69.0776)
    assert loss.forward(np.array([[0.0, 1.0]]), np.array([0])) == np.inf
    loss = BinaryCrossEntropy()
    assert loss.forward(np.array([[-1000.0]]), np.array([1]), from_scores=True) == 1000
    assert np.array_equal(loss.backward(), [[-1]])
    assert loss.forward(np.array([[1000.0]]), np.array([0]), from_scores=True) == 1000
    assert loss.forward(np.array([[0.0]]), np.array([1])) == np.inf
    assert loss.forward(np.array([[0.0]]), np.array([0])) == 0
    assert np.array_equal(loss.backward(), [[1]])


@pytest.mark.parametrize("layer", [layer for layer in LAYERS if not layer.params], ids=repr)
def test_what_a_layer_gave_may_be_changed_before_backward(layer):
    """A layer remembers what it needs, not the array that it handed out."""
    x, rewind = np.random.default_rng(0).standard_normal((3, 4)), same_masks(layer)
    layer.forward(x, training=True)
    expected = layer.backward(np.ones((3, 4)))
    rewind()
    a = layer.forward(x.copy(), training=True)
    a += 5
    assert np.array_equal(layer.backward(np.ones((3, 4))), expected)


def test_nothing_overflows():
    extreme = np.array([[1000.0, 0.0, -1000.0], [-1e4, -1e4, -1e4]])
    assert np.allclose(Softmax().forward(extreme), [[1, 0, 0], [1 / 3, 1 / 3, 1 / 3]])
    assert np.array_equal(Sigmoid().forward(extreme), [[1, 0.5, 0], [0, 0, 0]])
    assert np.array_equal(Tanh().forward(extreme), [[1, 0, -1], [-1, -1, -1]])


# The public gradient check ------------------------------------------------------------------


def test_gradient_check_passes_right_nets_and_changes_nothing():
    model = all_in_one()
    X, y = data(12)
    theta, masks = model.theta.copy(), model.layers[4].rng.bit_generator.state
    running = model.layers[2].running_mean.copy()
    check = checks.gradient_check(model, X, y)
    assert check.passed
    assert max(row.error for row in check.rows) < 1e-7
    assert np.array_equal(model.theta, theta)
    assert model.theta.dtype == np.float32
    assert model.layers[4].rng.bit_generator.state == masks
    assert np.array_equal(model.layers[2].running_mean, running)


def test_gradient_check_reads_like_a_table():
    check = checks.gradient_check(net(), *data(6))
    assert str(check).splitlines() == [
        "layer                            gradient   tried    relative error",
        "0 Dense(2, 8, dtype='float64')   dW         all 16   ≤ 1e-07          right",
        "2 Dense(8, 3, dtype='float64')   dW         all 24   ≤ 1e-07          right",
        "0 Dense(2, 8, dtype='float64')   db         all 8    ≤ 1e-07          right",
        "2 Dense(8, 3, dtype='float64')   db         all 3    ≤ 1e-07          right"]
    assert repr(check) == str(check)


class Forgetful(Dense):
    """A Dense whose bias gradient is not summed but averaged: a classic."""

    def backward(self, dz, *, need_dx=True):
        dx = super().backward(dz, need_dx=need_dx)
        self.db /= len(dz)
        return dx


def test_gradient_check_finds_what_is_wrong_and_says_where():
    check = checks.gradient_check(
        Model([Dense(2, 8, rng=0), ReLU(), Forgetful(8, 3, rng=1), Softmax()],
              loss=CategoricalCrossEntropy()), *data(12))
    assert not check.passed
    assert [(row.layer[:1], row.name) for row in check.rows
            if row.error > 1e-7] == [("2", "b")]
    assert str(check).count("WRONG") == 1
    assert "= 9e-01" in str(check)


def test_gradient_check_takes_directions_through_large_nets():
    model = net((30, 40, 40, 3))
    check = checks.gradient_check(model, *data(12, 30))
    assert check.passed
    assert [row.tried for row in check.rows] == ["20 directions"] * 6
    wrong = Model([Forgetful(30, 40, rng=0), ReLU(), Dense(40, 3, rng=1), Softmax()],
                  loss=CategoricalCrossEntropy())
    assert not checks.gradient_check(wrong, *data(12, 30)).passed


class Hoarder(Dense):
    """A Dense that adds each gradient to the one before."""

    def backward(self, dz, *, need_dx=True):
        kept = self.dW.copy()
        dx = super().backward(dz, need_dx=need_dx)
        self.dW += kept
        return dx


def test_gradient_check_finds_gradients_that_accumulate():
    model = Model([Dense(2, 3, rng=0), Tanh(), Hoarder(3, 3, rng=1), Softmax()],
                  loss=CategoricalCrossEntropy())
    assert not checks.gradient_check(model, *data(6)).passed


def test_gradient_check_at_a_bend():
    """Every spiral starts at (0, 0), where the first layer's ReLUs stand at their bend."""
    X, y = datasets.spiral(10, rng=0)
    check = checks.gradient_check(net((2, 8, 3), seed=0), X[:20], y[:20])
    assert check.passed
    flat = Model([Dense(2, 8, rng=0), ReLU(), Dense(8, 3, rng=1), Softmax()],
                 loss=CategoricalCrossEntropy())
    check = checks.gradient_check(flat, X[:20], y[:20])
    assert check.passed
    assert "right, 8 at a bend" in str(check)
    wrong = Model([Dense(2, 8, rng=0), ReLU(), Forgetful(8, 3, rng=1), Softmax()],
                  loss=CategoricalCrossEntropy())
    assert not checks.gradient_check(wrong, X[:20], y[:20]).passed


def test_gradient_check_beside_the_bend_of_l1():
    model = Model([Dense(2, 3, l1=0.5, rng=0, dtype=np.float64), Softmax()],
                  loss=CategoricalCrossEntropy())
    model.theta[0] = 1e-8
    assert checks.gradient_check(model, *data(6)).passed


def test_gradient_check_of_a_large_loss_says_how_far_it_can_see():
    def check(kind):
        model = Model([kind(2, 1, rng=0), Linear()], loss=MeanSquaredError())
        X, _ = data(12)
        return checks.gradient_check(model, X, 2e5 + 1e4 * X[:, 0])

    assert check(Dense).passed
    assert 1e-7 < check(Dense).rows[0].bound < 1e-3
    assert not check(Forgetful).passed


def test_gradient_check_does_not_call_nothing_right():
    """Through eight squashed layers hardly anything comes back."""
    layers = []
    for i in range(8):
        layers += [Dense(3, 3, init="normal", rng=i), Sigmoid()]
    check = checks.gradient_check(Model([*layers[:-1], Softmax()],
                                        loss=CategoricalCrossEntropy()), *data(6, 3))
    assert check.passed
    assert "too small to tell" in {row.verdict for row in check.rows}


def test_gradient_check_gets_past_a_bend():
    """A ReLU so near to its bend that the first step reaches across it."""
    model = Model([Dense(1, 1, init="zeros", dtype=np.float64), ReLU(),
                   Dense(1, 2, rng=0, dtype=np.float64), Softmax()],
                  loss=CategoricalCrossEntropy())
    model.layers[0].b = [1e-6]
    assert checks.gradient_check(model, [[1.0], [2.0]], [0, 1]).passed

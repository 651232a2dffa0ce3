"""Optimizers against their textbook form, written with scalars and nothing shared.

Protects from a bias correction that counts wrongly, ε on the wrong side of the root, state
on the wrong object. Five steps and several parameters: at the first step most bugs are silent.
"""

import math

import numpy as np
import pytest

from nnlib import SGD, Adam
from tests.nnlib.nets import data, net


def textbook_sgd(theta, gradients, lr):
    for g in gradients:
        theta = [t - lr(i) * gi for i, (t, gi) in enumerate(zip(theta, g, strict=True))]
    return theta


def textbook_adam(theta, gradients, rate, beta1, beta2, eps):
    m, v = [0.0] * len(theta), [0.0] * len(theta)
    for t, g in enumerate(gradients, 1):
        for i in range(len(theta)):
            m[i] = beta1 * m[i] + (1 - beta1) * g[i]
            v[i] = beta2 * v[i] + (1 - beta2) * g[i] ** 2
            m_hat = m[i] / (1 - beta1**t)
            v_hat = v[i] / (1 - beta2**t)
            theta[i] -= rate(t - 1) * m_hat / (math.sqrt(v_hat) + eps)
    return theta


START = [1.0, -2.0, 0.5, 0.0]
GRADIENTS = np.random.default_rng(0).standard_normal((6, 4)) * [1, 1e-6, 1e3, 0]


def run(optimizer):
    theta = np.array(START)
    for g in GRADIENTS:
        optimizer.step(theta, g)
    return theta


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.5, 0.7), (0.0, 0.0)])
@pytest.mark.parametrize("eps", [1e-8, 0.1])
def test_adam(betas, eps):
    expected = textbook_adam(list(START), GRADIENTS, lambda t: 0.01, *betas, eps)
    result = run(Adam(0.01, beta1=betas[0], beta2=betas[1], eps=eps))
    assert np.allclose(result, expected, rtol=1e-12, atol=0)


def test_sgd():
    expected = np.array(START)
    for g in GRADIENTS:
        expected = expected - 0.01 * g
    assert np.allclose(run(SGD(0.01)), expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_a_schedule_is_asked_once_a_step_from_0(kind):
    asked = []

    def schedule(step):
        asked.append(step)
        return 0.1 / (1 + step)

    result = run(kind(schedule))
    assert asked == [0, 1, 2, 3, 4, 5]
    if kind is Adam:
        expected = textbook_adam(list(START), GRADIENTS, lambda t: 0.1 / (1 + t),
                                 0.9, 0.999, 1e-8)
        assert np.allclose(result, expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_theta_moves_in_place_and_the_gradient_stays(kind):
    theta, g = np.ones(3), np.array([1.0, 2.0, 3.0])
    optimizer = kind(0.1)
    for _ in range(3):
        assert optimizer.step(theta, g) is None
    assert not np.array_equal(theta, np.ones(3))
    assert np.array_equal(g, [1, 2, 3])


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_float32_stays_float32(kind):
    """Under NumPy 2 a float64 scalar would turn the vectors into float64."""
    optimizer = kind(lambda step: np.float64(0.1))
    theta = np.ones(3, np.float32)
    optimizer.step(theta, np.ones(3, np.float32))
    assert all(getattr(optimizer, name).dtype == np.float32 for name in optimizer.moments)
    assert theta.dtype == np.float32


def test_a_new_optimizer_starts_fresh_on_a_trained_model():
    """State kept on layers would let it inherit another optimizer's averages."""
    X, y = data()
    trained, fresh = net(), net()
    for _ in range(3):
        trained.train_step(X, y, Adam(0.1))
    fresh.theta[:] = trained.theta
    trained.train_step(X, y, Adam(0.1))
    fresh.train_step(X, y, Adam(0.1))
    assert np.array_equal(trained.theta, fresh.theta)


def test_a_step_counts_once_for_the_whole_model():
    """Counted once a parameter, Adam's bias correction would run ahead."""
    optimizer = Adam(0.1)
    X, y = data()
    for _ in range(5):
        net().train_step(X, y, optimizer)
    assert optimizer.t == 5

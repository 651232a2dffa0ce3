"""Optimizers against their textbook form, written with scalars and nothing shared.

Protects from a bias correction that counts wrongly, ε on the wrong side of the root, state
on the wrong object. Six steps and several parameters: at the first step most bugs are silent.
"""

import copy
import math
import pickle

import numpy as np
import pytest

from nnlib import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop, schedules
from tests.nnlib.nets import data, net

START = [1.0, -2.0, 0.5, 0.0]
GRADIENTS = np.random.default_rng(0).standard_normal((6, 4)) * [1, 1e-6, 1e3, 0]
ALL = [SGD, Adagrad, RMSprop, Adam, AdamW]


def textbook(rule, rate=lambda t: 0.01):
    """Apply rule(parameter, gradients so far, lr) -> new parameter, number by number."""
    theta = list(START)
    for step in range(len(GRADIENTS)):
        for i in range(len(theta)):
            theta[i] = rule(theta[i], [float(g[i]) for g in GRADIENTS[:step + 1]], rate(step))
    return theta


def weighted(values, beta):
    """The moving average of the papers: a ← β a + (1 − β) value, from 0."""
    average = 0.0
    for value in values:
        average = beta * average + (1 - beta) * value
    return average


def adam_rule(beta1, beta2, eps, decay=0.0):
    def rule(p, g, lr):
        t = len(g)
        m_hat = weighted(g, beta1) / (1 - beta1**t)
        v_hat = weighted([x * x for x in g], beta2) / (1 - beta2**t)
        return p - lr * decay * p - lr * m_hat / (math.sqrt(v_hat) + eps)
    return rule


def momentum_rule(mu, nesterov):
    def rule(p, g, lr):
        m = 0.0
        for x in g:
            m = mu * m + x
        return p - lr * (g[-1] + mu * m if nesterov else m)
    return rule


def adagrad_rule(eps):
    return lambda p, g, lr: p - lr * g[-1] / (math.sqrt(math.fsum(x * x for x in g)) + eps)


def rmsprop_rule(rho, eps):
    return lambda p, g, lr: p - lr * g[-1] / (math.sqrt(weighted([x * x for x in g], rho)) + eps)


def cases():
    yield SGD(0.01), lambda p, g, lr: p - lr * g[-1]
    for mu in (0.5, 0.9):
        for nesterov in (False, True):
            yield SGD(0.01, momentum=mu, nesterov=nesterov), momentum_rule(mu, nesterov)
    for eps in (1e-10, 0.1):
        yield Adagrad(0.01, eps=eps), adagrad_rule(eps)
        for rho in (0.0, 0.5, 0.9):
            yield RMSprop(0.01, rho=rho, eps=eps), rmsprop_rule(rho, eps)
        for beta1, beta2 in ((0.9, 0.999), (0.5, 0.7), (0.0, 0.0)):
            settings = {"beta1": beta1, "beta2": beta2, "eps": eps}
            yield Adam(0.01, **settings), adam_rule(**settings)
            for decay in (0.0, 0.5):
                yield (AdamW(0.01, weight_decay=decay, **settings),
                       adam_rule(decay=decay, **settings))


def run(optimizer):
    theta = np.array(START)
    for g in GRADIENTS:
        optimizer.step(theta, g)
    return theta


@pytest.mark.parametrize(("optimizer", "rule"), [
    pytest.param(optimizer, rule, id=repr(optimizer)) for optimizer, rule in cases()])
def test_textbook_form(optimizer, rule):
    assert np.allclose(run(optimizer), textbook(rule), rtol=1e-12, atol=0)


@pytest.mark.parametrize("kind", ALL)
def test_a_schedule_is_asked_once_a_step_from_0(kind):
    asked = []

    def schedule(step):
        asked.append(step)
        return 0.1 / (1 + step)

    result = run(kind(schedule))
    assert asked == [0, 1, 2, 3, 4, 5]
    if kind is Adam:
        expected = textbook(adam_rule(0.9, 0.999, 1e-8), lambda t: 0.1 / (1 + t))
        assert np.allclose(result, expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("kind", ALL)
def test_theta_moves_in_place_and_the_gradient_stays(kind):
    theta, g = np.ones(3), np.array([1.0, 2.0, 3.0])
    optimizer = kind(0.1)
    for _ in range(3):
        assert optimizer.step(theta, g) is None
    assert not np.array_equal(theta, np.ones(3))
    assert np.array_equal(g, [1, 2, 3])


@pytest.mark.parametrize("optimizer", [kind(lambda step: np.float64(0.1)) for kind in ALL]
                         + [SGD(0.1, momentum=0.9, nesterov=True)],
                         ids=lambda optimizer: type(optimizer).__name__)
def test_float32_stays_float32(optimizer):
    """Under NumPy 2 a float64 scalar would turn the vectors into float64."""
    theta = np.ones(3, np.float32)
    optimizer.step(theta, np.ones(3, np.float32))
    assert all(getattr(optimizer, name).dtype == np.float32 for name in optimizer.moments)
    assert theta.dtype == np.float32


def test_weight_decay_leaves_biases_alone():
    theta = np.ones(4)
    AdamW(0.1, weight_decay=0.5).step(theta, np.zeros(4), n_decay=3)
    assert np.allclose(theta, [0.95, 0.95, 0.95, 1])
    model = net()
    model.layers[0].b = np.ones(8)
    model.loss_and_gradient = lambda x, y: (0.0, np.zeros_like(model.theta))
    before = model.theta.copy()
    model.train_step(None, None, AdamW(0.1, weight_decay=0.5))
    assert np.allclose(model.theta[:model.n_decay], 0.95 * before[:model.n_decay])
    assert np.array_equal(model.theta[model.n_decay:], before[model.n_decay:])


def test_weight_decay_shrinks_weights_to_0_at_most():
    """As one step takes lr · λ of each weight, more than all of it would change signs."""
    theta = np.array([1.0, -2.0])
    AdamW(0.5, weight_decay=2).step(theta, np.zeros(2))
    assert not theta.any()
    optimizer, theta = AdamW(lambda step: 0.5 + step, weight_decay=1), np.array([1.0, -2.0])
    optimizer.step(theta, np.zeros(2))
    with pytest.raises(ValueError, match=r"got 1.5 · 1 at step 1"):
        optimizer.step(theta, np.zeros(2))
    assert (optimizer.t, theta.tolist()) == (1, [0.5, -1.0])    # as after the first step
    optimizer = AdamW(0.5)
    optimizer.lr = 200
    with pytest.raises(ValueError, match=r"got 200 · 0.01 at step 0"):
        optimizer.step(theta, np.zeros(2))


def test_a_new_optimizer_starts_fresh_on_a_trained_model():
    """State kept on layers would let it inherit another optimizer's averages."""
    X, y = data()
    trained, fresh = net(), net()
    for _ in range(3):
        trained.train_step(X, y, Adam(0.1))
    fresh.theta[:] = trained.theta
    for model in (trained, fresh):
        optimizer = SGD(0.1, momentum=0.9)
        model.train_step(X, y, optimizer)
        model.train_step(X, y, optimizer)
    assert np.array_equal(trained.theta, fresh.theta)


def test_a_step_counts_once_for_the_whole_model():
    """Counted once a parameter, Adam's bias correction would run ahead."""
    optimizer, model = Adam(0.1), net()
    X, y = data()
    for _ in range(5):
        model.train_step(X, y, optimizer)
    assert optimizer.t == 5


def test_copies_of_an_optimizer_go_on_alone():
    """Its moments, too, are copied, and the scratch memory stays behind."""
    optimizer, theta = Adam(0.1), np.array(START)
    optimizer.step(theta, GRADIENTS[0])
    assert len(pickle.dumps(optimizer)) < 500
    thetas = [theta.copy() for _ in range(2)]
    for twin, own in zip((copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))),
                         thetas, strict=True):
        twin.step(own, GRADIENTS[1])
    optimizer.step(theta, GRADIENTS[1])
    assert all(np.array_equal(own, theta) for own in thetas)


def test_reprs_are_the_calls():
    assert repr(SGD(0.5)) == "SGD(lr=0.5, momentum=0.0, nesterov=False)"
    assert repr(Adagrad(0.5)) == "Adagrad(lr=0.5, eps=1e-10)"
    assert repr(RMSprop(0.5)) == "RMSprop(lr=0.5, rho=0.9, eps=1e-08)"
    assert repr(Adam(0.5)) == "Adam(lr=0.5, beta1=0.9, beta2=0.999, eps=1e-08)"
    assert repr(AdamW(schedules.Cosine(0.1, 10))) == (
        "AdamW(lr=Cosine(lr=0.1, steps=10, floor=0.0), beta1=0.9, beta2=0.999, eps=1e-08, "
        "weight_decay=0.01)")
    used = Adam()
    run(used)
    assert repr(used) == repr(Adam())


def test_the_protocol_alone_moves_nothing():
    with pytest.raises(NotImplementedError):
        Optimizer(0.1).step(np.ones(3), np.ones(3))


# Schedules ----------------------------------------------------------------------------------


def textbook_rates(steps):
    return {
        schedules.Constant(0.3): [0.3] * steps,
        schedules.InverseTime(0.3, 0.1): [0.3 / (1 + 0.1 * t) for t in range(steps)],
        schedules.Step(0.3, every=3, factor=0.2): [0.3 * 0.2 ** (t // 3) for t in range(steps)],
        schedules.Exponential(0.3, 0.9): [0.3 * 0.9**t for t in range(steps)],
        schedules.Cosine(0.3, 5, floor=0.1): [
            0.2 + 0.1 * math.cos(math.pi * min(t, 5) / 5) for t in range(steps)],
        schedules.Warmup(0.3, 4): [0.3 * min(t + 1, 4) / 4 for t in range(steps)],
        schedules.Warmup(schedules.Exponential(0.3, 0.9), 4): [
            0.3 * (t + 1) / 4 if t < 4 else 0.3 * 0.9 ** (t - 4) for t in range(steps)],
    }


@pytest.mark.parametrize(("schedule", "expected"), [*textbook_rates(12).items()], ids=repr)
def test_schedules(schedule, expected):
    assert [schedule(step) for step in range(12)] == pytest.approx(expected, rel=1e-12)


def test_schedules_are_values():
    """Equal by their settings, unchangeable, and their repr builds them again."""
    for schedule in textbook_rates(1):
        assert eval(repr(schedule), vars(schedules)) == schedule
        with pytest.raises(AttributeError):
            schedule.lr = 1


def test_half_the_rate_at_one_over_the_decay():
    assert schedules.InverseTime(0.05, decay=1e-3)(1000) == 0.025

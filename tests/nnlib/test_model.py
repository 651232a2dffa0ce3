"""The model: one vector, honest training, and nothing of the caller's changed."""

import copy
import pickle

import numpy as np
import pytest

import nnlib.model
from nnlib import SGD, Adam, CategoricalCrossEntropy, Dense, History, Model, Softmax, datasets
from tests.nnlib.nets import data, net


def parameters(model):
    return [(layer, name) for layer in model.layers for name in layer.params]


def same_memory(model):
    """Every W, b, dW, db is a window onto the model's own two vectors."""
    return all(np.shares_memory(getattr(layer, name), model.theta)
               and np.shares_memory(getattr(layer, f"d{name}"), model.grad)
               for layer, name in parameters(model))


def test_all_parameters_lie_in_one_vector_matrices_first():
    model = net((2, 8, 3))
    W1, b1, W2, b2 = (getattr(layer, name) for layer, name in parameters(model))
    assert same_memory(model)
    assert np.array_equal(model.theta, np.concatenate([W1, W2, b1, b2], axis=None))
    assert model.n_decay == W1.size + W2.size


def test_assigning_to_a_layer_copies_into_the_vector():
    model = net()
    model.layers[0].W = np.full((2, 8), 7.0)
    model.layers[0].b += 1
    assert same_memory(model)
    assert (model.theta[:16] == 7).all()


def test_assigning_to_theta_copies_into_the_layers():
    """A best-weights snapshot put back must reach the layers, and train on from there."""
    model = net()
    best = model.theta.copy()
    model.fit(*data(), epochs=3)
    model.theta = best
    assert same_memory(model)
    assert np.array_equal(model.layers[0].W.ravel(), best[:16])
    model.theta += 1
    model.grad = np.zeros(model.theta.size)
    assert same_memory(model)
    assert not model.layers[0].dW.any()


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy,
                                   lambda model: pickle.loads(pickle.dumps(model))])
def test_copies_are_whole_and_apart(clone):
    model = net()
    X, y = data(10_000)
    model.loss_and_gradient(X, y)
    twin = clone(model)
    assert same_memory(twin)
    assert not np.shares_memory(twin.theta, model.theta)
    assert np.array_equal(twin.theta, model.theta)
    assert np.array_equal(twin.grad, model.grad)
    before = model.theta.copy()
    twin.fit(X, y, epochs=2)
    assert np.array_equal(model.theta, before)
    assert len(pickle.dumps(model)) < 4 * 2 * 4 * model.theta.size + 2000   # no batch inside


def test_a_copied_layer_is_free_for_another_model():
    layer = copy.deepcopy(net((2, 3)).layers[0])
    assert same_memory(Model([layer, Softmax()], loss=CategoricalCrossEntropy()))


def test_a_net_of_one_layer_learns():
    X, y = data(classes=2)
    y = (X[:, 0] > 0).astype(int)
    model = net((2, 2))
    model.fit(X, y, epochs=200, optimizer=Adam(0.1))
    assert model.evaluate(X, y)["accuracy"] == 1


def test_biases_are_trained():
    model = net()
    before = model.theta[model.n_decay:].copy()
    model.fit(*data(), epochs=1)
    assert not np.isclose(model.theta[model.n_decay:], before).any()


def test_fit_is_train_step_over_the_batches():
    X, y = data(10)
    fitted, stepped = net(), net()
    fitted.fit(X, y, epochs=3, batch_size=4, optimizer=Adam(0.1), rng=5)
    optimizer, rng = Adam(0.1), np.random.default_rng(5)
    for _ in range(3):
        for rows in datasets.batches(10, 4, rng=rng):
            stepped.train_step(X[rows], y[rows], optimizer)
    assert np.array_equal(fitted.theta, stepped.theta)


def test_every_epoch_sees_every_row_in_a_new_order(monkeypatch):
    X, y = np.arange(20.0).reshape(10, 2), np.zeros(10, int)
    model, seen = net((2, 2)), []
    step = model.train_step
    monkeypatch.setattr(model, "train_step",
                        lambda x, *rest: (seen.append(x[:, 0] // 2), step(x, *rest))[1])
    model.fit(X, y, epochs=2, batch_size=4, rng=0)
    assert [len(batch) for batch in seen] == [4, 4, 2, 4, 4, 2]
    first, second = np.concatenate(seen[:3]), np.concatenate(seen[3:])
    assert sorted(first) == sorted(second) == list(range(10))
    assert not np.array_equal(first, second)
    # not only the order of batches: their contents change too
    assert {frozenset(b) for b in seen[:3]} != {frozenset(b) for b in seen[3:]}


def test_nobody_computes_the_gradient_of_the_data(monkeypatch):
    asked = []
    backward = Dense.backward
    monkeypatch.setattr(Dense, "backward", lambda layer, dz, *, need_dx=True: (
        asked.append(need_dx), backward(layer, dz, need_dx=need_dx))[1])
    net().loss_and_gradient(*data())
    assert asked == [True, False]


def test_first_weights_are_he_normal_and_differ():
    W = Dense(400, 300, rng=0).W
    assert W.std() == pytest.approx((2 / 400) ** 0.5, rel=0.02)
    assert abs(W.mean()) < 0.001
    assert not Dense(4, 3).b.any()
    assert not np.array_equal(Dense(4, 3).W, Dense(4, 3).W)     # no rng: not twice the same


def test_a_short_batch_weighs_what_it_holds():
    """Without steps that change anything, the epoch's loss is the loss over all rows."""
    X, y = data(10)
    model = net(dtype=np.float64)
    expected = model.evaluate(X, y)
    history = model.fit(X, y, epochs=1, batch_size=4, optimizer=SGD(1e-300), rng=0)
    assert history["loss"][0] == pytest.approx(expected["loss"], rel=1e-12)
    assert history["accuracy"][0] == pytest.approx(expected["accuracy"], rel=1e-12)


def test_same_rng_same_theta():
    thetas = []
    for _ in range(2):
        model = net()
        model.fit(*data(), epochs=3, batch_size=7, validation=0.2, rng=3)
        thetas.append(model.theta)
    assert np.array_equal(*thetas)


def test_validation_rows_are_not_learnt_from():
    X, y = data(30)
    by_fraction, by_hand = net(), net()
    fraction = by_fraction.fit(X, y, epochs=2, validation=0.2, rng=3)
    X_train, X_val, y_train, y_val = datasets.split(X.astype(np.float32), y, test=0.2, rng=3)
    pair = by_hand.fit(X_train, y_train, epochs=2, validation=(X_val, y_val))
    assert np.array_equal(by_fraction.theta, by_hand.theta)
    assert fraction["val_loss"] == pair["val_loss"]
    assert pair["val_accuracy"][-1] == by_hand.evaluate(X_val, y_val)["accuracy"]


def test_log_every_keeps_the_last_epoch():
    history = net().fit(*data(), epochs=7, log_every=3)
    assert history["epoch"] == [3, 6, 7]
    assert len(history["loss"]) == len(history["accuracy"]) == len(history) == 3


def test_many_rows_are_evaluated_in_chunks_that_weigh_right(monkeypatch):
    X, y = data(10)
    model = net(dtype=np.float64)
    whole, p = model.evaluate(X, y), model.predict_proba(X)
    monkeypatch.setattr(nnlib.model, "CHUNK", 4)
    assert model.evaluate(X, y) == pytest.approx(whole, rel=1e-12)
    assert np.allclose(model.predict_proba(X), p, rtol=1e-12)
    assert np.array_equal(model.predict(X), p.argmax(axis=1))


def test_probabilities_sum_to_1_and_agree_with_the_loss():
    X, y = data()
    model = net(dtype=np.float64)
    p = model.predict_proba(X)
    assert np.allclose(p.sum(axis=1), 1)
    assert model.evaluate(X, y)["loss"] == pytest.approx(-np.log(p[range(30), y]).mean())


def test_everything_is_float32_when_the_model_is():
    model = net()
    X, y = data()                                               # float64
    model.loss_and_gradient(X, y)
    assert model.theta.dtype == model.grad.dtype == np.float32
    assert all(layer._seen.dtype == np.float32 for layer in model.layers if layer.params)
    assert model.loss.backward().dtype == np.float32
    assert model.predict_proba(X).dtype == np.float32


def test_nothing_of_the_caller_changes():
    X, y = data()
    kept = X.copy(), y.copy()
    state = np.random.get_state()[1].copy()
    model = net()
    model.fit(X.astype(np.float32), y.astype(np.uint8), epochs=2, batch_size=7, rng=0)
    model.fit(X, y, epochs=2, batch_size=7, validation=0.5, rng=0)
    model.evaluate(X, y)
    model.predict(X)
    assert np.array_equal(X, kept[0])
    assert np.array_equal(y, kept[1])
    assert np.array_equal(np.random.get_state()[1], state)


def test_a_layer_does_not_change_its_arguments():
    model = net()
    x = data()[0].astype(np.float32)
    for layer in model.layers:
        kept = x.copy()
        out = layer.forward(x, training=True)
        d = np.ones_like(out)
        layer.backward(d)
        assert np.array_equal(x, kept)
        assert (d == 1).all()
        x = out


def test_divergence_stops_with_epoch_and_batch_before_the_step():
    X, y = data()
    model = net()
    with (np.errstate(all="ignore"),
          pytest.raises(FloatingPointError, match=r"epoch 1, batch 2; try a smaller learning")):
        model.fit(X, y, epochs=50, batch_size=10, optimizer=SGD(1e30), rng=0)
    assert np.isfinite(model.theta).all()                       # left for inspection


def test_divergence_in_the_last_step_is_seen_too():
    X, y = data()
    with (np.errstate(all="ignore"),
          pytest.raises(FloatingPointError, match="theta is not finite after epoch 1")):
        net().fit(X, y, epochs=1, optimizer=SGD(lambda step: 1e39))


def test_divergence_on_the_general_path():
    """NaN probabilities are divergence, not a missing Softmax."""
    class OtherSoftmax(Softmax):
        pass

    layers = [Dense(2, 3, rng=0), OtherSoftmax()]
    model = Model(layers, loss=CategoricalCrossEntropy())
    assert not model._fused
    model.theta = np.full(9, np.nan)
    with pytest.raises(FloatingPointError, match="the loss is nan"):
        model.train_step(*data(), SGD(0.1))


def test_history_tells_its_story():
    history = History()
    for epoch in range(1, 6):
        history.append(epoch=epoch, loss=1 / epoch)
    assert history.table(every=2).split() == [
        "epoch", "loss", "1", "1.000", "2", "0.500", "4", "0.250", "5", "0.200"]
    assert repr(history) == "<History of 5 rows: epoch 5, loss 0.2>"


def test_a_progress_bar_shows_only_where_a_person_watches(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.delenv("TQDM_DISABLE")
    net().fit(*data(), epochs=3)
    shown = capsys.readouterr().err
    assert "/3" in shown
    assert not shown.split("\r")[-2].strip()                    # and it leaves nothing behind
    monkeypatch.setenv("TQDM_DISABLE", "1")
    net().fit(*data(), epochs=3)
    assert not capsys.readouterr().err


def test_no_standard_error_is_no_trouble(monkeypatch):
    """Windows programs without a console have none."""
    monkeypatch.delenv("TQDM_DISABLE")
    monkeypatch.setattr("sys.stderr", None)
    net().fit(*data(), epochs=1)


def test_reprs_build_the_model_again():
    model = net((2, 8, 3))
    assert repr(model) == ("Model([Dense(2, 8), ReLU(), Dense(8, 3), Softmax()], "
                           "loss=CategoricalCrossEntropy())")
    assert repr(Dense(1, 2, dtype=np.float64)) == "Dense(1, 2, dtype='float64')"
    assert repr(Adam(0.5)) == "Adam(lr=0.5, beta1=0.9, beta2=0.999, eps=1e-08)"
    used = Adam()
    model.train_step(*data(), used)
    assert repr(used) == repr(Adam())
    assert repr(SGD(0.5)) == "SGD(lr=0.5)"

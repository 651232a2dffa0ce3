"""The model: one vector, honest training, and nothing of the caller's changed."""

import copy
import io
import pickle
import tracemalloc

import joblib
import numpy as np
import pytest

import nnlib.training
from nnlib import (
    SGD,
    Adam,
    BatchNorm,
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Dense,
    Dropout,
    History,
    LeakyReLU,
    Linear,
    MeanAbsoluteError,
    MeanSquaredError,
    Model,
    ReLU,
    Rescaling,
    Sigmoid,
    Softmax,
    datasets,
    initializers,
    vector,
)
from tests.nnlib.nets import LOSSES, all_in_one, data, net, parts, targets


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


def through_joblib(model):
    file = io.BytesIO()
    joblib.dump(model, file)
    file.seek(0)
    return joblib.load(file)


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, through_joblib,
                                   lambda model: pickle.loads(pickle.dumps(model))])
@pytest.mark.parametrize("build", [net, all_in_one])
def test_copies_are_whole_and_apart(clone, build):
    model = build()
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
    assert len(pickle.dumps(model)) < 4 * 2 * 4 * model.theta.size + 4000   # no batch inside


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
    monkeypatch.setattr(model, "train_step", lambda x, *rest, **clip: (
        seen.append(x[:, 0] // 2), step(x, *rest, **clip))[1])
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


@pytest.mark.parametrize(("init", "std"), [
    ("he", (2 / 400) ** 0.5), ("glorot", (2 / 700) ** 0.5), ("lecun", 400**-0.5),
    ("normal", 0.01), ("zeros", 0), (initializers.lecun, 400**-0.5)])
def test_first_weights_by_name(init, std):
    W = Dense(400, 300, init=init, rng=0).W
    assert W.std() == pytest.approx(std, rel=0.02)
    assert W.dtype == np.float32
    assert abs(W.mean()) < 0.001


def test_a_short_batch_weighs_what_it_holds():
    """Without steps that change anything, the epoch's loss is the loss over all rows."""
    X, y = data(10)
    model = net(dtype=np.float64)
    expected = model.evaluate(X, y)
    history = model.fit(X, y, epochs=1, batch_size=4, optimizer=SGD(1e-300), rng=0)
    assert history["loss"][0] == pytest.approx(expected["loss"], rel=1e-12)
    assert history["accuracy"][0] == pytest.approx(expected["accuracy"], rel=1e-12)


@pytest.mark.parametrize("build", [net, all_in_one])
def test_same_rng_same_theta(build):
    thetas = []
    for _ in range(2):
        model = build()
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
    monkeypatch.setattr(nnlib.training, "CHUNK", 4)
    assert model.evaluate(X, y) == pytest.approx(whole, rel=1e-12)
    assert np.allclose(model.predict_proba(X), p, rtol=1e-12)
    assert np.array_equal(model.predict(X), p.argmax(axis=1))


def test_probabilities_sum_to_1_and_agree_with_the_loss():
    X, y = data()
    model = net(dtype=np.float64)
    p = model.predict_proba(X)
    assert np.allclose(p.sum(axis=1), 1)
    assert model.evaluate(X, y)["loss"] == pytest.approx(-np.log(p[range(30), y]).mean())


def dtypes_inside(thing):
    """The dtypes of all float arrays that an object keeps, however deep in its tuples."""
    if isinstance(thing, np.ndarray):
        return {thing.dtype} if thing.dtype.kind == "f" else set()
    if isinstance(thing, tuple | list):
        return set().union(*map(dtypes_inside, thing))
    return set().union(*map(dtypes_inside, vars(thing).values())) if hasattr(
        thing, "__dict__") else set()


@pytest.mark.parametrize("dtype", ["float32", "f8", float, np.dtype("f4"), np.float64])
def test_a_dtype_by_any_of_its_names(dtype):
    assert Dense(2, 3, dtype=dtype).W.dtype == BatchNorm(2, dtype=dtype).beta.dtype == dtype
    assert Dense(2, 3).W.dtype == BatchNorm(2).beta.dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_dtype_everywhere(dtype):
    """Activations, gradients, moments, statistics: a NumPy float64 scalar would spread."""
    other = np.float64 if dtype == np.float32 else np.float32
    X, _ = data()
    for layer in parts(dtype):
        if type(layer) is Softmax:
            continue
        loss = MeanSquaredError()
        widths = layer.n_out or 4
        model = Model([Dense(2, 4, rng=0, dtype=dtype), layer,
                       Dense(widths, 3, rng=1, dtype=dtype), Linear()], loss=loss)
        optimizer = Adam(0.01)
        model.train_step(X.astype(other), targets(loss, 30, 3).astype(other), optimizer)
        kept = set().union(*map(dtypes_inside, [*model.layers, loss, optimizer]))
        assert kept == {np.dtype(dtype)}, layer
        assert model.predict(X.astype(other)).dtype == dtype
        assert loss.backward().dtype == dtype


@pytest.mark.parametrize("layer", [part for part in parts(np.float32) if part.params], ids=repr)
def test_a_float32_layer_gives_float32_whatever_comes(layer):
    for dtype in (np.float64, np.uint8):
        assert layer.forward(np.eye(4, dtype=dtype), training=True).dtype == np.float32
        assert layer.backward(np.ones((4, layer.n_out), np.float32)).dtype == np.float32


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("from_scores", [True, False])
def test_losses_keep_float32(kind, from_scores):
    loss = kind()
    loss.forward(np.full((6, 3), 1 / 3, np.float32), targets(loss, 6, 3), from_scores=from_scores)
    assert loss.backward().dtype == np.float32


@pytest.mark.parametrize("build", [net, all_in_one])
def test_nothing_of_the_caller_changes(build):
    X, y = data()
    kept = X.copy(), y.copy()
    np.random.random()                                          # no state that a seed would give
    state = np.random.get_state()[1].copy()
    model = build()
    model.fit(X.astype(np.float32), y.astype(np.uint8), epochs=2, batch_size=7, rng=0)
    model.fit(X, y, epochs=2, batch_size=7, validation=0.5, rng=0)
    model.evaluate(X, y)
    model.predict(X)
    assert np.array_equal(X, kept[0])
    assert np.array_equal(y, kept[1])
    assert np.array_equal(np.random.get_state()[1], state)


@pytest.mark.parametrize("layer", parts(), ids=repr)
def test_a_layer_does_not_change_its_arguments(layer):
    x = np.random.default_rng(0).standard_normal((5, 4))
    kept = x.copy()
    for training in (True, False):
        out = layer.forward(x, training=training)
        if training:
            d = np.ones_like(out)
            layer.backward(d)
            assert (d == 1).all()
        assert np.array_equal(x, kept)


@pytest.mark.parametrize("kind", LOSSES)
def test_a_loss_does_not_change_its_arguments(kind):
    loss, output = kind(), np.full((6, 4), 0.25)
    y = targets(loss, 6, 4)
    kept = y.copy()
    for from_scores in (True, False):
        loss.forward(output, y, from_scores=from_scores)
        loss.backward()
        loss.backward()
        assert (output == 0.25).all()
        assert np.array_equal(y, kept)


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
    monkeypatch.setattr("nnlib.training.BAR_AFTER", 0)
    net().fit(*data(), epochs=3)
    shown = capsys.readouterr().err
    assert "/3" in shown
    assert not shown.split("\r")[-2].strip()                    # and it leaves nothing behind
    monkeypatch.setenv("TQDM_DISABLE", "1")
    net().fit(*data(), epochs=3)
    assert not capsys.readouterr().err


def test_a_short_fit_shows_no_progress_bar(monkeypatch, capsys):
    """JupyterLab hides what a cell shows beyond 50 outputs, and each bar is one."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.delenv("TQDM_DISABLE")
    net().fit(*data(), epochs=3)
    assert not capsys.readouterr().err.strip()


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
    assert repr(Dense(1, 2, l1=0.1, bias_l2=1)) == "Dense(1, 2, l1=0.1, bias_l2=1.0)"
    assert list(map(repr, all_in_one().layers)) == [
        "Rescaling(0.5)", "Dense(2, 6, l1=0.001, l2=0.01, bias_l2=0.01)",
        "BatchNorm(6)", "LeakyReLU(slope=0.1)", "Dropout(0.2)", "Dense(6, 5)", "Tanh()",
        "Dense(5, 3)", "Softmax()"]
    factors = [repr(Rescaling(factor, 0.5 * i)) for i, factor in enumerate((1 / 255, -1 / 3, 0.1))]
    assert factors == ["Rescaling(1 / 255)", "Rescaling(1 / -3, offset=0.5)",
                       "Rescaling(0.1, offset=1.0)"]
    assert repr(Rescaling(0.123456789)) == "Rescaling(0.123456789)"     # no such fraction
    assert repr(Rescaling(0)) == "Rescaling(0.0)"
    assert repr(parts()[4]) == "BatchNorm(4, frozen=True, dtype='float64')"


def test_summary_names_layers_shapes_and_parameters():
    assert all_in_one().summary() == """\
layer                                          gives    parameters
Rescaling(0.5)                                 (n, 2)            0
Dense(2, 6, l1=0.001, l2=0.01, bias_l2=0.01)   (n, 6)           18
BatchNorm(6)                                   (n, 6)           12
LeakyReLU(slope=0.1)                           (n, 6)            0
Dropout(0.2)                                   (n, 6)            0
Dense(6, 5)                                    (n, 5)           35
Tanh()                                         (n, 5)            0
Dense(5, 3)                                    (n, 3)           18
Softmax()                                      (n, 3)            0
all                                                             83"""


# Training ---------------------------------------------------------------------------------


def test_the_loss_of_a_step_includes_the_penalty_and_the_history_tells_them_apart():
    X, y = data()
    model = Model([Dense(2, 3, l2=0.1, rng=0, dtype=np.float64), Softmax()],
                  loss=CategoricalCrossEntropy())
    penalty = 0.1 * (model.layers[0].W ** 2).sum()
    data_loss = model.evaluate(X, y)["loss"]
    assert model.loss_and_gradient(X, y)[0] == pytest.approx(data_loss + penalty, rel=1e-12)
    history = model.fit(X, y, epochs=1, batch_size=7, optimizer=SGD(1e-300), validation=(X, y),
                        rng=0)
    assert history["loss"][0] == pytest.approx(data_loss, rel=1e-9)
    assert history["penalty"][0] == pytest.approx(penalty, rel=1e-9)
    assert history["val_loss"][0] == pytest.approx(data_loss, rel=1e-12)
    assert "penalty" not in net().fit(X, y, epochs=1).columns


def test_a_model_with_a_gradient_of_its_own_needs_no_penalty():
    class Plain(Model):
        def loss_and_gradient(self, x, y):
            self.grad[:] = 1
            return 2.0, self.grad

    model = Plain([Dense(2, 1), Linear()], loss=MeanAbsoluteError())
    assert model.fit(*data(), epochs=1)["loss"] == [2.0]


def test_a_penalty_of_0_has_its_column_too():
    model = Model([Dense(2, 3, l2=0.1, init="zeros"), Softmax()], loss=CategoricalCrossEntropy())
    history = model.fit(*data(), epochs=2)
    assert history["penalty"][0] == 0 < history["penalty"][1]


def test_patience_stops_and_puts_the_best_weights_back():
    X, y = data(60)
    y = np.random.default_rng(1).permutation(y)                 # nothing to learn but by heart
    model, seen = all_in_one(), {}

    def note(model, epoch, history):
        seen[epoch] = (history["val_loss"][-1], model.theta.copy(),
                       model.layers[2].running_var.copy())

    history = model.fit(X, y, epochs=500, optimizer=Adam(0.05), validation=0.5, patience=5, rng=0,
                        on_epoch_end=note)
    best = min(seen, key=lambda epoch: seen[epoch][0])
    assert len(history) == best + 5 < 500
    assert np.array_equal(model.theta, seen[best][1])
    assert np.array_equal(model.layers[2].running_var, seen[best][2])


def test_patience_puts_the_best_back_at_the_end_too():
    X, y = data(60)
    model = net()
    away = SGD(lambda step: (0.1, 0.1, 1e3)[step])
    history = model.fit(X, y, epochs=3, optimizer=away, validation=(X, y), patience=9)
    assert model.evaluate(X, y)["loss"] == min(history["val_loss"])
    assert min(history["val_loss"]) < history["val_loss"][-1]


def test_clipping_scales_long_gradients_and_no_others():
    X, y = data()
    model, clipped = net(dtype=np.float64), net(dtype=np.float64)
    before = model.theta.copy()
    length = np.linalg.norm(model.loss_and_gradient(X, y)[1])
    for limit, expected in ((length / 3, length / 3), (length * 3, length)):
        clipped.theta = before
        clipped.train_step(X, y, SGD(1.0), clip=limit)
        step = before - clipped.theta
        assert np.linalg.norm(step) == pytest.approx(expected, rel=1e-9)
        assert np.allclose(step / expected, model.grad / length)


def test_clipping_survives_a_gradient_whose_square_overflows():
    """In float32 its length would be infinite, and the clipped gradient 0."""
    model = Model([Dense(1, 1, init="zeros"), Linear()], loss=MeanSquaredError())
    model.train_step(np.full((1, 1), 1e12), np.full(1, 1e9), SGD(1.0), clip=1.0)
    assert np.linalg.norm(model.theta) == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("given", "clip", "expected"), [
    ([0.0, 0.0], 1, [0, 0]), ([3.0, 4.0], 5, [3, 4]), ([3.0, 4.0], 6.5, [3, 4]),
    ([3.0, -4.0], 1, [0.6, -0.8]), ([0.0, -1e-30], 1e-31, [0, -1e-31]), ([], 1, [])])
def test_shortening_keeps_the_direction_and_short_gradients(given, clip, expected, dtype):
    grad = np.array(given, dtype)
    assert vector.shorten(grad, clip) is None
    assert np.allclose(grad, expected, rtol=1e-6, atol=0)
    assert grad.dtype == dtype
    if np.linalg.norm(given) <= clip:
        assert np.array_equal(grad, given)


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_a_gradient_that_cannot_be_shortened_stays(bad):
    grad = np.array([1.0, bad])
    with pytest.raises(FloatingPointError, match="length is"):
        vector.shorten(grad, 0.5)
    assert np.array_equal(grad, [1, bad], equal_nan=True)


def test_the_order_of_theta_is_that_of_the_slots():
    model = all_in_one()
    found = vector.slots(model.layers)
    assert np.array_equal(np.concatenate([array for *_, array in found], axis=None), model.theta)
    assert all(array is getattr(model.layers[i], name) for i, name, array in found)
    matrices = [array.ndim > 1 for *_, array in found]
    assert matrices == sorted(matrices, reverse=True)
    assert sum(array.size for *_, array in found if array.ndim > 1) == model.n_decay


def test_a_refused_step_leaves_batch_norm_as_it_was():
    model = all_in_one()
    X, y = data()
    model.train_step(X, y, Adam())
    kept = model.layers[2].running_mean.copy()
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError):
        model.train_step(X * np.nan, y, Adam())
    assert np.array_equal(model.layers[2].running_mean, kept)


def test_batch_norm_keeps_its_digits_over_many_rows():
    x = (1000 + np.random.default_rng(0).standard_normal((200_000, 1))).astype(np.float32)
    a = BatchNorm(1).forward(x, training=True)
    assert abs(a.mean(dtype=np.float64)) < 1e-4


def test_the_layers_of_a_model_are_fixed():
    """A list could be changed, and the vector would know nothing of it."""
    assert isinstance(net().layers, tuple)


@pytest.mark.parametrize("layer", [part for part in parts() if not part.params], ids=repr)
def test_layers_take_integers(layer):
    given, d = np.array([[-1, 2, 3, 0]]), np.ones((1, 4))
    one, other = (type(layer).from_config(layer.config()) for _ in range(2))
    one.forward(given.tolist(), training=True)
    other.forward(given.astype(float), training=True)
    assert np.array_equal(one.backward(d), other.backward(d))
    assert np.array_equal(one.forward(given.tolist()), other.forward(given.astype(float)))


def test_settings_that_are_numpy_numbers_do_not_spread():
    f = np.float64
    layers = [Dense(2, 4, l1=f(0.1), l2=f(0.1), rng=0), BatchNorm(4, eps=f(1e-5),
              momentum=f(0.9)), LeakyReLU(f(0.1)), Dropout(f(0.1), rng=0), Rescaling(f(2), f(1)),
              Dense(4, 3, rng=1), Softmax()]
    model = Model(layers, loss=CategoricalCrossEntropy())
    model.fit(*data(), epochs=2, optimizer=Adam(f(0.1), beta1=f(0.9), eps=f(1e-8)))
    assert model.predict_proba(data()[0]).dtype == np.float32
    assert set().union(*map(dtypes_inside, layers)) == {np.dtype(np.float32)}


def test_evaluate_and_predict_agree_and_give_plain_floats():
    """Also where a score is so small that its probability rounds to a half."""
    model = Model([Dense(1, 1, init=lambda *_: [[1.0]]), Sigmoid()], loss=BinaryCrossEntropy())
    X, y = np.array([[1e-9], [1.0]]), np.array([1, 1])
    scores = model.evaluate(X, y)
    assert scores["accuracy"] == (model.predict(X) == y).mean()
    assert {type(value) for value in scores.values()} == {float}
    assert {type(value) for value in net().evaluate(*data()).values()} == {float}


def test_clip_reaches_the_steps_of_fit():
    X, y = data()
    model = net(dtype=np.float64)
    before = model.theta.copy()
    model.fit(X, y, epochs=1, optimizer=SGD(1.0), clip=1e-3)
    assert np.linalg.norm(model.theta - before) == pytest.approx(1e-3, rel=1e-9)


def test_a_gradient_of_0_is_not_divided_by():
    model = Model([Dense(2, 3, init="zeros"), ReLU(), Dense(3, 1, init="zeros"), Linear()],
                  loss=MeanSquaredError())
    model.train_step(np.ones((4, 2)), np.zeros(4), SGD(1.0), clip=1.0)
    assert not model.theta.any()


def test_on_epoch_end_sees_every_epoch():
    seen = []
    model = net()
    history = model.fit(*data(), epochs=5, log_every=2, on_epoch_end=lambda *args: seen.append(
        (args[0] is model, args[1], len(args[2]))))
    assert seen == [(True, 1, 0), (True, 2, 1), (True, 3, 1), (True, 4, 2), (True, 5, 3)]
    assert history["epoch"] == [2, 4, 5]


def interrupt_in(wanted):
    def interrupt(model, epoch, history):
        if epoch == wanted:
            raise KeyboardInterrupt
    return interrupt


def test_ctrl_c_keeps_what_was_learnt():
    X, y = data()
    whole, stopped = net(), net()
    whole.fit(X, y, epochs=3, rng=0)
    with pytest.warns(UserWarning, match="stopped by hand in epoch 3; what was learnt is kept"):
        history = stopped.fit(X, y, epochs=1000, rng=0, on_epoch_end=interrupt_in(3))
    assert history["epoch"] == [1, 2, 3]
    assert np.array_equal(stopped.theta, whole.theta)
    with pytest.warns(UserWarning, match="stopped by hand"):
        history = stopped.fit(X, y, epochs=9, optimizer=SGD(10.0), validation=(X, y), patience=9,
                              on_epoch_end=interrupt_in(3))
    assert stopped.evaluate(X, y)["loss"] == min(history["val_loss"]) < history["val_loss"][-1]


def test_ctrl_c_in_the_middle_of_a_step(monkeypatch):
    X, y = data()
    model, steps = net(), []

    def step(*args, **settings):
        steps.append(1)
        if len(steps) == 5:
            raise KeyboardInterrupt
        return Model.train_step(model, *args, **settings)

    monkeypatch.setattr(model, "train_step", step)
    with pytest.warns(UserWarning, match="in epoch 3"):
        history = model.fit(X, y, epochs=9, batch_size=15, validation=(X, y), patience=5, rng=0)
    assert history["epoch"] == [1, 2]
    assert model.evaluate(X, y)["loss"] == min(history["val_loss"])


def test_patience_counts_epochs_where_it_looks():
    X, y = data(60)
    away = SGD(lambda step: 0.1 if step < 4 else 10.0)
    history = net().fit(X, y, epochs=100, optimizer=away, validation=(X, y), patience=5,
                        log_every=2)
    assert history["epoch"] == [2, 4, 6, 8, 10]


def test_adding_dropout_does_not_change_the_shuffling(monkeypatch):
    X, y = np.arange(20.0).reshape(10, 2), np.zeros(10, int)
    orders = []
    for with_dropout in (False, True):
        rng, seen = np.random.default_rng(3), []
        layers = [Dense(2, 4, rng=rng), ReLU()]
        layers += [Dropout(0.5, rng=rng)] if with_dropout else []
        model = Model([*layers, Dense(4, 2, rng=rng), Softmax()], loss=CategoricalCrossEntropy())
        step = model.train_step
        monkeypatch.setattr(model, "train_step", lambda x, *rest, seen=seen, step=step, **clip: (
            seen.append(x[:, 0].copy()), step(x, *rest, **clip))[1])
        model.fit(X, y, epochs=2, batch_size=4, rng=rng)
        orders.append((np.concatenate(seen), model.layers[-2].W.shape))
    assert np.array_equal(orders[0][0], orders[1][0])


def test_dropout_drops_the_fraction_it_says_and_keeps_the_mean():
    layer = Dropout(0.2, rng=0)
    assert layer.rate == 0.2                                    # not the fraction kept
    a = layer.forward(np.ones((1000, 100)), training=True)
    assert (a == 0).mean() == pytest.approx(0.2, abs=0.005)
    assert set(np.unique(a)) == {0, 1 / (1 - 0.2)}
    assert not np.array_equal(a, layer.forward(np.ones((1000, 100)), training=True))
    assert (layer.forward(np.ones((5, 5))) == 1).all()
    assert (Dropout(0, rng=0).forward(np.ones((5, 5)), training=True) == 1).all()


def test_two_dropouts_of_one_generator_draw_different_masks():
    rng, x = np.random.default_rng(0), np.ones((10, 10))
    first, second = (Dropout(0.5, rng=rng).forward(x, training=True) for _ in range(2))
    assert not np.array_equal(first, second)


def test_only_training_drops_and_averages():
    """Evaluation and prediction use all units, and leave BatchNorm's averages alone."""
    X, y = data()
    model = all_in_one()
    model.fit(X, y, epochs=3)
    kept = model.layers[2].running_mean.copy()
    p = model.predict_proba(X)
    assert np.array_equal(model.predict_proba(X), p)
    assert model.evaluate(X, y)["loss"] == pytest.approx(-np.log(p[range(30), y]).mean(),
                                                         rel=1e-5)
    assert np.array_equal(model.layers[2].running_mean, kept)


def test_batch_norm_normalizes_and_remembers():
    rng = np.random.default_rng(0)
    layer = parts()[3]
    batches = [5 + 3 * rng.standard_normal((50, 4)) for _ in range(200)]
    for x in batches:
        a = layer.forward(x, training=True)
        assert np.allclose(a.mean(axis=0), 0, atol=1e-12)
        assert np.allclose(a.var(axis=0), 1, atol=1e-4)
    assert np.allclose(layer.running_mean, 5, atol=0.5)
    assert np.allclose(layer.running_var, 9, atol=1.5)
    kept = layer.running_mean.copy()
    one_row = layer.forward(batches[0][:1])                     # which training could not do
    assert np.allclose(one_row, (batches[0][:1] - kept) / np.sqrt(layer.running_var + 1e-5))
    assert np.array_equal(layer.running_mean, kept)
    layer.frozen = True
    layer.forward(batches[0], training=True)
    assert np.array_equal(layer.running_mean, kept)


def test_a_single_last_row_joins_the_batch_before_it_under_batch_norm(monkeypatch):
    """Whether one is left over depends on the split, which nobody sees."""
    for model, expected in ((all_in_one(), [7, 8]), (net(), [7, 7, 1])):
        seen, step = [], model.train_step
        monkeypatch.setattr(model, "train_step", lambda x, *rest, seen=seen, step=step, **clip: (
            seen.append(len(x)), step(x, *rest, **clip))[1])
        model.fit(*data(15), epochs=1, batch_size=7, rng=0)
        assert seen == expected
    frozen = all_in_one()
    frozen.layers[2].frozen = True
    frozen.fit(*data(15), epochs=1, batch_size=7, rng=0)


def watched(monkeypatch, model, y, validation):
    """The targets that fit watches with eight seeds, (8, n)."""
    seen, X = [], np.ones((len(y), 2))
    monkeypatch.setattr(nnlib.training, "evaluate", lambda model, X, y, rows: (
        seen.append(y[rows].ravel()), {"loss": 0.0})[1])
    for seed in range(8):
        model.fit(X, y, epochs=1, validation=validation, rng=seed)
    return np.array(seen)


def test_validation_draws_classes_alike_whatever_their_number(monkeypatch):
    """Twenty classes have no room in ten rows; fit knows that they are classes."""
    y = np.repeat(np.arange(20), 2)
    model = Model([Dense(2, 20), Softmax()], loss=CategoricalCrossEntropy())
    assert (np.sort(watched(monkeypatch, model, y, 0.25)) == np.arange(20)).all()


def test_validation_of_yes_or_no_has_both(monkeypatch):
    """(n, 1) booleans, as the loss keeps them, are classes too."""
    y = np.zeros(60, int)
    y[[3, 20, 41]] = 1
    model = Model([Dense(2, 1), Sigmoid()], loss=BinaryCrossEntropy())
    assert (watched(monkeypatch, model, y, 0.4).sum(axis=1) == 1).all()


def test_validation_of_several_questions_is_drawn_at_random():
    model = Model([Dense(2, 2), Sigmoid()], loss=BinaryCrossEntropy())
    model.fit(np.ones((10, 2)), np.ones((10, 2), int), epochs=1, validation=0.2, rng=0)


@pytest.mark.parametrize("kind", [MeanSquaredError, MeanAbsoluteError])
def test_validation_of_a_regression_knows_no_classes(kind, monkeypatch):
    y = np.repeat([0, 1], 20)
    model = Model([Dense(2, 1), Linear()], loss=kind())
    seen = watched(monkeypatch, model, y, 0.5)
    assert seen.shape == (8, 20)
    assert len({*seen.sum(axis=1)}) > 1


def test_validation_knows_no_classes_unless_the_loss_does(monkeypatch):
    """A loss for counts, of the reader's own, keeps integers."""
    class CountingError(MeanSquaredError):
        def check_targets(self, targets, n, width):
            return super().check_targets(targets, n, width).astype(int)

    model = Model([Dense(2, 1), Linear()], loss=CountingError())
    assert len({*watched(monkeypatch, model, np.repeat([0, 1], 20), 0.5).sum(axis=1)}) > 1


# Other losses -----------------------------------------------------------------------------


def test_yes_or_no():
    X, _ = data(200)
    y = (X[:, 0] + X[:, 1] > 0).astype(int)
    model = Model([Dense(2, 1, rng=0), Sigmoid()], loss=BinaryCrossEntropy())
    history = model.fit(X, y, epochs=200, optimizer=Adam(0.1))
    p = model.predict_proba(X)
    assert history["accuracy"][-1] > 0.97
    assert p.shape == (200, 2)
    assert np.allclose(p.sum(axis=1), 1)
    assert np.array_equal(model.predict(X), p[:, 1] > 0.5)
    assert model.evaluate(X, y)["accuracy"] == (model.predict(X) == y).mean()
    assert model.evaluate(X, y[:, np.newaxis]) == model.evaluate(X, y)


def test_several_questions_at_once():
    X, _ = data(200)
    Y = np.stack([X[:, 0] > 0, X[:, 1] > 0], axis=1)
    model = Model([Dense(2, 2, rng=0), Sigmoid()], loss=BinaryCrossEntropy())
    model.fit(X, Y, epochs=300, optimizer=Adam(0.1))
    assert model.evaluate(X, Y)["accuracy"] > 0.97
    assert model.predict(X).shape == model.predict_proba(X).shape == (200, 2)


@pytest.mark.parametrize("kind", [MeanSquaredError, MeanAbsoluteError])
def test_regression_with_one_column(kind):
    """Predictions come as n numbers, so that subtracting the targets can't give (n, n)."""
    X, _ = data(200)
    y = X @ [2.0, -1.0] + 3
    model = Model([Dense(2, 1, rng=0), Linear()], loss=kind())
    history = model.fit(X, y, epochs=500, optimizer=Adam(0.1), validation=0.2, rng=0)
    assert model.predict(X).shape == y.shape == (200,)
    assert np.abs(model.predict(X) - y).max() < 0.1
    assert model.evaluate(X, y[:, np.newaxis]) == model.evaluate(X, y)
    expected = {"epoch", "loss", "val_loss"}
    if kind is MeanSquaredError:
        expected |= {"mae", "val_mae"}
        assert model.evaluate(X, y)["mae"] == pytest.approx(
            np.abs(model.predict(X) - y).mean(), abs=1e-6)
    assert history.columns.keys() == expected


# Data that stays small --------------------------------------------------------------------


def test_bytes_are_scaled_batch_by_batch():
    images = np.random.default_rng(0).integers(256, size=(60, 9), dtype=np.uint8)
    y = np.arange(60) % 3

    def build(*first):
        return Model([*first, Dense(9, 3, rng=0), Softmax()], loss=CategoricalCrossEntropy())

    of_bytes, of_floats = build(Rescaling(1 / 255)), build()
    settings = {"epochs": 3, "batch_size": 7, "validation": 0.25, "rng": 0}
    one = of_bytes.fit(images, y, **settings)
    two = of_floats.fit(images.astype(np.float32) * np.float32(1 / 255), y, **settings)
    assert one.columns == two.columns
    assert np.array_equal(of_bytes.theta, of_floats.theta)
    assert of_bytes.predict_proba(images).dtype == np.float32


def test_training_on_bytes_copies_no_more_than_batches():
    images = np.zeros((50_000, 100), np.uint8)                  # 5 MB, 20 MB as float32
    y = np.zeros(len(images), int)
    model = Model([Rescaling(1 / 255), Dense(100, 2), Softmax()], loss=CategoricalCrossEntropy())
    tracemalloc.start()
    model.fit(images, y, epochs=1, batch_size=100, validation=0.2, rng=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8e6                                           # chunks, row numbers, no copy

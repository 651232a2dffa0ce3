"""The estimators: scikit-learn's rules are kept, and nothing is added to nnlib's numbers."""

import copy
import pickle

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from nnlib import (
    Adam,
    BatchNorm,
    CategoricalCrossEntropy,
    Dense,
    Dropout,
    LeakyReLU,
    Linear,
    MeanSquaredError,
    Model,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    datasets,
    schedules,
)
from nnlib.estimators import NNClassifier, NNRegressor
from tests.nnlib.nets import data

X, Y = data()                                                   # three classes
X = X.astype(np.float32)
T = X[:, 0] - 2 * X[:, 1]                                       # targets of a regression


@parametrize_with_checks([NNClassifier(), NNRegressor()])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def quick(kind=NNClassifier, **settings):
    return kind(**{"hidden": (8,), "epochs": 3, "random_state": 0, **settings})


def by_hand(layers, loss, rng, X, y, **settings):
    model = Model(layers, loss=loss)
    model.fit(X, y, rng=rng, **{"epochs": 3, "batch_size": 32, "optimizer": Adam(), **settings})
    return model


def same_memory(model):
    return all(np.shares_memory(getattr(layer, name), model.theta)
               for layer in model.layers for name in layer.params)


# The numbers ----------------------------------------------------------------------------------

def test_a_classifier_is_the_model_built_by_hand():
    rng = np.random.default_rng(7)
    model = by_hand([Dense(2, 8, l2=1e-3, rng=rng), BatchNorm(8), ReLU(), Dropout(0.2, rng=rng),
                     Dense(8, 4, l2=1e-3, rng=rng), BatchNorm(4), ReLU(), Dropout(0.2, rng=rng),
                     Dense(4, 3, l2=1e-3, rng=rng), Softmax()], CategoricalCrossEntropy(), rng,
                    X, Y, epochs=9, batch_size=10, optimizer=Adam(schedules.Exponential(
                        0.1, factor=0.99)), validation=0.2, patience=2)
    classifier = NNClassifier((8, 4), l2=1e-3, batch_norm=True, dropout=0.2, epochs=9,
                              batch_size=10, lr=schedules.Exponential(0.1, factor=0.99),
                              validation=0.2, patience=2, random_state=7).fit(X, Y)
    assert np.array_equal(classifier.model_.theta, model.theta)
    assert repr(classifier.model_) == repr(model)
    assert classifier.n_iter_ == len(classifier.history_["val_loss"]) < 9
    assert np.array_equal(classifier.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize(("name", "layer", "init"), [
    ("leaky_relu", LeakyReLU, "he"), ("tanh", Tanh, "glorot"), ("sigmoid", Sigmoid, "glorot")])
def test_a_regressor_is_the_model_built_by_hand(name, layer, init):
    rng = np.random.default_rng(0)
    model = by_hand([Dense(2, 8, init=init, rng=rng), layer(), Dense(8, 1, init=init, rng=rng),
                     Linear()], MeanSquaredError(), rng, X, T, batch_size=None)
    regressor = quick(NNRegressor, activation=name, batch_size=None).fit(X, T)
    assert np.array_equal(regressor.model_.theta, model.theta)
    assert repr(regressor.model_) == repr(model)


def test_no_hidden_layer_is_logistic_regression():
    classifier = quick(hidden=()).fit(X, Y)
    assert repr(classifier.model_.layers) == "(Dense(2, 3), Softmax())"


@pytest.mark.parametrize("kind", [NNClassifier, NNRegressor])
def test_the_precision_is_that_of_the_data(kind):
    for given, wanted in ((np.float32, np.float32), (np.uint8, np.float32),
                          (np.float64, np.float64), (np.int64, np.float64)):
        x = (9 * X).astype(np.int8).astype(given)
        estimator = quick(kind, batch_norm=True).fit(x, Y)
        ask = estimator.predict_proba if kind is NNClassifier else estimator.predict
        assert estimator.model_.theta.dtype == ask(x).dtype == wanted


def test_same_random_state_same_theta():
    def theta(state):
        return quick(random_state=state, dropout=0.5).fit(X, Y).model_.theta

    before = np.random.get_state()[1].copy()
    assert np.array_equal(theta(3), theta(3))
    assert not np.array_equal(theta(3), theta(4))
    assert not np.array_equal(theta(None), theta(None))
    state = np.random.RandomState(3)
    first, second = theta(state), theta(state)                  # an instance goes on
    assert not np.array_equal(first, second)
    assert np.array_equal(first, theta(np.random.RandomState(3)))
    assert np.array_equal(np.random.get_state()[1], before)


# Targets --------------------------------------------------------------------------------------

@pytest.mark.parametrize("labels", [["no", "perhaps", "yes"], [-1, 7, 300], [False, True, True],
                                    ["alone"] * 3])
def test_labels_of_any_kind(labels):
    y = np.array(labels)[Y]
    classifier = quick(epochs=200, lr=0.05).fit(X, y)
    p, classes = classifier.predict_proba(X), classifier.classes_
    assert classes.tolist() == sorted(set(labels))
    assert p.shape == (30, len(classes))
    assert np.array_equal(classifier.predict(X), classes[p.argmax(axis=1)])
    assert classifier.score(X, y) > 0.7


def test_targets_come_back_in_their_shape():
    for y in (T, T[:, None], np.stack([T, -T, 0 * T], axis=1)):
        regressor = quick(NNRegressor, epochs=300, lr=0.01).fit(X, y)
        assert regressor.predict(X).shape == y.shape
        assert np.abs(regressor.predict(X) - y).mean() < 0.3


def test_targets_are_scaled_only_by_who_is_asked_to():
    far = 1e4 + 100 * T
    plain = quick(NNRegressor, epochs=300, lr=0.01)
    scaled = TransformedTargetRegressor(plain, transformer=StandardScaler())
    assert plain.fit(X, far).score(X, far) < 0
    assert scaled.fit(X, far).score(X, far) > 0.9


# In scikit-learn's world ----------------------------------------------------------------------

def test_a_pipeline_that_scales_first():
    pipeline = make_pipeline(StandardScaler(), quick(hidden=(32,), epochs=60, lr=0.02))
    y = (X[:, 0] > 0).astype(int)
    assert pipeline.fit(1e6 * X, y).score(1e6 * X, y) == 1


def test_a_search_over_two_processes():
    X, y = datasets.spiral(100, 3, rng=0)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), quick(epochs=100)),
        {"nnclassifier__hidden": [(1,), (32, 32)],
         "nnclassifier__lr": [0.02, schedules.Cosine(0.02, steps=600)]}, n_jobs=2,
        cv=StratifiedKFold(2, shuffle=True, random_state=0))    # rows go from inside outwards
    search.fit(X, y)
    assert search.best_params_["nnclassifier__hidden"] == (32, 32)
    assert search.best_score_ > 0.5                             # guessing: 1 in 3
    assert same_memory(search.best_estimator_[-1].model_)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_validation(dtype):
    X, y = datasets.spiral(30, 3, rng=0)
    scores = cross_val_score(quick(), X.astype(dtype), y, cv=3, scoring="neg_log_loss")
    assert np.isfinite(scores).all()                # and no warning that rows do not sum to 1
    folds = KFold(3, shuffle=True, random_state=0)
    scores = cross_val_score(quick(NNRegressor, epochs=150, lr=0.02), X.astype(dtype),
                             X[:, 0] - X[:, 1], cv=folds)
    assert scores.min() > 0.8


def test_a_clone_is_equal_and_knows_nothing():
    fitted = quick(hidden=(4, 4), lr=schedules.Constant(0.1), validation=0.2).fit(X, Y)
    twin = clone(fitted)
    assert twin.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        twin.predict(X)
    assert np.array_equal(twin.fit(X, Y).model_.theta, fitted.model_.theta)


def through_joblib(estimator, path):
    joblib.dump(estimator, path)
    return joblib.load(path, mmap_mode="r")                     # arrays that cannot be written


@pytest.mark.parametrize("kind", [NNClassifier, NNRegressor])
@pytest.mark.parametrize("copied", [
    lambda estimator, path: copy.deepcopy(estimator),
    lambda estimator, path: pickle.loads(pickle.dumps(estimator)),
    through_joblib], ids=["deepcopy", "pickle", "joblib"])
def test_copies_predict_the_same_from_one_memory(kind, copied, tmp_path):
    fitted = quick(kind, batch_norm=True, dropout=0.5).fit(X, Y)
    before = fitted.predict(X)
    twin = copied(fitted, tmp_path / "estimator.joblib")
    assert np.array_equal(twin.predict(X), before)
    assert twin.history_.columns == fitted.history_.columns
    assert same_memory(twin.model_)
    assert not np.shares_memory(twin.model_.theta, fitted.model_.theta)
    twin.model_.fit(X, Y, epochs=1)                             # it can go on
    twin.model_.theta += 1
    assert np.array_equal(fitted.predict(X), before)


# What is refused ------------------------------------------------------------------------------

REFUSED = {
    "no units": ({"hidden": (8, 0)}, ValueError, "Dense: n_out must be an integer of at least"),
    "half a unit": ({"hidden": (0.5,)}, ValueError, "Dense: n_out must be an integer"),
    "a number for hidden": ({"hidden": 64}, ValueError,
                            r"hidden must be a row of sizes, \(64,\) for one layer, got 64"),
    "an unknown activation": ({"activation": "swish"}, ValueError,
                              "one of relu, leaky_relu, tanh, sigmoid, got 'swish'"),
    "a layer for an activation": ({"activation": ReLU()}, ValueError, r"got ReLU\(\)"),
    "l2 below 0": ({"l2": -1}, ValueError, "Dense: l2 must be at least 0"),
    "all dropped": ({"dropout": 1}, ValueError, "Dropout: rate must be at least 0 and below 1"),
    "no number for dropout": ({"dropout": None}, TypeError, "Dropout: rate must be a number"),
    "no epochs": ({"epochs": 0}, ValueError, "Model.fit: epochs must be an integer of at least"),
    "batches of 0": ({"batch_size": 0}, ValueError, "Model.fit: batch_size must be an integer"),
    "lr 0": ({"lr": 0}, ValueError, "Adam: lr must be above 0"),
    "a name for lr": ({"lr": "adaptive"}, TypeError, "Adam: lr must be a number"),
    "all for validation": ({"validation": 1.0}, ValueError, "validation must be above 0 and bel"),
    "a pair for validation": ({"validation": (X, Y)}, TypeError, "validation must be a number"),
    "patience without data": ({"patience": 3}, ValueError, "patience needs validation data"),
    "a word for a seed": ({"random_state": "seed"}, TypeError, "SeedSequence expects int"),
}


@pytest.mark.parametrize("kind", [NNClassifier, NNRegressor])
@pytest.mark.parametrize("case", REFUSED)
def test_refused_by_fit_and_not_before(case, kind):
    settings, error, message = REFUSED[case]
    estimator = quick(kind, **settings)
    with pytest.raises(error, match=message):
        estimator.fit(X, Y)


def test_what_diverged_is_not_fitted():
    classifier = quick(lr=1e30)
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="smaller learning"):
        classifier.fit(X, Y)
    with pytest.raises(NotFittedError):
        classifier.predict(X)


def test_words_are_no_targets_of_a_regression():
    with pytest.raises(TypeError, match="expected targets that are numbers"):
        quick(NNRegressor).fit(X, np.array(["a", "b", "c"])[Y])

"""Layers, losses, optimizers and whole nets against what PyTorch computed.

Protects from an error that the other tests share with the code: a formula misread is misread
in the textbook form too, and a wrong loss has a gradient that fits it. The numbers in
golden/pytorch.json come from another hand; golden/write.py wrote them. They are PyTorch's, in
its names and shapes; what is called differently here is translated below, so this file also
says where the two conventions part. Everything is in float64.
"""

import datetime
import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

import nnlib
from nnlib import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    BatchNorm,
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Dense,
    LeakyReLU,
    Linear,
    MeanAbsoluteError,
    MeanSquaredError,
    Model,
    ReLU,
    RMSprop,
    Sigmoid,
    Softmax,
    Tanh,
    schedules,
)

# Two tolerances beside the usual rtol of 1e-12, some 1000 roundings:
DIFFERENCES = 1e-15     # absolute: where numbers near 1 almost cancel, as in p − y or 1 − a²
TEN_STEPS = 1e-11       # relative: a parameter on its way past 0 keeps fewer of its digits

GOLDEN = json.loads((Path(__file__).parent / "golden" / "pytorch.json").read_text("utf-8"))

LAYERS = {
    "Linear": lambda in_features, out_features: Dense(in_features, out_features, rng=0,
                                                      dtype=np.float64),
    "BatchNorm1d": lambda num_features, momentum, eps: BatchNorm(
        num_features, momentum=1 - momentum, eps=eps, dtype=np.float64),
    "Identity": Linear,
    "ReLU": ReLU,
    "LeakyReLU": lambda negative_slope: LeakyReLU(negative_slope),
    "Sigmoid": Sigmoid,
    "Tanh": Tanh,
    "Softmax": lambda dim: Softmax(),
}
ARRAYS = {"Linear": {"weight": "W", "bias": "b"},
          "BatchNorm1d": {"weight": "gamma", "bias": "beta", "running_mean": "running_mean",
                          "running_var": "running_var"}}

LOSSES = {                                  # with whether they take scores
    "cross_entropy": (CategoricalCrossEntropy, True),
    "nll_loss": (CategoricalCrossEntropy, False),
    "binary_cross_entropy_with_logits": (BinaryCrossEntropy, True),
    "binary_cross_entropy": (BinaryCrossEntropy, False),
    "mse_loss": (MeanSquaredError, True),
    "l1_loss": (MeanAbsoluteError, True),
}

OPTIMIZERS = {
    "SGD": SGD,
    "Adagrad": Adagrad,
    "RMSprop": lambda lr, alpha, eps: RMSprop(lr, rho=alpha, eps=eps),
    "Adam": lambda lr, betas, eps: Adam(lr, beta1=betas[0], beta2=betas[1], eps=eps),
    "AdamW": lambda lr, betas, eps, weight_decay: AdamW(
        lr, beta1=betas[0], beta2=betas[1], eps=eps, weight_decay=weight_decay),
}

SCHEDULES = {
    "ConstantLR": lambda lr, factor: schedules.Constant(lr * factor),
    "StepLR": lambda lr, step_size, gamma: schedules.Step(lr, every=step_size, factor=gamma),
    "ExponentialLR": lambda lr, gamma: schedules.Exponential(lr, factor=gamma),
    "CosineAnnealingLR": lambda lr, T_max, eta_min: schedules.Cosine(lr, steps=T_max,
                                                                     floor=eta_min),
    "LambdaLR": lambda lr, lr_lambda, decay: schedules.InverseTime(lr, decay=decay),
}

WITHOUT = {                                 # public, and not in the file: the reasons
    "Layer": "says what layers have in common",
    "Loss": "says what losses have in common",
    "Optimizer": "says what optimizers have in common",
    "Schedule": "says what schedules have in common",
    "Dropout": "its masks are random, and PyTorch draws others",
    "Rescaling": "PyTorch has no such module",
}


def call(part):
    """Name a part as PyTorch would be called: SGD(lr=0.1)."""
    name, settings = part
    return f"{name}({', '.join(f'{key}={value}' for key, value in settings.items())})"


def golden(kind, name):
    """Run a test with each case of a kind; name makes its id."""
    return pytest.mark.parametrize("case", [pytest.param(case, id=name(case))
                                            for case in GOLDEN[kind]])


def layer(part, parameters=None):
    """Our layer for one of PyTorch's, with parameters by PyTorch's names."""
    name, settings = part
    made = LAYERS[name](**settings)
    for theirs, array in (parameters or {}).items():
        setattr(made, ARRAYS[name][theirs], np.transpose(array))
    return made


def arrays(part, made, prefix=""):
    """The arrays of our layer by PyTorch's names and in its shapes; "d" for gradients."""
    return {theirs: getattr(made, f"{prefix}{ours}").T
            for theirs, ours in ARRAYS.get(part[0], {}).items()
            if ours in made.params or not prefix}


def optimizer(case):
    """Our optimizer for a case, with its schedule if it has one."""
    name, settings = case["optimizer"]
    settings = dict(settings)
    if case.get("schedule"):
        settings["lr"] = schedule(settings["lr"], case["schedule"])
    return OPTIMIZERS[name](**settings)


def schedule(lr, pieces):
    """Our schedule for a row of PyTorch's.

    LinearLR holds start_factor at step 0 and 1 at step total_iters, which is the last of our
    warm-up's steps: we count one more. What comes after it starts one step later.
    """
    if pieces[0][0] == "LinearLR":
        warm = pieces[0][1]
        steps = warm["total_iters"] + 1
        assert warm["start_factor"] == 1 / steps
        after = schedule(lr, pieces[1:]) if pieces[1:] else lr
        return schedules.Warmup(after, steps=steps)
    ((name, settings),) = pieces
    return SCHEDULES[name](lr, **settings)


def close(found, expected, *, rtol=1e-12, atol=0.0):
    """Raise unless shapes, dtypes and, number by number, values agree."""
    np.testing.assert_allclose(np.asarray(found), np.array(expected), rtol=rtol, atol=atol,
                               strict=True)


def close_by_name(found, expected, **tolerances):
    assert set(found) == set(expected)
    for name, array in expected.items():
        close(found[name], array, **tolerances)


def test_the_file_names_its_versions_and_its_date():
    written = GOLDEN["written"]
    assert set(written) == {"date", "torch", "numpy"}
    datetime.date.fromisoformat(written["date"])
    for name in ("torch", "numpy"):
        assert re.match(r"\d+\.\d+\.\d+", written[name]), written[name]


def test_every_public_part_has_golden_values():
    """What is added to nnlib is added to golden/write.py too, or to WITHOUT with a reason."""
    ours = [value for module in (nnlib, schedules) for value in vars(module).values()
            if isinstance(value, type) and issubclass(
                value, (nnlib.Layer, nnlib.Loss, nnlib.Optimizer, schedules.Schedule))]
    found = {type(layer(case["part"])) for kind in ("layers", "batch_norm")
             for case in GOLDEN[kind]}
    found |= {LOSSES[case["loss"]][0] for case in GOLDEN["losses"]}
    found |= {type(schedule(case["lr"], case["schedule"])) for case in GOLDEN["schedules"]}
    for kind in ("steps", "training"):
        moved = {type(optimizer(case)) for case in GOLDEN[kind]}
        assert moved == {value for value in ours if issubclass(value, nnlib.Optimizer)
                         and value.__name__ not in WITHOUT}, kind
        found |= moved
    assert ({value.__name__ for value in ours}
            == {value.__name__ for value in found} | WITHOUT.keys())
    assert not WITHOUT.keys() & {value.__name__ for value in found}


@golden("layers", lambda case: call(case["part"]))
def test_layer(case):
    made = layer(case["part"], case["parameters"])
    x = np.array(case["x"])
    close(made.forward(x), case["out"])
    close(made.forward(x, training=True), case["out"])
    compare_backward(made, case)


@golden("batch_norm", lambda case: call(case["part"]))
def test_batch_norm(case):
    """Three batches of training, the running statistics after each, and then evaluation."""
    made = layer(case["part"], case["parameters"])
    for batch in case["batches"]:
        out = made.forward(np.array(batch["x"]), training=True)
        close(out, batch["out"], atol=DIFFERENCES)
        compare_backward(made, {**case, **batch})
        for name in made.buffers:
            close(getattr(made, name), batch["buffers"][name])
    batch = case["evaluation"]
    close(made.forward(np.array(batch["x"])), batch["out"])
    made.frozen = True                      # PyTorch's evaluation mode has a backward pass
    close(made.forward(np.array(batch["x"]), training=True), batch["out"])
    compare_backward(made, {**case, **batch})


def compare_backward(made, case):
    d_x = made.backward(np.array(case["d_out"]))
    close(d_x, case["d_x"], atol=DIFFERENCES)
    close_by_name(arrays(case["part"], made, "d"), case["gradients"], atol=DIFFERENCES)


def loss_id(case):
    return f"{case['loss']}-{len(case['output'][0])} columns-{case['title']}"


@golden("losses", loss_id)
def test_loss(case):
    kind, from_scores = LOSSES[case["loss"]]
    made = kind()
    value = made.forward(np.array(case["output"]), np.array(case["targets"]),
                         from_scores=from_scores)
    close(value, case["value"])
    close(made.backward(), case["gradient"], atol=DIFFERENCES)


@golden("schedules", lambda case: " then ".join(map(call, case["schedule"])))
def test_schedule(case):
    made = schedule(case["lr"], case["schedule"])
    close([made(step) for step in range(len(case["rates"]))], case["rates"])


@golden("steps", lambda case: call(case["optimizer"]))
def test_optimizer_on_given_gradients(case):
    made, theta = optimizer(case), np.array(case["start"])
    for g, expected in zip(case["gradients"], case["trajectory"], strict=True):
        made.step(theta, np.array(g), n_decay=case["n_decay"])
        close(theta, expected, rtol=TEN_STEPS)


def model(case):
    """Our model for a case: its layers, and the activation that its loss goes with."""
    layers = []
    for i, part in enumerate(case["layers"]):
        own = {name.partition(".")[2]: array for name, array in case["parameters"].items()
               if name.startswith(f"{i}.")}
        layers.append(layer(part, own))
        for name, factor in case.get("penalties", {}).get(str(i), {}).items():
            setattr(layers[-1], name, factor)
    loss, from_scores = LOSSES[case["loss"]]
    assert from_scores
    return Model([*layers, loss.canonical()], loss=loss())


def named(case, made, prefix=""):
    """The arrays of a model by the names of PyTorch's Sequential."""
    return {f"{i}.{name}": array.copy()
            for i, (part, ours) in enumerate(zip(case["layers"], made.layers, strict=False))
            for name, array in arrays(part, ours, prefix).items()}


def training_id(case):
    pieces = [call(case["optimizer"]), *map(call, case["schedule"])]
    return "-".join([case["title"], case["loss"], *pieces])


@golden("training", training_id)
def test_training(case):
    """Ten steps: every loss, the first gradients, and what the last step leaves."""
    made, moving = model(case), optimizer(case)
    X, y, size = np.array(case["X"]), np.array(case["y"]), case["batch_size"]
    found = []
    for t in range(len(case["losses"])):
        rows = slice(t * size % len(X), t * size % len(X) + size)
        found.append(made.train_step(X[rows], y[rows], moving))
        if t == 0:
            close_by_name(named(case, made, "d"), case["gradients"], atol=DIFFERENCES)
    close(found, case["losses"], rtol=TEN_STEPS)
    close_by_name(named(case, made), case["last"], rtol=TEN_STEPS)
    close(made.evaluate(X, y)["loss"], case["evaluation"], rtol=TEN_STEPS)


@golden("clipping", lambda case: f"to {case['clip']}")
def test_clipping(case):
    """PyTorch divides by the norm + 1e-6, so what it clips comes out a little shorter.

    That little is put back here. It also shortens a gradient that is up to 1e-6 shorter than
    the limit, which ours leaves alone; no case is so close.
    """
    made = model(case)
    X, y = np.array(case["X"]), np.array(case["y"])
    _, gradient = made.loss_and_gradient(X, y)
    close_by_name(named(case, made, "d"), case["gradients"], atol=DIFFERENCES)
    norm = case["norm"]
    close(math.sqrt(gradient @ gradient), norm)
    made.train_step(X, y, SGD(0.1), clip=case["clip"])
    shorter = (norm + 1e-6) / norm if case["clip"] < norm else 1
    close_by_name(named(case, made, "d"),
                  {name: np.array(array) * shorter for name, array in case["clipped"].items()},
                  atol=DIFFERENCES)

"""Write pytorch.json: what PyTorch computes where nnlib computes the same.

Run by hand, with torch and NumPy installed and nothing of nnlib, so that the values are
independent of it:

    python tests/nnlib/golden/write.py

test_golden.py compares nnlib with the file and needs no PyTorch. Every case holds its inputs,
under PyTorch's names and in its shapes (a weight matrix is (n_out, n_in) there). All numbers
are float64, written so that they read back to the same bits; inputs are rounded to be short.
A second run changes the date and nothing else.
"""

import datetime
import json
from itertools import pairwise
from pathlib import Path

import numpy as np

if __name__ == "__main__":                  # pytest looks for doctests here, without torch
    import torch
    from torch.nn import functional

PATH = Path(__file__).with_name("pytorch.json")
STEPS = 10

OPTIMIZERS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.003}),
    ("SGD", {"lr": 0.05, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.3}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.1, "momentum": 0.3, "nesterov": True}),
    ("Adagrad", {"lr": 0.01, "eps": 1e-10}),
    ("Adagrad", {"lr": 0.5, "eps": 0.1}),
    ("RMSprop", {"lr": 0.001, "alpha": 0.9, "eps": 1e-8}),
    ("RMSprop", {"lr": 0.02, "alpha": 0.99, "eps": 0.01}),
    ("RMSprop", {"lr": 0.02, "alpha": 0.0, "eps": 1e-6}),
    ("Adam", {"lr": 0.001, "betas": [0.9, 0.999], "eps": 1e-8}),
    ("Adam", {"lr": 0.05, "betas": [0.5, 0.7], "eps": 0.1}),
    ("Adam", {"lr": 0.05, "betas": [0.0, 0.0], "eps": 1e-6}),
    ("AdamW", {"lr": 0.001, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01}),
    ("AdamW", {"lr": 0.05, "betas": [0.5, 0.7], "eps": 1e-4, "weight_decay": 0.5}),
    ("AdamW", {"lr": 0.05, "betas": [0.8, 0.99], "eps": 1e-8, "weight_decay": 0.0}),
]

INVERSE_TIME = "1 / (1 + decay * step)"
WARMUP = ("LinearLR", {"start_factor": 0.25, "end_factor": 1.0, "total_iters": 3})
# one scheduler each, or two: the second begins where the warm-up has reached the full rate
# and held it for a step
SCHEDULES = [
    [("ConstantLR", {"factor": 1.0})],
    [("StepLR", {"step_size": 4, "gamma": 0.1})],
    [("StepLR", {"step_size": 1, "gamma": 0.7})],
    [("ExponentialLR", {"gamma": 0.8})],
    [("CosineAnnealingLR", {"T_max": 11, "eta_min": 0.0})],
    [("CosineAnnealingLR", {"T_max": 15, "eta_min": 0.02})],
    [("LambdaLR", {"lr_lambda": INVERSE_TIME, "decay": 0.25})],
    [WARMUP],
    [WARMUP, ("ExponentialLR", {"gamma": 0.8})],
    [WARMUP, ("StepLR", {"step_size": 4, "gamma": 0.1})],
    [WARMUP, ("LambdaLR", {"lr_lambda": INVERSE_TIME, "decay": 0.25})],
]


def main():
    """Compute all cases and write the file, one case a line."""
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    kinds = {"layers": layers(), "batch_norm": batch_norms(), "losses": losses(),
             "steps": [steps(*optimizer) for optimizer in OPTIMIZERS],
             "schedules": [rates(0.1, pieces) for pieces in SCHEDULES],
             "training": trainings(), "clipping": clippings()}
    written = {"date": datetime.date.today().isoformat(), "torch": torch.__version__,
               "numpy": np.__version__}
    parts = [f'"written": {json.dumps(written)}']
    for kind, cases in kinds.items():
        lines = ",\n".join(json.dumps(case, allow_nan=False) for case in cases)
        parts.append(f'"{kind}": [\n{lines}\n]')
    PATH.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8", newline="\n")
    print(f"{PATH.name}: {sum(map(len, kinds.values()))} cases, "
          f"{PATH.stat().st_size / 1000:.0f} kB")


# Layers and losses ----------------------------------------------------------------------

def layers():
    """Return what layers give for one batch, and the gradients that they hand back."""
    rng = np.random.default_rng(1)
    z = short(3 * rng.standard_normal((6, 4)))
    z[0] = [0.0, -0.0, 1e-9, -1e-9]                             # at the kinks, and beside them
    z[1] = [1000.0, -1000.0, 40.0, -40.0]                       # where exp overflows
    z[2] = [1000.0, 1000.0, 999.0, -1000.0]
    parts = [("Identity", {}), ("ReLU", {}), ("LeakyReLU", {"negative_slope": 0.01}),
             ("LeakyReLU", {"negative_slope": 0.3}), ("LeakyReLU", {"negative_slope": 0.0}),
             ("Sigmoid", {}), ("Tanh", {}), ("Softmax", {"dim": 1})]
    cases = [layer(*part, z, rng) for part in parts]
    x = short(rng.standard_normal((6, 4)))
    return [*cases, layer("Linear", {"in_features": 4, "out_features": 3}, x, rng),
            layer("Linear", {"in_features": 4, "out_features": 1}, x, rng)]


def layer(name, settings, x, rng):
    """Return one layer's case: its output, its gradients for x and for its parameters."""
    part = module(name, settings)
    first = fill(part, rng)
    return {"part": [name, settings], "parameters": first, **passed(part, x, rng)}


def batch_norms():
    """Return BatchNorm1d's three batches of training, then one of evaluation.

    The gradient of the last one is that of a layer whose running statistics are constants.
    """
    cases = []
    for settings in ({"momentum": 0.1, "eps": 1e-5}, {"momentum": 0.3, "eps": 0.01}):
        rng = np.random.default_rng(2)
        settings = {"num_features": 3, **settings}
        part = module("BatchNorm1d", settings)
        case = {"part": ["BatchNorm1d", settings], "parameters": fill(part, rng), "batches": []}
        for rows in (2, 7, 5):                                  # n − 1 in place of n shows
            x = short(rng.standard_normal((rows, 3)) * [1, 0.01, 30] + [0.5, -2, 100])
            batch = passed(part, x, rng)
            batch["buffers"] = {name: buffer.tolist() for name, buffer in part.named_buffers()
                                if buffer.ndim}
            case["batches"].append(batch)
        part.eval()
        case["evaluation"] = passed(part, short(rng.standard_normal((4, 3)) * 30), rng)
        cases.append(case)
    return cases


def passed(part, x, rng):
    """Return x, what part makes of it, a gradient for that, and the gradients behind it."""
    part.zero_grad()
    x = torch.tensor(x, requires_grad=True)
    out = part(x)
    d_out = torch.tensor(short(rng.standard_normal(out.shape)))
    out.backward(d_out)
    return {"x": x.tolist(), "out": out.tolist(), "d_out": d_out.tolist(),
            "d_x": x.grad.tolist(), "gradients": gradients(part)}


def losses():
    """Return the means of losses over a batch, and their gradients for the output."""
    rng = np.random.default_rng(3)
    labels = rng.integers(4, size=8)
    scores = short(2 * rng.standard_normal((8, 4)))
    p = np.abs(scores) + 0.01
    p[0] = [1e-9, 1e-3, 1.0, 5.0]
    p /= p.sum(axis=1, keepdims=True)
    extreme = scores.copy()
    extreme[:4] = 1000 * np.sign(extreme[:4])                   # of ties, too
    extreme[4] = [1000.0, 0.0, -1000.0, 999.0]
    cases = [loss("usual", "cross_entropy", scores, labels),
             loss("extreme", "cross_entropy", extreme, labels),
             loss("usual", "nll_loss", p, labels)]
    for columns in (1, 3):
        z = short(3 * rng.standard_normal((8, columns)))
        y = rng.integers(2, size=(8, columns))
        # Not closer to 0 and 1: there PyTorch cuts the logarithm at −100, and the divisor of
        # the gradient at 1e-12. Ours does neither.
        p = short(rng.uniform(0.001, 0.999, (8, columns)))
        p[:2, 0] = 1e-5, 1 - 1e-5
        a, numbers = short(rng.standard_normal((2, 8, columns)))
        numbers[0] = a[0]                                       # where |a − y| has no slope
        extreme = z.copy()
        extreme[:5, 0] = [1000.0, -1000.0, 0.0, 40.0, -40.0]
        cases += [loss("usual", "binary_cross_entropy_with_logits", z, y),
                  loss("extreme", "binary_cross_entropy_with_logits", extreme, y),
                  loss("extreme, turned", "binary_cross_entropy_with_logits", extreme, 1 - y),
                  loss("usual", "binary_cross_entropy", p, y),
                  loss("usual", "mse_loss", a, numbers), loss("usual", "l1_loss", a, numbers)]
    return cases


def loss(title, name, output, targets):
    """Return one loss's case."""
    output = torch.tensor(output, requires_grad=True)
    value = measure(name, output, targets)
    value.backward()
    return {"title": title, "loss": name, "output": output.tolist(), "targets": targets.tolist(),
            "value": value.item(), "gradient": output.grad.tolist()}


def measure(name, output, targets):
    """Return a loss of torch.nn.functional; nll_loss takes the logarithms of output."""
    if name == "nll_loss":
        output = torch.log(output)
    targets = torch.tensor(targets)
    if name not in ("cross_entropy", "nll_loss"):               # these alone take labels
        targets = targets.to(output.dtype)
    return getattr(functional, name)(output, targets)


# Optimizers and schedules ---------------------------------------------------------------

def steps(name, settings):
    """Return where an optimizer takes six numbers on a fixed row of gradients.

    Four are weights, which decay, and two are biases, which do not. Their gradients are
    ordinary, tiny, huge and 0; then 0 every other time, and of all sizes.
    """
    rng = np.random.default_rng(4)
    pushes = rng.standard_normal((STEPS, 6)) * [1, 1e-9, 1e6, 0, 1, 1]
    pushes[::2, 4] = 0
    pushes[:, 5] *= 10.0 ** np.array([3, -3, -12, 6, 0, -6, 12, -9, 1, -1])
    pushes = np.array([[float(f"{g:.4g}") for g in row] for row in pushes])
    start = [1.0, 0.0, -2.0, 0.5, 0.3, 0.0]
    weights = torch.nn.Parameter(torch.tensor(start[:4]))
    biases = torch.nn.Parameter(torch.tensor(start[4:]))
    optimizer = make_optimizer(name, settings, [weights], [biases])
    trajectory = []
    for g in pushes:
        weights.grad, biases.grad = torch.tensor(g[:4]), torch.tensor(g[4:])
        optimizer.step()
        trajectory.append([*weights.tolist(), *biases.tolist()])
    return {"optimizer": [name, settings], "start": start, "n_decay": 4,
            "gradients": pushes.tolist(), "trajectory": trajectory}


def make_optimizer(name, settings, weights, others):
    """Return torch's optimizer, with weight decay for the weights alone."""
    groups = [{"params": weights}, {"params": others, "weight_decay": 0}]
    return getattr(torch.optim, name)(groups, **settings)


def rates(lr, pieces):
    """Return the learning rates of the first twelve steps, of a cosine those up to T_max.

    From then on CosineAnnealingLR rises again, and ours stays at its floor.
    """
    n = pieces[0][1].get("T_max", 11) + 1
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    schedule = make_schedule(optimizer, pieces)
    found = []
    for _ in range(n):
        found.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    return {"lr": lr, "schedule": pieces, "rates": found}


def make_schedule(optimizer, pieces):
    """Return one of torch's schedulers, or a warm-up and another one after it."""
    made = []
    for name, settings in pieces:
        settings = dict(settings)
        if name == "LambdaLR":
            decay = settings.pop("decay")
            settings["lr_lambda"] = lambda step, decay=decay: 1 / (1 + decay * step)
        made.append(getattr(torch.optim.lr_scheduler, name)(optimizer, **settings))
    if len(made) == 1:
        return made[0]
    start = pieces[0][1]["total_iters"] + 1
    return torch.optim.lr_scheduler.SequentialLR(optimizer, made, milestones=[start])


# Nets -----------------------------------------------------------------------------------

def trainings():
    """Return ten steps of a small net with each optimizer, and of nets of every kind."""
    adam = ("Adam", {"lr": 0.02, "betas": [0.9, 0.999], "eps": 1e-8})
    momentum = ("SGD", {"lr": 0.05, "momentum": 0.9})
    adamw = ("AdamW", {"lr": 0.02, "betas": [0.9, 0.99], "eps": 1e-8, "weight_decay": 0.1})
    tanh = dense(2, "Tanh", 4, 3)
    cases = [training("Tanh", tanh, "cross_entropy", optimizer) for optimizer in OPTIMIZERS]
    for optimizer, pieces in ((momentum, SCHEDULES[3]), (adam, SCHEDULES[6]),
                              (adamw, SCHEDULES[4]), (adamw, SCHEDULES[9])):
        cases.append(training("Tanh", tanh, "cross_entropy", optimizer, schedule=pieces))
    for name, columns, hidden in (("cross_entropy", 3, ("ReLU", 8)),
                                  ("binary_cross_entropy_with_logits", 1, ("Tanh", 5)),
                                  ("binary_cross_entropy_with_logits", 3, ("Sigmoid", 5)),
                                  ("mse_loss", 1, ("LeakyReLU", 6)), ("mse_loss", 2, ("Tanh", 4)),
                                  ("l1_loss", 2, ("Sigmoid", 4))):
        for optimizer in (momentum, adam):
            cases.append(training(f"{hidden[0]} to {columns}", dense(2, *hidden, columns),
                                  name, optimizer))
    deep = [*dense(2, "ReLU", 6, 5), ("LeakyReLU", {"negative_slope": 0.2}),
            *dense(5, "Sigmoid", 4, 3)]
    cases.append(training("deep", deep, "cross_entropy", adam))
    cases.append(training("linear", dense(2, "Tanh", 3)[:1], "mse_loss", momentum))
    # A bias right before the normalization has the gradient 0 up to rounding, and Adam's
    # quotient would enlarge the rounding: there the normalization comes after the activation,
    # and that is Tanh, because a ReLU that is active on all rows leaves the bias as it is.
    normal = ("BatchNorm1d", {"num_features": 6, "momentum": 0.2, "eps": 1e-5})
    linear, relu, last = dense(2, "ReLU", 6, 3)
    tanh_between = [linear, ("Tanh", {}), normal, last]
    cases.append(training("normalized", [linear, normal, relu, last], "cross_entropy", momentum))
    cases.append(training("normalized", tanh_between, "cross_entropy", adamw))
    penalties = {"0": {"l1": 0.01, "l2": 0.02, "bias_l1": 0.03, "bias_l2": 0.04},
                 "2": {"l2": 0.05}}
    for optimizer in (momentum, adam):
        cases.append(training("penalized", tanh, "cross_entropy", optimizer,
                              penalties=penalties))
    cases.append(training("penalized", dense(2, "ReLU", 5, 1), "mse_loss", momentum,
                          penalties={"0": {"l1": 0.1}, "2": {"bias_l1": 0.2}}))
    return cases


def dense(columns, activation, *widths):
    """Return Linear layers of these widths with an activation between them."""
    settings = {"negative_slope": 0.1} if activation == "LeakyReLU" else {}
    parts = []
    for n_in, n_out in pairwise((columns, *widths)):
        parts += [("Linear", {"in_features": n_in, "out_features": n_out}),
                  (activation, settings)]
    return parts[:-1]


def training(title, parts, loss_name, optimizer, *, schedule=(), penalties=None):
    """Return ten losses, the first gradients and the last parameters of a net.

    Step t takes the next eight of 24 rows. Penalties are l1 Σ|W| + l2 ΣW² of a layer's
    weights, and as much for its bias, on top of the mean loss.
    """
    net, X, y, first = start_net(parts, loss_name)
    matrices = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim < 2]
    moving = make_optimizer(*optimizer, matrices, others)
    rate = make_schedule(moving, schedule) if schedule else None
    case = {"title": title, "layers": parts, "loss": loss_name, "optimizer": optimizer,
            "schedule": schedule, "penalties": penalties or {}, "X": X.tolist(),
            "y": y.tolist(), "batch_size": 8, "parameters": first, "losses": []}
    for t in range(STEPS):
        rows = slice(t % 3 * 8, t % 3 * 8 + 8)
        net.zero_grad()
        total = (measure(loss_name, net(torch.tensor(X[rows])), y[rows])
                 + penalty(net, penalties or {}))
        total.backward()
        case["losses"].append(total.item())
        if t == 0:
            case["gradients"] = gradients(net)
        moving.step()
        if rate:
            rate.step()
    case["last"] = {name: array.tolist() for name, array in net.state_dict().items()
                    if array.ndim}
    net.eval()
    case["evaluation"] = measure(loss_name, net(torch.tensor(X)), y).item()
    return case


def penalty(net, penalties):
    """Return the sum of the penalties of a net's layers, by hand."""
    total = torch.zeros(())
    for i, factors in penalties.items():
        part = net[int(i)]
        for array, prefix in ((part.weight, ""), (part.bias, "bias_")):
            total = (total + factors.get(f"{prefix}l1", 0.0) * array.abs().sum()
                     + factors.get(f"{prefix}l2", 0.0) * (array**2).sum())
    return total


def clippings():
    """Return the gradients of a net as they are, and after clipping by their norm."""
    parts, cases = dense(2, "Tanh", 4, 3), []
    for limit in (1e-3, 0.1, 0.3, 100.0):
        net, X, y, first = start_net(parts, "cross_entropy")
        value = measure("cross_entropy", net(torch.tensor(X)), y)
        value.backward()
        whole = gradients(net)
        norm = torch.nn.utils.clip_grad_norm_(net.parameters(), limit)
        cases.append({"layers": parts, "loss": "cross_entropy", "clip": limit,
                      "X": X.tolist(), "y": y.tolist(), "parameters": first,
                      "norm": norm.item(), "gradients": whole, "clipped": gradients(net)})
    return cases


def start_net(parts, loss_name):
    """Return a net, 24 rows of data that fit it and its loss, and its first parameters."""
    rng = np.random.default_rng(5)
    net = torch.nn.Sequential(*(module(*part) for part in parts))
    first = fill(net, rng)
    columns = net[-1].out_features
    X = short(rng.standard_normal((24, 2)))
    if loss_name == "cross_entropy":
        y = np.arange(24) % columns
    elif loss_name == "binary_cross_entropy_with_logits":
        y = rng.integers(2, size=(24, columns))
    else:
        y = short(rng.standard_normal((24, columns)))
    return net, X, y, first


# What all share -------------------------------------------------------------------------

def module(name, settings):
    """Return a module of torch.nn."""
    return getattr(torch.nn, name)(**settings)


def fill(part, rng):
    """Draw a module's parameters, one of each weight matrix 0, and return them by name."""
    with torch.no_grad():
        for parameter in part.parameters():
            parameter.copy_(torch.tensor(short(rng.standard_normal(parameter.shape))))
            if parameter.ndim > 1:
                parameter[0, 0] = 0                             # where |W| has no slope
    return {name: parameter.tolist() for name, parameter in part.named_parameters()}


def gradients(part):
    """Return the gradients of a module's parameters by name."""
    return {name: parameter.grad.tolist() for name, parameter in part.named_parameters()}


def short(array):
    """Round to three digits behind the point: few characters in the file."""
    return np.round(array, 3)


if __name__ == "__main__":
    main()

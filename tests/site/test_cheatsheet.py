"""The cheat sheet: complete, true, and readable on a phone.

Every formula on it is computed here in NumPy, under its own TeX, and held against nnlib. Who
changes a formula on the page, or adds one, has to say here what it means.
"""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest

import nnlib
from nnlib import initializers, schedules

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "book" / "cheatsheet.md").read_text(encoding="utf-8")
TERM = re.compile(r"^(?P<term>\S.*)\n(?P<said>(?:: .*\n(?:  .*\n)*)+)", re.MULTILINE)
NO_FORMULAS = {"where", "shapes", "unit", "code"}
PROTOCOLS = (nnlib.Layer, nnlib.Loss, nnlib.Optimizer)
rng = np.random.default_rng(0)

# A formula that is too wide is cut off by the element that it stands in, and scrolls there.
CUT_OFF = """() => {
    const right = element => element.getBoundingClientRect().right;
    const edge = right(document.querySelector("article p"));
    const formulas = [...document.querySelectorAll("article mjx-container")]
        .filter(formula => right(formula) > Math.min(edge, right(formula.parentElement)) + 1);
    const code = [...document.querySelectorAll("article code")].filter(c => right(c) > edge + 1);
    return [...formulas, ...code].map(element => element.parentElement.innerText);
}"""


def blocks():
    """Return {part: {term: what stands behind it}} of the page."""
    parts = re.split(r"^### `(\w+)`\n", PAGE, flags=re.MULTILINE)
    return {name: {m["term"]: m["said"] for m in TERM.finditer(text.partition("\n## ")[0])}
            for name, text in zip(parts[1::2], parts[2::2], strict=True)}


BLOCKS = blocks()


def shown(part):
    """Return the TeX of the formulas of a part."""
    text = "".join(said for term, said in BLOCKS[part].items() if term not in NO_FORMULAS)
    return [tex for tex in re.findall(r"\$([^$]+)\$", text)
            if re.search(r"=|\\leftarrow|\\sum", tex)]


# -- What the formulas say, each beside what nnlib gives ------------------------------------------


def drawn(*shape):
    return rng.standard_normal(shape)


def passed(layer, x, d):
    """Return what a layer gives in training, and what it hands back."""
    return layer.forward(x, training=True), layer.backward(d)


def dense():
    layer = nnlib.Dense(4, 3, l1=0.3, l2=0.2, bias_l1=0.4, bias_l2=0.1, rng=0, dtype="float64")
    layer.b = drawn(3)
    x, dz, W, b = drawn(5, 4), drawn(5, 3), layer.W, layer.b
    z, dx = passed(layer, x, dz)
    dW, db = layer.dW.copy(), layer.db.copy()
    penalty = layer.penalize()
    assert np.allclose(layer.db - db, 0.4 * np.sign(b) + 2 * 0.1 * b)   # the same for b
    of_b = 0.4 * np.abs(b).sum() + 0.1 * (b**2).sum()
    return {
        r"z = x\,W + b": (z, x @ W + b),
        r"dW = x^\top dz": (dW, x.T @ dz),
        r"db = \sum_i dz_i": (db, dz.sum(axis=0)),
        r"dx = dz\,W^\top": (dx, dz @ W.T),
        r"\lambda_1 \sum \lvert W\rvert + \lambda_2 \sum W^2":
            (penalty - of_b, 0.3 * np.abs(W).sum() + 0.2 * (W**2).sum()),
        r"dW \leftarrow dW + \lambda_1 \operatorname{sign} W + 2\lambda_2 W":
            (layer.dW, dW + 0.3 * np.sign(W) + 2 * 0.2 * W),
    }


def dropout():
    layer, x, da = nnlib.Dropout(0.25, rng=0), drawn(200, 4), drawn(200, 4)
    a, dx = passed(layer, x, da)
    mask = a != 0
    assert 0.15 < 1 - mask.mean() < 0.35
    return {
        r"a = x \odot \dfrac{\mathrm{mask}}{1 - \mathrm{rate}}": (a, x * mask / (1 - 0.25)),
        r"a = x": (layer.forward(x), x),
        r"dx = da \odot \dfrac{\mathrm{mask}}{1 - \mathrm{rate}}": (dx, da * mask / (1 - 0.25)),
    }


def batch_norm():
    layer, n = nnlib.BatchNorm(3, momentum=0.8, dtype="float64"), 6
    x, da = drawn(n, 3), drawn(n, 3)
    layer.gamma, layer.beta = drawn(3), drawn(3)
    layer.running_mean, layer.running_var = drawn(3), drawn(3) ** 2
    r, s = layer.running_mean.copy(), layer.running_var.copy()
    a, dx = passed(layer, x, da)
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + layer.eps)
    dgamma, dbeta = layer.dgamma.copy(), layer.dbeta.copy()
    c = da - (da.sum(axis=0) + x_hat * (da * x_hat).sum(axis=0)) / n
    # outside training, and if frozen: r and s, and c = da
    r_new, s_new = layer.running_mean.copy(), layer.running_var.copy()
    std = np.sqrt(s_new + layer.eps)
    outside = layer.gamma * (x - r_new) / std + layer.beta
    assert np.allclose(layer.forward(x), outside)
    layer.frozen = True
    assert np.allclose(passed(layer, x, da), [outside, layer.gamma / std * da])
    return {
        r"\hat x = \dfrac{x - \mathrm{mean}}{\sqrt{\mathrm{var} + \varepsilon}}":
            ((a - layer.beta) / layer.gamma, x_hat),
        r"a = \gamma \odot \hat x + \beta": (a, layer.gamma * x_hat + layer.beta),
        r"d\gamma = \sum_i da_i \odot \hat x_i": (dgamma, (da * x_hat).sum(axis=0)),
        r"d\beta = \sum_i da_i": (dbeta, da.sum(axis=0)),
        r"c = da - (d\beta + \hat x \odot d\gamma) / n":
            (dx / layer.gamma * np.sqrt(var + layer.eps), c),
        r"dx = \dfrac{\gamma}{\sqrt{\mathrm{var} + \varepsilon}} \odot c":
            (dx, layer.gamma / np.sqrt(var + layer.eps) * c),
        r"r \leftarrow q\, r + (1 - q)\, \mathrm{mean}": (r_new, 0.8 * r + (1 - 0.8) * mean),
        r"s \leftarrow q\, s + (1 - q)\, \mathrm{var}\, \dfrac{n}{n - 1}":
            (s_new, 0.8 * s + (1 - 0.8) * var * n / (n - 1)),
    }


def elementwise(layer, forward, backward, f, slope):
    z, da = drawn(50, 3), drawn(50, 3)
    a, dz = passed(layer, z, da)
    return {forward: (a, f(z)), backward: (dz, da * slope(z))}


def softmax():
    z, dp = drawn(5, 3), drawn(5, 3)
    p, dz = passed(nnlib.Softmax(), z, dp)
    share = [[np.exp(z[i, j]) / sum(np.exp(z[i, m]) for m in range(3)) for j in range(3)]
             for i in range(5)]
    back = [[p[i, j] * (dp[i, j] - sum(dp[i, m] * p[i, m] for m in range(3))) for j in range(3)]
            for i in range(5)]
    return {
        r"p_{ij} = \dfrac{e^{z_{ij}}}{\sum_l e^{z_{il}}}": (p, share),
        r"dz_{ij} = p_{ij} \left(dp_{ij} - \sum_l dp_{il}\, p_{il}\right)": (dz, back),
    }


def both_ways(loss, z, y):
    """Return p, and value and gradient of a loss from probabilities and from scores."""
    p = loss.canonical().forward(z)
    from_p = loss.forward(p, y), loss.backward()
    return p, *from_p, loss.forward(z, y, from_scores=True), loss.backward()


def categorical():
    n, k = 5, 3
    z, y = drawn(n, k), np.array([0, 2, 1, 1, 0])
    p, loss, dp, same, dz = both_ways(nnlib.CategoricalCrossEntropy(), z, y)
    i, Y = np.arange(n), np.eye(k)[y]
    return {
        r"L = -\dfrac{1}{n} \sum_i \log p_{i, y_i}": (loss, -np.log(p[i, y]).sum() / n),
        r"L = \dfrac{1}{n} \sum_i \left(\log \sum_j e^{z_{ij}} - z_{i, y_i}\right)":
            (same, (np.log(np.exp(z).sum(axis=1)) - z[i, y]).sum() / n),
        r"dp = -\dfrac{1}{n} \dfrac{Y}{p}": (dp, -Y / p / n),
        r"dz = \dfrac{1}{n} (p - Y)": (dz, (p - Y) / n),
    }


def binary():
    n, k = 5, 2
    z, y = drawn(n, k), rng.integers(0, 2, (n, k))
    p, loss, dp, same, dz = both_ways(nnlib.BinaryCrossEntropy(), z, y)
    q = y * p + (1 - y) * (1 - p)
    assert r"$q = yp + (1 - y)(1 - p)$" in BLOCKS["BinaryCrossEntropy"]["where"]
    return {
        r"L = -\dfrac{1}{nk} \sum_{ij} \log q_{ij}": (loss, -np.log(q).sum() / (n * k)),
        r"L = \dfrac{1}{nk} \sum_{ij} \log \left(1 + e^{(1 - 2y_{ij})\, z_{ij}}\right)":
            (same, np.log(1 + np.exp((1 - 2 * y) * z)).sum() / (n * k)),
        r"dp = \dfrac{1}{nk} \dfrac{1 - 2y}{q}": (dp, (1 - 2 * y) / q / (n * k)),
        r"dz = \dfrac{1}{nk} (p - y)": (dz, (p - y) / (n * k)),
    }


def regression(loss, forward, backward, f, slope):
    a, y, nk = drawn(5, 2), drawn(5, 2), 10
    value = loss.forward(a, y)
    return {forward: (value, f(a - y).sum() / nk), backward: (loss.backward(), slope(a - y) / nk)}


def steps(optimizer, rule):
    """Return where three steps lead, by nnlib and by a rule (theta, g, t, state) -> theta."""
    start, gradients = drawn(7), drawn(3, 7)
    moved, ruled, state = start.copy(), start, {}
    for t, g in enumerate(gradients, 1):
        optimizer.step(moved, g)
        ruled = rule(ruled, g, t, state)
    return moved, ruled


def total(state, name, decay, value):
    """Let state keep  name <- decay * name + value,  from 0; return it."""
    state[name] = decay * state.get(name, 0) + value
    return state[name]


def sgd():
    keep = r"m \leftarrow \mu m + g"

    def momentum(theta, g, t, state):
        return theta - 0.1 * total(state, "m", 0.9, g)

    def nesterov(theta, g, t, state):
        return theta - 0.1 * (g + 0.9 * total(state, "m", 0.9, g))

    moved = steps(nnlib.SGD(0.1, momentum=0.9), momentum)
    ahead = steps(nnlib.SGD(0.1, momentum=0.9, nesterov=True), nesterov)
    return {
        r"\theta \leftarrow \theta - \mathrm{lr} \cdot g":
            steps(nnlib.SGD(0.1), lambda theta, g, t, state: theta - 0.1 * g),
        keep: moved,
        r"\theta \leftarrow \theta - \mathrm{lr} \cdot m": moved,
        r"\theta \leftarrow \theta - \mathrm{lr} \cdot (g + \mu m)": ahead,
    }


def adagrad():
    def rule(theta, g, t, state):
        return theta - 0.1 * g / (np.sqrt(total(state, "v", 1, g**2)) + 0.01)

    moved = steps(nnlib.Adagrad(0.1, eps=0.01), rule)
    return {
        r"v \leftarrow v + g^2": moved,
        r"\theta \leftarrow \theta - \mathrm{lr} \cdot \dfrac{g}{\sqrt v + \varepsilon}": moved,
    }


def rmsprop():
    def rule(theta, g, t, state):
        return theta - 0.1 * g / (np.sqrt((1 - 0.8) * total(state, "v", 0.8, g**2)) + 0.01)

    moved = steps(nnlib.RMSprop(0.1, rho=0.8, eps=0.01), rule)
    return {
        r"v \leftarrow \rho v + g^2": moved,
        r"\theta \leftarrow \theta - \mathrm{lr} \cdot \dfrac{g}{\sqrt{(1 - \rho)\, v} + "
        r"\varepsilon}": moved,
    }


def adam_rule(theta, g, t, state):
    m = total(state, "m", 0.8, g) * (1 - 0.8) / (1 - 0.8**t)
    v = total(state, "v", 0.9, g**2) * (1 - 0.9) / (1 - 0.9**t)
    return theta - 0.1 * m / (np.sqrt(v) + 0.01)


def adam():
    moved = steps(nnlib.Adam(0.1, beta1=0.8, beta2=0.9, eps=0.01), adam_rule)
    return dict.fromkeys((
        r"m \leftarrow \beta_1 m + g",
        r"v \leftarrow \beta_2 v + g^2",
        r"\hat m = m\, \dfrac{1 - \beta_1}{1 - \beta_1^t}",
        r"\hat v = v\, \dfrac{1 - \beta_2}{1 - \beta_2^t}",
        r"\theta \leftarrow \theta - \mathrm{lr} \cdot \dfrac{\hat m}{\sqrt{\hat v} + "
        r"\varepsilon}",
    ), moved)


def adamw():
    def rule(theta, g, t, state):
        return adam_rule(theta - 0.1 * 0.5 * theta, g, t, state)

    moved = steps(nnlib.AdamW(0.1, beta1=0.8, beta2=0.9, eps=0.01, weight_decay=0.5), rule)
    return {r"\theta \leftarrow \theta - \mathrm{lr} \cdot \lambda \cdot \theta": moved}


def sigma(z):
    return 1 / (1 + np.exp(-z))


MEANING = {
    "Dense": dense,
    "Dropout": dropout,
    "BatchNorm": batch_norm,
    "Rescaling": lambda: elementwise(
        nnlib.Rescaling(3, 2), r"a = \mathrm{factor} \cdot x + \mathrm{offset}",
        r"dx = \mathrm{factor} \cdot da", lambda x: 3 * x + 2, lambda x: 3),
    "Linear": lambda: elementwise(nnlib.Linear(), "a = z", "dz = da", lambda z: z, lambda z: 1),
    "ReLU": lambda: elementwise(
        nnlib.ReLU(), r"a = \max(0, z)", r"dz = da \odot [z > 0]",
        lambda z: np.maximum(0, z), lambda z: z > 0),
    "LeakyReLU": lambda: elementwise(
        nnlib.LeakyReLU(0.2), r"a = \max(\mathrm{slope} \cdot z, z)",
        r"dz = da \odot ([z > 0] + \mathrm{slope} \cdot [z \le 0])",
        lambda z: np.maximum(0.2 * z, z), lambda z: (z > 0) + 0.2 * (z <= 0)),
    "Sigmoid": lambda: elementwise(
        nnlib.Sigmoid(), r"a = \dfrac{1}{1 + e^{-z}}", r"dz = da \odot a \odot (1 - a)",
        sigma, lambda z: sigma(z) * (1 - sigma(z))),
    "Tanh": lambda: elementwise(
        nnlib.Tanh(), r"a = \tanh z", r"dz = da \odot (1 - a^2)",
        np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "Softmax": softmax,
    "CategoricalCrossEntropy": categorical,
    "BinaryCrossEntropy": binary,
    "MeanSquaredError": lambda: regression(
        nnlib.MeanSquaredError(), r"L = \dfrac{1}{nk} \sum_{ij} (a_{ij} - y_{ij})^2",
        r"da = \dfrac{2}{nk} (a - y)", np.square, lambda miss: 2 * miss),
    "MeanAbsoluteError": lambda: regression(
        nnlib.MeanAbsoluteError(), r"L = \dfrac{1}{nk} \sum_{ij} \lvert a_{ij} - y_{ij}\rvert",
        r"da = \dfrac{1}{nk} \operatorname{sign}(a - y)", np.abs, np.sign),
    "SGD": sgd,
    "Adagrad": adagrad,
    "RMSprop": rmsprop,
    "Adam": adam,
    "AdamW": adamw,
}


# -- Tests ---------------------------------------------------------------------------------------


def test_every_public_part_is_on_it():
    """A new layer, loss or optimizer appears here, too."""
    public = {name for name in nnlib.__all__ if inspect.isclass(getattr(nnlib, name))
              and issubclass(getattr(nnlib, name), PROTOCOLS)}
    assert set(BLOCKS) == public - {kind.__name__ for kind in PROTOCOLS}


@pytest.mark.parametrize("part", BLOCKS)
def test_every_formula_is_true(part):
    meaning = MEANING[part]()
    assert set(shown(part)) == set(meaning), "say in this file what the new formula means"
    for tex, (given, formula) in meaning.items():
        assert np.shape(given) == np.shape(formula), tex
        assert np.allclose(given, formula, rtol=1e-6), tex


@pytest.mark.parametrize("part", BLOCKS)
def test_says_forward_backward_shapes_and_code(part):
    """Activations share their shapes, optimizers have a step."""
    kind = getattr(nnlib, part)
    wanted = {"code"}
    if issubclass(kind, PROTOCOLS[:2]):
        wanted |= {"forward", "backward"}
    if issubclass(kind, nnlib.Loss):
        wanted |= {"shapes", "unit"}
    assert wanted <= set(BLOCKS[part])


def namespace():
    """What a reader has after the page's opening lines."""
    (opening,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names = {}
    exec(opening, names)
    return names


@pytest.mark.parametrize("part", BLOCKS)
def test_every_line_of_code_runs(part):
    (line,) = re.findall(r"^: `(.+)`$", BLOCKS[part]["code"], re.MULTILINE)
    assert type(eval(line, namespace())).__name__ == part


def listed(heading):
    """Return {code: what it says} of the list below a heading."""
    text = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return {m["term"].strip("`"): m["said"] for m in TERM.finditer(text)}


def test_every_schedule_is_on_it_and_runs():
    made = {line: eval(line, namespace()) for line in listed("Schedules")}
    public = {name for name, kind in vars(schedules).items() if inspect.isclass(kind)
              and issubclass(kind, schedules.Schedule) and kind is not schedules.Schedule}
    assert [type(schedule).__name__ for schedule in made.values()] == [
        name for name in vars(schedules) if name in public]


def test_every_schedule_is_what_it_says():
    """The formulas of the list, for the settings of the list, in NumPy."""
    step = np.arange(3000)
    s = np.minimum(1, step / 1000)
    wanted = {
        r"\mathrm{lr}": 0.1 + 0 * step,
        r"\dfrac{\mathrm{lr}}{1 + \mathrm{decay} \cdot \mathrm{step}}": 0.1 / (1 + 1e-3 * step),
        r"\mathrm{lr} \cdot \mathrm{factor}^{\lfloor \mathrm{step} / \mathrm{every} \rfloor}":
            0.1 * 0.5 ** np.floor(step / 1000),
        r"\mathrm{lr} \cdot \mathrm{factor}^{\mathrm{step}}": 0.1 * 0.999**step,
        r"\mathrm{floor} + (\mathrm{lr} - \mathrm{floor}) \cdot \dfrac{1 + \cos \pi s}{2}":
            1e-4 + (0.1 - 1e-4) * (1 + np.cos(np.pi * s)) / 2,
        r"\mathrm{lr} \cdot \dfrac{\mathrm{step} + 1}{\mathrm{steps}}":
            np.where(step < 100, 0.1 * (step + 1) / 100, 0.1),
    }
    for line, said in listed("Schedules").items():
        schedule, tex = eval(line, namespace()), re.search(r"\$([^$]+)\$", said)[1]
        assert np.allclose([schedule(int(i)) for i in step], wanted.pop(tex)), line
    assert not wanted


def test_every_initializer_is_on_it_and_has_the_variance():
    found = listed("First weights")
    assert [name.strip('"') for name in found] == list(initializers.NAMED)
    n_in, n_out = 300, 200
    wanted = {r"2 / n_\text{in}": 2 / n_in,
              r"2 / (n_\text{in} + n_\text{out})": 2 / (n_in + n_out),
              r"1 / n_\text{in}": 1 / n_in, "0.01^2": 0.01**2}
    for name, said in found.items():
        W = nnlib.Dense(n_in, n_out, init=name.strip('"'), rng=0).W
        variance = re.search(r"variance \$([^$]+)\$", said)
        assert W.var() == pytest.approx(wanted[variance[1]] if variance else 0, rel=0.02)
    assert nnlib.Dense(2, 3, rng=0).W.tolist() == nnlib.Dense(2, 3, init="he", rng=0).W.tolist()


def test_fits_a_phone(browser, site_address):
    """Nothing has to be pushed sideways to be read: no formula, no code, not the page."""
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(f"{site_address}book/cheatsheet.html", wait_until="networkidle")
    page.evaluate("() => MathJax.startup.promise.then(() => true)")
    assert page.locator("article mjx-container").count() > 50
    assert page.evaluate(CUT_OFF) == []
    page.close()

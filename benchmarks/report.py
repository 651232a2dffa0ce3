"""Write README.md and speed.png from the figures of a run.

What stands between two comments, `<!-- table -->` and `<!-- /table -->` and their like,
book/speed.md includes.
"""

import matplotlib as mpl

from nnlib import blas, plots

from .nets import NETS
from .peers import PEERS, THREADS

# what a figure must be, and what we want it to be, in the order of NETS; products: at most
REQUIRED = {
    "found": {
        "torch": ((1.9, 2.3), (1.0, 1.15), (0.95, 1.1), (1.05, 1.15)),
        "sklearn": ((3.0, 3.6), (1.7, 1.9), (1.8, 2.1), (1.4, 1.6)),
        "textbook": ((1.7, 2.0), (1.5, 1.7), (1.6, 1.8), (1.4, 1.6)),
        "products": ((4.0, 3.3), (1.65, 1.5), (1.6, 1.35), (1.25, 1.15)),
    },
    "best": {
        "torch": ((2.2, 2.7), (1.2, 1.5), (1.1, 1.4), (1.4, 1.6)),
        "jax": ((0.55, 0.8), (0.75, 1.0), (0.62, 0.9), (0.75, 1.0)),
    },
}
GOAL, MET, MISSED = "●", "○", "✕"
NO_BREAK = "\N{NO-BREAK SPACE}"
FIT, IMPORT, MEMORY = 1.08, 20, 1e9         # at most
OWN = "OpenBLAS's own choice"
ALT = ("One training step of four nets: for each net a row of markers on a logarithmic axis "
       "shows how long PyTorch, JAX, scikit-learn and the textbook form take, and the bare "
       "matrix products, as multiples of nnlib's time, which is a vertical line at 1.")


def mark(figure, required, goal):
    """Return the sign for a figure; a goal below what is required means smaller is better."""
    sign = -1 if goal < required else 1
    if sign * figure >= sign * goal:
        return GOAL
    return MET if sign * figure >= sign * required else MISSED


def cell(figure, limits=None):
    """Return a figure for the table, with its sign and its limits if it has any."""
    if limits is None:
        return f"{figure:.2f}"
    return (f"{figure:.2f}{NO_BREAK}{mark(figure, *limits)} "
            f"({limits[0]:g},{NO_BREAK}{limits[1]:g})")


def row(key, name, conditions):
    """Return a line of the table of one condition, or nothing for a peer left out."""
    ratios = conditions[name]["ratios"]
    if key not in ratios[next(iter(NETS))]:
        return []
    # with one condition for both, the figures answer to both
    required = REQUIRED[name] if "best" in conditions else REQUIRED["found"] | REQUIRED["best"]
    limits = required.get(key, [None] * len(NETS))
    title = "nnlib ÷ its products" if key == "products" else f"{PEERS[key].name} ÷ nnlib"
    title = title.replace("-", "\N{NON-BREAKING HYPHEN}").replace(" ", NO_BREAK)
    cells = (cell(ratios[net][key], limit) for net, limit in zip(NETS, limits, strict=True))
    return [f"| {title} | {' | '.join(cells)} |"]


def heading(name, condition):
    """Return what a condition is, in a line."""
    kernel = f": the {condition['kernel']} kernel" if condition["kernel"] else ""
    if name == "best":
        return f"The fastest kernel{kernel}"
    if condition["set"]:
        return f"NumPy as found{kernel}, as {blas.VARIABLE}={condition['set']} is set here"
    return f"NumPy as installed{kernel}"


def table(figures):
    """Return the tables of all conditions."""
    lines = []
    for name, condition in figures["conditions"].items():
        heads = (net.name.replace(" ", NO_BREAK).replace(f",{NO_BREAK}", ", ")
                 for net in NETS.values())
        lines += [f"**{heading(name, condition)}**", "",
                  f"| | {' | '.join(heads)} |",
                  f"|---|{'---|' * len(NETS)}"]
        for key in PEERS:
            lines += row(key, name, figures["conditions"])
        own = (f"{condition['milliseconds'][net]:.2f} ms" for net in NETS)
        lines += [f"| *nnlib's step itself* | {' | '.join(own)} |", ""]
    return lines


def kernels(figures):
    """Return the table of the kernels' speeds."""
    speeds = figures["kernels"]
    if not speeds:
        return [f"The BLAS here is {figures['machine']['blas']}: there is no kernel to choose."]
    slowest = min(speeds.values())
    lines = ["| kernel | float32 products, GFLOP/s | relative |", "|---|---|---|"]
    lines += [f"| {name or OWN} | {speed:.0f} | {speed / slowest:.2f} |"
              for name, speed in sorted(speeds.items(), key=lambda item: item[1])]
    return lines


def costs(figures):
    """Return what else was measured, as a list."""
    lines = []
    if all(figures["fit"].values()):
        each = ", ".join(f"{figures['fit'][key]:.3f} ({net.name})" for key, net in NETS.items())
        worst = max(figures["fit"].values())
        lines.append(f"- `fit` ÷ the bare steps of the same batches: {each}. "
                     f"{GOAL if worst <= FIT else MISSED} at most {FIT:g}")
    if figures["import"]:
        lines.append(f"- `import nnlib` adds {figures['import']:.1f} ms to `import numpy`. "
                     f"{GOAL if figures['import'] <= IMPORT else MISSED} at most {IMPORT} ms")
    if figures["memory"]:
        lines.append(f"- Training on 700,000 × 784 pixels that stay uint8 takes at most "
                     f"{figures['memory'] / 1e6:,.0f} MB in all. "
                     f"{GOAL if figures['memory'] <= MEMORY else MISSED} at most "
                     f"{MEMORY / 1e6:,.0f} MB")
    return lines


def machine(figures):
    """Return where and with what it was measured, as a list."""
    facts = figures["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    memory = f", {facts['memory'] / 2**30:.0f} GiB" if facts["memory"] else ""
    lines = [f"- {facts['date']}, {facts['processor']}{memory}, {facts['system']}",
             f"- {versions}, {facts['blas']}; {THREADS} threads each"]
    if facts["load"] is not None:
        lines.append(f"- load of the machine before the run: {facts['load']:.1f}")
    shares = (f"{condition['spread']:.0%}" for condition in figures["conditions"].values())
    lines.append(f"- the middle half of the rounds of a figure spans {' and '.join(shares)} of "
                 f"it, in the median of all figures")
    lines += [f"- {PEERS[key].name} was not installed and is left out"
              for key in figures["left_out"]]
    return lines


TEXT = """\
# Speed

Written by `make bench`; change nothing here by hand. `make bench PY=/path/to/python` measures \
with another environment: PyTorch and JAX are no dependencies of the project, and a peer that \
is not installed is left out (requirements.txt names all of them).

![{alt}](speed.png)

## One training step

<!-- table -->

In float32: forward, loss, backward, Adam. Each figure is a ratio: how many times as long a \
peer's step takes as nnlib's, and in the last line but one how many times as long nnlib's takes \
as the matrix products in it. In brackets stands what we require and what we aim at: {goal} \
reaches the aim, {met} what is required, {missed} neither.

{table}
<!-- /table -->

## The kernels

<!-- kernels -->

{kernels}

<!-- /kernels -->

## Beside the steps

<!-- costs -->

{costs}

<!-- /costs -->

## Measured on

<!-- machine -->

{machine}

<!-- /machine -->

## How it is measured

<!-- method -->

- All peers start from the same weights, see the same batch and take the same steps; the tests \
hold their losses against each other.
- Each peer is a process of its own with {threads} threads. They take turns, and nobody works \
while another is timed. A figure is the median, over the rounds, of the ratio of two turns of \
one round.
- Steps follow each other without a pause, as in training, and only the last loss of a turn is \
asked for: PyTorch and JAX need not wait for each. nnlib returns every loss, and stops at one \
that is not finite.
- PyTorch: eager, `Adam(fused=True)`, `zero_grad(set_to_none=True)`. JAX: one function for the \
whole step, compiled by `jit`, which may write over its arguments. scikit-learn: `fit` of \
MLPClassifier, one batch an epoch, without shuffling; its arguments are checked once a turn, \
and not at each step, as `partial_fit` would.
- The textbook form (textbook.py) is what one writes after the chapters: a new array at every \
line, an optimizer for each layer's arrays.
- The bare products are the limit: forward, and backward for weights and for inputs, except \
for the data.

<!-- /method -->
"""


def readme(figures):
    """Return the text of README.md."""
    return TEXT.format(
        alt=ALT, goal=GOAL, met=MET, missed=MISSED, threads=THREADS,
        **{part.__name__: "\n".join(part(figures)) for part in (table, kernels, costs, machine)})


def finding(condition):
    """Return the title of a condition's panel."""
    peers = [{key: ratio for key, ratio in ratios.items() if key != "products"}
             for ratios in condition["ratios"].values()]
    wins = sum(all(ratio > 1 for ratio in ratios.values()) for ratios in peers)
    kernel = f"{condition['kernel']} kernel: " if condition["kernel"] else ""
    return f"{kernel}nnlib is first in {wins} of {len(peers)}"


def plot(figures):
    """Return the picture: a panel for each condition, a row for each net."""
    conditions = figures["conditions"].values()
    picture, axes = plots.panels(1, rows=len(conditions), width=6.2,
                                 height=1.2 + 2.4 * len(conditions))
    picture.describe(ALT)
    with mpl.rc_context(picture.style):
        for ax, condition in zip(axes, conditions, strict=True):
            ratios = list(condition["ratios"].values())
            ax.axvline(1, color=plots.INK, linewidth=1.2)
            others = [key for key in PEERS if key in ratios[0]]
            for key, colour, sign in zip(others, plots.COLOURS, plots.MARKERS, strict=False):
                times = [1 / row[key] if key == "products" else row[key] for row in ratios]
                ax.plot(times, range(len(times)), sign, color=colour, markersize=8,
                        linestyle="none", label=PEERS[key].name)
            ax.set_yticks(range(len(NETS)), [net.name.replace(", ", "\n")
                                             for net in NETS.values()])
            ax.set_ylim(len(NETS) - 0.5, -0.5)
            ax.grid(axis="y", color=plots.INK, linewidth=0.3)
            ax.sharex(axes[0])
            ax.set_title(finding(condition))
        ax.set_xscale("log", base=2)
        ax.xaxis.set_major_formatter("{x:g}")
        ax.set_xlabel("time of a step, nnlib = 1")
        picture.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=3,
                       handletextpad=0.2)
    return picture


def write(figures, folder):
    """Write README.md and speed.png into a folder."""
    (folder / "README.md").write_text(readme(figures), encoding="utf-8")
    (folder / "speed.png").write_bytes(plot(figures).png())

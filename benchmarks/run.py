"""Measure nnlib's speed beside its peers, as ratios in one run: ``make bench``.

Each peer is a process of its own, because two of them in one fight over threads. The peers
take turns, a fifth of a second each, so that caches are warm for nearly all of it, and wait in
between, as the idle threads of OpenBLAS spin on for a while. Writes figures.json, and README.md
and speed.png from it.
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

from nnlib import blas

from . import report
from .nets import NETS
from .peers import ENVIRONMENT, PEERS, is_installed

HERE = Path(__file__).resolve().parent
ROUNDS = 21
SECONDS = 0.2                               # of a peer's turn
PAUSE = 0.15                                # the idle threads of OpenBLAS spin for so long
PACKAGES = ("numpy", "torch", "jax", "scikit-learn")


class Worker:
    """A process that times one peer when asked."""

    def __init__(self, key, variables):
        self.key = key
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.peers", key], cwd=HERE.parent, text=True,
            env=variables | ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def close(self):
        """Let the process end and wait for it."""
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def ask(self, net, seconds):
        """Return the seconds of a step of a net."""
        print(net, seconds, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"benchmarks: the process of {self.key} ended; what it said "
                               f"stands above")
        return float(answer)


def turns(keys, variables, *, rounds=ROUNDS, seconds=SECONDS):
    """Return the seconds of a step, a list of all rounds, by net and peer."""
    workers = {key: Worker(key, variables) for key in keys}
    found = {net: {key: [] for key in keys} for net in NETS}
    try:
        for net in NETS:
            for worker in workers.values():
                worker.ask(net, seconds)                        # builds the net, and is not kept
            for i in range(rounds):
                shift = i % len(keys)                           # nobody always follows the same
                for key in [*keys[shift:], *keys[:shift]]:
                    time.sleep(PAUSE)
                    found[net][key].append(workers[key].ask(net, seconds))
            print(".", end="", flush=True)
    finally:
        for worker in workers.values():
            worker.close()
    return found


def ratios(times):
    """Return by net and peer the ratios of all rounds: peer ÷ nnlib, but nnlib ÷ products."""
    found = {}
    for net, seconds in times.items():
        own = seconds["nnlib"]
        pairs = {key: (own, other) if key == "products" else (other, own)
                 for key, other in seconds.items() if key != "nnlib"}
        found[net] = {key: [a / b for a, b in zip(*pair, strict=True)]
                      for key, pair in pairs.items()}
    return found


def medians(found):
    """Return the median of each list of ratios."""
    return {net: {key: statistics.median(values) for key, values in rows.items()}
            for net, rows in found.items()}


def spread(found):
    """Return how far the middle half of the rounds reaches, as a share, for the usual figure."""
    shares = []
    for values in (values for rows in found.values() for values in rows.values()):
        low, middle, high = statistics.quantiles(values, n=4)
        shares.append((high - low) / middle)
    return statistics.median(shares)


def condition(keys, variables, settings):
    """Measure all peers with these environment variables; return what report shows of it."""
    times = turns(keys, variables, **settings)
    found = ratios(times)
    return {
        "kernel": kernel(variables), "set": variables.get(blas.VARIABLE),
        "ratios": medians(found), "spread": spread(found),
        "milliseconds": {net: 1e3 * statistics.median(seconds["nnlib"])
                         for net, seconds in times.items()},
    }


def kernel(variables):
    """Return the name of the kernel that runs under these environment variables."""
    code = "from nnlib import blas; print(blas.library().kernel)"
    return subprocess.run([sys.executable, "-c", code], env=variables, text=True, check=True,
                          cwd=HERE.parent, stdout=subprocess.PIPE).stdout.strip()


def cost(variables, *arguments):
    """Return a figure of benchmarks.costs, measured in a process of its own, or None."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.costs", *arguments], text=True,
                          env=variables | ENVIRONMENT, cwd=HERE.parent, capture_output=True,
                          check=False)
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:]
        print(f"\nleft out: {' '.join(arguments)}:", *reason, file=sys.stderr)
        return None
    return float(done.stdout)


def machine():
    """Return what the figures depend on, in words."""
    versions = {"Python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    found, memory = blas.library(), blas.memory()
    return {
        "date": datetime.date.today().isoformat(),
        "processor": blas.processor(), "system": platform.system(),
        "memory": memory and memory[0], "blas": f"{found.name} {found.version}",
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "versions": versions,
    }


def measure(**settings):
    """Measure everything; return it as figures.json holds it."""
    keys = [key for key in PEERS if is_installed(key)]
    for key in PEERS:
        if key not in keys:
            print(f"{PEERS[key].name} is left out: {PEERS[key].package} is not installed.")
    figures = {"machine": machine(), "left_out": [key for key in PEERS if key not in keys],
               "kernels": blas.measured(again=True)}
    found = dict(os.environ)
    best = blas.environment(blas.best())
    figures["conditions"] = {"found": condition(keys, found, settings)}
    if kernel(best) != figures["conditions"]["found"]["kernel"]:
        figures["conditions"]["best"] = condition(keys, best, settings)
    figures["fit"] = {net: cost(best, "fit", net) for net in NETS}
    figures["import"] = cost(best, "import")
    figures["memory"] = cost(best, "memory")
    return figures


def main(arguments=None):
    """Measure, keep the figures, and write the report."""
    sys.stdout.reconfigure(errors="replace")
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"default: {ROUNDS}")
    parser.add_argument("--report", action="store_true",
                        help="write the report from figures.json without measuring")
    parser.add_argument("--folder", type=Path, default=HERE, help="where the files go")
    options = parser.parse_args(arguments)
    path = options.folder / "figures.json"
    if not options.report:
        figures = measure(rounds=options.rounds)
        path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    report.write(json.loads(path.read_text(encoding="utf-8")), options.folder)
    print(f"\nwritten: {options.folder / 'README.md'}")


if __name__ == "__main__":
    main()

"""The library behind NumPy's matrix products: which kernel runs, and which would be faster.

Nearly all the time of training goes into matrix products, which NumPy hands to a BLAS. The
usual one, OpenBLAS, holds a kernel for each family of processors and chooses when NumPy is
imported; the environment variable OPENBLAS_CORETYPE overrules it. Nothing here changes a
process that runs: applications start again with the variable set, and whoever imports nnlib
keeps the kernel that was chosen.
"""

import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

VARIABLE = "OPENBLAS_CORETYPE"
WINDOWS = os.name == "nt"
# what a processor must have, under each name that NumPy has had for it; without it, the kernel
# would end in an illegal instruction. The later AVX-512 kernels are SkylakeX's for float32.
NEEDS = {"SkylakeX": {"AVX512_SKX", "X86_V4"}, "Haswell": {"AVX2", "X86_V3"}}
OWN = ""                                    # the kernel that OpenBLAS chooses by itself
GAIN = 1.1                                  # worth setting: faster by a tenth
ROUNDS = 4
TIMEOUT = 20                                # seconds for a trial of 0.2
# the three products of a layer in training, again and again; the fastest counts, because
# other programs can only slow them down, and at times do so a hundredfold
TRIAL = """
import time
import numpy as np
rng = np.random.default_rng(0)
x, W, dz = (rng.random(shape, np.float32) for shape in ((256, 784), (784, 256), (256, 256)))
best, end = float("inf"), time.perf_counter() + 0.07
while time.perf_counter() < end:
    start = time.perf_counter()
    x @ W, x.T @ dz, dz @ W.T
    best = min(best, time.perf_counter() - start)
print(3 * 2 * 256 * 784 * 256 / best / 1e9)
"""


class Library(NamedTuple):
    """What is known of the BLAS that NumPy runs: name, version, kernel, threads.

    None stands for what is not known, and remark says why there is no kernel to choose.
    """

    name: str
    version: str | None = None
    kernel: str | None = None
    threads: int | None = None
    remark: str | None = None


def library():
    """Return the Library that NumPy's matrix products run in."""
    built = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    name, version = built.get("name", "unknown"), built.get("version")
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return Library(name, version, remark="threadpoolctl is not installed, so the kernel "
                                             "cannot be seen: pip install threadpoolctl")
    found = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    if not found:
        return Library(name, version, remark=f"{name} chooses its kernel itself, and there is "
                                             f"nothing to set")
    pool = found[0]
    name, kernel = pool["internal_api"], pool.get("architecture")
    if name == "openblas":
        return Library("OpenBLAS", pool["version"], kernel, pool["num_threads"])
    return Library(name, pool["version"], kernel, pool["num_threads"],
                   f"{name} is not OpenBLAS: it chooses its kernel itself, and "
                   f"{VARIABLE} says nothing to it")


def memory():
    """Return the bytes of memory that the machine has and that are free, or None."""
    try:
        import psutil
    except ImportError:
        return None
    found = psutil.virtual_memory()
    return found.total, found.available


def features():
    """Return the names of the processor's abilities that NumPy looks for and found."""
    simd = np.show_config(mode="dicts").get("SIMD Extensions", {})
    return {*simd.get("baseline", ()), *simd.get("found", ())}


def candidates():
    """Return the names of the kernels that this processor can run, those worth a trial."""
    return [kernel for kernel, needs in NEEDS.items() if needs & features()]


def measure(kernels):
    """Return how fast each kernel multiplies float32 matrices, in GFLOP/s, by name.

    Each trial is a process of its own, and the kernels take turns: what disturbs the machine
    disturbs all, and the fastest of a kernel's turns counts. A kernel that crashes or hangs is
    left out. OWN is what OpenBLAS chooses by itself.
    """
    speeds = dict.fromkeys(kernels, 0.0)
    for _ in range(ROUNDS):
        for kernel in list(speeds):
            try:
                done = subprocess.run([sys.executable, "-P", "-c", TRIAL], capture_output=True,
                                      env=environment(kernel), timeout=TIMEOUT, check=True)
                speeds[kernel] = max(speeds[kernel], float(done.stdout))
            except (OSError, ValueError, subprocess.SubprocessError):
                del speeds[kernel]
    return speeds


def measured(*, again=False):
    """Return the speeds of OWN and of the candidates: those on file, or measured now.

    They are kept in the user's cache folder for each processor, NumPy and OpenBLAS. Without
    OpenBLAS there is nothing to measure, and the answer is empty.
    """
    found = library()
    if found.remark:
        return {}
    key = (f"{processor()}, {' '.join(candidates())}, NumPy {np.__version__}, "
           f"OpenBLAS {found.version}")
    path = cache_folder() / "blas.json"
    known = _read(path)
    speeds = known.get(key)
    if again or not _plausible(speeds):
        own = None if VARIABLE in os.environ else found.kernel  # need not be tried twice
        speeds = measure([OWN, *(kernel for kernel in candidates() if kernel != own)])
        if OWN in speeds:
            _write(path, known | {key: speeds})
    return speeds


def best():
    """Return the name of the kernel that is worth setting, or None: the choice is good.

    Worth it is a tenth more speed. Takes a second or two, once; see measured.
    """
    return _fastest(measured()) or None


def recommendation():
    """Return one sentence on what to set, with figures that were measured now."""
    found = library()
    if found.remark:
        return found.remark
    speeds, chosen = measured(again=True), os.environ.get(VARIABLE, OWN)
    if chosen not in speeds:
        speeds |= measure([chosen])
    if not {OWN, chosen} <= set(speeds):
        return "the kernels could not be measured: a second Python does not start here"
    now, name = speeds[chosen], _fastest(speeds)
    gain = speeds[name] / now
    figures = f"{speeds[name]:.0f} instead of {now:.0f} GFLOP/s"
    if gain < GAIN:
        rest = ", ".join(f"{kernel or 'the own choice'} {speed:.0f}"
                         for kernel, speed in speeds.items() if kernel != chosen)
        what = f"{VARIABLE}={chosen} is set" if chosen else "the installed choice"
        return (f"{what}: {now:.0f} GFLOP/s, and no other kernel is clearly faster here"
                + (f" ({rest})" if rest else ""))
    if name == OWN:
        return (f"{VARIABLE}={chosen} is set; without it matrix products are {gain:.1f} × as "
                f"fast here ({figures})")
    return (f"{VARIABLE}={name} makes matrix products {gain:.1f} × as fast here ({figures}); "
            f"set it before NumPy is imported")


def restart():
    """Start this program again, once, with the kernel that is best here, if that is worth it.

    For applications, as their first act; never called by anything that is imported. Where the
    variable is set, be it to nothing, it is left as it is.
    """
    if VARIABLE not in os.environ and (kernel := best()):
        start(sys.orig_argv[1:], kernel)


def start(arguments, kernel=None):
    """Put ``python *arguments`` in the place of this process, with this kernel if named."""
    command = [sys.executable, *arguments]
    variables = os.environ if kernel is None else environment(kernel)
    sys.stdout.flush()
    if WINDOWS:                             # which cannot replace a process: wait for the other
        sys.exit(_wait(subprocess.Popen(command, env=variables)))
    os.execve(sys.executable, command, variables)


def environment(kernel):
    """Return the environment variables of a process that is to run this kernel, or OWN."""
    variables = {name: value for name, value in os.environ.items() if name != VARIABLE}
    return variables | {VARIABLE: kernel} if kernel else variables


def processor():
    """Return the processor's name, and what else tells it from others."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    facts = [f"{title}{match[1]}" for title, name in (
        ("", "model name"), ("family ", "cpu family"), ("model ", "model"))
        if (match := re.search(rf"^{name}\s*: (.*)$", text, re.MULTILINE))]
    facts = facts or [platform.processor() or platform.machine()]
    return ", ".join([*facts, f"{os.cpu_count()} cores"])


def cache_folder():
    """Return the folder for what nnlib may forget, which need not exist yet."""
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"], "nnlib")
    if WINDOWS and os.environ.get("LOCALAPPDATA"):
        return Path(os.environ["LOCALAPPDATA"], "nnlib", "cache")
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "nnlib"


def _wait(process):
    """Return a process's exit code; Ctrl+C is left to it, which gets it too."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def _fastest(speeds):
    """Return the kernel to set, or OWN where none is clearly faster than it."""
    name = max(speeds, key=speeds.get, default=OWN)
    return name if name and speeds[name] >= GAIN * speeds.get(OWN, float("inf")) else OWN


def _plausible(speeds):
    """Say whether speeds from a file are what measure returns."""
    return (isinstance(speeds, dict) and OWN in speeds
            and all(type(speed) is float and speed > 0 for speed in speeds.values()))


def _read(path):
    """Return what the cache file holds, or nothing where it is missing or damaged."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _write(path, known):
    """Replace the cache file as a whole; without a place to write there is no cache."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(known, indent=1), encoding="utf-8")
        os.replace(temporary, path)
    except OSError:
        try:
            temporary.unlink(missing_ok=True)
        except OSError:
            return

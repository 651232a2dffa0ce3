"""Stored outputs hold on processors that are not ours.

OpenBLAS has a kernel for each family of processors, and NumPy code of its own for some; they
round differently, and so do two threads and one. Each notebook goes through nbval under each of
these settings, as far as the processor at hand can take another one's part. Takes long, so it
is left to `make test-all`.
"""

import ast
import functools
import os
import platform
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from nnlib import blas

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
KERNELS = ("SkylakeX", "Haswell", "Nehalem")
THREADS = ("1", "2")
NO_AVX512 = "no-AVX-512"                        # a laptop's processor
SETTINGS = [*(f"{kernel}-{threads}" for kernel in KERNELS for threads in THREADS), NO_AVX512]
# what NumPy has for AVX-512, under each name that it has had
AVX512 = ("X86_V4", "AVX512")
# set by pytest-cov for its children, which it would slow down
COVERAGE = ("COV_", "COVERAGE_")
TIMEOUT = 900                                   # seconds; a chapter may take 60
PROBE = """
import numpy as np
from nnlib import blas
np.ones((300, 300), np.float32) @ np.ones((300, 300), np.float32)
print([*blas.library()[2:4], sorted(blas.features())])
"""


def variables(setting):
    """Return the environment variables that make a setting."""
    if setting == NO_AVX512:
        known = np.show_config(mode="dicts")["SIMD Extensions"].get("found", ())
        off = " ".join(name for name in known if name.startswith(AVX512))
        return {blas.VARIABLE: "Haswell", "NPY_DISABLE_CPU_FEATURES": off}
    kernel, threads = setting.split("-")
    return {blas.VARIABLE: kernel, "OPENBLAS_NUM_THREADS": threads}


def environment(setting):
    """Return the whole environment of a process under a setting."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(COVERAGE)}
    return ours | variables(setting)


def obstacle(setting):
    """Return why this machine cannot take on a setting, or None."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return f"these kernels are for x86 processors, and this is {platform.machine()}"
    if remark := blas.library().remark:
        return remark
    wanted = variables(setting)
    kernel = wanted[blas.VARIABLE]
    if not blas.NEEDS.get(kernel, blas.features()) & blas.features():
        return (f"this processor has none of {', '.join(sorted(blas.NEEDS[kernel]))}, without "
                f"which OpenBLAS's kernel {kernel} would end in an illegal instruction")
    if not wanted.get("NPY_DISABLE_CPU_FEATURES", "all"):
        return "this processor has no AVX-512 that could be switched off"
    done = subprocess.run([sys.executable, "-c", PROBE], cwd=ROOT, env=environment(setting),
                          capture_output=True, text=True, check=False)
    if done.returncode:
        return f"a Python with {kernel} does not run here: {done.stderr.strip()[-200:]}"
    runs, threads, features = ast.literal_eval(done.stdout)
    if runs != kernel:
        return f"OpenBLAS runs {runs} here when told to run {kernel}"
    if str(threads) != wanted.get("OPENBLAS_NUM_THREADS", str(threads)):
        return f"OpenBLAS runs {threads} threads here when told otherwise"
    if setting == NO_AVX512 and any(name.startswith(AVX512) for name in features):
        return f"NumPy keeps {features} here when told to leave AVX-512 off"
    return None


obstacle_here = functools.cache(obstacle)


@pytest.mark.every
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_stored_outputs_hold(path, setting):
    """Exactly, or within the tolerance that the cell declares."""
    if reason := obstacle_here(setting):
        pytest.skip(reason)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header", "-m", "",
         path],
        cwd=ROOT, env=environment(setting), capture_output=True, encoding="utf-8",
        timeout=TIMEOUT, check=False)
    if done.returncode:
        named = " ".join(f'{name}="{value}"' for name, value in variables(setting).items())
        pytest.fail(f"{path.name} with {named}:\n{done.stdout[-8000:]}{done.stderr[-2000:]}",
                    pytrace=False)


# -- A machine that cannot take on a setting ---------------------------------------------------


@pytest.fixture
def machine(monkeypatch):
    """A machine with an old x86 processor and OpenBLAS; nothing may be started on it."""
    def start(*_, **__):
        raise AssertionError("started a process")

    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(blas, "library", lambda: SimpleNamespace(remark=None))
    monkeypatch.setattr(blas, "features", lambda: {"SSE42"})
    monkeypatch.setattr(subprocess, "run", start)
    monkeypatch.setattr(np, "show_config", lambda mode: {"SIMD Extensions": {"found": ["AVX2"]}})
    return monkeypatch


def test_a_processor_that_is_no_x86(machine):
    machine.setattr(platform, "machine", lambda: "arm64")
    assert all("arm64" in obstacle(setting) for setting in SETTINGS)


def test_no_openblas(machine):
    machine.setattr(blas, "library", lambda: SimpleNamespace(remark="accelerate chooses"))
    assert all(obstacle(setting) == "accelerate chooses" for setting in SETTINGS)


def test_a_kernel_that_the_processor_lacks_is_not_started(machine):
    for setting in ("SkylakeX-1", "Haswell-2", NO_AVX512):
        assert "illegal instruction" in obstacle(setting)


def test_a_processor_without_avx512(machine):
    machine.setattr(blas, "features", lambda: {"AVX2"})
    assert "no AVX-512" in obstacle(NO_AVX512)
    assert "SkylakeX" in obstacle("SkylakeX-1")


@pytest.mark.parametrize(("said", "reason"), [
    (["Haswell", 1, ["AVX2"]], None),
    (["Zen", 1, ["AVX2"]], "runs Zen"),
    (["Haswell", 2, ["AVX2"]], "runs 2 threads"),
    (None, "does not run here: Illegal"),
])
def test_what_was_set_must_be_what_runs(machine, said, reason):
    """An OpenBLAS that was built without a kernel takes another and says nothing."""
    machine.setattr(blas, "features", lambda: {"AVX2"})
    machine.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(
        returncode=said is None, stdout=f"{said}\n", stderr="Illegal instruction"))
    found = obstacle("Haswell-1")
    assert found is None if reason is None else reason in found


def test_avx512_goes_off_under_the_names_that_numpy_has(machine):
    """Others are an ImportWarning."""
    found = {"found": ["AVX2", "X86_V4", "AVX512_ICL"]}
    machine.setattr(np, "show_config", lambda mode: {"SIMD Extensions": found})
    assert variables(NO_AVX512)["NPY_DISABLE_CPU_FEATURES"] == "X86_V4 AVX512_ICL"
    assert variables("Nehalem-2") == {"OPENBLAS_CORETYPE": "Nehalem", "OPENBLAS_NUM_THREADS": "2"}

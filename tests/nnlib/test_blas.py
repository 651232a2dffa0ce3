"""nnlib.blas and the command line: the kernel is seen, measured, and set only where it may be.

Protects from a kernel that the processor lacks, from a stale or damaged measurement, from
overruling who has chosen, and from an application that starts itself for ever.
"""

import importlib.metadata
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from nnlib import __main__ as command_line
from nnlib import blas

POOL = {"user_api": "blas", "internal_api": "openblas", "version": "0.3", "num_threads": 2,
        "architecture": "Haswell"}
OPENBLAS = blas.Library("OpenBLAS", "0.3", "Haswell", 2)
OTHER = blas.Library("mkl", "2026", None, 2, "mkl chooses its kernel itself")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache folder and an environment that say nothing, whatever those of this run say."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv(blas.VARIABLE, raising=False)
    return tmp_path / "nnlib" / "blas.json"


class Trials:
    """What subprocess.run gives for the trials: a speed by kernel, or what goes wrong."""

    def __init__(self, **speeds):
        self.speeds, self.calls = speeds, []

    def __call__(self, command, *, env, **options):
        name = env.get(blas.VARIABLE, "own")
        self.calls.append(name)
        answer = self.speeds[name]
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(stdout=f"{answer}\n".encode())


@pytest.fixture
def trials(monkeypatch):
    """A machine with OpenBLAS, two kernels, and speeds that the test may change."""
    fake = Trials(own=100, Haswell=101, SkylakeX=190)
    monkeypatch.setattr(blas.subprocess, "run", fake)
    monkeypatch.setattr(blas, "library", lambda: OPENBLAS)
    monkeypatch.setattr(blas, "candidates", lambda: ["SkylakeX", "Haswell"])
    return fake


def pools(monkeypatch, *found):
    monkeypatch.setattr("threadpoolctl.threadpool_info", lambda: list(found))


def config(monkeypatch, **sections):
    known = {"Build Dependencies": {"blas": {"name": "accelerate", "version": "unknown"}}}
    monkeypatch.setattr(np, "show_config", lambda mode: known | sections)


# What runs here ---------------------------------------------------------------------------


def test_library_names_the_kernel_and_the_threads(monkeypatch):
    pools(monkeypatch, {"user_api": "openmp"}, POOL, POOL | {"version": "of SciPy"})
    assert blas.library() == ("OpenBLAS", "0.3", "Haswell", 2, None)


def test_library_without_threadpoolctl_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    config(monkeypatch)
    found = blas.library()
    assert (found.name, found.kernel) == ("accelerate", None)
    assert "pip install threadpoolctl" in found.remark


def test_library_that_nobody_can_look_into(monkeypatch):
    pools(monkeypatch)
    config(monkeypatch)
    assert blas.library().remark == (
        "accelerate chooses its kernel itself, and there is nothing to set")


def test_library_other_than_openblas(monkeypatch):
    pools(monkeypatch, {**POOL, "internal_api": "mkl"})
    found = blas.library()
    assert (found.name, found.threads) == ("mkl", 2)
    assert found.remark.startswith("mkl is not OpenBLAS")


def test_memory(monkeypatch):
    state = SimpleNamespace(total=8, available=5)
    monkeypatch.setitem(sys.modules, "psutil", SimpleNamespace(virtual_memory=lambda: state))
    assert blas.memory() == (8, 5)
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert blas.memory() is None


def test_processor(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    text = "model\t\t: 2\nmodel name\t: AMD EPYC\ncpu family\t: 26\n"
    monkeypatch.setattr(Path, "read_text", lambda path, **options: text)
    assert blas.processor() == "AMD EPYC, family 26, model 2, 2 cores"
    monkeypatch.setattr(blas.platform, "processor", lambda: "")
    monkeypatch.setattr(blas.platform, "machine", lambda: "arm64")

    def missing(path, **options):
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", missing)
    assert blas.processor() == "arm64, 2 cores"


@pytest.mark.parametrize(("found", "wanted"), [
    (["AVX2", "FMA3"], ["Haswell"]),                        # as NumPy 2.0 names them
    (["X86_V3"], ["Haswell"]),                              # as NumPy 2.4 does
    (["AVX2", "AVX512F", "AVX512_SKX"], ["SkylakeX", "Haswell"]),
    (["X86_V3", "X86_V4"], ["SkylakeX", "Haswell"]),
    (["AVX2", "AVX512F"], ["Haswell"]),                     # AVX-512, but not all that it needs
    (["NEON", "ASIMD"], []),
])
def test_candidates_are_kernels_that_the_processor_can_run(monkeypatch, found, wanted):
    """Another one would end in an illegal instruction."""
    config(monkeypatch, **{"SIMD Extensions": {"baseline": ["SSE2"], "found": found}})
    assert blas.candidates() == wanted


def test_candidates_where_numpy_says_nothing_of_the_processor(monkeypatch):
    config(monkeypatch)
    assert blas.candidates() == []


# Measuring --------------------------------------------------------------------------------


def test_measure_lets_the_kernels_take_turns(trials):
    assert blas.measure(["", "SkylakeX"]) == {"": 100, "SkylakeX": 190}
    assert trials.calls == ["own", "SkylakeX"] * blas.ROUNDS


@pytest.mark.parametrize("mishap", [
    subprocess.CalledProcessError(-4, "python"),            # SIGILL
    subprocess.TimeoutExpired("python", 20),
    OSError("no such program"),
    "not a number",
], ids=["crash", "hang", "no Python", "noise"])
def test_measure_leaves_out_a_kernel_that_fails_and_never_tries_it_again(trials, mishap):
    trials.speeds["SkylakeX"] = mishap
    assert blas.measure(["", "SkylakeX"]) == {"": 100}
    assert trials.calls.count("SkylakeX") == 1


def test_measure_keeps_the_fastest_turn(trials, monkeypatch):
    """Other programs can slow a product down, even a hundredfold, but not speed it up."""
    turns = iter([3, 100, 98, 5])
    trials.speeds["own"] = type("Turns", (), {"__str__": lambda self: str(next(turns))})()
    assert blas.measure([""]) == {"": 100}


def test_best_names_what_is_faster_by_a_tenth(trials):
    assert blas.best() == "SkylakeX"


@pytest.mark.parametrize("speeds", [{"SkylakeX": 109}, {"own": OSError()},
                                    {"own": OSError(), "SkylakeX": OSError(),
                                     "Haswell": OSError()}])
def test_best_is_none_without_a_clear_gain(trials, speeds):
    trials.speeds |= speeds
    assert blas.best() is None


def test_best_is_none_without_openblas(trials, monkeypatch):
    monkeypatch.setattr(blas, "library", lambda: OTHER)
    assert blas.best() is None
    assert trials.calls == []


def test_the_choice_of_openblas_is_not_tried_twice(trials, monkeypatch):
    assert set(blas.measured()) == {"", "SkylakeX"}
    monkeypatch.setenv(blas.VARIABLE, "Haswell")            # now nobody knows its own choice
    assert set(blas.measured(again=True)) == {"", "SkylakeX", "Haswell"}


# The cache --------------------------------------------------------------------------------


def test_a_measurement_is_kept(trials, cache):
    first = blas.measured()
    trials.calls.clear()
    assert blas.measured() == first
    assert trials.calls == []
    assert blas.measured(again=True) == first
    assert trials.calls
    assert list(cache.parent.iterdir()) == [cache]          # nothing half written lies about


@pytest.mark.parametrize("change", [
    lambda m: m.setattr(blas, "processor", lambda: "another"),
    lambda m: m.setattr(blas, "candidates", lambda: ["Haswell"]),
    lambda m: m.setattr(np, "__version__", "9.9"),
    lambda m: m.setattr(blas, "library", lambda: OPENBLAS._replace(version="0.4")),
], ids=["processor", "abilities", "NumPy", "OpenBLAS"])
def test_another_machine_or_version_is_measured_anew(trials, cache, monkeypatch, change):
    blas.measured()
    trials.calls.clear()
    change(monkeypatch)
    blas.measured()
    assert trials.calls
    assert len(json.loads(cache.read_text(encoding="utf-8"))) == 2      # and the first is kept


@pytest.mark.parametrize("damage", [
    b"", b"{", b"\xff\xfe", b"[1]", b"1e999",
    lambda key: {key: None}, lambda key: {key: {}}, lambda key: {key: {"": -1.0}},
    lambda key: {key: {"": "fast"}}, lambda key: {key: {"": 100.0, "SkylakeX": None}},
])
def test_a_damaged_cache_is_measured_anew(trials, cache, damage):
    blas.measured()
    (key,) = json.loads(cache.read_text(encoding="utf-8"))
    cache.write_bytes(json.dumps(damage(key)).encode() if callable(damage) else damage)
    trials.calls.clear()
    assert blas.best() == "SkylakeX"
    assert trials.calls
    assert list(json.loads(cache.read_text(encoding="utf-8"))) == [key]


def test_works_where_nothing_can_be_written(trials, cache, tmp_path, monkeypatch):
    cache.parent.write_text("a file where the folder should be", encoding="utf-8")
    assert blas.best() == "SkylakeX"


def test_a_failed_write_leaves_nothing_behind(trials, cache, monkeypatch):
    def full(source, target):
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", full)
    assert blas.best() == "SkylakeX"
    assert list(cache.parent.iterdir()) == []


def test_what_could_not_be_measured_is_not_kept(trials, cache):
    trials.speeds["own"] = OSError()
    blas.measured()
    assert not cache.exists()


def test_cache_folder_of_each_system(monkeypatch, tmp_path):
    assert blas.cache_folder() == tmp_path / "nnlib"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", lambda: Path("home"))
    monkeypatch.setattr(blas, "WINDOWS", True)
    monkeypatch.setenv("LOCALAPPDATA", "local")
    assert blas.cache_folder() == Path("local", "nnlib", "cache")
    monkeypatch.delenv("LOCALAPPDATA")
    monkeypatch.setattr(sys, "platform", "linux")
    assert blas.cache_folder() == Path("home", ".cache", "nnlib")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert blas.cache_folder() == Path("home", "Library", "Caches", "nnlib")


# What to set ------------------------------------------------------------------------------


@pytest.mark.parametrize(("chosen", "speeds", "wanted"), [
    (None, {}, "OPENBLAS_CORETYPE=SkylakeX makes matrix products 1.9 × as fast here "
               "(190 instead of 100 GFLOP/s); set it before NumPy is imported"),
    (None, {"SkylakeX": 60}, "the installed choice: 100 GFLOP/s, and no other kernel is "
                             "clearly faster here (SkylakeX 60)"),
    (None, {"SkylakeX": OSError()}, "the installed choice: 100 GFLOP/s, and no other kernel is "
                                    "clearly faster here"),
    ("SkylakeX", {}, "OPENBLAS_CORETYPE=SkylakeX is set: 190 GFLOP/s, and no other kernel is "
                     "clearly faster here (the own choice 100, Haswell 101)"),
    ("Nehalem", {"Nehalem": 50, "SkylakeX": 101},
     "OPENBLAS_CORETYPE=Nehalem is set; without it matrix products are 2.0 × as fast here "
     "(100 instead of 50 GFLOP/s)"),
    ("Haswell", {}, "OPENBLAS_CORETYPE=SkylakeX makes matrix products 1.9 × as fast here "
                    "(190 instead of 101 GFLOP/s); set it before NumPy is imported"),
    (None, {"own": OSError()}, "the kernels could not be measured: a second Python does not "
                               "start here"),
    ("Nehalem", {"Nehalem": OSError()}, "the kernels could not be measured: a second Python "
                                        "does not start here"),
])
def test_recommendation(trials, monkeypatch, chosen, speeds, wanted):
    trials.speeds |= speeds
    if chosen:
        monkeypatch.setenv(blas.VARIABLE, chosen)
    assert blas.recommendation() == wanted


def test_recommendation_without_openblas(monkeypatch):
    monkeypatch.setattr(blas, "library", lambda: OTHER)
    assert blas.recommendation() == "mkl chooses its kernel itself"


# Starting programs ------------------------------------------------------------------------


@pytest.fixture
def started(monkeypatch):
    """What would have replaced this process: (arguments, kernel)."""
    calls = []
    monkeypatch.setattr(blas, "WINDOWS", False)
    monkeypatch.setattr(os, "execve", lambda path, command, variables: calls.append(
        (path, command[0], command[1:], variables.get(blas.VARIABLE))))
    return calls


def test_restart_starts_the_same_program_with_the_best_kernel(trials, started, monkeypatch):
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "nnlib", "train"])
    blas.restart()
    assert started == [(sys.executable, sys.executable, ["-m", "nnlib", "train"], "SkylakeX")]


@pytest.mark.parametrize("chosen", ["SkylakeX", "Haswell", ""])
def test_restart_leaves_alone_what_is_set_and_so_happens_once(trials, started, monkeypatch,
                                                              chosen):
    monkeypatch.setenv(blas.VARIABLE, chosen)
    blas.restart()
    assert started == []
    assert trials.calls == []


def test_restart_does_nothing_where_the_choice_is_good(trials, started):
    trials.speeds["SkylakeX"] = 100
    blas.restart()
    assert started == []


def test_start_on_windows_waits_and_ends_as_the_program_did(monkeypatch):
    class Process:
        waits = iter([KeyboardInterrupt(), 3])

        def __init__(self, command, env):
            assert (command[1:], env[blas.VARIABLE]) == (["-V"], "SkylakeX")

        def wait(self):
            answer = next(self.waits)
            if isinstance(answer, BaseException):
                raise answer
            return answer

    monkeypatch.setattr(blas, "WINDOWS", True)
    monkeypatch.setattr(blas.subprocess, "Popen", Process)
    with pytest.raises(SystemExit) as ended:
        blas.start(["-V"], "SkylakeX")
    assert ended.value.code == 3


# The command line -------------------------------------------------------------------------


def test_info_shows_what_runs(trials, monkeypatch, capsys):
    monkeypatch.setattr(blas, "memory", lambda: (8 * 2**30, 5 * 2**30))
    assert command_line.main(["info"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2:7] == [f"NumPy    {np.__version__}", "BLAS     OpenBLAS 0.3",
                          "kernel   Haswell", "threads  2",
                          "memory   8.0 GiB, 5.0 GiB of them free"]
    assert lines[7:] == [blas.recommendation()]


def test_info_says_what_it_cannot_know(monkeypatch, capsys):
    unknown = blas.Library("accelerate", remark="there is nothing to set")
    monkeypatch.setattr(blas, "library", lambda: unknown)
    monkeypatch.setattr(blas, "memory", lambda: None)
    command_line.main(["info"])
    assert capsys.readouterr().out.splitlines()[3:] == [
        "BLAS     accelerate", "kernel   unknown", "threads  unknown",
        "memory   unknown (psutil is not installed)", "there is nothing to set"]


@pytest.mark.parametrize("arguments", [["-m", "jupyterlab", "--version"], ["-c", "pass", "-h"],
                                       ["script.py", "--", "-x"]])
def test_run_hands_on_every_word_as_it_is(trials, started, arguments):
    command_line.main(["run", *arguments])
    assert started == [(sys.executable, sys.executable, arguments, "SkylakeX")]


def test_run_leaves_alone_what_is_set(trials, started, monkeypatch):
    monkeypatch.setenv(blas.VARIABLE, "Nehalem")
    command_line.main(["run", "script.py"])
    assert started[0][-1] == "Nehalem"
    assert trials.calls == []


@pytest.mark.parametrize(("arguments", "code", "said"), [
    ([], 2, "Commands:"), (["run"], 2, "Missing argument"), (["run", "-h"], 0, "Usage"),
    (["trian"], 2, "No such command 'trian'"), (["--version"], 0, "nnlib "),
])
def test_other_words_get_help(capsys, arguments, code, said):
    assert command_line.main(arguments) == code
    assert said in "".join(capsys.readouterr())


def test_module_is_the_program(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "nnlib.__main__")
    monkeypatch.setattr(sys, "argv", ["nnlib", "--version"])
    with pytest.raises(SystemExit):
        runpy.run_module("nnlib", run_name="__main__", alter_sys=True)
    assert capsys.readouterr().out == f"nnlib {importlib.metadata.version('nnlib')}\n"


def python(*arguments, **variables):
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True,
                          env={**os.environ, "PYTHONUTF8": "1", **variables}, check=True).stdout


def test_both_commands_for_real():
    """All of it, with trials: what info measures serves run, whose program gets its words."""
    *lines, last = python("-m", "nnlib", "info").splitlines()
    names = ["nnlib", "Python", "NumPy", "BLAS", "kernel", "threads", "memory"]
    assert [line.partition(" ")[0] for line in lines] == names
    assert last == blas.library().remark or "GFLOP/s" in last
    code = f"import os, sys; print(os.environ.get({blas.VARIABLE!r}), sys.argv[1:])"
    said = python("-m", "nnlib", "run", "-c", code, "-m", "--x")
    kernel, _, words = said.partition(" ")
    assert kernel in {"None", *blas.candidates()}               # which one, the machine decides
    assert words == "['-m', '--x']\n"
    said = python("-m", "nnlib", "run", "-c", code, OPENBLAS_CORETYPE="Haswell")
    assert said == "Haswell []\n"


def test_importing_nnlib_neither_looks_nor_sets():
    """A library does not choose behind its user's back."""
    code = (f"import os, sys; before = dict(os.environ); import nnlib; "
            f"print('nnlib.blas' in sys.modules, os.environ.get({blas.VARIABLE!r}), "
            f"before == dict(os.environ))")
    assert python("-c", code) == "False None True\n"

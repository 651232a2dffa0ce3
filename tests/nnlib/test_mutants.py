"""Classic defects, each planted in a copy of nnlib: do our tests catch it?

Protects from tests that pass whatever the code does. Each mutant of mutants.py is the finished
code with one thing wrong. It is caught if pytest, run there, ends with failed tests, and all
that the table names are among them. A mutant that cannot be imported, or stumbles over a name,
would show nothing and is refused.

Two hundred runs of pytest take minutes, and what they guard are the tests: CI has a job for
them, `make test-all` runs them, and `make test` looks only whether each still has its place.
"""

import contextlib
import importlib.util
import io
import multiprocessing
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from tests.nnlib.mutants import MUTANTS

HOME = Path(__file__).parents[2]
TESTS = "tests/nnlib"
ALL = sorted({test for *_, tests in MUTANTS.values() for test in tests})
OPTIONS = ["-q", "-rf", "--tb=no", "-p", "no:cacheprovider",
           "--override-ini=addopts=", "--import-mode=importlib"]    # without the notebooks'
# what tells of a bad mutant rather than of a good test
CLUMSY = {"AttributeError", "ImportError", "ModuleNotFoundError", "NameError",
          "UnboundLocalError"}
# imported once for all processes, where processes can be forked: never nnlib itself
PRELOAD = ["joblib", "matplotlib.figure", "numpy", "pytest"]


class Failures:
    """A plugin that notes which tests failed, and by which exception."""

    def __init__(self):
        self.kinds = {}

    def pytest_exception_interact(self, node, call):
        self.kinds[node.nodeid.removeprefix(f"{TESTS}/")] = call.excinfo.typename


def run(root, tests):
    """Run tests of the copy under root, in a process that has not imported nnlib yet.

    Returns pytest's exit code, what failed and by which exception, and what was printed.
    """
    os.chdir(root)
    os.environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "",
                   "TQDM_DISABLE": "1"}
    failures = Failures()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        code = pytest.main([*OPTIONS, *(f"{TESTS}/{test}" for test in tests)],
                           plugins=[failures])
    if "nnlib" in sys.modules:                                  # installed, it is elsewhere too
        home = Path(sys.modules["nnlib"].__file__).resolve().parents[1]
        assert home == Path(root).resolve(), f"the tests saw the nnlib of {home}"
    return int(code), failures.kinds, printed.getvalue()


def mutated(name, root):
    """Return the file of a mutant below root, and its source with the defect planted."""
    file, edits, _ = MUTANTS[name]
    path = root / "nnlib" / file
    source = path.read_text("utf-8")
    for fragment, replacement in edits.items():
        count = source.count(fragment)
        assert count == 1, (
            f"nnlib/{file} has {count} places for the mutant {name!r}, it should have one. Was "
            f"the code changed? Then give the mutant in tests/nnlib/mutants.py its new text in "
            f"place of this:\n{fragment}")
        source = source.replace(fragment, replacement)
    return path, source


def plant(name, root):
    """Make the copy under root the mutant of this name."""
    path, source = mutated(name, root)
    path.write_text(source, "utf-8")
    Path(importlib.util.cache_from_source(path)).unlink(missing_ok=True)


def run_mutant(name, original):
    """Plant a mutant in a copy of the copy, and run its tests there."""
    with tempfile.TemporaryDirectory() as root:
        shutil.copytree(original, root, dirs_exist_ok=True)
        plant(name, Path(root))
        outcome = run(root, MUTANTS[name][2])
        os.chdir(original)                                      # Windows keeps what is in use
        return outcome


@pytest.fixture(scope="module")
def processes():
    """Return two processes at a time, a new one for each task."""
    method = "forkserver" if os.name == "posix" else "spawn"
    context = multiprocessing.get_context(method)
    context.set_forkserver_preload(PRELOAD)
    with context.Pool(2, maxtasksperchild=1) as pool:
        yield pool


@pytest.fixture(scope="module")
def original(tmp_path_factory, processes):
    """Return where nnlib and its tests are copied, and how all tests of the table end there."""
    root = tmp_path_factory.mktemp("original")
    for part in ("nnlib", TESTS):
        shutil.copytree(HOME / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HOME / "pyproject.toml", root)
    return root, processes.apply(run, (root, ALL))              # and compile for all copies


@pytest.fixture(scope="module")
def outcomes(request, original, processes):
    """Return the outcomes of the mutants asked for, by name, in the making."""
    names = [item.callspec.params["name"] for item in request.session.items
             if getattr(item, "function", None) is test_a_mutant_is_caught]
    return {name: processes.apply_async(run_mutant, (name, original[0])) for name in names}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_has_its_place(name):
    """Once in the code as it is today, and then it is still Python."""
    path, source = mutated(name, HOME)
    compile(source, path, "exec")
    assert source != path.read_text("utf-8")


@pytest.mark.every
def test_without_a_mutant_all_pass(original):
    _, (code, failed, printed) = original
    assert code == 0, printed
    assert not failed


@pytest.mark.every
@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_caught(name, outcomes):
    code, failed, printed = outcomes[name].get(timeout=300)
    assert code == 1, printed               # tests failed: no crash, and not all passed
    assert not CLUMSY & {*failed.values()}, printed
    for test in MUTANTS[name][2]:
        assert any(found == test or found.startswith(f"{test}[") for found in failed), test

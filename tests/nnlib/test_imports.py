"""Importing nnlib imports NumPy and nothing else that is not Python's own."""

import subprocess
import sys

SAY = """
import sys
before = set(sys.modules)
import numpy
after_numpy = set(sys.modules)
import nnlib
new = {name.partition(".")[0] for name in set(sys.modules) - after_numpy}
print(*sorted(new - set(sys.stdlib_module_names) - {"nnlib"}))
"""


def test_import_brings_numpy_alone():
    done = subprocess.run([sys.executable, "-c", SAY], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_plots_come_when_asked_for():
    code = "import nnlib; nnlib.plots.scatter; from nnlib import plots; nnlib.datasets.spiral"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_module_is_there_once_nnlib_is_imported():
    """Also those that no other test has imported before."""
    code = ("import nnlib, pkgutil; [getattr(nnlib, module.name) for module in "
            "pkgutil.iter_modules(nnlib.__path__) if module.name[0] != '_']")
    subprocess.run([sys.executable, "-c", code], check=True)


def test_other_names_are_refused_as_usual():
    code = "import nnlib; nnlib.Dens"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          check=False)
    assert "module 'nnlib' has no attribute 'Dens'" in done.stderr

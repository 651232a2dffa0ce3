"""tools/environment.py: whatever is wrong with a machine, a newcomer gets one sentence.

The machines are made up: a PATH that holds one pretended Python, which does as it is told.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the pretended Python is in sh")

PYTHON = """#!/bin/sh
case "$*" in
    *version_info*) echo "3 12" ;;
    "-m venv "*)
        [ -z "$VENV_SAYS" ] || { echo "$VENV_SAYS"; exit 1; }
        /bin/mkdir -p "$3/bin" && /bin/cp "$0" "$3/bin/python" ;;
    "-m pip --version") ;;
    "-m pip install "*)
        echo "installed $PIP_CONSTRAINT $*" >> "$RECORD"
        [ -z "$PIP_SAYS" ] || { echo "$PIP_SAYS"; exit 1; } ;;
esac
"""
# what a real, but old, Python would see of itself
OLD = ('import runpy, sys; sys.version_info = (3, 8, 10, "final", 0); '
       'sys.argv = ["environment.py"]; runpy.run_path("tools/environment.py", '
       'run_name="__main__")')


@pytest.fixture
def machine(tmp_path):
    """Return a function that runs the script on the machine as it is, and the folder."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "path").mkdir()
    for name in ("tools/environment.py", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    python = tmp_path / "path" / "python3.12"
    python.write_text(PYTHON)
    python.chmod(0o755)

    def run(**environment):
        return subprocess.run(
            [sys.executable, "-c", OLD], cwd=tmp_path, capture_output=True, text=True,
            check=False, env={"PATH": str(tmp_path / "path"),
                              "RECORD": str(tmp_path / "record"), **environment})

    return run, tmp_path


def sentence(done):
    """Return what a failed run said: one line, and no traceback."""
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    return line


def test_a_newer_python_on_the_path_is_found(machine):
    run, folder = machine
    done = run()
    assert done.returncode == 0, done.stderr
    assert (folder / ".venv" / "made-from.txt").exists()
    (installed,) = (folder / "record").read_text().splitlines()
    assert installed.startswith("installed constraints.txt -m pip install")     # pinned
    assert installed.endswith("-e .[lab,book,test]")                            # and whole


def test_no_newer_python(machine):
    run, folder = machine
    (folder / "path" / "python3.12").unlink()
    said = sentence(run())
    assert "Python 3.11 or newer is needed, and this is 3.8" in said
    assert "make PYTHON=" in said


def test_no_venv_module(machine):
    run, folder = machine
    said = sentence(run(VENV_SAYS="... because ensurepip is not available."))
    assert "comes without its venv module" in said
    assert "apt install python3-venv" in said
    assert not (folder / ".venv").exists()


def test_venv_fails_otherwise(machine):
    assert "-m venv failed: No space left on device" in sentence(
        machine[0](VENV_SAYS="Error:\nNo space left on device"))


def test_no_network(machine):
    said = sentence(machine[0](PIP_SAYS="NewConnectionError('...: Failed to establish a new"))
    assert "cannot be fetched" in said
    assert "network" in said


def test_a_certificate_that_is_not_trusted(machine):
    said = sentence(machine[0](PIP_SAYS="Max retries exceeded (Caused by SSLError(...))"))
    assert "certificate" in said
    assert "PIP_CERT" in said


@pytest.mark.parametrize("line", ["ERROR: No matching distribution for x", "  error: no gcc"])
def test_pip_fails_otherwise(machine, line):
    said = sentence(machine[0](PIP_SAYS=f"blah\n{line}\nblah"))
    assert f"pip failed: {line.strip()}" in said
    assert os.path.join(".venv", "install.log") in said


def test_the_second_run_installs_nothing_until_something_changes(machine):
    run, folder = machine
    run()
    run()
    assert (folder / "record").read_text().count("installed ") == 1
    with (folder / "constraints.txt").open("a") as file:
        file.write("# changed\n")
    run()
    assert (folder / "record").read_text().count("installed ") == 2


def test_a_failed_installation_is_tried_again(machine):
    run, folder = machine
    sentence(run(PIP_SAYS="ERROR: no"))
    assert run().returncode == 0
    assert (folder / "record").read_text().count("installed ") == 2


def test_a_moved_folder_is_set_up_again(machine, tmp_path_factory):
    """nnlib is installed by its path, and a .venv holds its own."""
    run, folder = machine
    run()
    moved = tmp_path_factory.mktemp("moved") / "clone"
    shutil.copytree(folder, moved)
    done = subprocess.run([sys.executable, "tools/environment.py"], cwd=moved, check=False,
                          capture_output=True, text=True,
                          env={"PATH": str(folder / "path"), "RECORD": str(moved / "record")})
    assert done.returncode == 0, done.stderr
    assert (moved / "record").read_text().count("installed ") == 2

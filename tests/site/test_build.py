"""tools/site.py: a build that went wrong must look like one, and say what to do next.

No site is built here: a stand-in takes Jupyter Book's place.
"""

import os
import sys
from types import SimpleNamespace

import pytest

FAULT = "book/index.html: the file is missing or empty."


class Build:
    """`tools/site.py build` in a folder of its own; it keeps the command that it was given."""

    def __init__(self, tool, monkeypatch, folder):
        self.tool, self.cache = tool, folder / ".doctrees"
        self.command, self.returncode, self.found, self.missing = None, 0, [], []
        self.cache.mkdir()
        (self.cache / "environment.pickle").touch()
        (folder / "html").mkdir()
        for name, value in {
            "BUILD": folder,
            "SITE": folder / "html",
            "PICKLE": self.cache / "environment.pickle",
            "is_stale": lambda: False,
            "missing_packages": lambda: self.missing,
            "MEMORY": folder / "guard.json",
            "problems": self.problems,
            "WINDOWS": False,
        }.items():
            monkeypatch.setattr(tool, name, value)
        monkeypatch.setattr(tool.subprocess, "run", self.run)

    def problems(self, site, memory=None):
        assert site == self.tool.SITE
        self.memory = memory
        return self.found

    def run(self, command, **options):
        self.command = command
        return SimpleNamespace(returncode=self.returncode)

    def __call__(self, *arguments):
        return self.tool.main(["build", *arguments])


@pytest.fixture
def build(site_tool, monkeypatch, tmp_path):
    return Build(site_tool, monkeypatch, tmp_path)


def test_passes_when_nothing_is_wrong(build, capsys):
    """And then it says where the book is."""
    assert build() == 0
    assert "look at it with `make serve`." in capsys.readouterr().out
    assert build.cache.exists()


def test_remembers_pages_between_builds_and_not_for_a_check(build):
    """What is published was checked from the first page to the last, whatever a build left."""
    build()
    assert build.memory == build.tool.MEMORY
    build.tool.main(["check", str(build.tool.SITE)])
    assert build.memory is None


def test_publishes_no_memory(site_tool):
    """What is below the site's folder gets published."""
    assert not site_tool.MEMORY.is_relative_to(site_tool.SITE)


@pytest.mark.parametrize("option", ["-W", "-n", "--keep-going"])
def test_takes_warnings_for_errors(build, option):
    """Warnings stop the build (-W), dead references warn (-n), and all are listed."""
    build()
    assert build.command[0] == sys.executable
    assert option in build.command


def test_fails_with_jupyter_book_and_forgets_its_pages(build, capsys):
    """A second try would pass over the faulty pages in silence."""
    build.returncode = 2
    assert build() == 1
    assert "The build failed" in capsys.readouterr().out
    assert not build.cache.exists()


def test_fails_on_what_the_guard_finds(build, capsys):
    """What should not be published does not count as built."""
    build.found = [FAULT]
    assert build() == 1
    printed = capsys.readouterr().out
    assert FAULT in printed
    assert "serve" not in printed


def test_says_what_is_not_installed(build, site_tool, capsys):
    """Half an environment gives a sentence and no traceback."""
    build.missing = ["numpydoc"]
    assert build() == 1
    assert build.command is None
    assert capsys.readouterr().out == site_tool.NOT_INSTALLED.format("numpydoc") + "\n"


def test_starts_afresh_when_told(build):
    """A cache can be wrong in ways that nobody has thought of."""
    assert build("--fresh") == 1
    assert not build.tool.BUILD.exists()


@pytest.mark.parametrize("name", ["_static/custom.css", "_root/index.html",
                                  "_templates/layout.html", "_toc.yml", "reruns.json",
                                  "official_splits.json"])
def test_notices_a_new_style_sheet(name, site_tool, tmp_path, monkeypatch):
    """Sphinx does not: it would leave the old one on the site and say that nothing changed."""
    pickle, sheet = tmp_path / "doctrees" / "environment.pickle", tmp_path / "book" / name
    for path in (pickle, sheet):
        path.parent.mkdir(parents=True)
    sheet.touch()
    monkeypatch.setattr(site_tool, "ROOT", tmp_path)
    monkeypatch.setattr(site_tool, "PICKLE", pickle)
    monkeypatch.setattr(site_tool, "SITE", tmp_path / "html")
    code = tmp_path / "html" / "_modules" / "nnlib.html"
    code.parent.mkdir(parents=True)
    code.touch()
    assert not site_tool.is_stale()
    pickle.touch()
    os.utime(sheet, (1, 1))
    assert not site_tool.is_stale()
    os.utime(pickle, (0, 0))
    assert site_tool.is_stale()
    site_tool.forget_pages()
    assert not site_tool.is_stale()
    assert not code.exists()                  # its frame is as old as the pages


def test_forgets_the_pages_when_a_style_sheet_is_new(build, monkeypatch):
    """To notice is not enough."""
    monkeypatch.setattr(build.tool, "is_stale", lambda: True)
    build()
    assert not build.cache.exists()


def test_commands_say_that_nothing_is_built(site_tool, tmp_path, monkeypatch, capsys):
    """A newcomer's first command may be `make serve`."""
    monkeypatch.setattr(site_tool, "SITE", tmp_path / "none")
    assert site_tool.main(["serve", "--no-open"]) == 1
    assert site_tool.main(["check", str(tmp_path / "none")]) == 1
    wanted = site_tool.NOT_BUILT.format(site_tool.how_to("build"))
    assert capsys.readouterr().out == 2 * f"{wanted}\n"


@pytest.mark.parametrize(
    ("folder", "python"),
    [(".venv", os.path.join(".venv", "Scripts", "python")), ("../conda", "python")],
)
def test_names_a_command_that_windows_has(build, folder, python, monkeypatch, capsys):
    """There is no make on Windows."""
    root = build.tool.ROOT
    monkeypatch.chdir(root)
    monkeypatch.setattr(build.tool, "WINDOWS", True)
    executable = os.path.abspath(root / folder / "Scripts" / "python.exe")
    monkeypatch.setattr(sys, "executable", executable)
    build()
    wanted = f"`{python} {os.path.join('tools', 'site.py')} serve`"
    assert wanted in capsys.readouterr().out

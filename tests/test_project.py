"""The project's own files agree with each other, so that it installs tomorrow too."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from PIL import Image

import nnlib
from nnlib import commands

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUP = (ROOT / "tools" / "environment.py").read_text(encoding="utf-8")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
EXTRAS = ".[lab,book,test]"


def test_ruff_finds_nothing():
    """The style of code and notebooks, which `make lint` checks too."""
    done = subprocess.run([sys.executable, "-m", "ruff", "check", ROOT], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("module", sorted((ROOT / "nnlib").rglob("*.py")), ids=lambda p: p.name)
def test_no_module_of_nnlib_is_longer_than_300_lines(module):
    """What needs more is two things, and a reader looks for each under its own name."""
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 300


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def pins():
    """The pinned versions of constraints.txt by name, several where markers tell them apart."""
    found = {}
    for line in read("constraints.txt").splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            (specifier,) = requirement.specifier
            assert specifier.operator == "==", line
            found.setdefault(canonicalize_name(requirement.name), []).append(specifier.version)
    return found


def requirements():
    project = PROJECT["project"]
    extras = project["optional-dependencies"].values()
    return [*project["dependencies"], *PROJECT["build-system"]["requires"],
            *(line for extra in extras for line in extra)]


@pytest.mark.parametrize("line", requirements())
def test_every_requirement_is_pinned_at_a_version_that_it_allows(line):
    requirement = Requirement(line)
    versions = pins().get(canonicalize_name(requirement.name))
    assert versions, f"{requirement.name} is not in constraints.txt"
    assert all(version in requirement.specifier for version in versions)


def test_one_list_of_extras():
    """The Makefile's environment, conda's and pyproject.toml's name the same extras."""
    assert set(PROJECT["project"]["optional-dependencies"]) == set(
        re.findall(r"\w+", EXTRAS))
    assert f'EXTRAS = "{EXTRAS}"' in SETUP
    environment = yaml.safe_load(read("environment.yml"))
    (pip,) = [item["pip"] for item in environment["dependencies"] if isinstance(item, dict)]
    assert pip == ["-c constraints.txt", f"-e {EXTRAS}"]


def test_one_oldest_python():
    wanted = SpecifierSet(PROJECT["project"]["requires-python"])
    assert str(wanted) == ">=3.11"
    assert "OLDEST = (3, 11)" in SETUP
    assert PROJECT["tool"]["ruff"]["target-version"] == "py311"
    environment = yaml.safe_load(read("environment.yml"))
    (python,) = [item for item in environment["dependencies"] if str(item).startswith("python=")]
    assert python.partition("=")[2] + ".0" in wanted
    assert "--python-version 3.11" in read("constraints.txt")


def test_one_version():
    assert PROJECT["project"]["version"] == nnlib.__version__
    assert yaml.safe_load(read("CITATION.cff"))["version"] == nnlib.__version__


def test_every_package_folder_is_shipped():
    folders = {path.parent.relative_to(ROOT).as_posix().replace("/", ".")
               for path in (ROOT / "nnlib").rglob("*.py")}
    assert folders == set(PROJECT["tool"]["setuptools"]["packages"])


def test_every_other_file_of_a_package_is_shipped():
    """A template that is missing shows only where nnlib was installed with pip."""
    shipped = {f"{package.replace('.', '/')}/{name}" for package, names in
               PROJECT["tool"]["setuptools"]["package-data"].items() for name in names}
    found = {path.relative_to(ROOT).as_posix() for path in (ROOT / "nnlib").rglob("*")
             if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert found == shipped


def test_jupyter_book_stays_below_2():
    """Version 2 ignores _config.yml and can end well without having written a page."""
    assert "jupyter-book>=1.0.4,<2" in PROJECT["project"]["optional-dependencies"]["book"]


def targets():
    return re.findall(r"^([a-z-]+):.*## (.+)$", read("Makefile"), re.MULTILINE)


def test_make_alone_lists_every_target():
    assert {name for name, _ in targets()} == {
        "help", "book", "pdf", "serve", "test", "test-all", "lab", "notebooks", "lint", "bench",
        "clean"}
    phony = re.search(r"^\.PHONY: (.*)$", read("Makefile"), re.MULTILINE).group(1).split()
    assert set(phony) == {name for name, _ in targets()} | {"env"}


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "book/index.md"])
def test_what_the_pages_tell_people_to_type_exists(page):
    """Targets of make, and scripts, that a page names must be there."""
    text = read(page)
    known = {name for name, _ in targets()}
    assert set(re.findall(r"\bmake ([a-z-]+)", text)) <= known
    for script in re.findall(r"\b(?:tools|benchmarks)[/\\]\w+\.py", text):
        assert (ROOT / script.replace("\\", "/")).exists(), script
    for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text):
        target = (ROOT / page).parent / link
        assert target.exists() or target.with_suffix(".md").exists(), link


def test_readme_shows_code_that_runs():
    """nnlib in ten lines of code: they run as they stand, and in ten lines."""
    (code,) = re.findall(r"```python\n(.*?)```", read("README.md"), re.DOTALL)
    assert len(code.strip().splitlines()) <= 10
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr


def test_readme_shows_commands_that_work(tmp_path):
    """Line by line, in a folder with a photograph; with digits that need no download."""
    lines = re.findall(r"^python -m nnlib (.*)$", read("README.md"), re.MULTILINE)
    assert [line.split()[0] for line in lines] == ["train", "evaluate", "predict"]
    grey = np.full((90, 90), 200, np.uint8)
    grey[20:70, 40:50] = 60
    Image.fromarray(grey).save(tmp_path / "photo.jpg")
    for line in lines:
        words = line.replace("--data mnist", "--data digits").split()
        done = subprocess.run([sys.executable, "-m", "nnlib", *words], capture_output=True,
                              cwd=tmp_path, check=False)
        assert done.returncode == 0, done.stderr
    for name, option in re.findall(r"`python -m nnlib ([a-z]+)([^`]*)`", read("README.md")):
        assert name in commands.program.commands, option


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_to_a_full_version(workflow):
    used = re.findall(r"uses:\s*([^\s.]\S*)", workflow.read_text(encoding="utf-8"))
    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+\.\d+\.\d+", action), action


def test_nothing_is_published_before_all_tests_have_passed():
    jobs = yaml.safe_load(read(".github/workflows/site.yml"))["jobs"]
    assert jobs["tests"]["uses"] == "./.github/workflows/tests.yml"
    assert (jobs["build"]["needs"], jobs["publish"]["needs"]) == ("tests", "build")


def test_workflows_try_the_oldest_numpy_that_we_claim():
    (numpy,) = [Requirement(line) for line in PROJECT["project"]["dependencies"]
                if line.startswith("numpy")]
    (oldest,) = numpy.specifier
    assert f"numpy=={oldest.version}.*" in "".join(path.read_text() for path in WORKFLOWS)


def test_every_source_is_cited_and_every_citation_has_a_source():
    """The bibliography lists what is cited; an entry that nothing cites is dead."""
    pages = [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "book").rglob("*.md")]
    cited = {key.strip() for page in pages for keys in re.findall(
        r"\{cite(?::[a-z]+)?\}`([^`]+)`", page.read_text(encoding="utf-8"))
        for key in keys.split(",")}
    entries = re.findall(r"^@\w+\{([^,]+),", (ROOT / "book" / "references.bib").read_text(
        encoding="utf-8"), re.MULTILINE)
    assert sorted(cited) == sorted(entries)

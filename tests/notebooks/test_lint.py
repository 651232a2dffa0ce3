"""What a chapter must be like before anybody reads it. See CONTRIBUTING.md."""

import re
import statistics
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from tests.notebooks.outputs import allowed, numbers, texts

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PROSE = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "book").rglob("*.md"))]
# words that insult whoever is stuck, or say nothing
FILLER = re.compile(r"\b(simply|just|powerful|dive in(to)?|let's|journey|obviously|of course|"
                    r"easy to see|note that|basically|in this section)\b", re.IGNORECASE)
# what makes an output differ from run to run
PRIVATE = re.compile(r"/(home|root|tmp|Users)/|[A-Z]:\\|\b0x[0-9a-f]{6,}\b|\d\d:\d\d:\d\d")

sys.path.append(str(ROOT / "tools"))     # scripts, not a package
from guard import toc_pages  # noqa: E402
from notebooks import normalized, text  # noqa: E402


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.name)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def images(notebook):
    """Yield (data, metadata) of every output that is a picture."""
    for cell in code(notebook):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                yield output.data, output.metadata


def test_there_are_notebooks():
    assert NOTEBOOKS


def test_the_name_gives_the_order(path):
    assert re.fullmatch(r"\d\d(_[a-z0-9]+)+\.ipynb", path.name)


def test_stored_in_normal_form(path, notebook):
    """Stored by `make notebooks`; an editor's metadata would hide what changed."""
    assert path.read_text(encoding="utf-8") == text(normalized(notebook))


DIRTY = {
    "nbformat": 4, "nbformat_minor": 4,
    "metadata": {"kernelspec": {"name": "my-env"}, "language_info": {"version": "3.99"},
                 "widgets": {}},
    "cells": [
        {"id": "a", "cell_type": "markdown", "source": "# T", "metadata": {"editable": True}},
        {"id": "b", "cell_type": "code", "source": "1", "execution_count": 7,
         "metadata": {"execution": {"iopub.execute_input": "2026"}, "tags": ["hide-input"],
                      "nnlib": {"tolerance": 1}, "collapsed": False},
         "outputs": [
             {"output_type": "stream", "name": "stdout", "text": "a"},
             {"output_type": "stream", "name": "stdout", "text": "b"},
             {"output_type": "stream", "name": "stderr", "text": "c"}]}],
}


def test_the_normal_form_itself():
    """Nothing stays that tells who ran a notebook, where or when."""
    clean = normalized(DIRTY)
    assert clean.metadata == {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python",
                       "name": "python3"},
        "language_info": {"name": "python"}}
    assert [cell.metadata for cell in clean.cells] == [
        {}, {"tags": ["hide-input"], "nnlib": {"tolerance": 1}}]
    assert [(o.name, o.text) for o in clean.cells[1].outputs] == [("stdout", "ab"),
                                                                  ("stderr", "c")]
    assert text(clean).endswith("}\n")


def test_run_once_from_top_to_bottom_without_error(notebook):
    assert [cell.execution_count for cell in code(notebook)] == list(
        range(1, len(code(notebook)) + 1))
    errors = [cell.source for cell in code(notebook) for output in cell.outputs
              if output.output_type == "error"
              and "raises-exception" not in cell.metadata.get("tags", [])]
    assert not errors
    warned = [cell.source for cell in code(notebook) for output in cell.outputs
              if output.get("name") == "stderr"]
    assert not warned


def test_nothing_stored_depends_on_machine_or_time(notebook):
    for cell in code(notebook):
        for output in cell.outputs:
            shown = output.get("text", "") + "".join(
                value for mime, value in output.get("data", {}).items()
                if mime in ("text/plain", "text/markdown"))
            assert not PRIVATE.search(shown), shown


def test_every_picture_says_what_it_shows(notebook):
    """In the metadata, where the site looks, and in the HTML, where JupyterLab looks."""
    for data, metadata in images(notebook):
        alt = metadata.get("image/png", {}).get("alt", "")
        assert len(alt.split()) >= 6, alt
        assert not re.search(r"\.(png|svg|jpe?g)\b|/", alt), alt
        assert BeautifulSoup(data["text/html"], "html.parser").img["alt"] == alt


def test_cells_are_short(notebook):
    lengths = sorted(len(cell.source.splitlines()) for cell in code(notebook))
    assert statistics.median(lengths) <= 6
    assert lengths[int(0.9 * len(lengths)) - 1] <= 15
    assert lengths[-1] <= 30
    for cell in code(notebook):
        for line in cell.source.splitlines():
            assert len(line) <= 79, line


def test_a_tolerance_leaves_something_to_compare(notebook):
    """A tolerance as large as a number that it covers would let it be anything."""
    for cell in code(notebook):
        if "nnlib" not in cell.metadata:
            continue
        assert {"tolerance"} <= set(cell.metadata.nnlib) <= {"tolerance", "unit"}
        covered = [abs(number) for output in cell.outputs for place, key in texts(output)
                   for number in numbers(place[key]) if number]
        assert covered, cell.source
        for number in covered:
            assert 0 < allowed(cell.metadata.nnlib.tolerance, number) < 0.75 * number, cell.source


def test_one_title_and_it_comes_first(notebook):
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert notebook.cells[0].source.startswith("# ")
    assert len(re.findall(r"^# ", prose, re.MULTILINE)) == 1


def test_folds_show_no_raw_formulas_in_lab(notebook):
    """JupyterLab with jupyterlab-myst 2.7 leaves TeX inside HTML as it is, and draws no
    triangle: a fold holds no formula, and its summary says what a click does."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for fold in re.findall(r"<details>.*?</details>", cell.source, re.DOTALL):
                assert "$" not in fold
                assert re.search(r"<summary>Show [\w ]+</summary>\n\n", fold), fold


def test_no_filler_in_chapters(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert not FILLER.search(cell.source), FILLER.search(cell.source)


@pytest.mark.parametrize("page", PROSE, ids=lambda page: page.name)
def test_no_filler_elsewhere(page):
    found = FILLER.search(page.read_text(encoding="utf-8"))
    assert not found, found


def test_the_contents_list_what_exists_and_no_more():
    files = toc_pages(ROOT)
    for file in files:
        assert any((ROOT / (file + ending)).exists() for ending in (".md", ".ipynb")), file
    listed = {Path(file).name for file in files if file.startswith("notebooks/")}
    assert listed == {path.stem for path in NOTEBOOKS}

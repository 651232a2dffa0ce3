"""What a chapter must be like before anybody reads it. See CONTRIBUTING.md."""

import re
import statistics
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PROSE = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "book").rglob("*.md"))]
# words that insult whoever is stuck, or say nothing
FILLER = re.compile(r"\b(simply|just|powerful|dive in(to)?|let's|journey|obviously|of course|"
                    r"easy to see|note that|basically|in this section)\b", re.IGNORECASE)
# what makes an output differ from run to run
PRIVATE = re.compile(r"/(home|root|tmp|Users)/|[A-Z]:\\|\b0x[0-9a-f]{6,}\b|\d\d:\d\d:\d\d")

sys.path.append(str(ROOT / "tools"))
from notebooks import normalized, text  # noqa: E402  (a script, not a package)


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


def test_a_tolerance_is_a_number_above_0(notebook):
    for cell in code(notebook):
        if "nnlib" in cell.metadata:
            assert {"tolerance"} <= set(cell.metadata.nnlib) <= {"tolerance", "unit"}
            assert cell.metadata.nnlib.tolerance > 0


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
    contents = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
    files = [contents["root"], *re.findall(r"'file': '([^']+)'", str(contents))]
    for file in files:
        assert any((ROOT / (file + ending)).exists() for ending in (".md", ".ipynb")), file
    listed = {Path(file).name for file in files if file.startswith("notebooks/")}
    assert listed == {path.stem for path in NOTEBOOKS}

"""What a chapter consists of: the parts, in order, and each part as the reader needs it."""

import re
from pathlib import Path

import nbformat
import pytest

from nnlib.checks.diagnosis import exercises
from tests.notebooks.outputs import numbers

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PARTS = ["Before you start", "Check it", "In nnlib", "Bug clinic", "Exercises", "Quiz",
         "What you have now"]
FOLD = re.compile(r"<details>\n<summary>(.*?)</summary>\n\n(.*?)\n\n</details>", re.DOTALL)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.name)
def path(request):
    return request.param


@pytest.fixture
def cells(path):
    return nbformat.read(path, as_version=4).cells


@pytest.fixture
def chapter(path):
    return int(path.name[:2])


def prose(cells):
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def part(cells, name):
    """Return the cells of a part, and of a part alone; a cell may begin in the one before."""
    found, inside = [], False
    for cell in cells:
        if cell.cell_type != "markdown":
            if inside:
                found.append(cell)
            continue
        pieces = re.split(r"^## (.+)$", cell.source, flags=re.MULTILINE)
        if inside:
            found.append(nbformat.v4.new_markdown_cell(pieces[0]))
        for heading, text in zip(pieces[1::2], pieces[2::2], strict=True):
            inside = heading == name
            if inside:
                found.append(nbformat.v4.new_markdown_cell(text))
    return found


def printed(cell):
    """Return what a cell printed and the value that it ended with, as text."""
    return "".join(output.get("text", "") + output.get("data", {}).get("text/plain", "")
                   for output in cell.get("outputs", []))


def test_the_parts_stand_in_order(cells):
    headings = re.findall(r"^## (.+)$", prose(cells), re.MULTILINE)
    assert [heading for heading in headings if heading in PARTS] == PARTS
    assert headings[0] == PARTS[0]
    assert headings[-1] == PARTS[-1]
    assert len(headings) > len(PARTS)       # and a story between


def test_the_title_asks_and_promises(cells, chapter):
    """Number and name, the question in one sentence, what you will do, what you need."""
    first = cells[0].source
    assert re.match(rf"# {chapter} · \S", first)
    assert re.search(r"^\*\*[^*]+\?\*\*$", first, re.MULTILINE)
    for promise in ("*You will* ", "*You need* "):
        assert f"\n{promise}" in first


def test_two_or_three_questions_to_begin(cells):
    text = prose(part(cells, "Before you start"))
    questions = re.findall(r"^\*\*([A-C])\.\*\*", text, re.MULTILINE)
    assert questions in (["A", "B"], ["A", "B", "C"])
    assert len(FOLD.findall(text)) == len(questions)


def test_formulas_are_checked_and_right(cells):
    """A table from the run; the page with every formula collects it by its tag."""
    tagged = [cell for cell in cells if "formulas" in cell.metadata.get("tags", [])]
    assert tagged
    assert all(any(cell is other for other in part(cells, "Check it")) for cell in tagged)
    for cell in tagged:
        table = printed(cell)
        assert "✓" in table
        assert "WRONG" not in table
        assert all(line.count("|") == 6 for line in table.strip().splitlines()), table


def test_the_finished_code_is_shown_and_equal(cells):
    """Source from the package itself, then a cell in which nothing is False."""
    shown = part(cells, "In nnlib")
    sources = [i for i, cell in enumerate(shown) if "Source(" in cell.source]
    assert sources
    proofs = [printed(cell) for cell in shown[sources[0] + 1:] if cell.cell_type == "code"]
    assert any("True" in proof for proof in proofs)
    assert not any("False" in proof for proof in proofs)


def keys_of(cells):
    """Return {key: what each of its checks printed}, in order."""
    found = {}
    for cell in cells:
        for key in re.findall(r'^check\("(.+?)", ', cell.source, re.MULTILINE):
            said = re.findall(rf"^([○✗✓]) {re.escape(key)}:", printed(cell), re.MULTILINE)
            assert len(said) == 1, f"{key}: {printed(cell)}"
            found.setdefault(key, []).append((said[0], cell))
    return found


def test_every_exercise_has_a_stub_and_a_solution(cells, chapter):
    """The stub does not pass, the folded solution does; the library knows both keys."""
    found = keys_of(cells)
    assert set(found) == set(exercises(chapter))
    assert len(found) >= 4
    for key, checks in found.items():
        (stub, first), (solved, solution) = checks
        if key.startswith("clinic"):        # what the check says would give the bug away
            assert "hide-output" in first.metadata.tags
            assert first.metadata.jupyter == {"outputs_hidden": True}
        assert stub == ("✗" if key.startswith("clinic") else "○"), key
        assert solved == "✓", key
        assert "hide-cell" in solution.metadata.tags
        assert solution.metadata.jupyter == {"source_hidden": True, "outputs_hidden": True}


def test_two_hints_lead_to_each_solution(cells, chapter):
    """Between stub and solution stand two hints, both folded."""
    found = keys_of(cells)
    for key, checks in found.items():
        start, end = (next(i for i, cell in enumerate(cells) if cell is one)
                      for _, one in checks)
        folds = [summary for summary, _ in FOLD.findall(prose(cells[start:end]))]
        assert folds == ["Show a hint", "Show a second hint"], key


def test_exercises_are_numbered_and_say_what_they_mean(cells, chapter):
    inside = part(cells, "Exercises")
    text = prose(inside)
    numbers = re.findall(r"^### (\d+\.\d+) \S", text, re.MULTILINE)
    assert numbers == [f"{chapter}.{i}" for i in range(1, len(numbers) + 1)]
    assert numbers == [key for key in keys_of(inside) if not key.startswith("clinic")]
    assert text.count("<summary>Show what it means</summary>") == len(numbers)


def test_a_quiz_explains_every_option(cells):
    """Three questions, three options each; the answer speaks of all of them."""
    text = prose(part(cells, "Quiz"))
    questions = re.split(r"^\*\*\d\.\*\* ", text, flags=re.MULTILINE)[1:]
    assert len(questions) == 3
    for question in questions:
        (summary, answer), = FOLD.findall(question)
        options = re.findall(r"^([a-c])\. ", question[:question.index("<details>")],
                             re.MULTILINE)
        assert options == ["a", "b", "c"]
        assert summary == "Show the answer"
        right = re.match(r"\*\*([a-c])\.\*\* ", answer)
        assert right, answer
        for option in set(options) - {right[1]}:
            assert f"({option})" in answer, answer


def test_sources_are_cited(cells):
    last = prose(part(cells, "What you have now"))
    assert "**Sources.**" in last
    assert "{cite}`" in last


# -- Numbers from the run ----------------------------------------------------------------------

# a number that somebody has measured: a decimal point, or a percentage
MEASURED = re.compile(r"(?<![\w.,])(\d[\d,]*\.\d+|\d[\d,]*(?:\.\d+)?(?=[ \u00a0]?%))")


def test_no_result_is_typed_by_hand(cells):
    """A number in prose that a cell has put out would go stale: display it from the run.

    Numbers that stand in the code, in formulas or behind ≈ are known beforehand.
    """
    code = " ".join(cell.source for cell in cells if cell.cell_type == "code")
    known = {float(text.replace(",", "")) for text in MEASURED.findall(code)}
    out = [number for cell in cells if cell.cell_type == "code"
           for number in numbers(printed(cell))]
    typed = []
    for cell in cells:
        if cell.cell_type != "markdown":
            continue
        known |= {float(text) for text in re.findall(r"(?:≈|\\approx) ?(\d+\.\d+)", cell.source)}
        text = re.sub(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|^#+ .*?$|[Ee]xercises? [\d.]+", "",
                      cell.source, flags=re.DOTALL | re.MULTILINE)
        for found in MEASURED.finditer(text):
            shown = found[1].replace(",", "")
            digits = len(shown.partition(".")[2])
            percent = text[found.end():found.end() + 2].strip(" \u00a0").startswith("%")
            if len(shown.replace(".", "").strip("0")) < 2 or float(shown) in known:
                continue
            if percent and float(shown) / 100 in known:
                continue
            if any(round(abs(number) * scale, digits) == float(shown)
                   for number in out for scale in ((1, 100) if percent else (1,))):
                typed.append(f"{found[0]} in: …{text[max(0, found.start() - 50):found.end() + 9]}")
    assert not typed, typed

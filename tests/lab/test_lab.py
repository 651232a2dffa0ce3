"""Every notebook in JupyterLab, as a reader opens it, runs it and sees it.

nbval runs the code of the notebooks; these tests see what Lab makes of the rest, and of the
code too: Run All from the menu, then each cell as it stands on the screen. `make test` opens two
notebooks, `make test-all` all of them.
"""

import copy
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbval.plugin import IPyNbFile, coalesce_streams

from tests.browser import launched
from tests.lab.lab import Opened, running
from tests.notebooks.outputs import NUMBER, missing, stand_ins

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# the first that a reader opens, and the one with a bit of everything
ALWAYS = {"01_neurons_and_layers", "09_spiral_classifier"}
WIDGET = "application/vnd.jupyter.widget-view+json"
STDERR = "application/vnd.jupyter.stderr"       # errors, too
COLOUR = re.compile(r"\x1b\[[\d;]*m")

# what Markdown looks like that has not become what it means
RAW = {
    "a formula as it was typed": re.compile(r"\$\$|\$[^\s$][^$]*\$|\\[(\[]|\\begin\b"),
    "a role": re.compile(r"\{[a-z][\w:+.-]*\}"),
    "the fence of a directive": re.compile(r":::|```|~~~|Unknown Directive"),
    "HTML": re.compile(r"</?(?:a|b|br|details|div|em|i|img|p|span|strong|su[bp]|summary|table)\b"
                       r"[^<>]*>"),
    "emphasis": re.compile(r"\*\*|(?<![\w*])\*\w[^*\n]*\w\*(?![\w*])"),
    "a heading": re.compile(r"^#+ \S", re.MULTILINE),
    "a link": re.compile(r"\]\(\S*\)"),
    "a table": re.compile(r"\|\s*:?-{3}"),
}
# Lab shows what stands in any other as plain text, and says nothing
ROLES_THAT_LAB_KNOWS = {"abbr", "cite", "cite:p", "cite:t", "eq", "math", "sub", "sup"}
ROLE = re.compile(r"\{([a-z][\w:+.-]*)\}`")
FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1", re.DOTALL | re.MULTILINE)
IN_LINE = re.compile(r"\$[^$]+\$|(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)


# -- What is raw -------------------------------------------------------------------------------


def raw_parts(text):
    """Return what a rendered text shows that a reader should not see."""
    return [f"{what}: {found[0][:60]}" for what, pattern in RAW.items()
            if (found := pattern.search(text))]


@pytest.mark.parametrize("text", [
    "the slope is $x^2$", "$$ x", r"\begin{align}", "as {cite} says", "{glue:text}", ":::",
    "```{note}", "note - Unknown Directive", "<details>", "</summary>", '<img src="a.png">',
    "**bold", "*so*", "## In nnlib", "see [page](a.md)", "| a |\n|---|",
])
def test_raw_markdown_is_seen(text):
    assert raw_parts(text)


@pytest.mark.parametrize("text", [
    "it costs $5", "a set {1, 2}, a shape (n, 3)", "3 < 4 and 4 > 3", "2 * 3 * 4", "a: b :: c",
    "#1 of 3", "[0, 1] (both included)", "a | b", "the <EOS> token",
])
def test_what_only_looks_like_it_passes(text):
    assert raw_parts(text) == []


# -- A notebook in Lab -------------------------------------------------------------------------


def notebook(path):
    always = [] if path.stem in ALWAYS else pytest.mark.every
    return pytest.param(path, id=path.stem, marks=always)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """JupyterLab in a copy of the notebooks, in a folder whose name has a blank."""
    folder = tmp_path_factory.mktemp("a reader")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks",
                    ignore=shutil.ignore_patterns(".*", "__pycache__"))
    # one server for all notebooks, so all of them run on stand-ins where one would have to
    with stand_ins(any(map(missing, NOTEBOOKS))), running(folder) as server:
        yield server


@pytest.fixture(scope="module")
def browser():
    """A browser for these tests alone: one that stays would disturb nbval."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module", params=map(notebook, NOTEBOOKS))
def opened(request, browser, server):
    """A notebook opened, run and saved in Lab, once for all the tests that look at it."""
    opened = Opened(browser, server, request.param)
    yield opened
    opened.close()


def hidden(cell, what):
    return cell.metadata.get("jupyter", {}).get(f"{what}_hidden", False)


def test_two_notebooks_are_always_opened():
    assert {path.stem for path in NOTEBOOKS} >= ALWAYS


def test_solutions_are_folded_when_the_notebook_opens(opened):
    """Who has not tried yet sees neither the solution nor what it gives."""
    faults = []
    for i, cell, _ in opened.code():
        seen, solution = opened.before[i], "hide-cell" in cell.metadata.get("tags", [])
        if seen["code"] and (solution or hidden(cell, "source")):
            faults.append(f"{opened.where(i)} shows its code")
        if seen["area"] and (solution or hidden(cell, "outputs")):
            faults.append(f"{opened.where(i)} shows its outputs")
        if not seen["code"] and not hidden(cell, "source"):
            faults.append(f"{opened.where(i)} does not show its code")
    assert not faults, "\n".join(faults)


def test_runs_from_top_to_bottom(opened):
    """Every cell gets its number, and none ends in an error or a warning."""
    faults = []
    for n, (i, cell, seen) in enumerate(opened.code(), 1):
        if seen["count"] != n:
            faults.append(f"{opened.where(i)} has the number {seen['count']} instead of {n}")
        elif seen["code"] and seen["prompt"] != f"[{n}]:":
            faults.append(f"{opened.where(i)} shows {seen['prompt']} instead of [{n}]:")
        meant = any(mime == STDERR for mime, _ in wanted(cell.outputs))
        faults += [f"{opened.where(i)} shows an error or a warning: {text[-500:]}"
                   for mime, text in seen["outputs"] if mime == STDERR and not meant]
    assert not faults, "\n".join(faults)
    assert opened.fine, f"{opened.name}: Run All stopped before the end"


def test_gives_what_is_stored(opened, request):
    """As nbval compares it; a progress bar, which Lab keeps unseen, is no output."""
    items = IPyNbFile.from_parent(request.session, path=opened.path).collect()
    faults = []
    for (i, cell, seen), item in zip(opened.code(), items, strict=True):
        new = [out for out in opened.saved[i].outputs if WIDGET not in out.get("data", {})]
        assert not seen["bars"], f"{opened.where(i)} leaves a progress bar behind"
        if item.options["skip"] or not item.options["check"]:
            continue
        new, stored = (coalesce_streams(copy.deepcopy(outs)) for outs in (new, cell.outputs))
        if not item.compare_outputs(new, stored):
            faults.append("\n".join([f"{opened.where(i)} gives something else:",
                                     *item.comparison_traceback]))
    assert not faults, "\n".join(faults)


def test_shows_what_came(opened):
    """On the screen stands what the kernel gave: text letter by letter, numbers, pictures."""
    faults = []
    for i, _, seen in opened.code():
        outputs = [out for out in opened.saved[i].outputs if WIDGET not in out.get("data", {})]
        shown = {}
        for mime, text in seen["outputs"]:
            if mime:
                shown[mime] = shown.get(mime, "") + text
        for mime, text in wanted(outputs):
            there = shown.pop(mime, None)
            if there is None:
                faults.append(f"{opened.where(i)} does not show its {mime}")
            elif mime == "text/markdown":
                missing = [number for number in NUMBER.findall(without_code(text))
                           if number not in there]
                faults += [f"{opened.where(i)} does not show {missing}"] * bool(missing)
            elif mime != "text/html" and there.split() != text.split():
                faults.append(f"{opened.where(i)} shows\n{there}\ninstead of\n{text}")
        faults += [f"{opened.where(i)} shows more: {mime}" for mime in shown]
    assert not faults, "\n".join(faults)


def wanted(outputs):
    """Return (mime type, text) of what Lab should show, the richest of each output."""
    found = {}
    for output in outputs:
        if output.output_type == "stream":
            found.setdefault(f"application/vnd.jupyter.{output.name}", []).append(output.text)
        elif output.output_type == "error":
            found.setdefault(STDERR, []).append("\n".join(output.traceback))
        else:
            mime = next(mime for mime in ("text/html", "text/markdown", "image/png", "text/plain")
                        if mime in output.data)
            found.setdefault(mime, []).append(output.data[mime])
    return [(mime, COLOUR.sub("", "\n".join(parts))) for mime, parts in found.items()]


def without_code(text):
    """Return Markdown without what stands in it for itself: formulas and code."""
    return IN_LINE.sub(" ", FENCED.sub(" ", text))


def test_shows_nothing_raw(opened):
    """In Markdown, in cells or from cells, all is rendered; of a citation the key is there."""
    faults = []
    for i, seen in enumerate(opened.after):
        faults += [f"{opened.where(i)} shows {part}"
                   for part in [*seen["complaints"], *raw_parts("\n".join(seen["prose"]))]]
        if seen["type"] == "markdown":
            roles = set(ROLE.findall(FENCED.sub(" ", opened.stored[i].source)))
            faults += [f"{opened.where(i)} has the role {role}, of which Lab shows the key"
                       for role in sorted(roles - ROLES_THAT_LAB_KNOWS)]
            if not seen["prose"]:
                faults.append(f"{opened.where(i)} is not rendered")
    assert not faults, "\n".join(faults)


def test_draws_every_picture_with_alt_text(opened):
    """As many as the outputs hold, none of them broken."""
    faults = []
    for i, seen in enumerate(opened.after):
        faults += [f"{opened.where(i)} has a picture without a description"
                   for alt, _ in seen["images"] if not alt.strip()]
        faults += [f"{opened.where(i)} has a broken picture: {alt}"
                   for alt, width in seen["images"] if not width]
        there = sum("image/png" in out.get("data", {}) or "<img" in out.get("data", {}).get(
            "text/html", "") for out in opened.stored[i].get("outputs", []))
        if len(seen["images"]) < there:
            faults.append(f"{opened.where(i)} shows {len(seen['images'])} of {there} pictures")
    assert not faults, "\n".join(faults)


def test_folds_are_closed_and_open_on_a_click(opened):
    """Hints and answers, which are HTML in Markdown."""
    faults = []
    for i, seen in enumerate(opened.after):
        if not all(opened.before[i]["closed"]):
            faults.append(f"{opened.where(i)} has an open fold")
        wanted = len(re.findall(r"^<details>", opened.stored[i].source, re.MULTILINE))
        if seen["type"] == "markdown" and len(seen["closed"]) != wanted:
            faults.append(f"{opened.where(i)} has {len(seen['closed'])} folds instead of {wanted}")
    assert not faults, "\n".join(faults)
    folds = opened.page.locator(".jp-NotebookPanel .myst details")
    for n in range(folds.count()):
        fold = folds.nth(n)
        inside = fold.locator(":scope > :not(summary)").first
        assert not inside.evaluate("element => element.checkVisibility()")
        fold.locator("summary").click()
        assert fold.evaluate("fold => fold.open"), fold.inner_text()
        assert inside.evaluate("element => element.checkVisibility()"), fold.inner_text()


def test_a_solution_unfolds_on_a_click(opened):
    """The run has not unfolded it."""
    still = [opened.where(i) for i, cell, seen in opened.code()
             if hidden(cell, "source") and seen["code"]]
    assert not still, f"unfolded by the run: {still}"
    for i, cell, _ in opened.code():
        if "hide-cell" in cell.metadata.get("tags", []):
            place = opened.page.locator(f".jp-Cell[data-windowed-list-index='{i}']")
            place.locator(".jp-InputPlaceholder .jp-Placeholder-content").click()
            place.locator(".jp-InputArea-editor").wait_for()
            assert cell.source.splitlines()[-1] in place.locator(".cm-content").inner_text()
            break


def test_sliders_answer_the_keyboard_and_the_mouse(opened):
    """Lab keeps the arrow keys to itself, unless a slider asks for them."""
    figures = opened.page.locator(".nnlib-scrubber")
    stored = "".join(out.data.get("text/html", "") for _, cell, _ in opened.code()
                     for out in cell.outputs if "data" in out)
    assert figures.count() == stored.count('<figure class="nnlib-scrubber"')
    for n in range(figures.count()):
        figure = figures.nth(n)
        slider, label = figure.locator("input"), figure.locator("b")
        last = int(slider.get_attribute("max"))
        seen = [label.inner_text()]
        slider.focus()
        for key in ("ArrowRight", "End"):
            opened.page.keyboard.press(key)
            seen.append(label.inner_text())
        assert len(set(seen)) == min(3, last + 1), f"{opened.name}, slider {n + 1}: {seen}"
        box = slider.bounding_box()
        slider.click(position={"x": 4, "y": box["height"] / 2})
        assert label.inner_text() == seen[0], f"{opened.name}, slider {n + 1}"
        opened.page.wait_for_function(
            "([figure, label]) => figure.querySelector('img').alt.startsWith(label + ':')",
            arg=[figure.element_handle(), seen[0]])


def test_asks_no_other_host(opened):
    """Lab and the notebook work without a network."""
    allowed = (opened.server.url, "data:", "blob:")
    assert [url for url in opened.asked if not url.startswith(allowed)] == []


# -- The tests themselves ----------------------------------------------------------------------

METADATA = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
PLANTED = [
    # what is wrong with a cell: its source, and how the complaint reads
    ("markdown", "the formula $\\frac{1}{$", test_shows_nothing_raw, "Unexpected end of input"),
    ("markdown", ":::{unknown}\nhello\n:::", test_shows_nothing_raw, "fence of a directive"),
    ("markdown", "{glue:text}`accuracy`", test_shows_nothing_raw, "the role glue:text"),
    ("markdown", "see {ref}`nowhere`", test_shows_nothing_raw, "Cross Reference Not Found"),
    ("markdown", "**so **much** here", test_shows_nothing_raw, "emphasis"),
    ("markdown", "<details>\n<summary>Show</summary>\n\nthen $x$\n\n</details>",
     test_shows_nothing_raw, "TeX as it was typed"),
    ("markdown", "<details open>\n<summary>Show</summary>\n\nall\n\n</details>",
     test_folds_are_closed_and_open_on_a_click, "has an open fold"),
    ("markdown", "![](nowhere.png)", test_draws_every_picture_with_alt_text,
     "without a description"),
    ("markdown", "![three arms](nowhere.png)", test_draws_every_picture_with_alt_text,
     "a broken picture: three arms"),
    ("solution", "1 + 2", test_solutions_are_folded_when_the_notebook_opens, "shows its code"),
    ("code", "1 + 3", test_gives_what_is_stored, "gives something else"),
    ("code", "import warnings; warnings.warn('old'); 3", test_runs_from_top_to_bottom,
     "shows an error or a warning"),
    ("code", "1 / 0", test_runs_from_top_to_bottom, "ZeroDivisionError"),
]


@pytest.fixture(scope="module")
def planted(browser, server, tmp_path_factory):
    """A notebook with a fault in every cell, in Lab."""
    path = tmp_path_factory.mktemp("planted") / "planted.ipynb"
    cells = []
    for n, (kind, source, *_) in enumerate(PLANTED):
        if kind == "markdown":
            cells.append(nbformat.v4.new_markdown_cell(source))
        else:
            tags = {"tags": ["hide-cell"]} if kind == "solution" else {}
            stored = nbformat.v4.new_output("execute_result", {"text/plain": "3"})
            cells.append(nbformat.v4.new_code_cell(source, metadata=tags, execution_count=n,
                                                   outputs=[stored]))
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), path)
    shutil.copy(path, server.folder / "notebooks")
    opened = Opened(browser, server, path)
    yield opened
    opened.close()


@pytest.mark.every
@pytest.mark.parametrize("n", range(len(PLANTED)), ids=[case[3] for case in PLANTED])
def test_a_planted_fault_is_found(planted, request, n):
    """Else a test above may pass because it looks at nothing."""
    _, _, test, complaint = PLANTED[n]
    with pytest.raises(AssertionError) as caught:
        test(*[planted, request][:test.__code__.co_argcount])
    _, _, said = str(caught.value).partition(f"planted.ipynb, cell {n + 1} of ")
    assert complaint in said

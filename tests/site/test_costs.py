"""The line below a chapter's title: how long it takes to read, what it costs to run."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINE = re.compile(r"About (\d+) minutes to read, exercises apart · (\d+) seconds and (\d+) MB "
                  r"to run on two cores")
# The ratio of luminances that WCAG 2 asks of small text.
CONTRAST = 4.5
COLOURS = """line => {
    const background = getComputedStyle(document.body).backgroundColor;
    return [getComputedStyle(line).color, background].map(c => c.match(/[0-9.]+/g).map(Number));
}"""


@pytest.fixture(scope="module")
def extension():
    """book/_ext/ext_costs.py; Sphinx alone has that folder on its path."""
    path = ROOT / "book" / "_ext" / "ext_costs.py"
    spec = importlib.util.spec_from_file_location("ext_costs", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def chapters(guard):
    """The pages made from notebooks."""
    names = [name for name in guard.toc_pages() if (ROOT / f"{name}.ipynb").is_file()]
    assert names
    return names


def luminance(colour):
    """The relative luminance of an opaque colour, by WCAG 2."""
    parts = [c / 255 for c in colour[:3]]
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(colour, background):
    """The contrast of text, which may be translucent, on an opaque background."""
    alpha = colour[3] if len(colour) > 3 else 1
    mixed = [alpha * c + (1 - alpha) * b for c, b in zip(colour, background, strict=False)]
    bright, dark = sorted(map(luminance, (mixed, background)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_stands_below_the_title_and_is_right(built_site, chapters, guard, extension):
    """The measured figures, and about as many minutes as the words would take."""
    costs = json.loads((ROOT / "notebooks" / "costs.json").read_text(encoding="utf-8"))
    for name in chapters:
        soup = guard.read(built_site / f"{name}.html")
        (line,) = soup.select("p.costs")
        assert soup.select_one("article h1").find_next_sibling() is line
        minutes, *figures = map(int, LINE.fullmatch(line.get_text().replace("\xa0", " ")).groups())
        assert figures == [costs[Path(name).name][key] for key in ("seconds", "megabytes")]
        cells = json.loads((ROOT / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
        assert minutes == extension.reading_minutes(cells)


def test_only_chapters_have_it(built_site, chapters, guard):
    for name in set(guard.toc_pages()) - set(chapters):
        assert not guard.read(built_site / f"{name}.html").select("p.costs")


def test_no_chapter_says_by_hand_what_it_costs(chapters, guard):
    for name in chapters:
        opening = guard.shown_cells(ROOT / f"{name}.ipynb")[0]["source"]
        assert not re.search(r"\b(minutes?|seconds?) to (read|run)", opening)


@pytest.mark.parametrize("width", [1280, 390], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_is_readable(browser, site_address, chapters, width, scheme):
    """A quiet line is still one to read, in both themes, and no wider than a phone."""
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    page = context.new_page()
    for name in chapters:
        page.goto(f"{site_address}{name}.html")
        assert page.locator("html").get_attribute("data-theme") == scheme
        line = page.locator("article p.costs")
        assert contrast(*line.evaluate(COLOURS)) >= CONTRAST
        assert line.evaluate("line => parseFloat(getComputedStyle(line).fontSize)") >= 13
        box = line.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    context.close()


def cells(words, code):
    """A notebook's cells, the source in lines as it is stored."""
    prose = {"cell_type": "markdown", "source": ["word\n"] * words}
    return [prose, *[{"cell_type": "code", "source": ["1"], "metadata": {}}] * code]


@pytest.mark.parametrize(("words", "code", "minutes"), [
    (0, 0, 5),          # no page takes no time
    (2000, 0, 10),
    (2000, 20, 20),
    (2000, 4, 10),      # 12
    (2000, 6, 15),      # 13
])
def test_reading_is_counted_in_words_and_cells(extension, words, code, minutes):
    assert extension.reading_minutes(cells(words, code)) == minutes


def test_folds_and_exercises_take_no_time(extension):
    folded = [{"cell_type": "markdown", "source": "<details>\n" + "word " * 4000 + "</details>"},
              {"cell_type": "code", "source": "1", "metadata": {"tags": ["hide-cell"]}}]
    exercises = [{"cell_type": "markdown", "source": "## Exercises"}, *cells(2000, 20)]
    quiz = [{"cell_type": "markdown", "source": "## Quiz"}, *cells(1000, 0)]
    story = cells(2000, 20)
    assert extension.reading_minutes(story + folded * 20 + exercises) == 20
    assert extension.reading_minutes(story + folded * 20 + exercises + quiz) == 25


def test_what_nobody_has_measured_is_left_out(extension):
    cost = {"seconds": 15, "megabytes": 250}
    assert extension.sentence(25, None) == "About 25 minutes to read, exercises apart"
    assert extension.sentence(25, cost) == (
        "About 25 minutes to read, exercises apart · 15 seconds and 250 MB to run on two "
        "cores")

"""What belongs together stays on one line, and no word of a page changes for it."""

import sys

import pytest
from docutils import nodes

from tests.site.conftest import ROOT

sys.path.append(str(ROOT / "book" / "_ext"))     # where Sphinx finds it, too
import ext_punctuation


def paragraph(*parts):
    """A paragraph of texts, and of formulas where a part is a pair."""
    return nodes.paragraph("", "", *(
        nodes.math("", part[0]) if isinstance(part, tuple) else nodes.Text(part)
        for part in parts))


def kept(page):
    ext_punctuation.keep_together(None, nodes.container("", page), "page")
    return page


def test_every_comma_goes_to_its_own_formula():
    """The same text may stand twice in a paragraph."""
    page = paragraph("From (", ("x",), "), ", ("n",), ", the shape of ", ("W",), ", ",
                     ("b",), ", ", ("c",))
    before = page.astext()
    assert kept(page).astext() == before
    assert [span.astext() for span in page.findall(nodes.inline)] == [
        "(x),", "n,", "W,", "b,"]


@pytest.mark.parametrize(("text", "shown"), [
    ("86.2 % of all", "86.2_% of all"), ("in 5 seconds", "in 5_seconds"),
    ("(chapter 4)", "(chapter_4)"), ("chapters 7 and 8", "chapters_7 and 8"),
    ("3 of 5 words", "3 of 5 words"), ("Cohen et al. found", "Cohen et_al. found")])
def test_a_number_stays_with_its_unit(text, shown):
    assert kept(paragraph(text)).astext() == shown.replace("_", "\N{NO-BREAK SPACE}")


def test_code_stays_as_it_is():
    """It may be copied; but what is short gets a style that keeps it whole."""
    short, long = nodes.literal("", "x @ W"), nodes.literal("", "5 % of a_very_long_name_of_this")
    page = nodes.paragraph("", "", short, long)
    assert kept(page).astext() == "x @ W5 % of a_very_long_name_of_this"
    assert [code["classes"] for code in (short, long)] == [["short"], []]

"""tools/pdf.py: nothing of the book is lost on the way to paper, and no link leads nowhere."""

import re
import shutil
from collections import Counter
from contextlib import nullcontext
from io import BytesIO
from types import SimpleNamespace

import pikepdf
import pytest
from bs4 import BeautifulSoup

from tests.site.conftest import load_tool

WHOLE = load_tool("whole.py", "whole")
TOOL = load_tool("pdf.py", "pdf_tool")
FRONT = "book/index"
# a scrubber, formulas, folds, solutions and links to the other
CHAPTER = "notebooks/09_spiral_classifier"
REFERENCE = "book/glossary"


@pytest.fixture(scope="module")
def pages(guard, built_site):
    """The pages that are joined, as the site has them."""
    return {name: guard.read(built_site / f"{name}.html").article
            for name in (FRONT, CHAPTER, REFERENCE)}


@pytest.fixture(scope="module")
def document(built_site, pages):
    """Three pages of the book as one."""
    return WHOLE.joined(built_site, list(pages))


@pytest.fixture(scope="module")
def soup(document):
    return BeautifulSoup(document, "html.parser")


def test_ids_are_unique(soup):
    """Each chapter has its exercises and its quiz, under the same names."""
    ids = Counter(element["id"] for element in soup.select("[id]"))
    assert [name for name, count in ids.items() if count > 1] == []


def test_every_link_leads_somewhere(soup, guard):
    """To a place within the document, or to another host; never to a page of the site."""
    ids = {element["id"] for element in soup.select("[id]")}
    links = [link["href"] for link in soup.select("article a[href], nav a[href]")]
    inside = [href for href in links if not guard.is_external(href)]
    assert len(inside) > 10
    assert [href for href in inside if not href.startswith("#") or href[1:] not in ids] == []


def test_links_between_pages_stay_links(soup):
    """A term leads from the chapter to the glossary, and back to where it comes first."""
    chapter, glossary = (name.replace("/", "-") for name in (CHAPTER, REFERENCE))
    assert soup.select(f"article#{chapter} a[href^='#{glossary}--term-']")
    assert soup.select(f"article#{glossary} a[href^='#{chapter}--']")


def test_every_figure_is_there_with_its_alt_text(soup, pages):
    """Of two variants the one for white paper; of a slider's pictures four."""
    drawn = Counter(image["alt"] for image in soup.select("img"))
    for page in pages.values():
        for image in page.select("img:not(.only-dark, .nnlib-figure)"):
            assert drawn[image["alt"]], image["alt"]
        for _ in page.select(".nnlib-scrubber"):
            assert len(soup.select(".frames img[alt][style*='background:url']")) == WHOLE.FRAMES
    assert all(image["alt"] for image in soup.select("img"))


def test_nothing_waits_for_a_click(soup, pages):
    """Hints and solutions are open; no button and no script but MathJax's remains."""
    assert soup.select("details, summary, button, article script, .headerlink") == []
    titles = [title.get_text() for title in soup.select(".fold-title")]
    for words in ("A hint", "The answer", "The solution"):
        shown = sum(len(page.find_all(string=re.compile(f"^\\s*Show {words[0].lower()}{words[1:]}")
                                      )) for page in pages.values())
        assert titles.count(words) == shown > 0


def test_asks_for_nothing_that_paper_lacks(soup):
    """The sentence that says how to move a slider; the one around it stays."""
    assert not soup.find_all("p", string=re.compile("Move the slider"))
    assert soup.find_all("p", string=re.compile("on its way. What does it find first"))
    assert not soup.select(".pdf-edition")


def test_code_looks_as_on_the_site(soup, pages, built_site):
    """What has a colour of its own keeps its element; the words are the same, line for line."""
    plain = WHOLE.plain_classes(built_site)
    assert {"n", "p", "w"} <= plain < {"n", "nn", "nx", "p", "pm", "w", "x"}
    colored = Counter(flat(span.get_text()) for page in pages.values()
                      for span in page.select(".highlight span[class]")
                      if not plain.issuperset(span["class"]) and not folded(span))
    shown = Counter(flat(span.get_text()) for span in soup.select(".highlight span"))
    assert shown == colored
    assert len(shown) > 100


def folded(span):
    """Whether the code only writes a result into a sentence, and is not printed."""
    cell = span.find_parent(class_="tag_hide-input")
    return cell and not cell.img and span.find_parent("details")


@pytest.mark.parametrize(("columns", "smaller"), [(79, False), (90, True), (200, False)])
def test_long_lines_fit_where_they_stay_readable(columns, smaller):
    """Tables that code prints are wider than code may be; what is far wider is broken."""
    pre = BeautifulSoup(f"<pre>short\n{'x' * columns}</pre>", "html.parser").pre
    WHOLE.fit(pre)
    assert ("font-size" in pre.get("style", "")) == smaller


def test_contents_and_headings_have_the_order_of_the_book(soup):
    """Parts are headings of the first order, chapters of the second."""
    headings = [h.get_text() for h in soup.select("h1, h2")]
    assert headings[:3] == ["From Spirals to Script", "Contents", "About this book"]
    listed = [line.a.get_text() for line in soup.select(".printed-contents p:has(a)")]
    assert listed == headings[2:]


def check_pdf(pdf, images, titles):
    """Hold a PDF to what its readers need: structure, alt texts, outline, language, small size."""
    with pikepdf.open(BytesIO(pdf)) as file, file.open_outline() as outline:
        assert file.Root.MarkInfo.Marked
        assert file.Root.Lang == "en"
        elements = [element for element in file.objects if isinstance(element, pikepdf.Dictionary)
                    and element.get("/Type") == "/StructElem"]
        assert file.Root.StructTreeRoot.K.S == "/Document"
        figures = [element for element in elements if element.S == "/Figure"]
        described = Counter(flat(element.get("/Alt", "")) for element in figures)
        assert Counter(flat(image["alt"]) for image in images) <= described
        # formulas have their words too; links say where they lead
        assert {"/P", "/H1", "/H2", "/H3", "/Code", "/Table", "/TH", "/Link"} <= {
            str(element.S) for element in elements}
        assert Counter(titles) <= Counter(flat(item.title) for item in items(outline.root))
        assert all(page.get("/StructParents") is not None for page in file.pages)
    # what Chromium leaves plain is packed
    assert b"/ObjStm" in pdf
    assert pdf.count(b"/StructElem") == 0


def items(outline):
    """Yield what an outline holds, and what is below."""
    for item in outline:
        yield item
        yield from items(item.children)


def flat(value):
    """A text with single spaces."""
    return " ".join(str(value).split())


def test_prints(browser, built_site, document, soup, guard):
    """Three pages of the site, printed as the whole book is: twice, to number the contents."""
    pdf, count = TOOL.make_with(browser, built_site, [FRONT, CHAPTER, REFERENCE])
    check_pdf(pdf, soup.select("img"), [flat(h.get_text()) for h in soup.select("h1, h2, h3, h4")])
    pages, numbers = TOOL.pages_of(pdf)
    assert count == pages > 20
    first, *others = (numbers[name.replace("/", "-")] for name in (FRONT, CHAPTER, REFERENCE))
    assert 2 < first < others[0] < others[1] <= count
    filled = WHOLE.numbered(document, numbers)
    assert re.search(rf"{others[0]}</span></p>", filled)


def test_refuses_what_would_be_lost(browser, built_site):
    """A picture that is missing, and a line that ends beyond the edge of the paper."""
    page = "<!doctype html><article id='a' style='width: 300px'>{}</article>"
    with pytest.raises(ValueError, match=r"missing.*none\.css"):
        TOOL.printed(browser, page.format("<link rel=stylesheet href=none.css>"), built_site)
    with pytest.raises(ValueError, match=r"wider than the paper: ..a: too wide"):
        TOOL.printed(browser, page.format("<pre style='width: 400px'>too wide</pre>"), built_site)


def test_offers_the_file_on_the_front_page(tmp_path, built_site, guard):
    """Once, however often it is made; the guard would find a link to a file that is missing."""
    front = tmp_path / f"{FRONT}.html"
    front.parent.mkdir()
    shutil.copy(built_site / f"{FRONT}.html", front)
    for count in (3, 4):
        TOOL.offer(tmp_path, b"%PDF", count)
    (link,) = guard.read(front).select(f"a[href$='{TOOL.PDF}']")
    assert "4 pages" in link.parent.get_text()


@pytest.mark.parametrize("lacking", ["site", *TOOL.NEEDS, "browser"])
def test_says_what_it_lacks(lacking, tmp_path, monkeypatch, capsys):
    """One sentence, and no traceback."""
    monkeypatch.setattr(TOOL, "SITE", tmp_path)
    if lacking != "site":
        (tmp_path / "book").mkdir()
        (tmp_path / f"{FRONT}.html").touch()
    monkeypatch.setattr(TOOL, "find_spec", lambda name: name != lacking or None)
    # one is running already, for the other tests, and there is room for one alone
    chromium = SimpleNamespace(executable_path="nowhere")
    monkeypatch.setattr("playwright.sync_api.sync_playwright",
                        lambda: nullcontext(SimpleNamespace(chromium=chromium)))
    monkeypatch.setattr(TOOL, "find_browser", lambda bundled: None)
    assert TOOL.main() == 1
    wanted = {"site": TOOL.NOT_BUILT, "browser": TOOL.NO_BROWSER}.get(
        lacking, TOOL.NO_PACKAGE.format(lacking))
    assert capsys.readouterr().out.splitlines()[-1] == wanted


@pytest.mark.every
def test_prints_the_whole_book(browser, built_site, guard):
    """In one file that a reader can download in a minute, with a page for each chapter."""
    pdf, count = TOOL.make_with(browser, built_site)
    soup = BeautifulSoup(WHOLE.joined(built_site), "html.parser")
    check_pdf(pdf, soup.select("img"), [flat(h.get_text()) for h in soup.select("h1, h2, h3, h4")])
    ids = {element["id"] for element in soup.select("[id]")}
    assert all(link["href"][1:] in ids for link in soup.select("a[href^='#']"))
    assert {name.replace("/", "-") for name in guard.toc_pages()} <= set(TOOL.pages_of(pdf)[1])
    assert len(pdf) < 14e6                    # with the site, whose limit is 21 MB, below 40
    assert count < 650

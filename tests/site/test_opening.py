"""How a chapter opens: its part, the spiral of the book, its question; links in its sentences."""

import re
import sys
from itertools import pairwise
from math import dist
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from docutils import nodes

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "book" / "_ext"))     # where Sphinx finds it, too
import ext_opening  # noqa: E402

PARTS = [(part["caption"], [entry["file"] for entry in part["chapters"]])
         for part in yaml.safe_load((ROOT / "book/_toc.yml").read_text(encoding="utf-8"))["parts"]
         if part["caption"].startswith("Part")]
CHAPTERS = [page for _, pages in PARTS for page in pages]
CHAPTER = re.compile(r"[Cc]hapters?\s+(\d+)\b")


@pytest.fixture(scope="module")
def articles(built_site, guard):
    """The text of every chapter's page, and of the first page of the book."""
    return {page: guard.read(built_site / f"{page}.html").article
            for page in ("book/index", *CHAPTERS)}


def test_every_chapter_says_where_in_the_book_it_is(articles):
    for caption, pages in PARTS:
        for page in pages:
            number = CHAPTERS.index(page) + 1
            opening = articles[page].select_one(".opening")
            assert opening.svg["aria-label"] == f"Chapter {number} of {len(CHAPTERS)}"
            classes = [dot["class"] for dot in opening.select("circle")]
            assert classes == [["past"]] * (number - 1) + [["here"]] + [["ahead"]] * (
                len(CHAPTERS) - number)
            assert caption.startswith(opening.select_one(".eyebrow").get_text())
            assert opening.find_next("h1").get_text().startswith(f"{number} · ")


def test_a_part_opens_with_what_the_first_page_says_of_it(articles):
    for caption, pages in PARTS:
        (heading,) = (h for h in articles["book/index"].select("h3")
                      if h.get_text().startswith(caption))
        first, *others = (articles[page] for page in pages)
        assert first.select_one(".part-name").get_text() == caption.split(" · ")[1]
        assert first.select_one(".part-words").get_text() == heading.find_next("p").get_text()
        assert not any(page.select(".opening.part") for page in others)


def test_the_question_stands_out(articles):
    """One question, and below it what the reader will do and needs."""
    for page in CHAPTERS:
        (question,) = articles[page].select(".question")
        assert question.get_text().endswith("?")
        promises = [p.em.get_text() for p in articles[page].select(".question ~ .promise")]
        assert promises == ["You will", "You need"]


def test_a_quiz_shows_which_answers_are_one_questions(articles):
    """Each question's answers to choose from stand close to one another."""
    for page in CHAPTERS:
        options = articles[page].select("section#quiz p.option")
        letters = [p.get_text()[0] for p in options]
        assert letters.count("a") == letters.count("b") == letters.count("c") >= 3, page
        assert not any(p.find_parent("details") for p in options)


@pytest.mark.parametrize("count", [1, 16, 21])
def test_dots_are_evenly_far_apart(count):
    """Along the spiral; the last one is at its end, and all are within the picture."""
    points = ext_opening.spiral()
    at = ext_opening.stations(points, count)
    lengths = [sum(map(dist, points[a:b], points[a + 1:b + 1])) for a, b in pairwise(at)]
    assert len(at) == count
    assert at[-1] == len(points) - 1
    assert all(0 < value < 100 for point in points for value in point)
    assert max(lengths, default=1) < 1.15 * min(lengths, default=1)


def test_a_part_that_the_first_page_forgets_stops_the_build():
    section = nodes.section("", nodes.title("", "Part 1 · One"), nodes.paragraph("", "It begins."))
    env = SimpleNamespace(get_doctree=lambda name: nodes.container("", section))
    assert ext_opening.introduction(env, "Part 1 · One").astext() == "It begins."
    with pytest.raises(ValueError, match="no section “Part 2 · Two”"):
        ext_opening.introduction(env, "Part 2 · Two")


def test_other_chapters_are_one_click_away(articles):
    """Where a sentence names a chapter, unless that is the one being read or not there yet."""
    links = 0
    for page in CHAPTERS:
        own = CHAPTERS.index(page) + 1
        for link in articles[page].select("a.to-chapter"):
            number = int(re.search(r"\d+", link.get_text())[0])
            assert link["href"] == f"{Path(CHAPTERS[number - 1]).name}.html"
            assert number != own
            links += 1
        for text in articles[page].select("p, li, td"):
            plain = "".join(t for t in text.find_all(string=True)
                            if not t.find_parent(["a", "code", "pre", "h1"]))
            named = {int(number) for number in CHAPTER.findall(plain)} - {own}
            assert named.isdisjoint(range(1, len(CHAPTERS) + 1)), (page, plain)
    assert links > 100


def test_citations_have_no_brackets_of_their_own(articles):
    """“(Kingma and Ba 2015)”, not “([Kingma and Ba, 2015])”."""
    cited = [link for article in articles.values()
             for link in article.select("a[href*='bibliography.html#']")]
    assert len(cited) > 100
    form = re.compile(r"[^\[\]()]+ (?:\d{4}|n\.d\.)")
    assert [a.get_text() for a in cited if not form.fullmatch(a.get_text())] == []


def test_no_answer_became_a_list(articles):
    """Markdown takes “7. Multiplied out” for the seventh item of one."""
    assert not any(article.select("ol[start]") for article in articles.values())


def test_the_fonts_are_the_books_own(browser, site_address):
    """Each face that a chapter needs arrives, and nothing falls back to the machine's."""
    page = browser.new_page()
    page.goto(f"{site_address}{CHAPTERS[1]}.html", wait_until="networkidle")
    faces = page.evaluate("""() => document.fonts.ready.then(() => [...document.fonts]
        .filter(face => face.family.includes("Spirals"))
        .map(face => `${face.family} ${face.style} ${face.status}`.replaceAll('"', "")))""")
    assert sorted(faces) == [f"Spirals {face} loaded" for face in (
        "Code normal", "Display italic", "Display normal", "Sans normal", "Serif italic",
        "Serif normal")]
    page.close()

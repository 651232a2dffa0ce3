"""The built pages as a reader's browser shows them, on a desk and on a phone.

The guard reads the files; these tests see what scripts and styles make of them.
"""

import json
import re
from types import SimpleNamespace

import pytest

DESK, PHONE = 1280, 390
ROOT_PAGE = "index.html"                    # it sends browsers on to the book's first page

# A picture in two variants hides the one that is for the other theme. The signs in a closed menu
# (Binder's, Colab's, where the book has a repository) are not drawn yet.
IMAGES = """() => [...document.querySelectorAll("img:not(.dropdown-menu img)")].map(image => ({
    source: image.currentSrc.slice(-60),
    alt: image.alt,
    drawn: image.complete && image.naturalWidth > 0 && (image.clientHeight > 0) !== image.matches(
        document.documentElement.dataset.theme === "dark" ? ".only-light" : ".only-dark"),
    asked: parseFloat(image.style.width) || null,
    width: image.getBoundingClientRect().width,
    right: image.getBoundingClientRect().right,
    column: image.parentElement.clientWidth - Math.min(0,
        2 * parseFloat(getComputedStyle(image).marginLeft) || 0),
    limit: image.closest("article").getBoundingClientRect().right,
    filter: getComputedStyle(image).filter,
    background: getComputedStyle(image).backgroundColor,
}))"""
PROSE = """() => {
    const prose = document.querySelector("article, main").cloneNode(true);
    const others = "pre, code, .sig, script, style, mjx-container";
    prose.querySelectorAll(others).forEach(element => element.remove());
    return prose.textContent;
}"""
WIDER_THAN_THE_WINDOW = """() => {
    const width = document.documentElement.clientWidth;
    return document.documentElement.scrollWidth - width;
}"""
TYPESET = "() => !window.MathJax?.startup || window.MathJax.startup.promise.then(() => true)"
# Punctuation right after a formula that stands on the next line, further to the left.
TORN = r"""() => [...document.querySelectorAll(
    "article mjx-container:not([display])")].map(formula => {
    const next = (formula.closest(".math") ?? formula).nextSibling;
    if (next?.nodeType !== Node.TEXT_NODE || !/^[.,:;?!)]/.test(next.data)) return null;
    const range = document.createRange();
    range.setStart(next, 0);
    range.setEnd(next, 1);
    const torn = range.getBoundingClientRect().left < formula.getBoundingClientRect().right - 2;
    return torn ? formula.parentElement.textContent.slice(0, 60) : false;
}).filter(found => found !== null)"""
LUMINANCE = """() => {
    const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g);
    return (0.3 * r + 0.6 * g + 0.1 * b) / 255;
}"""


def watch(page):
    """Collect what a page asks for and what goes wrong with it."""
    log = SimpleNamespace(requests=[], failures=[], errors=[])
    page.on("request", lambda request: log.requests.append(request.url))
    page.on("requestfailed", lambda request: log.failures.append(request.url))
    page.on("pageerror", lambda error: log.errors.append(str(error)))
    page.on(
        "console",
        lambda message: log.errors.append(f"{message.text} ({message.location['url']})")
        if message.type == "error" else None,
    )
    return log


@pytest.fixture(scope="module", params=[DESK, PHONE], ids=["desk", "phone"])
def width(request):
    return request.param


@pytest.fixture(scope="module")
def view(any_page, width, browser, site_address):
    """One page at one width, opened once for all the tests that look at it."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    log = watch(page)
    page.goto(f"{site_address}{any_page}.html", wait_until="networkidle")
    page.evaluate(TYPESET)
    yield SimpleNamespace(page=page, log=log, width=width, address=site_address)
    page.close()


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": DESK, "height": 900})
    yield page
    page.close()


@pytest.fixture
def figure_pages(guard):
    """The pages made from notebooks with pictures."""
    notebooks = {name: guard.ROOT / f"{name}.ipynb" for name in guard.toc_pages()}
    return [n for n, path in notebooks.items() if path.is_file() and guard.stored_alts(path)]


def test_asks_no_other_host(view):
    """The book works without a network, and nobody else learns who reads it."""
    allowed = (view.address, "data:", "blob:")
    assert [url for url in view.log.requests if not url.startswith(allowed)] == []


def test_raises_no_error(view):
    """A script that fails on every page takes search or theme switch with it sooner or later."""
    assert view.log.errors == []
    assert view.log.failures == []


def test_source_code_asks_no_other_host_and_raises_no_error(page, other_pages, site_address):
    """They are pages of the book like the others, though no table of contents names them."""
    assert any(name.startswith("_modules/nnlib/") for name in other_pages)
    log = watch(page)
    for name in other_pages:
        if name != ROOT_PAGE:
            page.goto(f"{site_address}{name}", wait_until="networkidle")
    allowed = (site_address, "data:", "blob:")
    assert [url for url in log.requests if not url.startswith(allowed)] == []
    assert log.errors == []
    assert log.failures == []


def test_the_root_leads_to_the_book(page, site_address):
    """Who types the site's address alone arrives, and nothing is missing on the way."""
    log = watch(page)
    page.goto(site_address)
    page.wait_for_url("**/book/index.html", wait_until="networkidle")
    assert log.errors == []


def test_every_page_names_an_icon_that_is_there(built_site, guard):
    """A browser asks for /favicon.ico on behalf of a page that names none: a 404, at times in
    the console of the page after it."""
    pages = [path for path in sorted(built_site.rglob("*.html"))
             if path.relative_to(built_site).parts[0] not in guard.NO_PAGES]
    assert built_site / ROOT_PAGE in pages
    for path in pages:
        icon = guard.read(path).select_one("link[rel=icon]")
        assert icon, path
        assert (path.parent / icon["href"]).is_file(), path


def test_draws_every_image_with_alt_text(view):
    """No picture is broken, none is without a description."""
    for image in view.page.evaluate(IMAGES):
        assert image["drawn"], image
        assert image["alt"], image


def test_gives_figures_their_width_but_never_more_than_the_column(view):
    """As wide as their metadata say; on a phone they shrink, and may use the page's margins."""
    margin = 32 if view.page.viewport_size["width"] < 600 else 0
    for image in view.page.evaluate(IMAGES):
        assert image["right"] <= image["limit"] + margin + 1, image
        if image["asked"]:
            wanted = min(image["asked"], image["column"])
            assert image["width"] == pytest.approx(wanted, abs=1), image


def test_does_not_scroll_sideways(view):
    """Wide code, tables and formulas scroll by themselves; the page stays where it is."""
    assert view.page.evaluate(WIDER_THAN_THE_WINDOW) <= 0


def test_typesets_every_formula(view):
    """Formulas are drawn, with the book's own MathJax, and none is left between dollars."""
    formulas = view.page.locator("article .math").count()
    assert view.page.locator("article mjx-container").count() >= formulas
    assert view.page.locator("mjx-merror").count() == 0
    assert not re.search(r"\$[^\s$][^$]*\$|\\\(|\\\[", view.page.evaluate(PROSE))


def test_no_line_begins_with_the_comma_after_a_formula(view):
    """A browser may break the line after a formula, even before a comma."""
    assert not [torn for torn in view.page.evaluate(TORN) if torn]


def test_some_page_has_formulas_and_figures(built_site, figure_pages):
    """The tests above mean nothing on a site without formulas or figures."""
    texts = [(built_site / f"{name}.html").read_text(encoding="utf-8") for name in figure_pages]
    assert any('class="math' in text for text in texts)


def test_states_the_tolerance_of_every_long_run(built_site, figure_pages, guard):
    """Who compares a number with their own run must know how far the two may differ."""
    for name in figure_pages:
        notebook = (guard.ROOT / f"{name}.ipynb").read_text(encoding="utf-8")
        cells = [c for c in json.loads(notebook)["cells"] if c.get("outputs")]
        long_runs = [c for c in cells if "tolerance" in c["metadata"].get("nnlib", {})]
        page = (built_site / f"{name}.html").read_text(encoding="utf-8")
        assert page.count('<p class="tolerance">') == len(long_runs)


def test_documents_every_module(built_site, guard):
    """A new module is on the API page without anybody writing it there."""
    page = (built_site / "book" / "api" / "nnlib.html").read_text(encoding="utf-8")
    for path in (guard.ROOT / "nnlib").glob("[!_]*.py"):
        assert f'id="module-nnlib.{path.stem}"' in page


def test_search_finds(page, site_address):
    """Search runs in the page alone, from an index that the build writes."""
    page.goto(f"{site_address}search.html?q=spiral")
    page.locator("#search-results li a").first.wait_for(timeout=10_000)


@pytest.mark.parametrize(("words", "chapter"), [
    ("softmax", "03_activations"),
    ("Dropout", "12_dropout"),
    ("learning rate", "05_derivatives_and_gradients"),
    ("epochs", "07_gradient_descent"),
])
def test_search_finds_first_where_a_word_is_explained(page, site_address, words, chapter):
    """Not the class of that name, nor a later chapter that has the word in a title."""
    page.goto(f"{site_address}search.html?q={words}")
    first = page.locator("#search-results li a").first
    first.wait_for(timeout=10_000)
    assert first.get_attribute("href").split("?")[0] == f"notebooks/{chapter}.html"


def test_a_result_quotes_the_text(page, site_address):
    """And neither menus, nor the table of contents, nor TeX."""
    page.goto(f"{site_address}search.html?q=backpropagation")
    quotes = page.locator("#search-results li p.context")
    quotes.first.wait_for(timeout=10_000)
    texts = quotes.all_inner_texts()
    assert len(texts) > 2
    assert [text for text in texts if re.search(r"On this page|\.ipynb|\\[a-z(]", text)] == []


def test_is_readable_without_scripts(browser, site_address, toc_page):
    """Search engines, readers with scripts off, and old browsers get the text."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site_address}{toc_page}.html")
    assert page.locator("article h1").first.is_visible()
    assert len(page.locator("article p:not(.opening *)").first.inner_text()) > 20
    context.close()


def test_front_door_leads_to_the_first_page(page, site_address):
    """The bare address shows the book."""
    page.goto(site_address)
    page.wait_for_url(re.compile(r".*/book/index\.html$"))
    assert page.locator("article h1").is_visible()


def test_dark_theme_leaves_figures_as_they_are(page, figure_pages, site_address):
    """Figures are made for both themes: no filter, no white card, nothing lost in the dark."""
    for name in figure_pages:
        page.goto(f"{site_address}{name}.html")
        for _ in range(3):
            if page.locator("html").get_attribute("data-theme") == "dark":
                break
            page.locator(".theme-switch-button").first.click()
        assert page.locator("html").get_attribute("data-theme") == "dark"
        assert page.evaluate(LUMINANCE) < 0.2
        images = page.evaluate(IMAGES)
        assert images
        for image in images:
            assert image["drawn"], image
            assert image["filter"] == "none", image
            assert image["background"] == "rgba(0, 0, 0, 0)", image


def test_first_visit_follows_the_readers_system(browser, site_address):
    """Somebody who reads in the dark is not blinded first."""
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(f"{site_address}book/index.html")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    context.close()


def test_search_finds_pages_without_a_server(page, built_site):
    """Only the quotes below the results are missing: a browser lets no file read another."""
    page.goto(f"{(built_site / 'search.html').as_uri()}?q=softmax")
    first = page.locator("#search-results li a").first
    first.wait_for(timeout=10_000)
    assert first.get_attribute("href").split("?")[0].endswith("notebooks/03_activations.html")


def test_opens_from_a_folder(page, built_site, figure_pages):
    """A double click on a page shows it with its styles, figures and formulas: no server."""
    log = watch(page)
    page.goto((built_site / "index.html").as_uri())
    page.wait_for_url(re.compile(r".*/book/index\.html$"))
    for name in ["book/index", *figure_pages]:
        page.goto((built_site / f"{name}.html").as_uri())
        page.evaluate(TYPESET)
        style = "getComputedStyle(document.documentElement).getPropertyValue('--book-radius')"
        assert page.evaluate(style)
        assert all(image["drawn"] for image in page.evaluate(IMAGES))
        formulas = page.locator("article .math").count()
        assert page.locator("article mjx-container").count() >= formulas
    assert log.errors == []
    assert not [url for url in log.requests if not url.startswith(("file:", "data:", "blob:"))]

"""Every page for readers who use a keyboard, a screen reader, or need contrast.

axe takes seconds a page, so each change has it look at a sample of pages, and the long run
(`pytest -m ""`) at all of them; in light and dark, on a desk and on a phone.
"""

import pytest

from tests.browser import violations
from tests.site.conftest import ADDED_BY_SPHINX, PAGES

DESK, PHONE = 1280, 390
MODULE = "_modules/nnlib/layers"
SAMPLE = ["search", "book/bibliography", "book/formulas"]
CHAPTER = "notebooks/02_the_spiral"
TYPESET = "() => !window.MathJax?.startup || window.MathJax.startup.promise.then(() => true)"
# Colours on their way from one theme to the other are neither's.
AT_ONCE = "*, ::before, ::after { transition: none !important; animation: none !important; }"
THEME = """theme => Object.assign(document.documentElement.dataset, { theme, mode: theme })"""
# The theme looks at a window's new size after 0.3 seconds.
SETTLED = "() => new Promise(done => setTimeout(done, 400))"
# What a reader sees and can use: each gets a number, to be found again.
CONTROLS = """() => {
    document.querySelectorAll("details").forEach(fold => { fold.open = true; });
    const scrolls = box => box.scrollWidth > box.clientWidth && box.clientWidth > 0
        && ["auto", "scroll"].includes(getComputedStyle(box).overflowX);
    const all = [...document.querySelectorAll("a[href], button, input, summary")];
    const boxes = [...document.querySelectorAll(".bd-article *")].filter(scrolls);
    const seen = [...new Set([...all, ...boxes])].filter(element => element.checkVisibility(
        { visibilityProperty: true }) && element.type !== "checkbox");
    seen.forEach((element, i) => { element.dataset.number = i; });
    return seen.map(element => element.outerHTML.slice(0, 150));
}"""
FOCUSED = """() => {
    const element = document.activeElement;
    const look = node => { const s = getComputedStyle(node); return s.outlineStyle !== "none"
        && parseFloat(s.outlineWidth) >= 2 && s.outlineColor !== getComputedStyle(
            document.body).backgroundColor; };
    const field = element.closest(".bd-search");
    return [element.dataset.number ?? null, element === document.body,
        look(element) || (field !== null && look(field)), element.outerHTML.slice(0, 150)];
}"""


def opened(browser, address):
    page = browser.new_page(viewport={"width": DESK, "height": 900})
    page.goto(address, wait_until="networkidle")
    page.evaluate(TYPESET)
    page.add_style_tag(content=AT_ONCE)
    return page


def found(page, width, theme):
    """What axe finds at this width in this theme: the page is not loaded again."""
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(THEME, theme)
    page.evaluate(SETTLED)
    return violations(page)


@pytest.mark.parametrize("name", SAMPLE)
def test_axe_finds_nothing_in_a_sample(browser, site_address, name):
    page = opened(browser, f"{site_address}{name}.html")
    assert found(page, DESK, "light") == []
    assert found(page, PHONE, "dark") == []
    page.close()


@pytest.mark.every
@pytest.mark.parametrize("name", [*PAGES, *ADDED_BY_SPHINX, MODULE])
def test_axe_finds_nothing(browser, site_address, name):
    page = opened(browser, f"{site_address}{name}.html")
    for width in (DESK, PHONE):
        for theme in ("light", "dark"):
            assert found(page, width, theme) == [], (width, theme)
    page.close()


def test_axe_would_find_something(browser, site_address):
    """A test of the test: grey on grey in the dark alone, and a table's header without a name."""
    page = opened(browser, f"{site_address}search.html")
    # A high line: where letters reach into what is below, axe does not judge their colour.
    page.add_style_tag(content='[data-theme="dark"] h1 { background: #444; color: #555; '
                               'line-height: 2; }')
    assert found(page, DESK, "light") == []
    assert {rule for rule, *_ in found(page, DESK, "dark")} == {"color-contrast"}
    page.evaluate("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)",
                  "<table><tr><th></th><th>A</th></tr><tr><td>1</td><td>2</td></tr></table>")
    assert {rule for rule, *_ in found(page, DESK, "light")} == {"empty-table-header"}
    page.close()


def walked(page):
    """Press Tab through a page; return the controls not reached, and those without a frame."""
    controls = page.evaluate(CONTROLS)
    reached, unseen = set(), []
    for _ in range(2 * len(controls)):
        page.keyboard.press("Tab")
        number, at_the_end, framed, html = page.evaluate(FOCUSED)
        if at_the_end:
            break
        if number is not None:
            reached.add(int(number))
            if not framed:
                unseen.append(html)
    return [html for i, html in enumerate(controls) if i not in reached], unseen, len(controls)


@pytest.mark.parametrize(("width", "theme"), [(DESK, "light"), (PHONE, "dark")])
def test_the_keyboard_reaches_every_control_and_shows_where_it_is(
        browser, site_address, width, theme):
    """Links, buttons, fields, folds, and what scrolls sideways, each with a frame around it."""
    page = opened(browser, f"{site_address}{CHAPTER}.html")
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(THEME, theme)
    page.evaluate("() => document.querySelectorAll('details').forEach(f => { f.open = true; })")
    page.evaluate(SETTLED)
    not_reached, unseen, count = walked(page)
    assert (not_reached, unseen) == ([], [])
    assert count > 50
    page.close()


def test_the_keyboard_would_find_something(browser, site_address):
    """A test of the test: a link that Tab passes by, another without a frame."""
    page = opened(browser, f"{site_address}search.html")
    page.evaluate("""() => document.querySelector("main").insertAdjacentHTML("beforeend",
        '<a href="#" tabindex="-1">passed by</a><a href="#" id="bare">bare</a>')""")
    page.add_style_tag(content="#bare { outline: none !important; }")
    (not_reached,), (unseen,), _ = walked(page)
    assert "passed by" in not_reached
    assert "bare" in unseen
    page.close()

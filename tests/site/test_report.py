"""A model's report in a reader's browser: on a desk and a phone, in light and in dark.

Protects from a report that asks the network, cannot be read by all, or is wider than a phone.
"""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from nnlib import CategoricalCrossEntropy, Dense, Model, ReLU, Rescaling, Softmax, datasets, report
from tests.browser import violations

ROOT = Path(__file__).resolve().parents[2]
WIDTHS = {"desk": 1280, "phone": 390}
SIDEWAYS = """() => document.documentElement.scrollWidth
    - document.documentElement.clientWidth"""
IMAGES = """() => [...document.images].map(image => ({
    alt: image.alt, drawn: image.complete && image.naturalWidth > 0 && image.clientHeight > 0,
    inside: image.getBoundingClientRect().right <= innerWidth }))"""
BACKGROUND = "() => getComputedStyle(document.documentElement).backgroundColor"
LONG = "a class whose name is longer than any phone is wide_and_that_has_no_place_to_break_"


def store(folder, classes, **more):
    """Write a report on digits, with these names for them, and return its address."""
    digits = datasets.digits()
    X = digits.X_train.reshape(-1, 64)
    rng = np.random.default_rng(0)
    model = Model([Rescaling(1 / 255), Dense(64, 16, rng=rng), ReLU(), Dense(16, 10, rng=rng),
                   Softmax()], loss=CategoricalCrossEntropy())
    history = model.fit(X, digits.y_train, epochs=5, batch_size=64, validation=0.1, rng=rng)
    data = SimpleNamespace(X_test=digits.X_test, y_test=digits.y_test, classes=classes,
                           name="digits", source="synthetic, as it were")
    return report.write(model, data, folder / "report.html", history=history,
                        settings={"epochs": 5}).as_uri()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    return store(tmp_path_factory.mktemp("report"), "0123456789")


@pytest.fixture(scope="module", params=["light", "dark"])
def scheme(request):
    return request.param


@pytest.fixture(scope="module", params=WIDTHS)
def view(request, browser, address, scheme):
    """The report in one browser window, and what it asked for."""
    page = browser.new_page(viewport={"width": WIDTHS[request.param], "height": 900},
                            color_scheme=scheme)
    asked, said = [], []
    page.on("request", lambda found: asked.append(found.url))
    page.on("console", lambda found: said.append(found.text))
    page.goto(address, wait_until="networkidle")
    yield SimpleNamespace(page=page, asked=asked, said=said)
    page.close()


def test_it_asks_for_nothing_but_itself(view, address):
    assert address in view.asked
    assert [url for url in view.asked if url != address and not url.startswith("data:")] == []
    assert view.said == []


def test_its_own_rule_keeps_it_from_asking(browser, address):
    """Even if a name could smuggle an image in, the page may not fetch it."""
    page = browser.new_page()
    page.goto(address)
    blocked = page.evaluate("""() => new Promise(done => {
        document.addEventListener("securitypolicyviolation", event => done([event.blockedURI,
            event.effectiveDirective, event.disposition]));
        document.body.append(Object.assign(new Image(), { src: "http://127.0.0.1:9/x.png" }));
    })""")
    assert blocked == ["http://127.0.0.1:9/x.png", "img-src", "enforce"]
    page.close()


def test_axe_finds_nothing(view):
    assert violations(view.page) == []


def test_axe_would_find_something(browser):
    """A test of the test: a picture without alt text, and grey on grey."""
    page = browser.new_page()
    page.set_content('<html lang="en"><title>T</title><main><h1>T</h1>'
                     '<p style="color: #999; background: #aaa">grey</p><img src="data:,"></main>')
    assert {rule for rule, *_ in violations(page)} == {"color-contrast", "image-alt"}
    page.close()


def test_it_does_not_scroll_sideways(view):
    """Tables and code do, by themselves, and keys reach them."""
    assert view.page.evaluate(SIDEWAYS) <= 0
    for region in view.page.locator(".scroll").all():
        region.focus()
        assert region.evaluate("element => element === document.activeElement")


def test_every_picture_is_drawn_within_the_window(view):
    images = view.page.evaluate(IMAGES)
    assert len(images) > 40
    for image in images:
        assert image["drawn"], image
        assert image["inside"], image
        assert image["alt"], image


def test_long_names_do_not_break_a_phone(browser, tmp_path):
    """They wrap where words end, or anywhere, and leave the numbers in sight."""
    page = browser.new_page(viewport={"width": WIDTHS["phone"], "height": 900})
    page.goto(store(tmp_path, [f"{LONG}{i}" for i in range(10)]))
    assert page.evaluate(SIDEWAYS) <= 0
    assert all(image["inside"] for image in page.evaluate(IMAGES))
    support = page.locator("#classes ~ .scroll tbody tr").first.locator("td").last
    assert 0 < support.bounding_box()["x"] < WIDTHS["phone"] - 20
    assert violations(page) == []
    page.close()


def test_it_follows_the_readers_system(view, scheme):
    rgb = [int(part) for part in re.findall(r"\d+", view.page.evaluate(BACKGROUND))]
    assert (min(rgb) > 240) == (scheme == "light")
    assert (max(rgb) < 40) == (scheme == "dark")


def test_paper_is_white_and_shows_whole_tables(browser, address, scheme):
    page = browser.new_page(viewport={"width": 700, "height": 900})
    page.emulate_media(media="print", color_scheme=scheme)
    page.goto(address)
    assert page.evaluate(BACKGROUND) == "rgba(0, 0, 0, 0)"
    ink = page.evaluate("() => getComputedStyle(document.body).color")
    assert max(int(part) for part in re.findall(r"\d+", ink)) < 60
    assert {region.evaluate("element => getComputedStyle(element).overflowX")
            for region in page.locator(".scroll").all()} == {"visible"}
    assert not page.locator("nav").is_visible()
    page.close()


def test_its_colours_are_the_books():
    """Who changes the book's paper and ink changes the report's."""
    book = (ROOT / "book/_static/custom.css").read_text(encoding="utf-8")
    ours = (ROOT / "nnlib/report/style.css").read_text(encoding="utf-8")
    names = {"background": "background", "surface": "surface", "ink": "text-base",
             "muted": "text-muted", "border": "border", "border-muted": "border-muted",
             "link": "link", "warning": "target"}
    for ours_is, books_is in names.items():
        found = re.findall(rf"--{ours_is}: (#\w+);", ours)
        assert len(found) == 2
        assert found == re.findall(rf"--pst-color-{books_is}: (#\w+);", book)

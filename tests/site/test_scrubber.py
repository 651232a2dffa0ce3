"""The scrubber in a reader's browser: it moves when it is moved, and only then."""

import io
import re
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnlib import plots
from nnlib.scrubber import Scrubber

ROOT = Path(__file__).resolve().parents[2]
ALT = "The edge between two halves moves to the right"
# with the book's own styles, in the elements in which its pages have an output
PAGE = """<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8">
<title>Two scrubbers</title><meta name="viewport" content="width=device-width">
<style>body {{ margin: 8px; }}</style><style>{style}</style>
<main class="bd-content"><article class="bd-article"><h1>Two scrubbers</h1>
<div class="cell_output"><div class="output text_html">{outputs}</div></div></article></main>
</html>"""
STATE = """figure => [figure.querySelector("b").innerText,
    figure.querySelector("img").alt, figure.querySelector("img").style.backgroundImage,
    figure.querySelector("input").getAttribute("aria-valuetext")]"""
POINTS = np.array([[-1.0, -1.0], [1.0, 1.0]])


def drawn(edge):
    """A picture of the plane, cut by a wave around x1 = edge."""
    def halves(points):
        right = 0.5 + 0.1 * (points[:, 0] - edge - 0.3 * np.sin(5 * points[:, 1]))
        return np.stack([1 - right, right], axis=1)

    return plots.decision_boundary(halves, POINTS, np.array([0, 1]), resolution=100,
                                   alt="Two halves and a point in each")


def scrubber(word, n=4):
    frames = Scrubber(alt=ALT)
    for i in range(n):
        frames.add(f"{word} {i}", drawn(0.2 * i))
    return frames


def store(path, *scrubbers):
    """Write a page with these outputs; return its address. What they need is in it."""
    style = (ROOT / "book/_static/custom.css").read_text(encoding="utf-8")
    outputs = "".join(frames._repr_html_() for frames in scrubbers)
    path.write_text(PAGE.format(style=style, outputs=outputs), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A page with two scrubbers."""
    path = tmp_path_factory.mktemp("scrubber") / "page.html"
    return store(path, scrubber("epoch"), scrubber("step"))


@pytest.fixture
def page(browser, address):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text))
    page.on("request", lambda r: r.url.startswith(("file:", "data:")) or errors.append(r.url))
    page.goto(address)
    yield page
    page.close()
    assert errors == []


def state(page, n):
    return page.locator("figure").nth(n).evaluate(STATE)


def wait_for(page, n, label):
    """Wait until the picture, drawn in its own time, is the label's."""
    page.wait_for_function(
        "([n, label]) => document.querySelectorAll('figure img')[n].alt.startsWith(label + ':')",
        arg=[n, label], timeout=5000)
    name, alt, _, spoken = state(page, n)
    assert name == spoken == label
    assert alt == f"{label}: Two halves and a point in each."


def test_arrow_keys_move_one_scrubber_alone(page):
    other = state(page, 1)
    seen = [state(page, 0)[2]]
    page.locator("input").first.focus()
    for key, label in (("ArrowRight", "epoch 1"), ("ArrowUp", "epoch 2"), ("End", "epoch 3")):
        page.keyboard.press(key)
        wait_for(page, 0, label)
        seen.append(state(page, 0)[2])
    assert len(set(seen)) == 4
    for key, label in (("ArrowLeft", "epoch 2"), ("Home", "epoch 0")):
        page.keyboard.press(key)
        wait_for(page, 0, label)
    assert state(page, 0)[2] == seen[0]
    assert state(page, 1) == other


def test_the_mouse_moves_the_slider(page):
    page.locator("input").nth(1).click(position={"x": 468, "y": 14})
    wait_for(page, 1, "step 3")
    assert page.locator("small").nth(1).inner_text() == "picture 4 of 4"
    assert state(page, 0)[0] == "epoch 0"


def test_the_slider_has_a_name_and_shows_its_focus(page):
    slider = page.get_by_role("slider", name="picture 1 of 4").first
    page.keyboard.press("Tab")
    assert slider.evaluate("slider => slider === document.activeElement")
    assert slider.evaluate("slider => getComputedStyle(slider).outlineStyle") == "solid"


def test_nothing_plays_by_itself(page):
    wait_for(page, 0, "epoch 0")
    before = page.content()
    time.sleep(0.5)
    assert page.content() == before
    assert page.evaluate("document.getAnimations().length") == 0


def alone(page, n):
    """What a reader sees of one image, put on whole pixels: (height, width, 3)."""
    image = page.locator("img").nth(n)
    place = "position: fixed; top: 0; left: 600px; background-color: white; z-index: "
    image.evaluate("(image, style) => image.style.cssText += style", f";{place}{n + 1}")
    return np.asarray(Image.open(io.BytesIO(image.screenshot())).convert("RGB")).astype(int)


@pytest.mark.parametrize("scale", [1, 2])
def test_looks_like_the_picture_itself(browser, address, scale):
    """Regions and points, stored apart, lie on each other as in the picture."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, device_scale_factor=scale)
    page.goto(address)
    outputs, _ = drawn(0.6)._repr_mimebundle_()
    page.evaluate("tag => document.querySelector('main').insertAdjacentHTML('beforeend', tag)",
                  outputs["text/html"])
    page.locator("input").first.focus()
    page.keyboard.press("End")
    wait_for(page, 0, "epoch 3")
    ours, theirs = (alone(page, n) for n in (0, 2))
    page.close()
    assert ours.shape == theirs.shape == (530 * scale, 480 * scale, 3)
    off = np.abs(ours - theirs).max(axis=-1) > 40
    assert off.mean() < 0.003               # no more than the edge of the edge


def test_fits_a_phone(browser, address):
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = page.locator("img").first.bounding_box()
    assert box["width"] > 350
    assert box["height"] / box["width"] == pytest.approx(530 / 480, abs=0.01)
    assert page.locator("input").first.bounding_box()["height"] >= 24
    page.close()


def test_without_scripts_the_first_picture_is_there(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    figure = page.locator("figure").first
    assert figure.locator("img").is_visible()
    assert figure.locator("img").get_attribute("alt").startswith("epoch 0: ")
    assert figure.locator("input").count() == 0
    text = " ".join(figure.locator("figcaption").inner_text().split())
    assert text == ("epoch 0 picture 1 of 4: a slider to the others comes with JavaScript "
                    "(in Jupyter, run the cell)")
    context.close()


def test_paper_shows_the_picture_and_no_slider(page):
    page.emulate_media(media="print")
    assert page.locator("img").first.is_visible()
    assert not page.locator("input").first.is_visible()
    assert re.match("epoch 0", page.locator("figcaption").first.inner_text())


def test_one_picture_needs_no_slider(browser, tmp_path):
    page = browser.new_page()
    page.goto(store(tmp_path / "one.html", scrubber("epoch", 1)))
    assert page.locator("small").inner_text() == "picture 1 of 1"
    assert page.locator("input").count() == 0
    page.close()

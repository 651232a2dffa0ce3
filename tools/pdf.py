"""Print the whole book into one PDF file and offer it on the front page.

    python tools/pdf.py

whole.py joins the pages of the built site (`make book`), Chromium prints them, twice: only then
are the numbers known that the table of contents shows. What it writes is packed into fewer bytes.
The file lies within the site. The link to it is written into the built front page, after the file
is there: a site without a PDF, such as every `make book` of a reader, has no link that leads
nowhere.
"""

import re
import sys
from importlib.util import find_spec
from io import BytesIO
from urllib.parse import unquote, urlsplit

from browser import FLAGS, HOW_TO_GET_ONE, find_browser
from guard import ROOT, problems, read, toc_pages
from whole import joined, numbered

SITE = ROOT / "_build" / "html"
PDF = "from-spirals-to-script.pdf"
# No such host: what is asked of it is answered here, and nothing else is let through.
ORIGIN = "http://book.invalid/"
DOCUMENT = "whole-book.html"
MINUTES = 5
NEEDS = ("playwright", "pikepdf")           # what prints, and what packs
PLACE = ".pdf-edition"                      # a container of book/index.md

NOT_BUILT = "The site is not built yet; build it first with `make book`."
NO_PACKAGE = "A PDF needs {0}: `python -m pip install {0}`."
NO_BROWSER = f"A PDF needs a browser: {HOW_TO_GET_ONE}"

FOOTER = """<div style="width: 100%; text-align: center; color: #586069;
font: 8pt system-ui, 'Liberation Sans', sans-serif"><span class="pageNumber"></span></div>"""
READY = """async () => {
    if (window.MathJax?.startup) await MathJax.startup.promise;
    await document.fonts.ready;
    await Promise.all([...document.images].map(image => image.decode()));
}"""
# What ends beyond the text's right edge, or in a box that would scroll, is lost on paper.
CUT_OFF = """() => [...document.querySelectorAll(
    "article :is(pre, table, img, mjx-container, .sig)")].filter(element => {
    const limit = element.closest("article").getBoundingClientRect().right + 2;
    return element.getBoundingClientRect().right > limit || element.matches("pre")
        && element.scrollWidth > element.clientWidth + 2;
}).map(element => `${element.closest("article").id}: ${element.textContent.slice(0, 60)}`)"""


def printed(browser, document, site=SITE):
    """Return the bytes of the PDF of a document whose files lie in a site."""
    def answer(route):
        path = site / unquote(urlsplit(route.request.url).path.lstrip("/"))
        if route.request.url == ORIGIN + DOCUMENT:
            route.fulfill(body=document, content_type="text/html; charset=utf-8")
        elif route.request.url.startswith(ORIGIN) and path.is_file():
            route.fulfill(path=path)
        else:
            failed.append(route.request.url)
            route.abort()

    failed = []
    page = browser.new_page(viewport={"width": 620, "height": 900}, color_scheme="light")
    try:
        page.set_default_timeout(MINUTES * 60_000)
        page.emulate_media(media="print")
        page.route(re.compile("^http"), answer)
        page.goto(ORIGIN + DOCUMENT)
        page.evaluate(READY)
        wide = page.evaluate(CUT_OFF)
        if failed or wide:
            raise ValueError(f"missing: {failed}, wider than the paper: {wide}")
        return page.pdf(tagged=True, outline=True, prefer_css_page_size=True,
                        print_background=True, display_header_footer=True,
                        header_template="<span></span>", footer_template=FOOTER)
    finally:
        page.close()


def packed(pdf):
    """Return a PDF with all of it compressed, which Chromium leaves plain where nothing is drawn.

    Nothing is lost: no picture is drawn anew, and the structure stays. Its first page comes first,
    so that a browser can show it while it loads the others.
    """
    import pikepdf

    pikepdf.settings.set_flate_compression_level(9)
    with pikepdf.open(BytesIO(pdf)) as file:
        file.save(small := BytesIO(), recompress_flate=True, linearize=True,
                  object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return small.getvalue()


def pages_of(pdf):
    """Return how many pages a PDF has, and the number of the page on which each anchor is."""
    import pikepdf

    with pikepdf.open(BytesIO(pdf)) as file:
        numbers = {page.objgen: number for number, page in enumerate(file.pages, start=1)}
        anchors = file.Root.get("/Dests", {})
        return len(numbers), {name[1:]: numbers[place[0].objgen]
                              for name, place in anchors.items()}


def offer(site, pdf, count):
    """Put the link into the built front page."""
    path = site / f"{toc_pages()[0]}.html"
    soup = read(path)
    place = soup.select_one(PLACE)
    for old in place.select(".offer"):
        old.decompose()
    place.append(line := soup.new_tag("p", attrs={"class": "offer"}))
    line.append(link := soup.new_tag("a", href=f"../{PDF}", attrs={"download": ""}))
    link.string = "Download the book as a PDF file"
    line.append(f" ({count} pages, {len(pdf) / 1e6:.0f} MB).")
    path.write_text(str(soup), encoding="utf-8")


def make_with(browser, site=SITE, chosen=None):
    """Print the pages of a site, or those chosen; return the PDF and how many pages it has."""
    document = joined(site, chosen)
    numbers = pages_of(printed(browser, document, site))[1]
    pdf = printed(browser, numbered(document, numbers), site)
    count, again = pages_of(pdf)
    if again != numbers:
        raise ValueError("The table of contents moved the pages that it names.")
    return packed(pdf), count


def main():
    """Print the book; return an exit code."""
    if not (SITE / f"{toc_pages()[0]}.html").is_file():
        print(NOT_BUILT)
        return 1
    for name in NEEDS:
        if find_spec(name) is None:
            print(NO_PACKAGE.format(name))
            return 1
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = find_browser(playwright.chromium.executable_path)
        if path is None:
            print(NO_BROWSER)
            return 1
        print("Printing the book ...", flush=True)
        with playwright.chromium.launch(executable_path=path, args=FLAGS) as browser:
            pdf, count = make_with(browser)
    (SITE / PDF).write_bytes(pdf)
    offer(SITE, pdf, count)
    if found := problems(SITE):
        print(*found, sep="\n")
        return 1
    print(f"{(SITE / PDF).relative_to(ROOT)} has {count} pages and {len(pdf) / 1e6:.1f} MB.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

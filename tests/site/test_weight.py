"""The book stays light: somebody reads it on a train.

A page is its own file and the pictures that it draws, counted unpacked. Styles, fonts and
scripts come once for all pages, and count for the site. The book as one PDF file does not: nobody
gets it who does not ask for it, and only the published copy has it.
"""

from urllib.parse import unquote, urlsplit

import pytest

PAGE, SITE = 900_000, 40_000_000             # bytes


def weight(site, name, guard):
    """Return the bytes of a page and of its pictures; those inside the file count with it."""
    path = site / name
    pictures = {image["src"] for image in guard.read(path).select("img[src]")}
    files = {(path.parent / unquote(urlsplit(source).path)).resolve()
             for source in pictures if not source.startswith("data:")}
    return path.stat().st_size + sum(file.stat().st_size for file in files)


def total(folder):
    """Return the bytes of all files below a folder, the PDF apart."""
    return sum(path.stat().st_size for path in folder.rglob("*")
               if path.is_file() and path.suffix != ".pdf")


def test_no_page_is_heavy(built_site, guard):
    weights = {name: weight(built_site, f"{name}.html", guard) for name in guard.toc_pages()}
    assert {name: size for name, size in weights.items() if size > PAGE} == {}


def test_the_site_is_light(built_site):
    assert total(built_site) <= SITE


@pytest.mark.parametrize(("page", "expected"), [
    ('<img src="data:image/png;base64,AAAA">', 38),
    ('<img src="../a%20b.png"><img src="../a%20b.png?v=1">', 52 + 1000),
])
def test_a_picture_counts_once(tmp_path, guard, page, expected):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "page.html").write_text(page)
    (tmp_path / "a b.png").write_bytes(bytes(1000))
    assert weight(tmp_path, "sub/page.html", guard) == expected
    assert total(tmp_path) == len(page) + 1000

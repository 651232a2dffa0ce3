"""The book stays light: somebody reads it on a train.

A page is its own file and the pictures that it draws, counted unpacked. Styles, fonts and
scripts come once for all pages, and count for the site. The book as one PDF file has a limit
of its own in test_pdf.py: only the published copy has it. The two are 40 MB at most.
"""

import re
from os.path import normpath
from urllib.parse import unquote, urlsplit

import pytest

PAGE, SITE, LARGE = 900_000, 21_000_000, 50_000             # bytes
ADDRESS = re.compile(r'\b(?:href|src|srcset)="([^"]+)"')


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


def named(folder, guard):
    """Return the files to which the pages and the style sheets below a folder lead."""
    found = set()
    for read, kind in ((ADDRESS.findall, "*.html"), (guard.in_style, "*.css")):
        for path in folder.rglob(kind):
            for address in guard.distinct(read(path.read_text(encoding="utf-8"))):
                found.add(normpath(path.parent / unquote(urlsplit(address).path)))
    return found


def idle(folder, guard):
    """Return the names of the large files below a folder to which nothing leads.

    A PDF stays where `make pdf` has put it, and a later build of the pages does not offer it.
    """
    known = named(folder, guard)
    large = [path for path in sorted(folder.rglob("*")) if path.suffix != ".pdf"
             and path.is_file() and path.stat().st_size > LARGE]
    return [path.relative_to(folder).as_posix() for path in large if normpath(path) not in known]


def test_every_large_file_is_of_use(built_site, guard):
    """Themes bring copies that no page loads; book/_ext/ext_unused.py takes them away."""
    assert idle(built_site, guard) == []


def test_finds_a_large_file_of_no_use(tmp_path, guard):
    for name in ("a b.png", "b.woff2", "c.js.map", "d.ttf", "e.pdf"):
        (tmp_path / name).write_bytes(bytes(LARGE + 1))
    (tmp_path / "small.ttf").write_bytes(bytes(LARGE))
    (tmp_path / "page.html").write_text('<img src="a%20b.png?v=1"><a href="page.html#a">')
    (tmp_path / "page.css").write_text("p { src: url(b.woff2) } /* url(d.ttf) */")
    assert idle(tmp_path, guard) == ["c.js.map", "d.ttf"]


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

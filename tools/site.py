"""Build the book's site, check it, look at it.

    python tools/site.py build            build into _build/html, then check
    python tools/site.py check [FOLDER]   check a built site
    python tools/site.py serve            show it in the browser

The check is what stands between a build and its publication: Jupyter Book can finish without an
error and leave out a page, a picture or a picture's description.
"""

import argparse
import functools
import http.server
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build"
SITE = BUILD / "html"
TOC = "book/_toc.yml"
HOST = "127.0.0.1"
PORT = 8000

JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"
NEEDED = ("jupyter_book", "numpydoc", "bs4", "yaml")
NOT_INSTALLED = "{} is not installed; install the book's requirements as the README says."
NOT_BUILT = "The site is not built yet; build it with `make book`."

# Sphinx notices changed pages by itself, but not these.
UNWATCHED = ("book/_ext", "book/_static")
PICKLE = BUILD / ".doctrees" / "environment.pickle"

ALT_WORDS = 6
IMAGE_FILE = re.compile(r"^\S*[\\/]\S*$|^\S+\.(?:png|svg|jpe?g|gif|webp)$", re.IGNORECASE)
RAW_MARKUP = {
    "the raw MyST role {}": re.compile(r"\{[a-z][\w:+.-]*\}`"),
    "the raw MyST directive {}": re.compile(r"(?:`{3,}|:{3,}) ?\{[\w:+.-]*\}?"),
    "the raw reStructuredText role {}": re.compile(r"(?<![\w`]):[a-z]+(?::[a-z]+)?:`"),
    "the unresolved citation {}": re.compile(r"\[\?+\]"),
}
NOT_PROSE = "script, style, pre, code, .highlight, .math, mjx-container"
LOADED = (
    ("script", "src"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("video", "src"),
    ("audio", "src"),
    ("embed", "src"),
    ("object", "data"),
    ("link", "href"),
)
# A link element with one of these only says where something is; nothing is fetched.
NOT_FETCHED = {"next", "prev", "index", "search", "author", "canonical", "license", "up", "top"}


# -- What there should be ----------------------------------------------------------------------


def toc_pages(root=ROOT):
    """Return the pages that the table of contents names, in its order, without suffix."""
    import yaml

    def walk(node):
        if isinstance(node, list):
            return [page for entry in node for page in walk(entry)]
        if isinstance(node, dict):
            own = [node[key] for key in ("root", "file") if key in node]
            below = (walk(value) for value in node.values())
            return own + [page for pages in below for page in pages]
        return []

    toc = yaml.safe_load((Path(root) / TOC).read_text(encoding="utf-8"))
    return [re.sub(r"\.(md|ipynb|rst)$", "", page) for page in walk(toc)]


def stored_alts(notebook):
    """Return the alt text, or None, of each picture among the notebook's shown outputs."""
    alts = []
    # The format's own package takes seconds to import; a look at the outputs needs no more.
    for cell in json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]:
        tags = {tag.replace("_", "-") for tag in cell["metadata"].get("tags", [])}
        if cell["cell_type"] != "code" or tags & {"remove-output", "remove-cell"}:
            continue
        for output in cell["outputs"]:
            images = [kind for kind in output.get("data", {}) if kind.startswith("image/")]
            if images:
                alts.append(output["metadata"].get(images[0], {}).get("alt"))
    return alts


# -- The guard ---------------------------------------------------------------------------------


def problems(site=SITE, root=ROOT):
    """Return what is wrong with a built site, one plain sentence each."""
    site, root = Path(site), Path(root)
    found = []
    for page in toc_pages(root):
        path = site / f"{page}.html"
        if not path.is_file():
            found.append(f"{page}.html: the page is not there.")
            continue
        soup = read(path)
        complaints = [*mishaps(soup), *unresolved(soup)]
        notebook = root / f"{page}.ipynb"
        if notebook.is_file():
            complaints += figures(soup, stored_alts(notebook))
        found += [f"{page}.html: {complaint}." for complaint in complaints]
    for path in sorted(site.rglob("*.html")):
        name = path.relative_to(site).as_posix()
        if not name.startswith("_"):
            found += [f"{name}: {complaint}." for complaint in references(read(path), path)]
    return found


def read(path):
    """Parse a page."""
    from bs4 import BeautifulSoup

    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def figures(soup, alts):
    """Compare the figures on a notebook's page with the pictures stored in the notebook."""
    shown = [image for image in soup.select(".cell_output img") if not in_html_output(image)]
    if len(shown) != len(alts):
        yield f"it shows {len(shown)} figures, but the notebook stores {len(alts)}"
    for number, image in enumerate(shown, 1):
        alt = " ".join((image.get("alt") or "").split())
        if not alt:
            yield f"figure {number} has no alt text"
        elif IMAGE_FILE.match(alt):
            yield f"figure {number} has a path as its alt text: {alt}"
        elif len(alt.split()) < ALT_WORDS:
            yield f"figure {number} has an alt text of fewer than {ALT_WORDS} words: {alt}"
        elif len(shown) == len(alts) and alt != " ".join((alts[number - 1] or "").split()):
            yield f"figure {number} has another alt text than the notebook stores: {alt}"


def in_html_output(image):
    """Tell whether a picture is part of an HTML output, and so no picture output of its own."""
    return image.find_parent(class_="text_html") is not None


def mishaps(soup):
    """Report tracebacks, except in cells that are there to raise one."""
    for text in soup.find_all(string=re.compile(r"Traceback \(most recent call last\)")):
        if not text.find_parent(class_="tag_raises-exception"):
            yield "it shows a Python traceback"


def unresolved(soup):
    """Report references that lead nowhere and markup that was not understood."""
    for element in soup.select(".problematic, .system-message"):
        text = " ".join(element.get_text(" ").split())[:80]
        yield f"it holds something that Sphinx could not resolve: {text}"
    article = soup.find("article") or soup
    for text in article.find_all(string=True):
        if any(parent.css.match(NOT_PROSE) for parent in text.parents if parent.parent):
            continue
        for message, pattern in RAW_MARKUP.items():
            for match in pattern.finditer(text):
                yield f"it shows {message.format(match[0])}"


def references(soup, page):
    """Report what a page would load from another host, and local files that are missing."""
    for tag, attribute in LOADED:
        for element in soup.find_all(tag, attrs={attribute: True}):
            if tag == "link" and set(element.get("rel", [])) & NOT_FETCHED:
                continue
            yield from reference(element[attribute], page)
    for element in soup.find_all("a", href=True):
        if not is_external(element["href"]):
            yield from reference(element["href"], page)


def reference(address, page):
    """Report one address: another host's, or a file that is missing."""
    parts = urlsplit(address)
    if parts.scheme == "data" or not (parts.netloc or parts.path):
        return
    if is_external(address):
        yield f"it loads from another host: {address}"
    elif not (page.parent / unquote(parts.path)).exists():
        yield f"it refers to a file that is missing: {parts.path}"


def is_external(address):
    """Tell whether an address leaves the site."""
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme not in ("", "data")


# -- The commands ------------------------------------------------------------------------------


def relative(path):
    """Return a path as it is written from where the reader stands, if that is shorter."""
    path = Path(path).resolve()
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def missing_packages():
    """Return the names of the packages that a build needs and that are not installed."""
    return [name for name in NEEDED if importlib.util.find_spec(name) is None]


def is_stale():
    """Tell whether a file that Sphinx does not watch is newer than the last build."""
    if not PICKLE.is_file():
        return False
    files = (path for folder in UNWATCHED for path in (ROOT / folder).rglob("*.*"))
    return any(path.stat().st_mtime > PICKLE.stat().st_mtime for path in files)


def forget_pages():
    """Make the next build read every page again."""
    shutil.rmtree(PICKLE.parent, ignore_errors=True)


def build(*, fresh=False):
    """Build the site and check it; return an exit code."""
    missing = missing_packages()
    if missing:
        print(NOT_INSTALLED.format(", ".join(missing)))
        return 1
    if fresh:
        shutil.rmtree(BUILD, ignore_errors=True)
    elif is_stale():
        forget_pages()
    print("Building the site ...", flush=True)
    command = [sys.executable, "-c", JUPYTER_BOOK, "build", ".", "--toc", TOC]
    command += ["--config", "_config.yml", "-W", "-n", "--keep-going", "-q"]
    # Without UTF-8 a Windows console stops the build at the first · in a title.
    environment = {**os.environ, "PYTHONUTF8": "1"}
    # Warnings and errors come on the other stream.
    quiet = subprocess.DEVNULL
    result = subprocess.run(command, cwd=ROOT, env=environment, stdout=quiet, check=False)
    if result.returncode:
        # Otherwise the next build would pass over the same pages, and their warnings.
        forget_pages()
        print("The build failed; each line above that says WARNING or ERROR is a reason.")
        return 1
    code = check(SITE)
    if not code:
        print(f"Open {relative(SITE / 'index.html')}, or look at it with `make serve`.")
    return code


def check(site):
    """Print what is wrong with a built site; return an exit code."""
    if not Path(site).is_dir():
        print(NOT_BUILT)
        return 1
    found = problems(site)
    if found:
        print(*found, sep="\n")
        count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
        print(f"The site has {count} and should not be published.")
        return 1
    print(f"The site is whole: {len(toc_pages())} pages.")
    return 0


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files with the types that browsers insist on, and no line for each request."""

    # Windows takes types from its registry, where scripts may be text/plain.
    extensions_map = {  # noqa: RUF012
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".css": "text/css",
        ".js": "text/javascript",
        ".svg": "image/svg+xml",
        ".woff": "font/woff",
        ".woff2": "font/woff2",
    }

    def log_message(self, *args):
        """Say nothing."""


class Server(http.server.ThreadingHTTPServer):
    """A server that leaves alone a port that is taken."""

    # On Windows, "reuse" means that two servers share a port.
    allow_reuse_address = os.name != "nt"


def make_server(site=SITE, port=0):
    """Return a server of the site on this machine; port 0 takes any free one."""
    handler = functools.partial(Handler, directory=str(site))
    return Server((HOST, port), handler)


def address_of(server):
    """Return the address under which a server answers."""
    return f"http://{HOST}:{server.server_address[1]}/"


def serve(*, port=PORT, open_browser=True):
    """Show the site until interrupted; return an exit code."""
    if not (SITE / "index.html").is_file():
        print(NOT_BUILT)
        return 1
    try:
        server = make_server(SITE, port)
    except OSError:
        server = make_server(SITE)
    with server:
        print(f"The book is at {address_of(server)}   (Ctrl+C ends)", flush=True)
        if open_browser:
            webbrowser.open(address_of(server))
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


def parse(arguments):
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="site.py", description="Build, check, show the site.")
    commands = parser.add_subparsers(dest="command", required=True)
    sub = commands.add_parser("build", help="build into _build/html, then check")
    sub.add_argument("--fresh", action="store_true", help="forget earlier builds first")
    sub = commands.add_parser("check", help="check a built site")
    sub.add_argument("folder", nargs="?", type=Path, default=SITE, help="default: _build/html")
    sub = commands.add_parser("serve", help="show the site in the browser")
    sub.add_argument("--port", type=int, default=PORT, help=f"default: {PORT}")
    sub.add_argument("--no-open", action="store_true", help="do not open the browser")
    return parser.parse_args(arguments)


def main(arguments=None):
    """Run one command; return an exit code."""
    # A Windows console that knows neither · nor ± should still get the sentence around it.
    sys.stdout.reconfigure(errors="replace")
    options = parse(arguments)
    if options.command == "build":
        return build(fresh=options.fresh)
    if options.command == "check":
        return check(options.folder)
    return serve(port=options.port, open_browser=not options.no_open)


if __name__ == "__main__":
    sys.exit(main())

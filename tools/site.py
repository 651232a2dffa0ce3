"""Build the book's site, check it, look at it.

    python tools/site.py build            build into _build/html, then check
    python tools/site.py check [FOLDER]   check a built site
    python tools/site.py serve            show it in the browser

The check, guard.py, is what stands between a build and its publication.
"""

import argparse
import functools
import http.server
import importlib.util
import os
import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path

from guard import ROOT, TOC, problems, toc_pages

BUILD = ROOT / "_build"
SITE = BUILD / "html"
HOST = "127.0.0.1"
PORT = 8000

# jsonschema would import a package that knows internationalized addresses, which takes two seconds
# of each build, and Jupyter Book checks none. Unnecessary when that package (rfc3987-syntax 1.1.0)
# reads its grammar once instead of at each import.
JUPYTER_BOOK = (
    "import sys; sys.modules['rfc3987_syntax'] = None; "
    "from jupyter_book.cli.main import main; main()"
)
NEEDED = ("jupyter_book", "numpydoc", "bs4", "yaml")
NOT_INSTALLED = "{} is not installed; install the book's requirements as the README says."
NOT_BUILT = "The site is not built yet; build it with `{}`."
MAKE = {"build": "make book", "serve": "make serve"}
WINDOWS = os.name == "nt"

# Sphinx notices changed pages by itself, but not these; of templates and the table of contents
# the pages of the code (_modules), whose frame has both, learn nothing.
UNWATCHED = ("book/_ext", "book/_root", "book/_static", "book/_templates", "book/_toc.yml",
             "book/official_splits.json", "book/reruns.json")
PICKLE = BUILD / ".doctrees" / "environment.pickle"
# What the guard found in each page; beside the site, not in it, so that nobody publishes it.
MEMORY = BUILD / "guard.json"


def relative(path):
    """Return a path as it is written from where the reader stands, if that is shorter."""
    path = Path(path).resolve()
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def how_to(command):
    """Return what a reader types for one of our commands; on Windows there is no make."""
    if not WINDOWS:
        return MAKE[command]
    # Whoever runs an environment from elsewhere, conda's for one, has its Python on the path.
    python = Path(sys.executable)
    inside = python.is_relative_to(Path.cwd())
    python = python.relative_to(Path.cwd()).with_suffix("") if inside else "python"
    return f"{python} {relative(__file__)} {command}"


def missing_packages():
    """Return the names of the packages that a build needs and that are not installed."""
    return [name for name in NEEDED if importlib.util.find_spec(name) is None]


def is_stale():
    """Tell whether a file that Sphinx does not watch is newer than the last build."""
    if not PICKLE.is_file():
        return False
    paths = [ROOT / name for name in UNWATCHED]
    files = [path for name in paths for path in [name, *name.rglob("*.*")] if path.is_file()]
    return any(path.stat().st_mtime > PICKLE.stat().st_mtime for path in files)


def forget_pages():
    """Make the next build read every page again, and write those of the code with their frame."""
    shutil.rmtree(PICKLE.parent, ignore_errors=True)
    shutil.rmtree(SITE / "_modules", ignore_errors=True)


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
    code = check(SITE, MEMORY)
    if not code:
        print(f"Open {relative(SITE / 'index.html')}, or look at it with `{how_to('serve')}`.")
    return code


def check(site, memory=None):
    """Print what is wrong with a built site; return an exit code.

    With a memory the guard examines only what has changed, which is enough after a build. Whoever
    asks for a check has all of it examined.
    """
    if not Path(site).is_dir():
        print(NOT_BUILT.format(how_to("build")))
        return 1
    found = problems(site, memory=memory)
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
    allow_reuse_address = not WINDOWS


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
        print(NOT_BUILT.format(how_to("build")))
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

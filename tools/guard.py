"""The guard between a build and its publication.

Jupyter Book can finish without an error and leave out a page, a paragraph, a picture or a
picture's description. `tools/site.py check` prints what this module finds.
"""

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

ROOT = Path(__file__).resolve().parents[1]
TOC = "book/_toc.yml"

# Every site has these, whatever its table of contents says.
FIXED = ("index.html", "404.html", "search.html", "searchindex.js", "genindex.html")
# What lies there are templates and copies of the sources, no pages.
NO_PAGES = ("_static", "_sources")
# A chapter is a file with one of these.
SUFFIXES = (".md", ".ipynb")

ALT_WORDS = 6
IMAGE_FILE = re.compile(r"^\S*[\\/]\S*$|^\S+\.(?:png|svg|jpe?g|gif|webp)$", re.IGNORECASE)
# In _config.yml it is nb_code_prompt_show.
CODE_FOLD = "Show the code"
SUMMARY = re.compile(r"<summary>(.*?)</summary>", re.DOTALL)
# Words that no markup interrupts come out of Sphinx as they went in.
PLAIN_WORDS = re.compile(r"[^\W\d_]+(?:,? [^\W\d_]+){2,}")
# Comments, and the options of directives.
NOT_SHOWN = re.compile(r"<!--.*?-->|^[ \t]*:[\w-]+:[^\n]*$", re.DOTALL | re.MULTILINE)

RAW_MARKUP = {
    "the raw MyST role {}": re.compile(r"\{[a-z][\w:+.-]*\}`"),
    "the raw MyST directive {}": re.compile(r"(?:`{3,}|:{3,}) ?\{[\w:+.-]*\}?"),
    "the raw reStructuredText role {}": re.compile(r"(?<![\w`]):[a-z]+(?::[a-z]+)?:`"),
    "the unresolved citation {}": re.compile(r"\[\?+\]"),
}
NOT_PROSE = "script, style, pre, code, .highlight, .math, mjx-container"

# Where an address is that the browser loads by itself: the attribute, on these elements or all.
LOADED = {"src": None, "poster": None, "data": {"object"}, "href": {"link", "image", "use"}}
# A link element with one of these only says where something is; nothing is fetched.
NOT_FETCHED = {"next", "prev", "index", "search", "author", "canonical", "license", "up", "top"}
IN_SRCSET = re.compile(r"([^\s,]\S*[^\s,])(?:\s[^,]*)?(?:,|$)")
IN_REFRESH = re.compile(r"""url=["']?([^\s"']+)""", re.IGNORECASE)
IN_STYLE = re.compile(
    r"""(?:@import\s+|url\(\s*)(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')|url\((?P<bare>[^)]*)\)"""
)
STYLE_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# A script can hide an address in more ways than these; the tests in a browser see all of them.
IN_SCRIPT = re.compile(
    r"""(?:\b(?:import|from|fetch)\b|\.src\s*=)[\s(]*["'`](?P<address>(?:\w+:)?//[^"'`]+)"""
)


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


def shown_cells(notebook):
    """Return the cells of a notebook that its page shows; what is removed of one is left out."""
    cells = []
    # The format's own package takes seconds to import; a look at the cells needs no more.
    for cell in json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]:
        tags = {tag.replace("_", "-") for tag in cell["metadata"].get("tags", [])}
        if "remove-cell" in tags:
            continue
        cell["tags"] = tags
        cell["source"] = "" if "remove-input" in tags else "".join(cell["source"])
        cell["outputs"] = [] if "remove-output" in tags else cell.get("outputs", [])
        cells.append(cell)
    return cells


def stored_alts(notebook):
    """Return the alt text, or None, of each picture among the notebook's shown outputs."""
    alts = []
    for output in (output for cell in shown_cells(notebook) for output in cell["outputs"]):
        images = [kind for kind in output.get("data", {}) if kind.startswith("image/")]
        if images:
            alts.append(output["metadata"].get(images[0], {}).get("alt"))
    return alts


def stored_folds(cell):
    """Return what stands on the folds of a cell: hints in Markdown, hidden parts of code."""
    if cell["cell_type"] != "code":
        return [flat(label) for label in SUMMARY.findall(cell["source"])]
    label = cell["metadata"].get("mystnb", {}).get("code_prompt_show", CODE_FOLD)
    hidden = [
        "hide-input" in cell["tags"] and cell["source"],
        "hide-output" in cell["tags"] and cell["outputs"],
    ]
    return [label] * (1 if "hide-cell" in cell["tags"] else sum(map(bool, hidden)))


# -- The guard ---------------------------------------------------------------------------------


def problems(site, root=ROOT, memory=None):
    """Return what is wrong with a built site, one plain sentence each.

    A memory is a file in which the guard keeps what it found in each page, to pass over those
    pages the next time that are still the same. Without one it examines everything anew.
    """
    site, root = Path(site), Path(root)
    sources = {f"{page}.html": root / page for page in toc_pages(root)}
    pages = [path.relative_to(site) for path in sorted(site.rglob("*.html"))]
    names = [path.as_posix() for path in pages if path.parts[0] not in NO_PAGES]
    known, found = recall(memory), {}
    for name in dict.fromkeys([*sources, *FIXED, *names]):
        found[name] = findings(site / name, sources.get(name), known.get(name))
    remember(memory, found)
    complaints = {name: [*finding["complaints"], *references(finding["addresses"], site / name)]
                  for name, finding in found.items()}
    for path in sorted(site.rglob("*.css")):
        addresses = in_style(path.read_text(encoding="utf-8"))
        complaints[path.relative_to(site).as_posix()] = references(addresses, path)
    return [f"{name}: {complaint}." for name in complaints for complaint in complaints[name]]


def recall(memory):
    """Return {name: finding} as the memory has it, if this very guard has written it."""
    try:
        stored = json.loads(memory.read_text(encoding="utf-8")) if memory else {}
    except (OSError, ValueError):
        return {}
    return stored["findings"] if stored.get("guard") == fingerprint(__file__) else {}


def remember(memory, found):
    """Write {name: finding} into the memory, if there is one."""
    if memory:
        stored = {"guard": fingerprint(__file__), "findings": found}
        Path(memory).write_text(json.dumps(stored), encoding="utf-8")


def fingerprint(file):
    """Return a hash of a file, or None where there is no file."""
    file = Path(file)
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None


def findings(path, source, known):
    """Return what there is to say of a file, from memory where it and its source are the same.

    No other file has a say in this. Whether the addresses lead somewhere depends on others, and
    has to be asked each time.
    """
    files = [path] if source is None else [path, *(source.with_suffix(s) for s in SUFFIXES)]
    made_from = [fingerprint(file) for file in files]
    if known and known["made from"] == made_from:
        return known
    soup = read(path) if path.suffix == ".html" and path.is_file() else None
    complaints = list(examine(path, source, soup))
    addresses = [] if soup is None else distinct([*loaded(soup), *linked(soup)])
    return {"made from": made_from, "complaints": complaints, "addresses": addresses}


def examine(path, source, soup):
    """Report what is wrong with one file; the source, without suffix, is that of a chapter."""
    if not path.is_file() or not path.stat().st_size:
        yield "the file is missing or empty"
        return
    if soup is None:
        return
    yield from mishaps(soup)
    if source is None:
        return
    yield from unresolved(soup)
    if source.with_suffix(".md").is_file():
        yield from prose(soup, source.with_suffix(".md").read_text(encoding="utf-8"))
    notebook = source.with_suffix(".ipynb")
    if notebook.is_file():
        cells = shown_cells(notebook)
        texts = [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]
        yield from prose(soup, "\n\n".join(texts))
        yield from code(soup, [cell for cell in cells if cell["cell_type"] == "code"])
        yield from folds(soup, Counter(fold for cell in cells for fold in stored_folds(cell)))
        yield from figures(soup, stored_alts(notebook))


def read(path):
    """Parse a page."""
    from bs4 import BeautifulSoup

    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def of_class(soup, *names):
    """Return the elements that have all of these classes; soup.select() takes far longer."""
    names = set(names)
    return [e for e in soup.find_all(True) if names.issubset(e.attrs.get("class", ()))]


def flat(text):
    """Return a text on one line."""
    return " ".join(text.split())


def prose(soup, text):
    """Compare the text of a page with the paragraphs of its source."""
    shown = flat(soup.article.get_text()) if soup.article else ""
    for paragraph in re.split(r"\n\s*\n", NOT_SHOWN.sub("", text)):
        words = PLAIN_WORDS.findall(flat(paragraph))
        if words and not any(run in shown for run in words):
            yield f"it lacks text of its source: {words[0]}"
            # Where one paragraph is lost all may be, and one line says as much.
            return


def code(soup, cells):
    """Compare the code and the outputs on a notebook's page with those in the notebook."""
    for kind, part, name in (
        ("pieces of code", "cell_input", "source"),
        ("outputs", "cell_output", "outputs"),
    ):
        shown, stored = len(of_class(soup, part)), sum(bool(cell[name]) for cell in cells)
        if shown != stored:
            yield f"it shows {shown} {kind}, but the notebook stores {stored}"


def folds(soup, stored):
    """Compare the hints, answers and solutions to unfold with those in the notebook."""
    # A fold of a cell says one thing while it is closed and another while it is open.
    summaries = [summary for summary in soup.find_all("summary")
                 if summary.parent.name == "details" and summary.find_parent("article")]
    labels = (summary.find(class_="collapsed") or summary for summary in summaries)
    shown = Counter(flat(label.get_text()) for label in labels)
    for label, count in stored.items():
        if shown[label] != count:
            yield f"it shows {shown[label]} folds “{label}”, but the notebook stores {count}"


def figures(soup, alts):
    """Compare the figures on a notebook's page with the pictures stored in the notebook."""
    images = [image for image in soup.find_all("img") if image.find_parent(class_="cell_output")]
    shown = [image for image in images if not in_html_output(image)]
    if len(shown) != len(alts):
        yield f"it shows {len(shown)} figures, but the notebook stores {len(alts)}"
    for number, image in enumerate(shown, 1):
        alt = flat(image.get("alt") or "")
        if not alt:
            yield f"figure {number} has no alt text"
        elif IMAGE_FILE.match(alt):
            yield f"figure {number} has a path as its alt text: {alt}"
        elif len(alt.split()) < ALT_WORDS:
            yield f"figure {number} has an alt text of fewer than {ALT_WORDS} words: {alt}"
        elif len(shown) == len(alts) and alt != flat(alts[number - 1] or ""):
            yield f"figure {number} has another alt text than the notebook stores: {alt}"


def in_html_output(image):
    """Tell whether a picture is part of an HTML output, and so no picture output of its own."""
    return image.find_parent(class_="text_html") is not None


def mishaps(soup):
    """Report errors, except in cells that are there to raise one."""
    meant = "tag_raises-exception"
    for error in of_class(soup, "output", "traceback"):
        if not error.find_parent(class_=meant):
            yield f"it shows the error of a cell: {flat(error.get_text())[-80:]}"
    for text in soup.find_all(string=re.compile(r"Traceback \(most recent call last\)")):
        if not text.find_parent(class_=[meant, "traceback"]):
            yield "it shows a Python traceback"


def unresolved(soup):
    """Report references that lead nowhere and markup that was not understood."""
    for element in [*of_class(soup, "problematic"), *of_class(soup, "system-message")]:
        text = flat(element.get_text(" "))[:80]
        yield f"it holds something that Sphinx could not resolve: {text}"
    article = soup.article or soup
    for text in article.find_all(string=True):
        # Few texts match; to ask first what each stands in would take most of the guard's time.
        shown = [
            message.format(match[0])
            for message, pattern in RAW_MARKUP.items()
            for match in pattern.finditer(text)
        ]
        if shown and not any(parent.css.match(NOT_PROSE) for parent in text.parents):
            yield from (f"it shows {markup}" for markup in shown)


def loaded(soup):
    """Return every address from which a page loads something."""
    found, styles = [], []
    for element in soup.find_all(True):
        name, attributes = element.name, element.attrs
        if name == "style":
            styles.append(element.get_text())
        elif name == "script" and "src" not in attributes:
            found += IN_SCRIPT.findall(element.get_text())
        elif name == "meta" and attributes.get("http-equiv", "").lower() == "refresh":
            found += IN_REFRESH.findall(attributes.get("content", ""))
        elif name == "link" and set(attributes.get("rel", [])) & NOT_FETCHED:
            continue
        for attribute, elements in LOADED.items():
            if attribute in attributes and (elements is None or name in elements):
                found.append(attributes[attribute])
        found += IN_SRCSET.findall(attributes.get("srcset", ""))
        styles.append(attributes.get("style", ""))
    return found + [address for style in styles for address in in_style(style)]


def linked(soup):
    """Return the addresses within the site to which a page leads."""
    addresses = [link["href"] for link in soup.find_all("a") if "href" in link.attrs]
    return [address for address in addresses if not is_external(address)]


def distinct(addresses):
    """Return each address once, without its anchor; what a page holds itself has none."""
    whole = (urldefrag(a).url for a in addresses if not a.startswith("data:"))
    return list(dict.fromkeys(whole))


def in_style(text):
    """Return the addresses from which a style sheet loads something."""
    matches = IN_STYLE.finditer(STYLE_COMMENT.sub("", text))
    return [match[match.lastgroup].strip() for match in matches]


def references(addresses, path):
    """Report those addresses in a file that are another host's, and those that lead nowhere."""
    for address in addresses:
        parts = urlsplit(address)
        if parts.scheme == "data" or not (parts.netloc or parts.path):
            continue
        if is_external(address):
            yield f"it loads from another host: {address}"
        elif not (path.parent / unquote(parts.path)).exists():
            yield f"it refers to a file that is missing: {parts.path}"


def is_external(address):
    """Tell whether an address leaves the site."""
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme not in ("", "data")

"""Join the pages of the built site into one document, for tools/pdf.py to print.

Ids are unique in it, links between pages stay within it, and nothing waits for a click.
"""

import json
import posixpath
import re
from html import escape
from urllib.parse import unquote, urldefrag

from guard import CODE_FOLD, ROOT, TOC, flat, is_external, read, toc_pages

STYLE = ROOT / "tools" / "pdf.css"
TITLE = "From Spirals to Script"
FRAMES = 4
# What fits into a line of code on paper, what an indented text lacks of it, and how small letters
# may become for more; and so few lines are not divided.
COLUMNS, INDENT, SMALLEST, SHORT = 79, 3, 0.8, 8
NUMBER = '<span data-page-of="{}">{}</span>'

# Of no use on paper: buttons, anchors to copy, links to code that the PDF does not hold.
# And what the front page says of the PDF and of the site.
NO_PRINT = (".headerlink, .viewcode-link, .only-dark, .pdf-edition, .start, button, script, link, "
            "nav")
# The colours of code on white paper: a class of Pygments, or nothing for the text around it, and
# what it looks like.
LOOK = re.compile(r'^html\[data-theme="light"\] \.highlight (?:\.(\w+) )?{(.*)}', re.MULTILINE)
COLOR = re.compile(r"[^-]\b(color: #\w+)")
# What only a screen has, and the sentence that asks for it.
SLIDER = re.compile(r"(?<![^\s])[A-Z][^.?!]*\bslider\b[^.?!]*[.?!]\s*")
REFERS = ("for", "headers", "aria-labelledby", "aria-describedby", "aria-controls")
PAGE = """<!doctype html>
<html lang="en" data-theme="light" data-mode="light"><head><meta charset="utf-8">
<title>{title}</title>{head}<style>{style}</style></head>
<body><main class="bd-main"><div class="bd-content"><div class="bd-article-container">
{body}</div></div></main></body></html>
"""
NOTE = """Links lead to other places in this file. Hints, answers and solutions, which the site
keeps folded, stand open below their questions, so cover what follows a question. Where code does
nothing but write a result into a sentence, the sentence stands alone; the notebooks have it.
Where the site has a slider, four of its pictures stand side by side."""


def parts():
    """Return what the table of contents says: (title of a part, its pages) for each part."""
    import yaml

    toc = yaml.safe_load((ROOT / TOC).read_text(encoding="utf-8"))
    return [(p["caption"], [c["file"] for c in p["chapters"]]) for p in toc["parts"]]


def anchor(page, name=""):
    """Return the id, in the whole book, of a page or of an id on it."""
    return page.replace("/", "-") + (f"--{name}" if name else "")


def plain_classes(site):
    """Return the classes of code that look like the code around them."""
    looks = dict(LOOK.findall((site / "_static" / "pygments.css").read_text(encoding="utf-8")))
    around = COLOR.search(looks[""])[1]
    return {name for name, look in looks.items() if look.strip() == around}


def unwrap(found, plain):
    """Free code from elements that look like what is around them.

    Each element has its entry in the structure of a tagged PDF, and there are 50,000 of these.
    """
    for element in found.select(".highlight span, code .pre"):
        if not element.get("id") and {"pre", *plain}.issuperset(element.get("class", [])):
            element.unwrap()


def article(soup, page, pages, plain=()):
    """Return the article of a page, made ready for paper and for a place among the others."""
    found = soup.article
    for element in found.select(NO_PRINT):
        element.decompose()
    unwrap(found, plain)
    for pre in found.select("pre"):
        fit(pre)
    for figure in found.select(".nnlib-scrubber"):
        spread(soup, figure)
    for fold in found.select("details"):
        unfold(soup, fold)
    for element in found.find_all(True):
        # A part is a heading of the first order, so a chapter is one of the second.
        if re.fullmatch("h[1-5]", element.name):
            element.name = f"h{int(element.name[1]) + 1}"
        if element.get("id"):
            element["id"] = anchor(page, element["id"])
        for name in REFERS:
            if name in element.attrs:
                values = element[name].split() if isinstance(element[name], str) else element[name]
                element[name] = " ".join(anchor(page, value) for value in values)
        if element.get("src"):
            element["src"] = absolute(page, element["src"])
            element.attrs.pop("loading", None)
        if element.name == "a" and "href" in element.attrs and not is_external(element["href"]):
            point(element, page, pages)
    found["id"] = anchor(page)
    return found


def fit(pre):
    """Set code, or what it printed, in smaller letters where its lines would be broken."""
    lines = pre.get_text().splitlines()
    longest = max(map(len, lines), default=0)
    columns = COLUMNS - INDENT * len(pre.find_parents("dd"))
    if columns < longest <= columns / SMALLEST:
        pre["style"] = f"font-size: {0.85 * columns / longest:.3f}rem"
    if len(lines) <= SHORT:
        pre["class"] = ["short"]


def absolute(page, address):
    """Return an address on a page as seen from the site's root."""
    if is_external(address) or address.startswith("data:"):
        return address
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), address))


def point(link, page, pages):
    """Turn a link between pages into one within the document; of others the words remain."""
    path, name = urldefrag(link["href"])
    target = absolute(page, unquote(path)).removesuffix(".html") if path else page
    if target in pages:
        link["href"] = "#" + anchor(target, unquote(name))
    else:
        link.unwrap()


def unfold(soup, fold):
    """Open a fold: a title in place of the words to click on, and what was hidden below."""
    label = fold.summary.select_one(".collapsed") or fold.summary
    text = flat(label.get_text())
    cell = fold.find_parent(class_="tag_hide-input")
    if text == CODE_FOLD and cell and not cell.img:
        fold.decompose()
        return
    words = text.removeprefix("Show ")
    fold.summary.replace_with(title := soup.new_tag("p", attrs={"class": "fold-title"}))
    title.string = words[0].upper() + words[1:]
    fold.name, fold["class"] = "div", ["fold"]


def spread(soup, figure):
    """Lay pictures out that the site shows one at a time, the first and the last among them."""
    for words in figure.find_parent("section").find_all(string=SLIDER):
        if words.parent.name == "p":
            words.replace_with(SLIDER.sub("", words))
    data, image = json.loads(figure["data-frames"]), figure.img
    style, rest = re.fullmatch(r"background:url\(([^)]*)\)(.*)", image["style"]).groups()
    over, under = [image["src"], *data["over"]], [style, *data["under"]]
    frames, figure.attrs = data["frames"], {"class": "frames", "aria-label": figure["aria-label"]}
    figure.name, figure["role"] = "div", "group"
    figure.clear()
    count = min(FRAMES, len(frames))
    for place in (round(i * (len(frames) - 1) / max(count - 1, 1)) for i in range(count)):
        label, alt, layer = frames[place]
        shown = soup.new_tag("img", attrs={**image.attrs, "alt": alt, "src": over[layer]})
        shown["style"] = f"background:url({under[place]}){rest}"
        figure.append(box := soup.new_tag("figure"))
        box.extend([shown, caption := soup.new_tag("figcaption")])
        caption.string = f"{label} (picture {place + 1} of {len(frames)})"


def cover(soup, text):
    """Move the title, the subtitle and the picture off the first page, and name what remains."""
    page = soup.new_tag("header", attrs={"class": "cover"})
    title = text.h2
    page.extend([title, text.p, text.img])
    title.insert_after(heading := soup.new_tag("h2"))
    heading.string = "About this book"
    text.section.insert(0, heading.extract())
    title.name = "h1"
    return page


def introduction(text):
    """Take out of a part's first chapter what it says of the part, which has a heading here."""
    opening = text.select_one(".opening.part")
    if opening is None:
        return ""
    words = opening.select_one(".part-words").extract()
    for element in opening.select(".eyebrow, .part-name"):
        element.decompose()
    opening["class"].remove("part")
    return str(words)


def line(name, title, kind="chapter"):
    """Return a line of the table of contents, with room for a number."""
    return f'<p class="{kind}"><a href="#{name}">{escape(title)}</a>{NUMBER.format(name, "")}</p>'


def numbered(document, numbers):
    """Return the document with the number of the page on which each anchor is, where known."""
    for name, number in numbers.items():
        document = document.replace(NUMBER.format(name, ""), NUMBER.format(name, number))
    return document


def joined(site, chosen=None):
    """Return the document of a site's pages, or of those chosen."""
    pages = [page for page in toc_pages() if chosen is None or page in chosen]
    front, head, texts, start = toc_pages()[0], {}, {}, ""
    plain = plain_classes(site)
    for page in pages:
        soup = read(site / f"{page}.html")
        for element in soup.head.select("link[rel=stylesheet], script"):
            for name in {"href", "src"} & set(element.attrs):
                element[name] = absolute(page, element[name])
            if element.name == "link" or "mathjax" in str(element).lower():
                head[str(element)] = True
        texts[page] = article(soup, page, pages, plain)
        if page == front:
            start = cover(soup, texts[page])
    contents, body = [], []
    for caption, inside in [("", [front]), *parts()]:
        inside = [page for page in inside if page in texts]
        if inside and caption:
            name = anchor("part", re.sub(r"\W+", "-", caption))
            contents.append(line(name, caption, "part"))
            body.append(f'<h1 class="part" id="{name}">{escape(caption)}</h1>')
            body.append(introduction(texts[inside[0]]))
        for page in inside:
            title = flat(texts[page].h2.get_text())
            contents.append(line(anchor(page), title))
            body.append(str(texts[page]))
    opening = '<nav class="printed-contents"><h1>Contents</h1>'
    body = [str(start), opening, *contents, f"<p>{NOTE}</p></nav>", *body]
    return PAGE.format(title=TITLE, head="\n".join(head),
                       body="\n".join(body), style=STYLE.read_text(encoding="utf-8"))

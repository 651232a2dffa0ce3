"""Search finds a word of the glossary first where the book explains it.

Sphinx ranks the page whose title, or the class whose name, is the word. Who looks for "softmax"
wants neither the class nor the chapter that differentiates it, but the one that brings it in,
which book/glossary.yml knows. The rest of the order stays Sphinx's.

And what a result quotes is the page's text. Sphinx (7.4) takes all of what has the role "main",
which in this theme begins with the menus and the table of contents, and it quotes formulas as TeX.
"""

import json
from pathlib import Path

from chapters import chapters
from ext_glossary import entries

FIRST = 1000                            # above whatever a page can collect
# Both of Sphinx's files that name the Scorer come before any search does.
SCRIPT = """\
const EXPLAINED = {words};
Scorer.score = ([page, title, anchor, description, score]) => {{
  const query = new URLSearchParams(location.search).get("q") ?? "";
  const words = query.trim().toLowerCase().split(/\\s+/).join(" ");
  return Object.hasOwn(EXPLAINED, words) && EXPLAINED[words] === page && !anchor
    ? score + {first} : score;
}};
document.addEventListener("DOMContentLoaded", () => {{
  if (typeof Search === "undefined") return;
  Search.htmlToText = (html, anchor) => {{
    const article = new DOMParser().parseFromString(html, "text/html").querySelector("article");
    const place = (anchor && article?.querySelector(anchor)) || article;
    if (!place) return "";
    place.querySelectorAll(".headerlink, .opening, .costs, .real-data, script, style").forEach(
      element => element.remove());
    place.querySelectorAll(".math").forEach(formula => formula.replaceWith("…"));
    return place.textContent;
  }};
}});
"""


def explained(app):
    """Return {word or words: the page that explains it}, in small letters."""
    pages = chapters(app.env)
    return {name.casefold(): pages[entry.chapter]
            for entry in entries(app) for name in (entry.term, *entry.forms)}


def write_scorer(app, env):
    """Write the script, and name it to Sphinx, which is about to make the search's."""
    path = Path(app.doctreedir, "scorer.js")
    path.write_text(SCRIPT.format(words=json.dumps(explained(app)), first=FIRST),
                    encoding="utf-8")
    app.config.html_search_scorer = str(path)


def setup(app):
    """Register the extension."""
    app.connect("env-updated", write_scorer)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

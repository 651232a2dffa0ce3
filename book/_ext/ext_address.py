"""Where the book is published: what depends on its address, and on that of its repository.

Neither stands in the sources, because a fork is published elsewhere. The publishing workflow
names them in the environment: BOOK_ADDRESS is the site's (https://…/), GITHUB_REPOSITORY the
repository's (owner/name). With the first come a sitemap and each page's canonical address, with
the second the buttons that open a chapter in Binder or Colab. A copy built without has neither.

The page for a missing page needs the first too: it is shown at whatever address was asked for,
so its links have to start from the site's (404.html).
"""

import os
from pathlib import Path
from xml.sax.saxutils import escape

LAUNCH = {
    "binderhub_url": "https://mybinder.org",
    "colab_url": "https://colab.research.google.com",
    "notebook_interface": "jupyterlab",
}
BRANCH = "main"
# Notebooks for Colab begin with a cell that installs nnlib; tools/colab.py writes them.
COLAB_BRANCH = "colab"
SITEMAP = """\
<?xml version="1.0" encoding="utf-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{}
</urlset>
"""


def configure(app, config):
    """Pass on to the theme what the environment names."""
    address = os.environ.get("BOOK_ADDRESS", "")
    if address:
        config.html_baseurl = address.rstrip("/") + "/"
        config.html_context["book_address"] = config.html_baseurl       # for 404.html
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    if repository:
        config.html_theme_options |= {
            "repository_url": f"https://github.com/{repository}",
            "repository_branch": BRANCH,
            "launch_buttons": LAUNCH,
        }


def open_the_copy_in_colab(app, page, template, context, doctree):
    """Send Colab's button to the notebooks made for it; the theme knows one branch alone."""
    for group in context.get("header_buttons", ()):
        for button in group.get("buttons", ()):
            if button.get("url", "").startswith(LAUNCH["colab_url"]):
                button["url"] = button["url"].replace(f"/blob/{BRANCH}/",
                                                      f"/blob/{COLAB_BRANCH}/")


def write_sitemap(app, error):
    """List the pages of the table of contents for search engines."""
    base, path = app.config.html_baseurl, Path(app.outdir, "sitemap.xml")
    path.unlink(missing_ok=True)
    if base and not error:
        lines = [f"  <url><loc>{escape(base + app.builder.get_target_uri(page))}</loc></url>"
                 for page in app.env.external_site_map]
        path.write_text(SITEMAP.format("\n".join(lines)), encoding="utf-8")


def setup(app):
    """Register the extension."""
    app.connect("config-inited", configure)
    # after the theme's own, which makes the buttons (501)
    app.connect("html-page-context", open_the_copy_in_colab, priority=900)
    app.connect("build-finished", write_sitemap)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

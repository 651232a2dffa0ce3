"""Mend what axe, the accessibility checker, finds in the HTML of a page's text.

Each mend is a pair: what a writer of HTML gives, and what a screen reader needs. (What the
theme's frame lacks is in book/_templates/layout.html.)
"""

MENDS = (
    # A column without a name has no header cell: Markdown writes an empty one. Sphinx 7.4 and
    # docutils 0.21 take it over; unnecessary when they give an empty header as a td.
    ('<th class="head"><p></p></th>', "<td></td>"),
    # ARIA 1.2 gave up doc-biblioentry, and without it the list has no items. docutils 0.21 and
    # Sphinx 7.4 write the role; unnecessary when they write an item of a list.
    (' role="doc-biblioentry"', ' role="listitem"'),
)


def mend(app, pagename, templatename, context, doctree):
    """Change the page's text before the template takes it."""
    for given, needed in MENDS:
        if "body" in context:
            context["body"] = context["body"].replace(given, needed)


def setup(app):
    """Register the extension."""
    app.connect("html-page-context", mend)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

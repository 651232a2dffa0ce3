"""Mend what axe, the accessibility checker, finds in the HTML of a page's text.

Each mend is a pair: what a writer of HTML gives, and what a screen reader needs. (What the
theme's frame lacks is in book/_templates/layout.html.)
"""

MENDS = (
    # A column without a name has no header cell, but Markdown's tables write an empty one.
    # Unnecessary when the HTML writer (docutils 0.21) makes it a plain cell.
    ('<th class="head"><p></p></th>', "<td></td>"),
    # axe calls the role doc-biblioentry deprecated, and with it a list has no items. The
    # bibliography's writer sets it; unnecessary when it leaves the item its own role.
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

"""Keep a comma with the formula before it, and a bracket with the formula after it.

MathJax draws a formula in the line as an inline block, before and after which a browser may
break the line, so that a paragraph on a phone can go on with “: the exponential”. Formula and
punctuation go into one span that does not break. Unnecessary once browsers treat an inline
block like a letter next to punctuation (the CSS Text specification lets them break).
"""

import re

from docutils import nodes

AFTER = re.compile(r"[.,:;?!)\]’”…]+|(?:-|’)\w+")
BEFORE = re.compile(r"[(\[‘“]+$")


def keep_together(app, doctree, docname):
    """Wrap each formula in the line, with the punctuation that touches it."""
    for formula in list(doctree.findall(nodes.math)):
        parent = formula.parent
        at = parent.index(formula)
        before = parent[at - 1] if at else None
        after = parent[at + 1] if at + 1 < len(parent) else None
        kept = [formula]
        if isinstance(after, nodes.Text) and (found := AFTER.match(after.astext())):
            kept.append(nodes.Text(found[0]))
            parent.replace(after, nodes.Text(after.astext()[found.end():]))
        if isinstance(before, nodes.Text) and (found := BEFORE.search(before.astext())):
            kept.insert(0, nodes.Text(found[0]))
            parent.replace(before, nodes.Text(before.astext()[:found.start()]))
        if len(kept) > 1:
            together = nodes.inline(classes=["together"])
            parent[at] = together
            together.extend(kept)


def setup(app):
    """Register the extension."""
    app.connect("doctree-resolved", keep_together)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

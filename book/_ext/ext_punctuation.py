"""Keep on one line what belongs together: formula and comma, number and unit, short code.

MathJax draws a formula in the line as an inline block, before and after which a browser may
break the line, so that a paragraph on a phone can go on with “: the exponential”. Formula and
punctuation go into one span that does not break. Unnecessary once browsers treat an inline
block like a letter next to punctuation (the CSS Text specification lets them break).

Writers type a plain space in “86.2 %” and “chapter 4”, which the page makes one that does not
break, and code as short as `x @ W` stays whole.
"""

import re

from docutils import nodes

AFTER = re.compile(r"[.,:;?!)\]’”…]+|(?:-|’)\w+")
BEFORE = re.compile(r"[(\[‘“]+$")
UNIT = re.compile(r"(?<=\d) (?=%|(?:seconds?|minutes?|MB|GB|ms|nats?|points?)\b)"
                  r"|(?<=\b[Cc]hapter) (?=\d)|(?<=\b[Cc]hapters) (?=\d)|(?<=\bet) (?=al\.)")
NO_BREAK = "\N{NO-BREAK SPACE}"
SHORT = 22
NOT_PROSE = (nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw)


def keep_together(app, doctree, docname):
    """Do all three, for a whole page."""
    keep_punctuation(doctree)
    for element in doctree.findall(nodes.TextElement):
        if isinstance(element, nodes.literal) and len(element.astext()) <= SHORT:
            element["classes"].append("short")
        if not isinstance(element, NOT_PROSE):
            keep_units(element)


def keep_punctuation(doctree):
    """Wrap each formula in the line, with the punctuation that touches it."""
    for formula in list(doctree.findall(nodes.math)):
        parent = formula.parent
        at = parent.index(formula)
        before = parent[at - 1] if at else None
        after = parent[at + 1] if at + 1 < len(parent) else None
        kept = [formula]
        # By their places: replace() would take the first text of the paragraph that says the same.
        if isinstance(after, nodes.Text) and (found := AFTER.match(after.astext())):
            kept.append(nodes.Text(found[0]))
            parent[at + 1] = nodes.Text(after.astext()[found.end():])
        if isinstance(before, nodes.Text) and (found := BEFORE.search(before.astext())):
            kept.insert(0, nodes.Text(found[0]))
            parent[at - 1] = nodes.Text(before.astext()[:found.start()])
        if len(kept) > 1:
            together = nodes.inline(classes=["together"])
            parent[at] = together
            together.extend(kept)


def keep_units(element):
    """Let no line end between a number and its unit, in an element's own texts."""
    for at, text in enumerate(element.children):
        if isinstance(text, nodes.Text) and UNIT.search(text):
            element[at] = nodes.Text(UNIT.sub(NO_BREAK, text))


def setup(app):
    """Register the extension; it comes after ext_chapters, which looks for “chapter 4”."""
    app.connect("doctree-resolved", keep_together, priority=700)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

"""Show source code from the package in a notebook, highlighted, as it stands."""

import ast
import inspect
import re
import textwrap


class Source:
    """The source of functions, methods or classes, one after the other.

    Shows itself as highlighted Markdown: on the site and in JupyterLab alike. Docstrings are
    cut to their first line and comments drawn near, so that code stays in sight. The notebook's
    test compares what is stored with what the package has today.

    Examples
    --------
    >>> from nnlib import ReLU
    >>> print(repr(Source(ReLU.forward)).splitlines()[0])
    def forward(self, z, *, training=False):
    """

    def __init__(self, *things):
        self.things = things

    def __repr__(self):
        """Return the code alone."""
        return "\n".join(_short(textwrap.dedent(inspect.getsource(thing)))
                         for thing in self.things)

    def _repr_markdown_(self):
        """Return the code, fenced."""
        return f"```python\n{self!r}```"


def _short(code):
    """Return code with docstrings of one line each, and two blanks before comments."""
    lines = code.splitlines(keepends=True)
    documented = ast.FunctionDef, ast.ClassDef
    nodes = [node.body[0] for node in ast.walk(ast.parse(code)) if isinstance(node, documented)
             and ast.get_docstring(node)]
    for node in sorted(nodes, key=lambda node: -node.lineno):
        if node.end_lineno > node.lineno:
            first = lines[node.lineno - 1].rstrip()
            lines[node.lineno - 1:node.end_lineno] = [f'{first}"""\n']
    return re.sub(r"(?<=\S) {3,}# ", "  # ", "".join(lines))

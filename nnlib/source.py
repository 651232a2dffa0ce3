"""Show source code from the package in a notebook, highlighted, as it stands."""

import inspect
import textwrap


class Source:
    """The source of functions, methods or classes, one after the other.

    Shows itself as highlighted Markdown: on the site and in JupyterLab alike. The notebook's
    test compares what is stored with what the package has today.

    Examples
    --------
    >>> from nnlib import ReLU
    >>> print(Source(ReLU.forward)._repr_markdown_().splitlines()[1])
    def forward(self, z, *, training=False):
    """

    def __init__(self, *things):
        self.things = things

    def __repr__(self):
        """Return the code alone."""
        return "\n".join(textwrap.dedent(inspect.getsource(thing)) for thing in self.things)

    def _repr_markdown_(self):
        """Return the code, fenced."""
        return f"```python\n{self!r}```"

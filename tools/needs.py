"""Which data sets a notebook needs."""

import re

CALL = re.compile(r"datasets\.(?:(mnist|characters)\(|paths\(\s*[\"']([\w-]+)[\"'])")


def named(code):
    """Return the names of the sets that code loads, as nnlib.datasets has them."""
    return sorted({call or name for call, name in CALL.findall(code)})


def needed(notebook):
    """Return the names of the sets that a notebook's code loads."""
    return named("\n".join(c.source for c in notebook.cells if c.cell_type == "code"))

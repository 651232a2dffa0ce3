"""Which data sets a notebook needs."""

import re

CALL = re.compile(r"datasets\.(?:(mnist|characters)\(|paths\(\s*[\"']([\w-]+)[\"'])")


def needed(notebook):
    """Return the names of the sets that a notebook's code loads, as nnlib.datasets has them."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return sorted({call or name for call, name in CALL.findall(code)})

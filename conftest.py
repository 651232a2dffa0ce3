"""What every pytest run of the project needs; see tests/."""

import os

# Notebooks in tests print no progress bars: nobody watches.
os.environ["TQDM_DISABLE"] = "1"
# Two workers with two threads each would keep waiting for one another.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

pytest_plugins = ["tests.notebooks.outputs"]

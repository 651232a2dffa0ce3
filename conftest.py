"""What every pytest run of the project needs; see tests/."""

import os

# Notebooks in tests print no progress bars: nobody watches.
os.environ["TQDM_DISABLE"] = "1"

pytest_plugins = ["tests.notebooks.outputs"]

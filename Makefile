# make          lists what there is to make
# make book     on a fresh clone does all the set-up too: .venv, then the site

PYTHON ?= python3
# Your own environment instead of .venv (conda, say): make test PY=python
PY ?= .venv/bin/python
export PYTHONUTF8 = 1

.PHONY: help env book pdf serve test test-all lab notebooks lint bench clean

help:  ## list these
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

env:
ifeq ($(PY),.venv/bin/python)
	@command -v $(PYTHON) >/dev/null || { echo "set-up: $(PYTHON) was not found; \
	install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) tools/environment.py
endif

book: env  ## build the site from the notebooks' stored outputs, and check it
	@$(PY) tools/site.py build

pdf: book  ## print the whole book into one PDF file, beside the site (needs a browser)
	@$(PY) tools/pdf.py

serve: env  ## open the built site
	@$(PY) tools/site.py serve

test: env  ## run the tests that CI runs for every change
	@$(PY) -m pytest --cov -n 2 --dist loadfile

test-all: env  ## also open every notebook in JupyterLab, and run it with other kernels (an hour)
	@$(PY) -m pytest --cov -n 2 --dist loadfile -m ""

lab: env  ## open the notebooks in JupyterLab, with the fastest BLAS kernel
	@$(PY) -m nnlib run -m jupyterlab --notebook-dir=notebooks

notebooks: env  ## run all notebooks from top to bottom and store what they print and draw
	@$(PY) tools/notebooks.py

lint: env  ## check the style of code and notebooks
	@$(PY) -m ruff check
	@$(PY) -m pytest -q tests/notebooks/test_lint.py tests/notebooks/test_costs.py

bench: env  ## measure nnlib beside its peers, as ratios in one run (6 minutes)
	@$(PY) -m benchmarks.run

clean:  ## remove the built site and all caches (the environment stays: it is .venv)
	rm -rf _build .pytest_cache .ruff_cache .coverage *.egg-info
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

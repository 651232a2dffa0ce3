"""Docstrings keep to one form: what is raised, the chapter that builds it, and no RST traps.

Protects from a reader who looks a part up in the API and does not learn what it refuses, and
from a page whose formula Sphinx takes for markup.
"""

import ast
import importlib
import re
from pathlib import Path

import pytest

from nnlib import _validate

# what the chapters build, as against tools around it
CORE = ("activations", "checks.formulas", "checks.gradients", "datasets.dataset",
        "datasets.files", "datasets.fonts", "datasets.handwriting", "datasets.idx",
        "datasets.points", "datasets.spirals", "datasets.splits", "history",
        "initializers", "layers", "losses", "metrics", "model", "normalization", "occlusion",
        "optimizers", "plots.evaluation", "plots.images", "regression", "report", "schedules",
        "vector")
TOOLS = ("blas", "commands.base", "commands.notes", "commands.options", "commands.recipe",
         "commands.sets", "datasets.download", "datasets.photos", "datasets.sources",
         "estimators", "scrubber", "store", "training")
MODULES = {name: importlib.import_module(f"nnlib.{name}") for name in CORE + TOOLS}
BUILT = re.compile(r"(Built|Used)\s+in\s+chapters?\s+\d+")


def called(tree):
    """The names that are called, of functions and of methods alike."""
    return {getattr(node.func, "id", getattr(node.func, "attr", "")) for node in ast.walk(tree)
            if isinstance(node, ast.Call)}


def raises(tree):
    """Whether there is a raise, but for a protocol's and for passing on what came."""
    kinds = [getattr(node.exc, "func", node.exc) for node in ast.walk(tree)
             if isinstance(node, ast.Raise)]
    return any(kind is not None and getattr(kind, "id", "") != "NotImplementedError"
               for kind in kinds)


def refusing(where):
    """The names of private functions that raise, themselves or through another.

    Of the tools, whose names may mean something else elsewhere, only the one asked for.
    """
    files = [_validate.__file__, *(module.__file__ for name, module in MODULES.items()
                                   if name in CORE or name == where)]
    trees = {node.name: node for path in map(Path, files)
             for node in ast.walk(ast.parse(path.read_text("utf-8")))
             if isinstance(node, ast.FunctionDef) and re.match("_[a-z]|expect_", node.name)}
    found = {name for name, tree in trees.items() if raises(tree)}
    while more := {name for name, tree in trees.items() if called(tree) & found} - found:
        found |= more
    return found


def public(body):
    """The classes and functions of a module or a class that are for everybody."""
    return [node for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef)
            and not re.match("_[a-z]", node.name.lower())]


TREES = {name: public(ast.parse(Path(module.__file__).read_text("utf-8")).body)
         for name, module in MODULES.items()}


def refusers():
    """Functions and methods that raise, and the docstrings that may say so."""
    for where, nodes in TREES.items():
        names = refusing(where)
        for node in nodes:
            methods = [node]
            kinds = ()
            if isinstance(node, ast.ClassDef):
                methods = [part for part in public(node.body) if isinstance(part, ast.FunctionDef)]
                kinds = getattr(MODULES[where], node.name).__mro__
            for method in methods:
                if raises(method) or called(method) & names:
                    docs = [ast.get_docstring(method)]
                    docs += [kind.__doc__ for kind in kinds[:1 if method.name == "__init__"
                                                            else None]]
                    name = "" if method is node else f".{method.name}"
                    yield pytest.param(docs, id=f"{where}.{node.name}{name}")


def docstrings(nodes, where):
    for node in nodes:
        if text := ast.get_docstring(node):
            yield pytest.param(text, id=f"{where}.{node.name}")
        if isinstance(node, ast.ClassDef):
            yield from docstrings(public(node.body), f"{where}.{node.name}")


@pytest.mark.parametrize("docs", [*refusers()])
def test_what_is_raised_is_said(docs):
    assert any(re.search(r"\b[Rr]aises?\b", doc or "") for doc in docs)


@pytest.mark.parametrize("doc", [pytest.param(ast.get_docstring(node), id=f"{where}.{node.name}")
                                 for where in CORE for node in TREES[where]])
def test_the_chapter_that_builds_it_is_said(doc):
    assert BUILT.search(doc)


@pytest.mark.parametrize("doc", [param for where, nodes in TREES.items()
                                 for param in docstrings(nodes, where)])
def test_nothing_that_sphinx_takes_for_markup(doc):
    """A word between bars is a substitution, one that ends in _ a reference."""
    text = re.sub(r"``.*?``", "", doc, flags=re.DOTALL)
    text = re.sub(r"^ *\w+_(, \w+_)*( :.*)?$", "", text, flags=re.MULTILINE)    # numpydoc knows
    assert not re.search(r"\|\w[^|\n]*\|", text)
    assert not re.search(r"\b[A-Za-z]\w*_(?![\w`])", text)

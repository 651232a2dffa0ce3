"""Shape comments that are true: run a notebook and hold each `# (n, k)` against its array.

``python tests/notebooks/shapes.py NOTEBOOK`` runs the code cells from top to bottom in this
process, prints what is wrong, one line each, and fails if there is anything. Where a line trains
a Model again and again, the first training is whole and the others take two epochs.

A shape comment ends the last line of a statement that makes values: an assignment, a return,
a yield, an expression, or the head of a for loop, whose targets it then means. Words may stand
before, between and after its shapes. In it,

- ``(n, k)``, ``(300,)`` and ``()`` are shapes. A size is a whole number, a letter (``n``,
  ``n_in``), or several of them joined by ``+ - * //``, as in ``(3*n, n_in + 1)``.
- There is one shape for each value, in order; those without axes (numbers, models) may all be
  left out together. Of a tuple or a list each element is a value.
- A whole number is the size. A letter is one size within one cell, and within one call of a
  function. Inside a product or a sum it needs to have stood alone before.
- With the words *in the end*, only the last values of the line count, in that cell or call.

Any other parentheses with a comma, or round one size, or at the start, are refused: they look
like a shape and cannot be read. So is a shape in a comment on a line of its own or inside a
statement, and one on a line that is never reached. Parentheses right after a word, as in
f(x, y), are a call and no shape. A letter has to stand in the table of book/notation.md.
"""

import argparse
import ast
import contextlib
import functools
import io
import json
import linecache
import os
import re
import sys
import tokenize
import types
from dataclasses import dataclass
from pathlib import Path

LETTER = re.compile(r"\b[A-Za-z]\d?(?:_\w+)?\b")
_ATOM = rf"(?:\d+|{LETTER.pattern})"
SIZE = re.compile(rf"{_ATOM}(?:\s*(?:[-+*]|//)\s*{_ATOM})*")
GROUP = re.compile(r"(?<!\w)\(([^()]*)\)")
UNCLOSED = re.compile(r"(?<!\w)\([^()]*$")
COLUMNS = ["Symbol", "In code", "Shape", "Chapter", "Meaning"]

SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr, ast.Import,
          ast.ImportFrom, ast.Assert, ast.Delete, ast.Raise, ast.Pass, ast.Break, ast.Continue,
          ast.Global, ast.Nonlocal)
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


# -- Comments ----------------------------------------------------------------------------------


@dataclass
class Comment:
    """A shape comment, where it stands, and what is wrong with it."""

    cell: int                       # counts code cells from 1, as JupyterLab does
    line: int
    text: str
    shapes: list                    # of tuples of sizes, which are text
    reached: bool = False
    problem: str = ""

    @property
    def in_the_end(self):
        """Whether only the last values count."""
        return "in the end" in self.text

    @property
    def complaint(self):
        """One line that says where and what, or nothing."""
        problem = self.problem or ("" if self.reached else "never checked, as no run comes here")
        return problem and f"cell {self.cell}, line {self.line}, {self.text}: {problem}"


def read(text):
    """Return the shapes in a comment; ValueError if something only looks like one.

    >>> read("# (n, 2), (n,) in the end")
    [('n', '2'), ('n',)]
    """
    text, shapes = text.lstrip("# "), []
    for group in GROUP.findall(text):
        sizes = [part.strip() for part in group.split(",")]
        if not sizes[-1]:
            del sizes[-1]                                       # as in (n,)
        readable = all(SIZE.fullmatch(size) for size in sizes)
        if readable and ("," in group or not group.strip()):
            shapes.append(tuple(sizes))
        elif readable:
            raise ValueError(f"({group}) is no shape; one axis is ({group.strip()},)")
        elif "," in group:
            raise ValueError(f"({group}) cannot be read as a shape; sizes are whole numbers, "
                             f"letters like n and n_in, and these joined by + - * //")
    if UNCLOSED.search(text):
        raise ValueError("a parenthesis is not closed")
    if not shapes and text.startswith(("(", "[")):
        raise ValueError("it starts like a shape and cannot be read as one, like (n, k)")
    return shapes


def comments_in(source, cell=1):
    """Return the shape comments of a cell, those that cannot be read or checked included."""
    lines, found = source.split("\n"), []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        line, column = token.start
        alone = not lines[line - 1][:column].strip()
        try:
            shapes, problem = read(token.string), ""
        except ValueError as error:
            shapes, problem = [], "" if alone else str(error)   # prose, on a line of its own
        if alone and shapes:
            problem = "on a line of its own nothing checks it; end the line that makes the array"
        if shapes or problem:
            found.append(Comment(cell, line, token.string, shapes, problem=problem))
    return found


def letters(source):
    """Return the letters that the shape comments of a cell use."""
    return {letter for comment in comments_in(source) for shape in comment.shapes
            for size in shape for letter in LETTER.findall(size)}


# -- The notation ------------------------------------------------------------------------------


def notation(text):
    """Return the rows of the table on the notation page, a dictionary by column each."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in text.splitlines() if line.startswith("|")]
    if not rows or rows[0] != COLUMNS:
        raise ValueError(f"the notation page needs one table with the columns {COLUMNS}")
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows[2:]]


def known_letters(rows):
    """Return the letters that the table explains: the rows that are a size."""
    return {row["In code"].strip("`") for row in rows if row["Shape"] == "size"}


# -- Checks ------------------------------------------------------------------------------------


class Letters:
    """The sizes of the letters within one cell or one call, and the checks made there."""

    def __init__(self, comments):
        self.comments = comments                                # of the whole notebook
        self.sizes, self.last = {}, {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for comment, found in self.last.values():
            self.compare(comment, found)

    def hold(self, index, value):
        """Compare a value with the comment of this index; return the value."""
        comment = self.comments[index]
        comment.reached = True
        found = shapes_of(value, len(comment.shapes))
        if comment.in_the_end:
            self.last[index] = comment, found
        else:
            self.compare(comment, found)
        return value

    def compare(self, comment, found):
        """Note the first mismatch of a comment."""
        problem = mismatch(comment.shapes, found, self.sizes)
        if problem and not comment.problem:
            names = [str(shape) if shape is not None else "no array" for shape in found]
            comment.problem = f"{problem}; found {', '.join(names) or 'no array'}"


def shapes_of(value, count):
    """Return the shapes of a value, or of its elements; only those with axes, unless all fit."""
    found = [shape_of(leaf) for leaf in leaves(value)]
    return found if len(found) == count else [shape for shape in found if shape]


def leaves(value):
    """Yield the values within tuples and lists."""
    if isinstance(value, (tuple, list)):
        for element in value:
            yield from leaves(element)
    else:
        yield value


def shape_of(value):
    """Return the shape of an array, () for a number, None for anything else."""
    if isinstance(value, (int, float, complex)):
        return ()
    shape = getattr(value, "shape", None)
    return shape if isinstance(shape, tuple) else None


def mismatch(shapes, found, sizes):
    """Say how shapes differ from those found, or nothing; learn the sizes of new letters."""
    if len(shapes) != len(found):
        return f"number of shapes: {len(shapes)}, of arrays: {len(found)}"
    pairs = []
    for shape, axes in zip(shapes, found, strict=True):
        if axes is None:
            return "not every value is an array"
        if len(shape) != len(axes):
            return f"number of axes: not {len(shape)} but {len(axes)}"
        pairs += zip(shape, axes, strict=True)
    # letters that stand alone first: a product may need their sizes
    for size, axis in sorted(pairs, key=lambda pair: not LETTER.fullmatch(pair[0])):
        if LETTER.fullmatch(size):
            expected = sizes.setdefault(size, axis)
        else:
            unknown = [letter for letter in LETTER.findall(size) if letter not in sizes]
            if unknown:
                return f"{unknown[0]} in {size} has not stood alone in a shape before"
            expected = eval(size, {"__builtins__": {}}, sizes)
        if expected != axis:
            return f"{size} is {expected}, not {axis}" if LETTER.search(size) else (
                f"not {expected} but {axis}")
    return ""


# -- Cells -------------------------------------------------------------------------------------


class Checks(ast.NodeTransformer):
    """Puts a call of Letters.hold behind every statement with a shape comment."""

    def __init__(self, commented):
        self.commented = commented                              # {statement: comment's index}

    def visit(self, node):
        """Return what takes the place of a node."""
        self.generic_visit(node)
        if isinstance(node, FUNCTION):
            own_letters(node)
        if node not in self.commented:
            return node
        index = self.commented[node]
        if isinstance(node, (ast.Return, ast.Expr)):
            # what a yield gives away is its value, what it returns is not
            holder = node.value if isinstance(node.value, ast.Yield) else node
            holder.value = held(index, holder.value)
            return node
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        checks = [ast.Expr(held(index, loaded(target))) for target in targets]
        if isinstance(node, ast.For):
            node.body[:0] = checks
            return node
        return [node, *checks]


def held(index, value):
    """Return the expression that checks a value and gives it back."""
    call = ast.parse(f"__letters__.hold({index}, None)", mode="eval").body
    call.args[1] = value
    return call


def loaded(target):
    """Return the expression that reads what was assigned to a target."""
    return ast.parse(ast.unparse(target), mode="eval").body


def own_letters(function):
    """Give every call of a function letters of its own."""
    start = 0 if ast.get_docstring(function) is None else 1
    if function.body[start:]:
        scope = ast.parse("with __shapes__() as __letters__: pass").body[0]
        scope.body = function.body[start:]
        function.body[start:] = [scope]


def commented(tree, comments):
    """Return {statement: index} for those comments that end a statement; tell the others."""
    ends = {}
    for node in ast.walk(tree):
        if isinstance(node, SIMPLE):
            ends.setdefault(node.end_lineno, []).append((node.end_col_offset, node))
        elif isinstance(node, ast.For) and node.body[0].lineno > node.iter.end_lineno:
            ends.setdefault(node.iter.end_lineno, []).append((0, node))
    found = {}
    for index, comment in enumerate(comments):
        _, node = max(ends.get(comment.line, [(0, None)]), key=lambda end: end[0])
        if comment.problem:
            continue
        if makes_value(node):
            found[node] = index
        else:
            comment.problem = "it does not end the last line of a statement that makes a value"
    return found


def makes_value(node):
    """Tell whether there is something to check behind a statement."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield):
        node = node.value
    return isinstance(node, ast.For) or getattr(node, "value", None) is not None


def run(cells, namespace):
    """Run cells, (source, tags) each, in a namespace; return their shape comments, checked."""
    comments = []
    namespace["__shapes__"] = functools.partial(Letters, comments)
    for number, (source, tags) in enumerate(cells, 1):
        file = f"<cell {number}>"
        # for tracebacks, and for inspect.getsource
        linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
        tree = ast.parse(source, file)
        first = len(comments)
        comments += comments_in(source, number)
        places = {node: first + index
                  for node, index in commented(tree, comments[first:]).items()}
        if places:
            tree = ast.fix_missing_locations(Checks(places).visit(tree))
        expected = (Exception,) if "raises-exception" in tags else ()
        with namespace["__shapes__"]() as namespace["__letters__"], contextlib.suppress(*expected):
            exec(compile(tree, file, "exec"), namespace)
    return comments


def brief_repeats(fit):
    """Return a Model.fit that cuts a training short when the same line has trained before.

    A loop over ten seeds shows the shapes of one; nbval runs them all.
    """
    trained = set()

    @functools.wraps(fit)
    def brief(self, *args, epochs, **kwargs):
        caller = sys._getframe(1)
        line = caller.f_code.co_filename, caller.f_lineno
        if line in trained:
            epochs = min(epochs, 2)
        trained.add(line)
        return fit(self, *args, epochs=epochs, **kwargs)

    return brief


def code_cells(path):
    """Return (source, tags) of each code cell of a notebook."""
    cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
    return [("".join(cell["source"]), cell["metadata"].get("tags", []))
            for cell in cells if cell["cell_type"] == "code"]


def main():
    """Run the notebook that the command line names, in its folder and in this process."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", type=Path)
    path = parser.parse_args().notebook.resolve()
    os.environ.update(TQDM_DISABLE="1", MPLBACKEND="agg")
    os.chdir(path.parent)
    sys.path[0] = ""                                            # as in a kernel
    # which a kernel has at hand
    from IPython.display import display

    from nnlib import Model

    Model.fit = brief_repeats(Model.fit)
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    module.display = display
    with contextlib.redirect_stdout(io.StringIO()):
        comments = run(code_cells(path), vars(module))
    complaints = [comment.complaint for comment in comments if comment.complaint]
    print(*complaints, f"{path.name}: {len(comments)} shape comments, "
          f"{len(complaints) or 'none'} of them wrong", sep="\n")
    sys.exit(bool(complaints))


if __name__ == "__main__":
    main()

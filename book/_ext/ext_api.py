"""Write the API page from the modules that exist, so that it can't forget one.

The page holds one comment, `<!-- api nnlib: layers, activations -->`; in its place come a
heading and an automodule directive for each module of the package: first those named, in that
order, then the rest by name. Sphinx's autosummary can list modules too, but writes its stubs
into the source tree (Sphinx 7.4); sphinx-autodoc2 writes none but does not pass a build with
-n. Unnecessary once autosummary can generate into the build folder.
"""

import re
from collections import namedtuple
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

PAGE = "book/api/nnlib"
FIELD = type(namedtuple("Named", "field").field)
MARK = re.compile(r"<!-- api (?P<package>\w+)(?:: *(?P<first>[\w., ]*?))? -->")
SECTION = """
## {title}

```{{eval-rst}}
.. automodule:: {name}
```
"""


def module_names(package):
    """Return the public modules of a package; a package among them speaks for its own."""
    names = (module.name for module in iter_modules(package.__path__))
    return sorted(name for name in names if not name.startswith("_"))


def sections(match):
    """Return the Markdown that takes the comment's place."""
    package = import_module(match["package"])
    names = module_names(package)
    first = [name.strip() for name in (match["first"] or "").split(",")]
    ordered = [name for name in first if name in names]
    ordered += [name for name in names if name not in first]
    full = (f"{package.__name__}.{name}" for name in ordered)
    return "".join(SECTION.format(title=f"`{name}`", name=name) for name in full)


def write_sections(app, docname, source):
    """Replace the comment on the API page."""
    if docname == PAGE:
        source[0] = MARK.sub(sections, source[0])


def outdated(app, env, added, changed, removed):
    """Read the page again when a module has come or gone; autodoc watches the files."""
    names = module_names(import_module(Path(PAGE).name))
    if names == getattr(env, "api_modules", None):
        return []
    env.api_modules = names
    return [PAGE]


def skip_foreign(app, what, name, member, skip, options):
    """Leave out what others put into our classes, as matplotlib does with its `set`.

    And Python's own words for the fields of a named tuple, “Alias for field number 0”: the
    docstring of the class says what they are.
    """
    if isinstance(member, FIELD):
        return True
    home = getattr(member, "__module__", None)
    package = Path(PAGE).name
    if isinstance(home, str) and home.partition(".")[0] != package:
        return True
    return None


def setup(app):
    """Register the extension."""
    app.connect("autodoc-skip-member", skip_foreign)
    app.connect("source-read", write_sections)
    app.connect("env-get-outdated", outdated)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

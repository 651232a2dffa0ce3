"""Serve MathJax from the book itself.

Sphinx loads MathJax from a content delivery network, so formulas stay raw without one and a
third party sees every reader. The Python package sphinx-mathjax-offline carries MathJax 3, but
copies all 24 MB of it, most of which is speech data; this extension takes the 2 MB that a page
can ask for. Unnecessary once sphinx-mathjax-offline can leave the speech files out (0.0.2, the
newest when this was written, can not), or once Sphinx ships MathJax itself.
"""

from importlib.util import find_spec
from pathlib import Path

from sphinx.errors import ExtensionError
from sphinx.util.fileutil import copy_asset

PACKAGE = "sphinx-mathjax-offline"
NEEDED = (
    "tex-chtml.js",
    "input/tex/extensions",
    "output/chtml/fonts/woff-v2",
)
# How large MathJax's letters are beside the book's serif, so that x is as high in both.
FORMULA_SCALE = 1.1


def mathjax_folder():
    """Return the folder in which the installed package keeps MathJax."""
    spec = find_spec(PACKAGE)
    if spec is None:
        raise ExtensionError(
            f"ext_mathjax: the Python package {PACKAGE} is not installed; "
            "install the book's requirements as the README says"
        )
    return Path(spec.submodule_search_locations[0]) / "static" / "mathjax"


def copy_mathjax(app):
    """Put the needed files below _static, before the pages that name them are written."""
    if app.builder.format != "html":
        return
    source = mathjax_folder()
    target = Path(app.outdir) / "_static" / "mathjax"
    for name in NEEDED:
        destination = target / name
        if (source / name).is_file():
            destination = destination.parent
        destination.mkdir(parents=True, exist_ok=True)
        copy_asset(str(source / name), str(destination))


def use_local_mathjax(app, config):
    """Point Sphinx at the copy; speech, whose files are left out, stays off."""
    config.mathjax_path = "mathjax/tex-chtml.js"
    settings = dict(config.mathjax3_config or {})
    options = dict(settings.get("options") or {})
    options["menuOptions"] = {
        "settings": {"explorer": False, "assistiveMml": True, "collapsible": False}
    }
    settings["options"] = options
    # MathJax would measure the letters around each formula to match them; while the fonts are
    # still on their way those are another font's, and formulas come out a third too large.
    settings["chtml"] = {"matchFontHeight": False, "scale": FORMULA_SCALE}
    config.mathjax3_config = settings


def setup(app):
    """Register the extension."""
    app.connect("config-inited", use_local_mathjax)
    app.connect("builder-inited", copy_mathjax)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

"""Leave out of the site what no page loads: a fifth of it.

Themes bring files for who debugs or translates them, fonts once more in a format for browsers
of long ago, and Font Awesome once more as a script, which book/_templates/layout.html does
without. Sphinx copies all of it with every build, so it goes after every build.

The names are those of sphinx-book-theme 1.1.4 and pydata-sphinx-theme 0.15.4. With 0.16 Font
Awesome is the script alone, and its lines here have to go; the guard says so, since a page then
asks for a file that is missing. tests/site/test_weight.py names large files that no page loads.
"""

import re
import shutil
from pathlib import Path

UNUSED = (
    # Browsers ask for them when somebody debugs the theme.
    "scripts/*.map",
    "styles/*.map",
    # Read at the build, and then from the theme's own folder.
    "locales",
    "*webpack-macros.html",
    "vendor/fontawesome/*/js",
    "vendor/fontawesome/*/webfonts/*.ttf",
    # No formula asks for all of MathJax's extensions at once.
    "mathjax/input/tex/extensions/all-packages.js",
    # The front page shows Sphinx's copies of these, in _images; README shows the originals.
    "cover-*.png",
)
ICONS = "vendor/fontawesome/*/css/all.min.css"
# The second choice of each font; every browser of the last ten years takes the first, WOFF2.
SECOND_CHOICE = re.compile(r',url\([^()]*\.ttf\) ?format\("truetype"\)')


def remove_unused(app, error):
    """Delete the files, and the one style sheet's mention of those that it names."""
    static = Path(app.outdir, "_static")
    if error or app.builder.format != "html":
        return
    for path in (path for pattern in UNUSED for path in static.glob(pattern)):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    for sheet in static.glob(ICONS):
        text = sheet.read_text(encoding="utf-8")
        sheet.write_text(SECOND_CHOICE.sub("", text), encoding="utf-8")


def setup(app):
    """Register the extension."""
    app.connect("build-finished", remove_unused)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

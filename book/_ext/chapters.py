"""Which chapters there are; no extension, but what several of them have to know.

A chapter's number is the one in its file's name. It exists as soon as the table of contents
lists it: until then nothing may lead to it.
"""

import re

TOC = "book/_toc.yml"
NOTEBOOK = re.compile(r"notebooks/(\d\d)_\w+")


def chapters(env):
    """Return {number: docname} of the chapters in the table of contents, in order."""
    matches = filter(None, map(NOTEBOOK.fullmatch, env.external_site_map))
    return dict(sorted((int(match[1]), match[0]) for match in matches))

"""Cite as “Kingma and Ba 2015”: one form that stands in a sentence and within parentheses alike.

The style of sphinxcontrib-bibtex for author and year puts brackets around, which become double
ones where the sentence has parentheses already. It has no option for that (2.6), but takes a
style of our own.
"""

from dataclasses import dataclass, field

from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle


@dataclass
class AuthorAndYear(AuthorYearReferenceStyle):
    """Author and year without brackets, and without a comma between the two."""

    bracket_parenthetical: BracketStyle = field(default_factory=lambda: BracketStyle("", ""))
    author_year_sep: str = " "


def setup(app):
    """Register the extension."""
    register_plugin("sphinxcontrib.bibtex.style.referencing", "author_and_year", AuthorAndYear)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

"""A model's report: one HTML file with all that its test data say, for who was not there."""

from pathlib import Path
from string import Template

from .. import __version__
from .._whole import whole
from . import sections
from .findings import Findings, expect_extras
from .html import text

__all__ = ["write"]

HERE = Path(__file__).parent


def write(model, data, path, *, history=None, settings=None, title=None):
    """Write what a model does with its test data to one HTML file; return its path.

    The file opens without a network and without JavaScript, in light and in dark, on a phone
    and on paper. It is written whole or not at all, and the same model and data give the same
    bytes. Built in chapter 16.

    Parameters
    ----------
    model : Model
        A classifier, its loss CategoricalCrossEntropy, or BinaryCrossEntropy with one output.
    data : Dataset
        Or anything with X_test (n, h, w), or (n, n_in) where there are no images to show, and
        y_test, classes, name and source. A name or source with the word "synthetic" puts a
        warning on the page.
    path : str or path-like
        Of the file; an old one is replaced.
    history : History, optional
        What fit returned, for the curves.
    settings : dict, optional
        What the training was set to, to be listed.
    title : str, optional
        Of the page; it names the data otherwise.

    Raises
    ------
    ValueError, TypeError
        If model and data do not go together, or the model does not choose one class of k.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from types import SimpleNamespace
    >>> from nnlib import CategoricalCrossEntropy, Dense, Model, Softmax, datasets
    >>> X, y = datasets.spiral(50, rng=0)
    >>> data = SimpleNamespace(X_test=X, y_test=y, classes="abc", name="spiral",
    ...                        source="synthetic: nnfs")
    >>> model = Model([Dense(2, 3, rng=0), Softmax()], loss=CategoricalCrossEntropy())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(model, data, f"{folder}/report.html").name
    'report.html'
    """
    expect_extras(history, settings)
    found = Findings(model, data)
    title = title or f"Report on {data.name}"
    parts = [part for part in (
        sections.data(found), sections.architecture(found, settings), sections.training(history),
        sections.by_class(found), sections.confusion(found), sections.reliability(found),
        sections.mistakes(found), sections.sample(found), sections.weights(found),
        sections.looks(found)) if part]
    page = Template((HERE / "page.html").read_text("utf-8")).substitute(
        title=text(title), style=(HERE / "style.css").read_text("utf-8"),
        verdict=sections.verdict(found), contents=_contents(parts), sections="\n\n".join(parts),
        version=__version__)
    with whole(path) as file:
        file.write(page.encode())
    return Path(path)


def _contents(parts):
    """Return links to the sections, from their headings."""
    links = []
    for part in parts:
        anchor, heading = part.split('<h2 id="', 1)[1].split("</h2>", 1)[0].split('">', 1)
        links.append(f'<li><a href="#{anchor}">{heading}</a></li>')
    return f"<ul>{''.join(links)}</ul>"

"""Give the figures of notebooks their alt text.

Our plotting functions keep the text in the output's metadata, {"image/png": {"alt": "..."}},
where it is written together with the picture. myst-nb 1.4 reads width and height there but
takes alt text from the cell's metadata only, and otherwise writes the path of the image file.
Unnecessary as soon as myst-nb's render_image accepts "alt" among the keys of the output's
metadata (1.4.0, the newest when this was written, does not).

The class dark-light tells the theme that a figure suits both pages as it is: no filter and no
white card in the dark.
"""

from functools import wraps

from docutils import nodes
from myst_nb.core.render import NbElementRenderer


def with_alt(render_image):
    """Wrap `NbElementRenderer.render_image` so that the output's alt text counts."""

    @wraps(render_image)
    def render(self, data):
        rendered = render_image(self, data)
        alt = data.output_metadata.get(data.mime_type, {}).get("alt")
        for image in rendered:
            if not isinstance(image, nodes.image):
                continue
            image["classes"].append("dark-light")
            if alt:
                image["alt"] = alt
        return rendered

    render.reads_output_alt = True
    return render


def setup(app):
    """Register the extension."""
    if not hasattr(NbElementRenderer.render_image, "reads_output_alt"):
        NbElementRenderer.render_image = with_alt(NbElementRenderer.render_image)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

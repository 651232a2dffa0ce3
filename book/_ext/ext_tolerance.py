"""Say below a long run how far its numbers may differ on another processor.

A code cell with the metadata {"nnlib": {"tolerance": 3, "unit": "percentage points"}} (the unit
may be left out) is compared within that tolerance by the tests; the reader of the page should
know it too. No upstream tool knows about tolerances (nbval 0.11 has none either), so this
extension stays until one does.
"""

from docutils import nodes
from sphinx.transforms import SphinxTransform

SENTENCE = "A long run: on another processor these numbers may differ by up to {}."


class StateTolerance(SphinxTransform):
    """Add the sentence to the outputs of every cell that declares a tolerance."""

    default_priority = 400

    def apply(self, **kwargs):
        """Find the cells that myst-nb has rendered and append the sentence."""
        for cell in self.document.findall(nodes.container):
            metadata = cell.get("cell_metadata") or {}
            ours = metadata.get("nnlib") or {}
            if "tolerance" not in ours:
                continue
            amount = f"{ours['tolerance']} {ours.get('unit', '')}".strip()
            for part in cell.findall(nodes.container):
                if part.get("nb_element") == "cell_code_output":
                    text = SENTENCE.format(amount)
                    part += nodes.paragraph(text, text, classes=["tolerance"])


def setup(app):
    """Register the extension."""
    app.add_transform(StateTolerance)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

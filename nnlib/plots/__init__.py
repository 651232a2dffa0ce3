"""Every figure of the book: one palette, readable on light and dark pages, alt text required.

A drawing function returns a Picture, which shows itself as the value of a notebook cell and
carries its alt text with it. Given ``ax`` (from ``panels``) it draws there instead, so that
several share one Picture. Ink is a mid grey and the background transparent: both stand out
on white and on near-black alike.
"""

from .curves import curves, histogram, history, schedule, strips
from .diagrams import graph, network
from .evaluation import confusion, reliability
from .images import images
from .pictures import COLOURS, INK, LINES, MARKERS, Picture, panels
from .plane import decision_boundary, scatter
from .surfaces import surface

__all__ = ["COLOURS", "INK", "LINES", "MARKERS", "Picture", "confusion", "curves",
           "decision_boundary", "graph", "histogram", "history", "images", "network", "panels",
           "reliability", "scatter", "schedule", "strips", "surface"]

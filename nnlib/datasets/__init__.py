"""Data for the course, and how to cut it up. What needs another package imports it late."""

from .spirals import spiral, spiral_bayes
from .splits import batches, split

__all__ = ["batches", "spiral", "spiral_bayes", "split"]

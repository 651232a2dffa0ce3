"""Data for the course, and how to cut it up. What needs another package imports it late."""

from .spirals import spiral, spiral_bayes
from .splits import batches, split, split_rows

__all__ = ["batches", "spiral", "spiral_bayes", "split", "split_rows"]

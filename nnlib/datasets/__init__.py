"""Data for the course, and how to cut it up. What needs another package imports it late."""

from .dataset import Dataset
from .fonts import glyphs
from .handwriting import characters, digits, emnist, is_here, mnist, paths
from .idx import read_idx
from .photos import from_file
from .points import circles, moons, sine, vertical
from .spirals import spiral, spiral_bayes
from .splits import batches, split, split_rows

__all__ = ["Dataset", "batches", "characters", "circles", "digits", "emnist", "from_file",
           "glyphs", "is_here", "mnist", "moons", "paths", "read_idx", "sine", "spiral",
           "spiral_bayes", "split", "split_rows", "vertical"]

"""Checks: is it true, and if not, what is wrong? Each prints what it found, for people to read."""

from .diagnosis import Exercise, check
from .formulas import formulas, numerical_gradient
from .gradients import GradientCheck, gradient_check, in_float64

__all__ = ["Exercise", "GradientCheck", "check", "formulas", "gradient_check", "in_float64",
           "numerical_gradient"]

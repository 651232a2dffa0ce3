"""Schedules: the learning rate as a function of the step, 0 for an optimizer's first.

A schedule is anything callable, step -> learning rate; these are the usual ones. Steps, not
epochs: an epoch of n rows in batches of B is n / B steps, rounded up.
"""

import math
from dataclasses import dataclass, fields

from ._validate import expect_between, expect_count, expect_instance, is_number


@dataclass(frozen=True)
class Schedule:
    """The protocol of all schedules: settings, checked, and ``__call__(step)``.

    lr is the learning rate that it starts from, above 0. Built in chapter 7.

    Raises
    ------
    ValueError, TypeError
        For settings out of range or no numbers: rates and decay below 0, counts of steps below
        1, a factor that is not between 0 and 1.
    """

    lr: float

    def __post_init__(self):
        """Raise ValueError or TypeError for settings out of range."""
        who = type(self).__name__
        expect_between(who, "lr", self.lr, 0)
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in ("steps", "every"):
                expect_count(who, field.name, value)
            elif field.name in ("decay", "floor"):
                expect_between(who, field.name, value, 0, closed=True)
            elif field.name == "factor":
                expect_between(who, field.name, value, 0, 1)

    def __call__(self, step):
        """Return the learning rate at a step."""
        raise NotImplementedError


@dataclass(frozen=True)
class Constant(Schedule):
    """lr, always. Built in chapter 7.

    Examples
    --------
    >>> Constant(0.1)(1000)
    0.1
    """

    def __call__(self, step):
        """Return lr."""
        return self.lr


@dataclass(frozen=True)
class InverseTime(Schedule):
    """lr / (1 + decay · step): the decay of the NNFS book. Half of lr at step 1 / decay.

    Raises what Schedule raises. Built in chapter 7.

    Examples
    --------
    >>> InverseTime(0.05, decay=1e-3)(1000)
    0.025
    """

    decay: float

    def __call__(self, step):
        """Return the learning rate at a step."""
        return self.lr / (1 + self.decay * step)


@dataclass(frozen=True)
class Step(Schedule):
    """lr · factor^⌊step / every⌋: multiplied by factor each time so many steps are done.

    Raises what Schedule raises. Built in chapter 7.

    Examples
    --------
    >>> [Step(1.0, every=10, factor=0.5)(step) for step in (0, 9, 10, 25)]
    [1.0, 1.0, 0.5, 0.25]
    """

    every: int
    factor: float = 0.1

    def __call__(self, step):
        """Return the learning rate at a step."""
        return self.lr * self.factor ** (step // self.every)


@dataclass(frozen=True)
class Exponential(Schedule):
    """lr · factor^step: multiplied by factor at each step.

    Raises what Schedule raises. Built in chapter 7.

    Examples
    --------
    >>> [Exponential(1.0, factor=0.5)(step) for step in (0, 1, 2)]
    [1.0, 0.5, 0.25]
    """

    factor: float

    def __call__(self, step):
        """Return the learning rate at a step."""
        return self.lr * self.factor**step


@dataclass(frozen=True)
class Cosine(Schedule):
    """From lr down to floor along half a cosine in so many steps, and floor from then on.

    floor + (lr − floor) (1 + cos(π step / steps)) / 2 (Loshchilov and Hutter 2017, without
    restarts). Raises what Schedule raises, and ValueError for a floor above lr. Built in
    chapter 8.

    Examples
    --------
    >>> [round(Cosine(1.0, steps=100)(step), 3) for step in (0, 50, 100, 200)]
    [1.0, 0.5, 0.0, 0.0]
    """

    steps: int
    floor: float = 0.0

    def __post_init__(self):
        """Check floor against lr too."""
        super().__post_init__()
        if self.floor > self.lr:
            raise ValueError(f"Cosine: floor must be at most lr, got {self.floor} and {self.lr}")

    def __call__(self, step):
        """Return the learning rate at a step."""
        share = min(step / self.steps, 1)
        return self.floor + (self.lr - self.floor) * (1 + math.cos(math.pi * share)) / 2


@dataclass(frozen=True)
class Warmup(Schedule):
    """Up to a schedule's first rate in equal steps, then that schedule from its step 0.

    lr is a number or a schedule (Goyal et al. 2017, section 2.2). Raises what Schedule raises,
    and TypeError for another function. Built in chapter 8.

    Examples
    --------
    >>> [Warmup(1.0, steps=4)(step) for step in (0, 1, 3, 4)]
    [0.25, 0.5, 1.0, 1.0]
    """

    lr: float | Schedule
    steps: int

    def __post_init__(self):
        """Take a number for a constant schedule."""
        if is_number(self.lr):
            object.__setattr__(self, "lr", Constant(self.lr))
        expect_instance("Warmup", self.lr, Schedule)
        expect_count("Warmup", "steps", self.steps)

    def __call__(self, step):
        """Return the learning rate at a step."""
        if step < self.steps:
            return self.lr(0) * (step + 1) / self.steps
        return self.lr(step - self.steps)

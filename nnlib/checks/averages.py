"""Macro-F1 from batches, rightly and wrongly averaged, the bug clinic of chapter 16."""

import numpy as np

from .diagnosis import Exercise

K = 47                                      # classes of characters()
_rng = np.random.default_rng(16)
_labels = _rng.permutation(np.repeat(np.arange(K), _rng.integers(2, 9, K)))
_said = np.where(_rng.random(len(_labels)) < 0.7, _labels, _rng.integers(K, size=len(_labels)))


def count(labels, said):
    """Return the confusion matrix of 47 classes."""
    return np.bincount(labels * K + said, minlength=K * K).reshape(K, K)


def f1(C):
    """Return the F1 of each class, 0 for one that does not occur."""
    return 2 * np.diag(C) / np.maximum(C.sum(axis=0) + C.sum(axis=1), 1)


def batches(said, labels, size):
    """Yield the matrix of each batch."""
    for start in range(0, len(labels), size):
        yield count(labels[start:start + size], said[start:start + size])


def present(C):
    """Return the F1 of the classes that occur."""
    return f1(C)[C.sum(axis=0) + C.sum(axis=1) > 0]


def full(said, labels, size):
    """Return the matrices of the batches that are complete."""
    return [C for C in batches(said, labels, size) if C.sum() == size]


def macro_recall(said, labels, size):
    """Take the mean of the recalls."""
    C = sum(batches(said, labels, size))
    return np.mean(np.diag(C) / np.maximum(C.sum(axis=1), 1))


def class_by_class(said, labels, size):
    """Average the F1 of each class over the batches that have it, then the classes."""
    tables = list(batches(said, labels, size))
    scores = np.array([f1(C) for C in tables])                              # (batches, k)
    there = np.array([C.sum(axis=0) + C.sum(axis=1) > 0 for C in tables])   # (batches, k)
    return np.mean((scores * there).sum(axis=0) / np.maximum(there.sum(axis=0), 1))


def whole(said, labels, size):
    """Add up the matrices of the batches, then take F1 once."""
    return f1(sum(batches(said, labels, size))).mean()


def weighted(said, labels, size):
    """Average over batches, each as heavy as it is long."""
    matrices = list(batches(said, labels, size))
    return np.average([f1(C).mean() for C in matrices], weights=[C.sum() for C in matrices])


def means_first(said, labels, size):
    """Take F1 from the mean precision and the mean recall."""
    C = sum(batches(said, labels, size))
    precision = np.mean(np.diag(C) / np.maximum(C.sum(axis=0), 1))
    recall = np.mean(np.diag(C) / np.maximum(C.sum(axis=1), 1))
    return 2 * precision * recall / (precision + recall)


def by_frequency(said, labels, size):
    """Weigh each class by how often it occurs."""
    C = sum(batches(said, labels, size))
    return np.average(f1(C), weights=C.sum(axis=1))


CLINIC = Exercise(
    "a function of said, labels and a size of batches that returns one number",
    right=whole,
    cases=((_said, _labels, 20), (_said, _labels, 64), (_said, _labels, len(_labels))),
    mistakes={
        "F1 is taken in every batch, and then averaged. A class that is not in a batch has no "
        "F1 there. What of a batch can be added up?": lambda said, labels, size: np.mean(
            [f1(C).mean() for C in batches(said, labels, size)]),
        "longer batches weigh more now, but a class that is missing from a batch still counts "
        "as a failure there": weighted,
        "classes that are missing from a batch are left out now, but those that are there "
        "rest on one or two images each. Add up counts over the batches": lambda said, labels,
            size: np.mean([present(C).mean() for C in batches(said, labels, size)]),
        "only the last batch is counted: the matrix starts from 0 in each": lambda said,
            labels, size: f1(list(batches(said, labels, size))[-1]).mean(),
        "only the first batch is counted: the return stands inside the loop": lambda said,
            labels, size: f1(next(batches(said, labels, size))).mean(),
        "the last batch is missing where it is shorter than the others": lambda said, labels,
            size: f1(sum(full(said, labels, size))).mean(),
        "the last batch is missing where it is shorter than the others, and F1 is still "
        "averaged over the rest. Add up counts over all batches": lambda said, labels, size:
            np.mean([f1(C).mean() for C in full(said, labels, size)]),
        "this is the mean recall. Asked is the mean F1": macro_recall,
        "the F1 of each class is averaged over the batches that have it. The class may have "
        "one image in a batch and ten in the next: add up counts instead": class_by_class,
        "these are 47 numbers, one a class. Macro is their mean": lambda said, labels, size:
            f1(sum(batches(said, labels, size))),
        "this is the accuracy, the micro average. Macro takes F1 class by class first":
            lambda said, labels, size: np.mean(said == labels),
        "this is the F1 of mean precision and mean recall. Take the F1 of each class, then "
        "the mean": means_first,
        "common classes weigh more here. The macro average counts all classes alike":
            by_frequency,
    })

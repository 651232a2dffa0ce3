"""Chapter 16, evaluation."""

import numpy as np

from .diagnosis import Exercise

K = 47                                      # classes of characters()
_rng = np.random.default_rng(16)
_p = _rng.dirichlet(np.ones(5), 6)
_p2 = _rng.dirichlet(np.ones(4), 3)
_sure = np.array([0.95, 0.3, 0.8, 0.6, 0.9, 0.6, 0.7, 0.5, 0.85, 0.4])
_right = np.array([1, 0, 1, 1, 1, 0, 1, 1, 0, 0], bool)
_labels = _rng.permutation(np.repeat(np.arange(K), _rng.integers(2, 9, K)))
_said = np.where(_rng.random(len(_labels)) < 0.7, _labels, _rng.integers(K, size=len(_labels)))


def _rates(share, recall, alarms):
    """Return accuracy and precision of a test for something rare."""
    hits, false = share * recall, (1 - share) * alarms
    return hits + (1 - share) * (1 - alarms), hits / (hits + false)


def _among(p, allowed):
    """Return p with the other classes at 0 and rows of sum 1."""
    kept = np.zeros_like(p)
    kept[:, allowed] = p[:, allowed]
    return kept / kept.sum(axis=1, keepdims=True)


def _inverted(p, allowed):
    """Forbid what is allowed."""
    kept = p.copy()
    kept[:, allowed] = 0
    return kept / kept.sum(axis=1, keepdims=True)


def _unscaled(p, allowed):
    """Leave the rows with a sum below 1."""
    kept = np.zeros_like(p)
    kept[:, allowed] = p[:, allowed]
    return kept


def _columns(kept):
    """Divide each column by its sum, and leave empty ones."""
    return kept / np.where(kept.any(axis=0), kept.sum(axis=0), 1)


def _shared_out(p, allowed):
    """Give what the forbidden had in equal parts to the allowed."""
    kept = _unscaled(p, allowed)
    kept[:, allowed] += (1 - kept.sum(axis=1, keepdims=True)) / len(allowed)
    return kept


def _softmax(p, allowed):
    """Take the probabilities for scores."""
    kept = np.zeros_like(p)
    kept[:, allowed] = np.exp(p[:, allowed])
    return kept / kept.sum(axis=1, keepdims=True)


def _threshold(sure, right, wanted):
    """Return the lowest confidence from which on enough answers are right."""
    for t in np.unique(sure):
        if right[sure >= t].mean() >= wanted:
            return t
    return np.inf


def _first_failure(sure, right, wanted):
    """Go down from the surest and stop at the first that is not enough."""
    best = np.inf
    for t in np.unique(sure)[::-1]:
        if right[sure >= t].mean() < wanted:
            break
        best = t
    return best


def _no_ties(sure, right, wanted):
    """Take equal confidences one by one."""
    order = np.argsort(-sure, kind="stable")
    running = np.cumsum(right[order]) / np.arange(1, len(sure) + 1)
    enough = np.flatnonzero(running >= wanted)
    return sure[order][enough[-1]] if len(enough) else np.inf


def _each_alone(sure, right, wanted):
    """Ask of the answers that are exactly so sure, and not of all that are surer."""
    for t in np.unique(sure):
        if right[sure == t].mean() >= wanted:
            return t
    return np.inf


def _count(labels, said):
    """Return the confusion matrix of 47 classes."""
    return np.bincount(labels * K + said, minlength=K * K).reshape(K, K)


def _f1(C):
    """Return the F1 of each class, 0 for one that does not occur."""
    return 2 * np.diag(C) / np.maximum(C.sum(axis=0) + C.sum(axis=1), 1)


def _batches(said, labels, size):
    """Yield the matrix of each batch."""
    for start in range(0, len(labels), size):
        yield _count(labels[start:start + size], said[start:start + size])


def _present(C):
    """Return the F1 of the classes that occur."""
    return _f1(C)[C.sum(axis=0) + C.sum(axis=1) > 0]


def _whole(said, labels, size):
    """Add up the matrices of the batches, then take F1 once."""
    return _f1(sum(_batches(said, labels, size))).mean()


def _weighted(said, labels, size):
    """Average over batches, each as heavy as it is long."""
    matrices = list(_batches(said, labels, size))
    return np.average([_f1(C).mean() for C in matrices], weights=[C.sum() for C in matrices])


def _means_first(said, labels, size):
    """Take F1 from the mean precision and the mean recall."""
    C = sum(_batches(said, labels, size))
    precision = np.mean(np.diag(C) / np.maximum(C.sum(axis=0), 1))
    recall = np.mean(np.diag(C) / np.maximum(C.sum(axis=1), 1))
    return 2 * precision * recall / (precision + recall)


def _by_frequency(said, labels, size):
    """Weigh each class by how often it occurs."""
    C = sum(_batches(said, labels, size))
    return np.average(_f1(C), weights=C.sum(axis=1))


EXERCISES = {
    "16.1": Exercise(
        "a function of share, recall and alarms that returns accuracy and precision",
        right=_rates, names=("accuracy", "precision"),
        cases=((0.001, 0.99, 0.05), (0.3, 0.8, 0.1), (0.02, 0.6, 0.01)),
        mistakes={
            "this precision is the recall: of the sick, how many are found. Asked is how many of "
            "those who are called sick are sick":
                lambda share, recall, alarms: (_rates(share, recall, alarms)[0], recall),
            "1 - alarms is the share of the healthy who are called healthy. Precision is a share "
            "of those who are called sick":
                lambda share, recall, alarms: (_rates(share, recall, alarms)[0], 1 - alarms),
            "the shares of sick and healthy are missing from the precision: false alarms come "
            "from the many healthy":
                lambda share, recall, alarms: (_rates(share, recall, alarms)[0],
                                               recall / (recall + alarms)),
            "precision: the false alarms are a share of the healthy, and not of all. Multiply "
            "them by 1 - share":
                lambda share, recall, alarms: (_rates(share, recall, alarms)[0],
                                               share * recall / (share * recall + alarms)),
            "this precision is the share of all people who are sick and found. Divide by those "
            "who are called sick":
                lambda share, recall, alarms: (_rates(share, recall, alarms)[0], share * recall),
            "accuracy: the healthy who are called healthy are right, too":
                lambda share, recall, alarms: (share * recall, _rates(share, recall, alarms)[1]),
            "this accuracy is the plain mean over the two groups. Weigh each by its share":
                lambda share, recall, alarms: ((recall + 1 - alarms) / 2,
                                               _rates(share, recall, alarms)[1]),
            "accuracy: among the healthy 1 - alarms are right, and not alarms":
                lambda share, recall, alarms: (share * recall + (1 - share) * alarms,
                                               _rates(share, recall, alarms)[1]),
            "the two are in the wrong order: accuracy comes first":
                lambda share, recall, alarms: _rates(share, recall, alarms)[::-1],
            "one number came back. Asked are two: accuracy and precision":
                lambda share, recall, alarms: _rates(share, recall, alarms)[1],
        }),
    "16.2": Exercise(
        "a function of p, shape (n, k), and a list of allowed classes that returns (n, k)",
        right=_among,
        cases=((_p, [0, 1, 3]), (_p2, [2, 1]), (_p, [4, 2, 0])),
        mistakes={
            "p came back as it was: the other classes have to become 0": lambda p, allowed: p,
            "the rows no longer have the sum 1: divide each by its own": _unscaled,
            "the allowed classes became 0, and the others stayed": _inverted,
            "the columns of the other classes are gone, and with them the numbers of the classes. "
            "Keep all k columns":
                lambda p, allowed: p[:, allowed] / p[:, allowed].sum(axis=1, keepdims=True),
            "only the allowed columns came back, as they were. Keep all k columns, and let each "
            "row have the sum 1": lambda p, allowed: p[:, allowed],
            "the sums of the rows have to stay a column, to divide each row by its own: "
            "keepdims=True": lambda p, allowed: _unscaled(p, allowed) / _unscaled(
                p, allowed).sum(axis=1),
            "each column was divided by its sum. Each row has to have the sum 1: axis=1":
                lambda p, allowed: _columns(_unscaled(p, allowed)),
            "all was divided by the sum of all rows: axis=1 is missing":
                lambda p, allowed: _unscaled(p, allowed) / _unscaled(p, allowed).sum(),
            "what the others had was shared out in equal parts. Multiply instead, so that twice "
            "as probable stays twice as probable": _shared_out,
            "softmax is for scores. These are probabilities already: divide by the sum": _softmax,
            "these are classes. Wanted are the probabilities, of the shape of p":
                lambda p, allowed: _among(p, allowed).argmax(axis=1),
        }),
    "16.3": Exercise(
        "a function of sure, right and the accuracy wanted that returns a threshold",
        right=_threshold,
        cases=((_sure, _right, 0.75), (_sure, _right, 0.8), (_sure, _right, 0.6),
               (_sure[5:], ~_right[5:], 0.9), (_sure[8:], _right[8:], 0.5)),
        mistakes={
            "it stopped at the first threshold that is not enough, coming from the top. A lower "
            "one may do again, and lets the machine read more": _first_failure,
            "equal confidences were taken one by one: a threshold lets all of them in, or none":
                _no_ties,
            "it asks only of the answers that are exactly so sure. All that are surer count, too":
                _each_alone,
            "this is the highest threshold that will do. The lowest lets the machine read most":
                lambda sure, right, wanted: max(
                    (t for t in np.unique(sure) if right[sure >= t].mean() >= wanted),
                    default=np.inf),
            "the answers at the threshold itself count, too: >= and not >": lambda sure, right,
                wanted: next((t for t in np.unique(sure)[:-1]
                              if right[sure > t].mean() >= wanted), np.inf),
            "it looks at the answers below the threshold. Those are read by the clerk":
                lambda sure, right, wanted: next(
                    (t for t in np.unique(sure) if right[sure <= t].mean() >= wanted), np.inf),
            "this is the share that the machine reads. Asked is the threshold":
                lambda sure, right, wanted: np.mean(sure >= _threshold(sure, right, wanted)),
            "this is the accuracy above the threshold. Asked is the threshold":
                lambda sure, right, wanted: right[
                    sure >= min(_threshold(sure, right, wanted), sure.max())].mean(),
            "this takes the confidence at its word. How many of these answers are right?":
                lambda sure, right, wanted: wanted,
            "the hits above the threshold were divided by all answers, and not by those above":
                lambda sure, right, wanted: next(
                    (t for t in np.unique(sure)
                     if (right & (sure >= t)).mean() >= wanted), np.inf),
            "where no threshold will do, return np.inf": lambda sure, right, wanted: (
                sure.max() if np.isinf(_threshold(sure, right, wanted))
                else _threshold(sure, right, wanted)),
        }),
    "clinic 16": Exercise(
        "a function of said, labels and a size of batches that returns one number",
        right=_whole, cases=((_said, _labels, 20), (_said, _labels, 64), (_said, _labels, 1000)),
        mistakes={
            "F1 is taken in every batch, and then averaged. A class that is not in a batch has no "
            "F1 there. What of a batch can be added up?": lambda said, labels, size: np.mean(
                [_f1(C).mean() for C in _batches(said, labels, size)]),
            "longer batches weigh more now, but a class that is missing from a batch still counts "
            "as a failure there": _weighted,
            "classes that are missing from a batch are left out now, but those that are there "
            "rest on one or two images each. Add up counts over the batches": lambda said, labels,
                size: np.mean([_present(C).mean() for C in _batches(said, labels, size)]),
            "only the last batch is counted: the matrix starts from 0 in each": lambda said,
                labels, size: _f1(list(_batches(said, labels, size))[-1]).mean(),
            "only the first batch is counted: the return stands inside the loop": lambda said,
                labels, size: _f1(next(_batches(said, labels, size))).mean(),
            "the last batch is missing where it is shorter than the others": lambda said, labels,
                size: _f1(sum([C for C in _batches(said, labels, size) if C.sum() == size],
                              np.zeros((K, K), int))).mean(),
            "these are 47 numbers, one a class. Macro is their mean": lambda said, labels, size:
                _f1(sum(_batches(said, labels, size))),
            "this is the accuracy, the micro average. Macro takes F1 class by class first":
                lambda said, labels, size: np.mean(said == labels),
            "this is the F1 of mean precision and mean recall. Take the F1 of each class, then "
            "the mean": _means_first,
            "common classes weigh more here. The macro average counts all classes alike":
                _by_frequency,
        }),
}

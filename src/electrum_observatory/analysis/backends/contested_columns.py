"""Contested transactions as facts: which of them count, by how much, and what each machine has beyond expectation.

Transactions are not independent. A hundred of them below a relay fee are had by every node of one policy and by no
other; a package comes with its parent; of two that conflict a node has one. So those with the same holders, or with
exactly the others, are one fact (a pattern), and patterns that are like each other share their weight. What a
machine is expected to have follows from three things: how many have it, how many of the same relay policy have it
(shrunk, signals.md §1a), and how much a machine has of everything: well-connected nodes are alike in lacking nothing.
What broad classes of machines share beyond that is expected of their members, too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.backends.coherence import broad_loadings
from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.datasets.watch.pending_seen import HAS, LACKS, PendingTransactions
from electrum_observatory.model.watch_ports import NOTHING

Mask = NDArray[np.bool_]

MOST_PATTERNS = 3_000
_FEWEST_ON_A_SIDE = 2  # what one machine alone has, or lacks, no pair can agree on
_FEWEST_TOLD = 4
_ALIKE = 0.2  # squared correlation; less is chance, or that two machines have a node in common
_SHRINK = 8.0  # machines that a policy's share is worth against everybody's
_SPREAD = 1.5  # logits by which machines differ beforehand in how much they have
_TURNS = 6
_CLIP = 3.0
_RAREST = 0.01  # a share below one in a hundred is not learned from a few hundred machines
_CLASS = 0.25  # of what a member has beyond expectation, a class explains so much
_PART = 1_024


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patterns:
    """C distinct ways in which N machines have transactions.

    Attributes:
        values: ``HAS``, ``LACKS`` or ``NOTHING``, turned so that the first machine that tells has it; shape (C, N).
        of_transaction: Pattern of each transaction, ``NOTHING`` where it does not count; shape (K,).
        had: Number of transactions that exactly those have; shape (C,).
        lacked: Number of those that exactly those lack; shape (C,).
    """

    values: NDArray[np.int8]
    of_transaction: NDArray[np.int64]
    had: NDArray[np.int64]
    lacked: NDArray[np.int64]


def patterns_of(found: PendingTransactions) -> Patterns:
    """Gather transactions by who has them; what a machine wavered about, it did not tell.

    Where there are more patterns than can be compared, every second, third … is left out, whatever it says.
    """
    seen = np.where(found.wavering, np.int8(NOTHING), found.seen)
    having, lacking = (seen == HAS).sum(axis=1), (seen == LACKS).sum(axis=1)
    rows = np.flatnonzero((np.minimum(having, lacking) >= _FEWEST_ON_A_SIDE) & (having + lacking >= _FEWEST_TOLD))
    of_transaction = np.full(len(seen), NOTHING, dtype=np.int64)
    if not len(rows):
        none = np.zeros(0, dtype=np.int64)
        return Patterns(values=seen[:0], of_transaction=of_transaction, had=none, lacked=none)
    first_told = seen[rows, (seen[rows] != NOTHING).argmax(axis=1)]
    turned = first_told == LACKS
    upright = np.where(turned[:, None] & (seen[rows] != NOTHING), 1 - seen[rows], seen[rows])
    _, first, which = np.unique(upright, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    kept = np.unique(np.linspace(0, len(order) - 1, min(len(order), MOST_PATTERNS)).astype(np.int64))
    number = np.full(len(order), NOTHING, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    of_transaction[rows] = number[place[which.reshape(-1)]]
    counted = of_transaction[rows] != NOTHING
    had, lacked = (np.bincount(of_transaction[rows][counted & side], minlength=len(kept)) for side in (~turned, turned))
    return Patterns(values=upright[first[order][kept]], of_transaction=of_transaction, had=had, lacked=lacked)


def weights_of(values: NDArray[np.int8], voters: Mask) -> Floats:
    """Return what each pattern counts: one, shared with those that are like it or its contrary, as far as they are.

    Else a rare rule that forbids many transactions, and that nothing else tells of, would make its nodes one.
    """
    told = values[:, voters] != NOTHING
    has = np.where(told, values[:, voters], 0).astype(np.float32)
    mean = has.sum(axis=1) / np.maximum(told.sum(axis=1), 1)
    centred = np.where(told, has - mean[:, None], np.float32(0)).astype(np.float32)
    length = np.sqrt((centred**2).sum(axis=1))
    centred /= np.where(length > 0, length, 1)[:, None]
    alike = np.zeros(len(values))
    for start in range(0, len(values), _PART):
        part = slice(start, start + _PART)
        squared = (centred[part] @ centred.T) ** 2
        alike[part] = np.where(squared >= _ALIKE, squared, np.float32(0)).sum(axis=1)
    return 1 / np.maximum(alike, 1)


def expected_shares(values: NDArray[np.int8], voters: Mask, policies: NDArray[np.int64]) -> Floats:
    """Return how likely each machine, unrelated to any other, would have what makes a pattern; shape (C, N).

    Args:
        values: See :class:`Patterns`.
        voters: Whose share is everybody's.
        policies: Relay fee of each machine.
    """
    told, has = values != NOTHING, values == HAS
    usual = usual_shares(values, voters)
    logits = np.zeros(values.shape)
    for policy in np.unique(policies):
        inside = policies == policy
        share = _shares((has & voters)[:, inside], (told & voters)[:, inside], _SHRINK * usual, _SHRINK)
        logits[:, inside] = np.log(share / (1 - share))[:, None]
    for rows in (usual >= 0.5, usual < 0.5):  # who lacks little of what most have may yet have little that few have
        logits[rows] += _tendency(logits[rows], has[rows], told[rows])
    expected = 1 / (1 + np.exp(-logits))
    return _bounded(expected + _of_classes(values, expected, voters))


def usual_shares(values: NDArray[np.int8], voters: Mask) -> Floats:
    """Return the share of the voters that have what makes a pattern, shrunk to a half; shape (C,)."""
    return _bounded(_shares((values == HAS) & voters, (values != NOTHING) & voters, 0.5, 1.0))


def _bounded(shares: Floats) -> Floats:
    return np.asarray(np.clip(shares, _RAREST, 1 - _RAREST))


def _of_classes(values: NDArray[np.int8], expected: Floats, voters: Mask) -> Floats:
    """Return by how much broad classes change expectation: filters and rules of replacement that no fee tells.

    They are found as those of histograms are: factors that rest on more than an eighth of the machines.
    """
    if not len(values):
        return np.zeros(values.shape)
    told = values != NOTHING
    unit = np.sqrt(_bounded(expected) * (1 - _bounded(expected)))
    beyond = np.where(told, np.clip(((values == HAS) - expected) / unit, -_CLIP, _CLIP), 0.0)
    power = (beyond**2).T @ told
    scatter = np.maximum((beyond**2).T @ beyond**2, 1.0)  # single coincidences make no class
    loading = broad_loadings(beyond.T @ beyond / np.sqrt(np.maximum(power * power.T, scatter) + scatter), voters)
    squares = loading[voters] ** 2
    typical = (squares**2).sum(axis=0) / np.maximum(squares.sum(axis=0), _RAREST)
    loading = loading[:, typical >= _CLASS]  # chance makes factors, too, and nobody rests much on those
    if not loading.shape[1]:
        return np.zeros(values.shape)
    known = loading[voters]
    scores = np.linalg.solve(known.T @ known + np.eye(loading.shape[1]), (beyond[:, voters] @ known).T)
    return np.asarray(unit * (loading @ scores).T)


def _shares(has: Mask, told: Mask, before: "Floats | float", number: float) -> Floats:
    return np.asarray((has.sum(axis=1) + before) / (told.sum(axis=1) + number))


def _tendency(logits: Floats, has: Mask, told: Mask) -> Floats:
    """Return by how many logits each machine has more of everything (Newton's method, with a normal prior)."""
    more = np.zeros(logits.shape[1])
    for _ in range(_TURNS):
        expected = 1 / (1 + np.exp(-(logits + more)))
        slope = ((has - expected) * told).sum(axis=0) - more / _SPREAD**2
        curve = (expected * (1 - expected) * told).sum(axis=0) + 1 / _SPREAD**2
        more = more + np.clip(slope / curve, -1.0, 1.0)
    return more

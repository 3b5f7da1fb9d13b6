"""One block of evidence for a pair: what the signals weigh together, and what that makes of the prior.

Signals of one node depend on each other: what moves a histogram moves the mempool minimum, too. So they form one block
in families. Within a family the strongest positive and the strongest negative count; over families the strongest
counts in full and the others by half. No family alone earns more than twelve bits, less than a network of a hundred
needs for "strongly linked": that takes two angles (docs/decisions/0017).

Two nodes need not be unrelated to be two. Some are alike for reasons that nobody modelled (both miss nothing, say), and
then their histograms are, too: angles that look independent are not. So a pair is held against such nodes as well, and
what mempools have in common earns nothing there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.datasets.watch.answers import Floats

MOST_OF_FAMILY = 12.0
MOST_OF_BLOCK = 24.0
ALIKE = 1 / 500
"""Pairs of two nodes whose mempools are as alike as one node's (assumed): no more can mempools alone tell."""

_OTHERS = 0.5
PRIOR_FACTORS = (0.25, 1.0, 4.0)


class Signal(StrEnum):
    """One way in which two servers on one node are alike."""

    CHANGE = "histogram change"
    LEVEL = "histogram level"
    EQUAL = "equal histograms"
    CLOSE = "close histograms"
    ESTIMATES = "estimates"
    MINIMUM = "mempool minimum"
    POLICY = "relay policy"
    RACES = "fork races"
    DELAYS = "tip delays"
    GAPS = "joint gaps"
    CONTESTED = "contested transactions"


FAMILIES: tuple[tuple[Signal, ...], ...] = (
    (Signal.CHANGE, Signal.LEVEL, Signal.EQUAL, Signal.CLOSE),
    (Signal.ESTIMATES,),
    (Signal.MINIMUM,),
    (Signal.POLICY,),
    (Signal.RACES, Signal.DELAYS),
    (Signal.GAPS,),
    (Signal.CONTESTED,),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weighed:
    """The bits of one signal.

    Attributes:
        bits: For each pair, 0 without data; shape (N, N).
        expected: What a pair on one node would be expected to earn, judged by the data themselves; shape (N, N).
        alike: The same against two nodes that are alike; None where these would show what one node shows.
    """

    bits: Floats
    expected: Floats
    alike: "Weighed | None" = None


def evidence_of(weighed: Mapping[Signal, Weighed]) -> Floats:
    """Return the bits of each pair for one node, against two that are unrelated or alike; shape (N, N)."""
    return _against_both(
        block_bits({signal: one.bits for signal, one in weighed.items()}),
        {signal: one.alike.bits for signal, one in weighed.items() if one.alike is not None},
    )


def _against_both(unrelated: Floats, alike: Mapping[Signal, Floats]) -> Floats:
    beside = block_bits(alike) if alike else np.zeros_like(unrelated)
    return np.asarray(-np.log2((1 - ALIKE) * np.exp2(-unrelated) + ALIKE * np.exp2(-beside)))


def block_bits(weighed: Mapping[Signal, Floats]) -> Floats:
    """Put the signals' bits against one thing together."""
    families = np.stack([_family(members, weighed) for members in FAMILIES if any(one in weighed for one in members)])
    total = _strongest_first(np.maximum(families, 0)) + _strongest_first(np.minimum(families, 0))
    return np.asarray(np.clip(total, -MOST_OF_BLOCK, MOST_OF_BLOCK))


def _family(members: Sequence[Signal], weighed: Mapping[Signal, Floats]) -> Floats:
    bits = np.stack([weighed[one] for one in members if one in weighed])
    together = np.maximum(bits, 0).max(axis=0) + np.minimum(bits, 0).min(axis=0)
    return np.asarray(np.clip(together, -MOST_OF_FAMILY, MOST_OF_FAMILY))


def _strongest_first(bits: Floats) -> Floats:
    """Add up bits of one sign, the strongest in full and the others by half."""
    first = np.take_along_axis(bits, np.abs(bits).argmax(axis=0)[None], axis=0)[0]
    return np.asarray(first + _OTHERS * (bits.sum(axis=0) - first))


def prior_bits(machines: int, factor: float = 1.0) -> float:
    """Return the bits that a random pair lacks: each machine has about one sibling among the others."""
    return float(np.log2(max(machines - 1, 1) / factor))


def probability(bits: Floats, machines: int, factor: float = 1.0) -> Floats:
    """Return the posterior of one node, at a multiple of the prior."""
    return np.asarray(1 / (1 + np.exp2(prior_bits(machines, factor) - bits)))


def reaches(weighed: Mapping[Signal, Weighed], machines: int, threshold: float) -> NDArray[np.bool_]:
    """Whether a pair on one node could be expected to be found, with the data there are."""
    earned = _against_both(
        block_bits({signal: one.expected for signal, one in weighed.items()}),
        {signal: one.alike.expected for signal, one in weighed.items() if one.alike is not None},
    )
    return np.asarray(probability(earned, machines) >= threshold)

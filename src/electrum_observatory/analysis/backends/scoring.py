"""How right the answers are where the truth is known: figures for one world, and for many with their uncertainty."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.histograms.stability import adjusted_rand
from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.model.watch_ports import NOTHING, Numbers

WANTED_PRECISION = 0.98
BINS = (0.0, 0.01, 0.1, 0.5, 0.9, 0.99, 1.0)
"""Edges of the bins of posterior in which calibration is told."""

_RESAMPLES = 2000
_CHANCE = 5  # of the resampling: figures of one set of worlds are always the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One world; shares of pairs of machines, NaN where there is nothing to take a share of.

    Attributes:
        sufficient: 1 where the analysis took the data for sufficient, else 0.
        declared: Declared links.
        true_pairs: Pairs that share a node.
        precision: Of declared links, how many are true.
        recall_macro: Of each shared node's pairs the share declared; the mean over nodes.
        false_links: Of declared links, how many are false; 0 where none is declared.
        average_precision: Area under precision and recall, pairs in order of their score.
        recall_at_precision: Greatest recall at a precision of 0.98 in that order.
        adjusted_rand: Groups against nodes, of machines on one node alone.
        expected_false: The false discovery rate that the analysis itself expected.
    """

    sufficient: float
    declared: float
    true_pairs: float
    precision: float
    recall_macro: float
    false_links: float
    average_precision: float
    recall_at_precision: float
    adjusted_rand: float
    expected_false: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """One figure over many worlds.

    Attributes:
        mean: Its mean.
        low: Lower end of the 95 % bootstrap interval of the mean over worlds.
        high: Upper end.
        worst: The least favourable world's.
    """

    mean: float
    low: float
    high: float
    worst: float


def truth_matrix(nodes: Sequence[Collection[str]]) -> NDArray[np.bool_]:
    """Return which machines share a node; off the diagonal; shape (N, N).

    Args:
        nodes: The nodes behind each machine, more than one behind a balancer.
    """
    names = {name: place for place, name in enumerate(sorted({name for one in nodes for name in one}))}
    member = np.zeros((len(nodes), len(names)), bool)
    for machine, own in enumerate(nodes):
        member[machine, [names[name] for name in own]] = True
    same = (member.astype(np.int64) @ member.T.astype(np.int64)) > 0
    same[np.diag_indices(len(nodes))] = False
    return same


def score(
    scores: Floats,
    links: NDArray[np.bool_],
    groups: Numbers,
    nodes: Sequence[Collection[str]],
    *,
    sufficient: bool = True,
    expected_false: float = float("nan"),
) -> Score:
    """Score one world.

    Args:
        scores: Larger for pairs more likely on one node; shape (N, N).
        links: Declared pairs; shape (N, N).
        groups: Number of each machine's group, ``NOTHING`` where it is in none; shape (N,).
        nodes: See :func:`truth_matrix`.
        sufficient: Whether the analysis took the data for sufficient.
        expected_false: What share of false links it expected.
    """
    upper = np.triu_indices(len(nodes), 1)
    same, declared = truth_matrix(nodes)[upper], links[upper]
    right = float((same & declared).sum())
    ordered, recall = _precision_and_recall(scores[upper], same)
    good = recall[ordered >= WANTED_PRECISION]
    return Score(
        sufficient=float(sufficient),
        declared=float(declared.sum()),
        true_pairs=float(same.sum()),
        precision=right / float(declared.sum()) if declared.any() else float("nan"),
        recall_macro=_recall_macro(links, nodes),
        false_links=1 - right / float(declared.sum()) if declared.any() else 0.0,
        average_precision=float((np.diff(recall, prepend=0.0) * ordered).sum()) if same.any() else float("nan"),
        recall_at_precision=float(good.max(initial=0.0)),
        adjusted_rand=_adjusted_rand(groups, nodes),
        expected_false=expected_false,
    )


def _precision_and_recall(scores: Floats, same: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return precision and recall at each distinct score, falling: equal scores come together."""
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    hits = np.cumsum(same[order])[last]
    return hits / (last + 1), hits / max(int(same.sum()), 1)


def _recall_macro(links: NDArray[np.bool_], nodes: Sequence[Collection[str]]) -> float:
    found = []
    for name in sorted({name for one in nodes for name in one}):
        members = [machine for machine, own in enumerate(nodes) if name in own]
        if len(members) > 1:
            pairs = len(members) * (len(members) - 1)
            found.append(float(links[np.ix_(members, members)].sum()) / pairs)
    return float(np.mean(found)) if found else float("nan")


def _adjusted_rand(groups: Numbers, nodes: Sequence[Collection[str]]) -> float:
    """Compare groups with nodes; whoever is in no group is a group alone, whoever has several nodes is left out."""
    names: dict[str, int] = {}
    truth = np.array(
        [names.setdefault(next(iter(own)), len(names)) if len(own) == 1 else NOTHING for own in nodes], dtype=np.int64
    )
    alone = int(groups.max(initial=0)) + 1 + np.arange(len(groups))
    return adjusted_rand(np.where(groups == NOTHING, alone, groups), truth)


def reliability(posteriors: Sequence[Floats], truths: Sequence[NDArray[np.bool_]]) -> list[tuple[float, float, int]]:
    """Return for each bin of posterior: its mean, the share of true pairs, and how many pairs; over all worlds."""
    said = np.concatenate([one[np.triu_indices(len(one), 1)] for one in posteriors])
    same = np.concatenate([one[np.triu_indices(len(one), 1)] for one in truths])
    rows = []
    for low, high in pairwise(BINS):
        inside = (said >= low) & ((said < high) | (high == BINS[-1]))
        if inside.any():
            rows.append((float(said[inside].mean()), float(same[inside].mean()), int(inside.sum())))
    return rows


def spread(values: Sequence[float], *, low_is_worse: bool = True) -> Spread:
    """Summarise one figure over worlds; worlds without it are left out."""
    known = np.array([value for value in values if np.isfinite(value)])
    if not len(known):
        return Spread(mean=float("nan"), low=float("nan"), high=float("nan"), worst=float("nan"))
    chance = np.random.default_rng(_CHANCE)
    means = chance.choice(known, (_RESAMPLES, len(known))).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    worst = known.min() if low_is_worse else known.max()
    return Spread(mean=float(known.mean()), low=float(low), high=float(high), worst=float(worst))


_HIGH_IS_WORSE = frozenset({"false_links", "expected_false"})


def spreads(scores: Sequence[Score]) -> Mapping[str, Spread]:
    """Summarise every figure over worlds."""
    return {
        one.name: spread([getattr(each, one.name) for each in scores], low_is_worse=one.name not in _HIGH_IS_WORSE)
        for one in fields(Score)
    }

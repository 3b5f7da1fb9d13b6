"""Everything that many estimators must look up at one moment, found in one walk over the buckets.

Targets within a node's reach are the same for all nodes; an estimator with a short history answers every further target
with the one that it reaches, which is its own. Each (question, node) is a column of the walk.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from electrum_observatory.lab.time.estimator_counters import Counts, HorizonCounters, Rates
from electrum_observatory.lab.time.estimator_margins import Margins
from electrum_observatory.lab.time.estimator_medians import Counted, group_ends, medians
from electrum_observatory.lab.time.estimator_smart import (
    CONSERVATIVE,
    LIMITS,
    SHARES,
    Medians,
    multiples,
    questions_of,
    reaching,
)
from electrum_observatory.lab.time.estimator_waiting import Waiting

_OWN = len(SHARES) + len(CONSERVATIVE)


class Questions:
    """What is asked about targets that all nodes share; worked out once.

    Attributes:
        targets: In blocks.
        blocks: By question: for how many blocks; questions to one horizon stand together, the freshest first.
        shares: By question: what must be confirmed in time.
        horizons: By question: the number of the horizon.
        own: Share × target: place of the question; -1 for what nobody is asked.
        limits: By ``LIMITS``: share: place of the question.
        conservative: By ``CONSERVATIVE``: target: place of the question, or -1.
    """

    def __init__(self, targets: Counts) -> None:
        self.targets = targets
        asked = {(number, longest, share) for number, longest in LIMITS for share in SHARES}
        asked |= {question for target in targets.tolist() for question in questions_of(target)}
        self._places = {question: place for place, question in enumerate(sorted(asked))}
        numbers, blocks, shares = zip(*sorted(asked), strict=True)
        self.blocks, self.shares = np.array(blocks), np.array(shares)
        self.horizons = np.array(numbers)
        several = multiples(targets)
        self.own = np.stack([self._find(*row) for row in zip(reaching(several), several, SHARES, strict=True)])
        self.limits = [
            np.array([self._places[number, longest, share] for share in SHARES]) for number, longest in LIMITS
        ]
        self.conservative = [
            self._find(np.full(len(targets), number), 2 * targets, SHARES[-1]) for number, _ in CONSERVATIVE
        ]

    def _find(self, numbers: Counts, blocks: Counts, share: float) -> Counts:
        asked = zip(numbers.tolist(), blocks.tolist(), strict=True)
        return np.array([self._places.get((*one, share), -1) for one in asked], dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Columns:
    """Columns of the walk: what young nodes ask of one horizon.

    Attributes:
        of: By column: which counters.
        excess: By bucket and column, as :func:`medians` wants it.
        places: By column: where the answer belongs.
    """

    of: Counts
    excess: Rates
    places: Counts


class Lookup:
    """The counters of many estimators at one moment."""

    def __init__(self, horizons: Sequence[HorizonCounters], margins: Margins, waiting: Waiting, span: slice) -> None:
        """Args: ``span`` holds all buckets in which anything ever came."""
        self._horizons = horizons
        self._margins = margins
        self._waiting = waiting
        self._span = span
        count = np.concatenate([one.counted[span] for one in horizons], axis=1)
        rates = np.concatenate([one.rates[span] for one in horizons], axis=1)
        self._nodes = count.shape[1] // len(horizons)
        needed = np.repeat([one.horizon.needed * one.weight for one in horizons], self._nodes)
        self._counted = Counted(ends=group_ends(count, needed), count=count, rates=rates)

    def find(self, questions: Questions, young: Counts, bounds: Counts) -> tuple[Medians, Medians]:
        """Return what all nodes need for the targets that they share, and what young ones need for their own.

        Args:
            questions: About the shared targets.
            young: Which nodes have a target of their own.
            bounds: Those targets.
        """
        shared = len(questions.blocks) * self._nodes
        columns = [self._of_all(questions), *self._of_young(young, bounds, shared)]
        of = np.concatenate([one.of for one in columns])
        excess = np.concatenate([one.excess for one in columns], axis=1)
        answers = np.full(shared + _OWN * len(young), -1.0)
        answers[np.concatenate([one.places for one in columns])] = medians(excess, of, self._counted)
        nobody = np.full((1, self._nodes), -1.0)
        common = np.concatenate([answers[:shared].reshape(-1, self._nodes), nobody])
        return _common(questions, common), _own(questions, common, answers[shared:].reshape(_OWN, len(young)), young)

    def _of_all(self, questions: Questions) -> _Columns:
        """The questions about shared targets, of every node each."""
        excess = self._margins.less(self._waiting.at_least(questions.blocks, self._span), self._span)
        of = np.arange(self._nodes) + questions.horizons[:, None] * self._nodes
        return _Columns(of=of.ravel(), excess=excess.reshape(len(excess), -1), places=np.arange(of.size))

    def _of_young(self, young: Counts, bounds: Counts, begins: int) -> list[_Columns]:
        """What each young node must know of its own target, horizon by horizon."""
        several = multiples(bounds)
        blocks = np.concatenate([several.ravel(), np.tile(2 * bounds, len(CONSERVATIVE))])
        besides = [np.where(2 * bounds <= longest, number, -1) for number, longest in CONSERVATIVE]
        numbers = np.concatenate([reaching(several).ravel(), *besides])
        shares = np.repeat([*SHARES, *(SHARES[-1] for _ in CONSERVATIVE)], len(young))
        nodes = np.tile(young, _OWN)
        columns = []
        for number, horizon in enumerate(self._horizons):
            mine = np.flatnonzero(numbers == number)
            if len(mine):
                waits = self._waiting.at_least_of(nodes[mine], blocks[mine], self._span)
                excess = horizon.margins_of(nodes[mine], blocks[mine], shares[mine], self._span)
                excess -= waits * (shares[mine] * horizon.weight)[:, None]
                columns.append(_Columns(of=nodes[mine] + number * self._nodes, excess=excess.T, places=begins + mine))
        return columns


def _common(questions: Questions, found: Rates) -> Medians:
    return Medians(
        own=found[questions.own],
        limits=[found[places] for places in questions.limits],
        conservative=[found[places] for places in questions.conservative],
    )


def _own(questions: Questions, common: Rates, found: Rates, young: Counts) -> Medians:
    return Medians(
        own=found[: len(SHARES), None],
        limits=[common[places[:, None], young] for places in questions.limits],
        conservative=[row[None] for row in found[len(SHARES) :]],
    )

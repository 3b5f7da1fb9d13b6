"""Who was there in which round: the states of a watch, without the rounds in which it was we who saw nothing.

A round counts only where somebody was reached: rounds that began within a blind spell of ours say nothing about
anybody and are left out here, once and for all, so that nothing downstream can mistake our gaps for theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.datasets.watch.table import WatchTable
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.watch import Availability, Blindness, BlindSpell
from electrum_observatory.model.watch_ports import AVAILABILITIES, NOTHING, Numbers

UP = AVAILABILITIES.index(Availability.UP)
REFUSED = AVAILABILITIES.index(Availability.REFUSED)
UNKNOWN = AVAILABILITIES.index(Availability.UNKNOWN)

_SEES_NOTHING = (Blindness.NOT_RUNNING, Blindness.SUSPENDED, Blindness.NO_NETWORK)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Presence:
    """The states of N servers in those T rounds in which we could see.

    Attributes:
        endpoints: N servers.
        at_us: UTC microseconds of each round; shape (T,).
        states: ``UP``, ``REFUSED``, ``UNKNOWN``, or ``NOTHING`` where the server was not asked; shape (T, N).
        blind_between: Whether a blind spell of ours lies between a round and the next; shape (T - 1,) or (0,).
        left_out: Rounds that were left out because we saw nothing.
    """

    endpoints: Sequence[Endpoint]
    at_us: Numbers
    states: Numbers
    blind_between: NDArray[np.bool_]
    left_out: int

    @property
    def asked(self) -> NDArray[np.bool_]:
        """Whether a server was asked; shape (T, N)."""
        asked: NDArray[np.bool_] = self.states != NOTHING
        return asked

    @property
    def up(self) -> NDArray[np.bool_]:
        """Whether it answered; shape (T, N)."""
        up: NDArray[np.bool_] = self.states == UP
        return up


def presence_of(table: WatchTable) -> Presence:
    """Return who was there, blind rounds left out. Rounds are in order of time."""
    spells = [spell for spell in table.spells if spell.why in _SEES_NOTHING]
    blind = _within(table.at_us, spells)
    at_us = table.at_us[~blind]
    return Presence(
        endpoints=table.endpoints,
        at_us=at_us,
        states=table.availability[~blind],
        blind_between=_between(at_us, spells),
        left_out=int(blind.sum()),
    )


def _within(at_us: Numbers, spells: Sequence[BlindSpell]) -> NDArray[np.bool_]:
    """Whether a round began within a spell: after its beginning and before its end, which are signs of watching."""
    inside = np.zeros(len(at_us), dtype=bool)
    for spell in spells:
        inside |= (at_us > spell.from_us) & (at_us < spell.to_us)
    return inside


def _between(at_us: Numbers, spells: Sequence[BlindSpell]) -> NDArray[np.bool_]:
    crossed = np.zeros(max(len(at_us) - 1, 0), dtype=bool)
    for spell in spells:
        crossed |= (at_us[:-1] <= spell.from_us) & (at_us[1:] >= spell.to_us)
    return crossed

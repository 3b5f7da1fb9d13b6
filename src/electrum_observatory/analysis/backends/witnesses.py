"""The readings behind a pair's bits: which rounds, texts and feerates, so that anybody can look for himself."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from electrum_observatory.analysis.backends.block import Signal
from electrum_observatory.analysis.backends.closeness import FEWEST_EDGES, TOLERANCE
from electrum_observatory.analysis.backends.facts import SATOSHIS_PER_COIN
from electrum_observatory.analysis.backends.material import HORIZONS
from electrum_observatory.analysis.backends.residuals import Residuals
from electrum_observatory.analysis.backends.study import BackendStudy
from electrum_observatory.analysis.backends.tips import late_blocks
from electrum_observatory.analysis.backends.weighing import residuals_in
from electrum_observatory.datasets.watch.table import WatchTable
from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import NOTHING

MOST_WITNESSES = 5
"""Of each signal, the most telling ones."""

_DIGEST = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """One fact about a pair.

    Attributes:
        signal: Which signal it belongs to.
        round_number: In which round of the watch; None for what holds of the whole window.
        at_us: UTC microseconds of the round's start; None likewise.
        words: What there is to see.
        texts: First 16 hex digits of the SHA-256 of each one's answer, by which it is found again; "" without one.
    """

    signal: Signal
    round_number: int | None
    at_us: int | None
    words: str
    texts: tuple[str, str] = ("", "")


def witnesses_of(
    study: BackendStudy, table: WatchTable, one: int, other: int, residuals: Residuals | None = None
) -> tuple[Witness, ...]:
    """Return the most telling readings of a pair of machines, by signal; ``residuals`` for whoever opens many pairs."""
    teller = _Teller(study, table, residuals or residuals_in(study.material, study.voters), one, other)
    told = (teller.equal(), teller.close(), teller.moving(), teller.estimates(), teller.minimum(), teller.policy())
    return tuple(chain(*told, teller.late(), teller.gaps()))


class _Teller:
    def __init__(self, study: BackendStudy, table: WatchTable, residuals: Residuals, one: int, other: int) -> None:
        self._study, self._table, self._residuals = study, table, residuals
        self._pair = (one, other)

    def equal(self) -> Iterator[Witness]:
        content = self._study.material.content[:, self._pair]
        for moment in np.flatnonzero((content[:, 0] == content[:, 1]) & (content[:, 0] != NOTHING))[:MOST_WITNESSES]:
            yield self._witness(Signal.EQUAL, int(moment), "equal in every bin", Question.HISTOGRAM)

    def close(self) -> Iterator[Witness]:
        """Yield rounds in which the curves agree at every common edge, those with the most edges first."""
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(self._study.material.curves[:, self._pair])
        apart = np.abs(logs[:, 0] - logs[:, 1])
        common = np.isfinite(apart).sum(axis=1)
        agree = (common >= FEWEST_EDGES) & ~(apart > TOLERANCE).any(axis=1)
        for moment in np.argsort(-common * agree, kind="stable")[: min(MOST_WITNESSES, int(agree.sum()))]:
            words = f"within {TOLERANCE:.1%} at all {common[moment]} common edges"
            yield self._witness(Signal.CLOSE, int(moment), words, Question.HISTOGRAM)

    def moving(self) -> Iterator[Witness]:
        """Yield the rounds that speak most for or against moving together."""
        change = self._residuals.change[:, self._pair]
        product = np.nan_to_num(change[:, 0] * change[:, 1])
        sums = product.sum(axis=1)
        for moment in np.argsort(-np.abs(sums), kind="stable")[:MOST_WITNESSES]:
            if sums[moment]:
                best = int(np.abs(product[moment]).argmax())
                left, right = change[moment, :, best]
                words = (
                    f"at {self._study.material.feerates[best]:g} sat/vB {left:+.1f} and {right:+.1f} usual deviations "
                    "from their equals"
                )
                yield self._witness(Signal.CHANGE, int(moment), words, Question.HISTOGRAM)

    def estimates(self) -> Iterator[Witness]:
        """Yield the equal estimates that the fewest others give."""
        codes = self._study.material.estimates
        left, right = codes[:, :, self._pair[0]], codes[:, :, self._pair[1]]
        horizon, moment = np.nonzero((left == right) & (left != NOTHING))
        shared = (codes[horizon, moment] == left[horizon, moment][:, None]).sum(axis=1)
        for place in np.argsort(shared, kind="stable")[:MOST_WITNESSES]:
            targets = ", ".join(str(target) for target in HORIZONS[horizon[place]])
            words = f"equal for {targets} blocks; {shared[place]} machines say so"
            yield self._witness(Signal.ESTIMATES, int(moment[place]), words, Question.ESTIMATES)

    def minimum(self) -> Iterator[Witness]:
        told = self._study.material.minimum[:, self._pair]
        for moment in np.flatnonzero(np.isfinite(told).all(axis=1))[:MOST_WITNESSES]:
            words = f"mempool minima of {told[moment, 0]:.0f} and {told[moment, 1]:.0f} sat/kvB"
            yield self._witness(Signal.MINIMUM, int(moment), words, Question.FEE_FLOOR)

    def late(self) -> Iterator[Witness]:
        """Yield the blocks at which the two were furthest from their usual delays."""
        heights, delays = late_blocks(self._study.material)
        own = delays[:, self._pair]
        both = np.flatnonzero(np.isfinite(own).all(axis=1))
        unusual = np.abs(own[both] - np.median(own[both], axis=0)).sum(axis=1) if len(both) else np.zeros(0)
        for place in both[np.argsort(-unusual, kind="stable")[:MOST_WITNESSES]]:
            words = f"block {heights[place]}: {own[place, 0]:+.1f} s and {own[place, 1]:+.1f} s after the median server"
            yield Witness(signal=Signal.DELAYS, round_number=None, at_us=None, words=words)

    def policy(self) -> Iterator[Witness]:
        left, right = (self._study.material.facts[one] for one in self._pair)
        if NOTHING not in (left.relay, right.relay):
            told = " and ".join(f"{one.relay / SATOSHIS_PER_COIN:.8f}" for one in (left, right))
            yield Witness(signal=Signal.POLICY, round_number=None, at_us=None, words=f"relay fees {told} BTC/kvB")

    def gaps(self) -> Iterator[Witness]:
        up = self._study.material.up[:, self._pair]
        begins = up[:-1] & ~up[1:]
        for moment in np.flatnonzero(begins.all(axis=1))[:MOST_WITNESSES]:
            yield self._witness(Signal.GAPS, int(moment) + 1, "both gone from here on", None)

    def _witness(self, signal: Signal, moment: int, words: str, question: Question | None) -> Witness:
        return Witness(
            signal=signal,
            round_number=self._table.rounds[moment].number,
            at_us=int(self._table.at_us[moment]),
            words=words,
            texts=("", "") if question is None else self._texts(moment, question),
        )

    def _texts(self, moment: int, question: Question) -> tuple[str, str]:
        servers = self._study.material.servers
        at = [int(self._table.text_at[question][moment, servers[one]]) for one in self._pair]
        left, right = (
            "" if text == NOTHING else hashlib.sha256(self._table.texts[text]).hexdigest()[:_DIGEST] for text in at
        )
        return left, right

"""The readings behind a pair's bits: which rounds, texts and feerates, so that anybody can look for himself."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from types import MappingProxyType

import numpy as np

from electrum_observatory.analysis.backends.block import Signal
from electrum_observatory.analysis.backends.closeness import TOLERANCE, close_moments
from electrum_observatory.analysis.backends.contested_witnesses import Holders, contested_facts, holders_of
from electrum_observatory.analysis.backends.facts import SATOSHIS_PER_COIN
from electrum_observatory.analysis.backends.material import HORIZONS
from electrum_observatory.analysis.backends.residuals import Residuals
from electrum_observatory.analysis.backends.smaller import gaps_begin
from electrum_observatory.analysis.backends.study import BackendStudy
from electrum_observatory.analysis.backends.tips import late_blocks, race_news
from electrum_observatory.analysis.backends.weighing import residuals_in, rounds_of_a_level, sees_every_refresh
from electrum_observatory.bitcoin.header import parse_header
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opened:
    """What the witnesses of all pairs of a study need, computed once."""

    residuals: Residuals
    holders: Holders | None


def opened(study: BackendStudy) -> Opened:
    """Prepare for opening pairs."""
    return Opened(residuals=residuals_in(study.material, study.voters), holders=holders_of(study.material))


def witnesses_of(
    study: BackendStudy, table: WatchTable, one: int, other: int, prepared: Opened | None = None
) -> tuple[Witness, ...]:
    """Return the most telling readings of a pair of machines, by signal; ``prepared`` for whoever opens many pairs."""
    teller = _Teller(study, table, prepared or opened(study), one, other)
    return tuple(chain.from_iterable(tell(teller) for tell in TELLERS.values()))


class _Teller:
    def __init__(self, study: BackendStudy, table: WatchTable, prepared: Opened, one: int, other: int) -> None:
        self._study, self._table = study, table
        self._residuals, self._holders = prepared.residuals, prepared.holders
        self._pair = (one, other)

    def equal(self) -> Iterator[Witness]:
        content = self._study.material.content[:, self._pair]
        for moment in np.flatnonzero((content[:, 0] == content[:, 1]) & (content[:, 0] != NOTHING))[:MOST_WITNESSES]:
            yield self._witness(Signal.EQUAL, int(moment), "equal in every bin", Question.HISTOGRAM)

    def close(self) -> Iterator[Witness]:
        """Yield rounds in which the curves agree, those with the most common edges first."""
        curves = self._study.material.curves[:, self._pair]
        common = np.isfinite(curves).all(axis=1).sum(axis=1)
        between = sees_every_refresh(self._study.material)
        agreed = np.array([moment for moment, _, near in close_moments(curves, between=between) if near[0, 1]], int)
        for moment in agreed[np.argsort(-common[agreed], kind="stable")][:MOST_WITNESSES]:
            with np.errstate(divide="ignore", invalid="ignore"):
                apart = np.abs(np.diff(np.log(curves[moment]), axis=0))
            near = bool(np.nanmax(apart) <= TOLERANCE)
            words = f"within {TOLERANCE:.1%} at all" if near else "between two refreshes of the other's at the"
            yield self._witness(Signal.CLOSE, int(moment), f"{words} {common[moment]} common edges", Question.HISTOGRAM)

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

    def level(self) -> Iterator[Witness]:
        """Yield the quarters of a day at which the levels of the two speak most for or against one node."""
        level = self._residuals.level[:, self._pair]
        product = np.nan_to_num(level[:, 0] * level[:, 1])
        sums = product.sum(axis=1)
        for part in np.argsort(-np.abs(sums), kind="stable")[:MOST_WITNESSES]:
            if sums[part]:
                best = int(np.abs(product[part]).argmax())
                left, right = level[part, :, best]
                words = (
                    f"over the quarter of a day from here, at {self._study.material.feerates[best]:g} sat/vB "
                    f"{left:+.1f} and {right:+.1f} usual deviations from their equals"
                )
                moment = int(part) * rounds_of_a_level(self._study.material)
                yield self._witness(Signal.LEVEL, moment, words, Question.HISTOGRAM)

    def estimates(self) -> Iterator[Witness]:
        """Yield the equal estimates that the fewest others give; where estimates speak against one node, what differs.

        Each says how often the pair agreed over the same horizon, since either kind can be found of any pair.
        """
        codes = self._study.material.estimates
        left, right = codes[:, :, self._pair[0]], codes[:, :, self._pair[1]]
        told = (left != NOTHING) & (right != NOTHING)
        agree = told & (left == right)
        speaks_for = self._study.weighed[Signal.ESTIMATES].bits[self._pair] >= 0
        horizon, moment = np.nonzero(agree if speaks_for else told & ~agree)
        shared = (codes[horizon, moment] == left[horizon, moment][:, None]).sum(axis=1)
        for place in np.argsort(shared, kind="stable")[:MOST_WITNESSES]:
            over = horizon[place]
            targets = ", ".join(str(target) for target in HORIZONS[over])
            words = f"equal for {targets} blocks; {shared[place]} machines say so"
            words = words if speaks_for else f"not equal for {targets} blocks"
            words += f"; equal in {agree[over].sum()} of {told[over].sum()} such rounds"
            yield self._witness(Signal.ESTIMATES, int(moment[place]), words, Question.ESTIMATES)

    def minimum(self) -> Iterator[Witness]:
        told = self._study.material.minimum[:, self._pair]
        for moment in np.flatnonzero(np.isfinite(told).all(axis=1))[:MOST_WITNESSES]:
            words = f"mempool minima of {told[moment, 0]:.0f} and {told[moment, 1]:.0f} sat/kvB"
            yield self._witness(Signal.MINIMUM, int(moment), words, Question.FEE_FLOOR)

    def races(self) -> Iterator[Witness]:
        """Yield heights at which blocks competed, and which one each of the two told first: the closest races first."""
        news = self._study.material.news
        rows = race_news(self._study.material)
        if news is None:
            return
        rows = rows[(rows[:, self._pair] != NOTHING).all(axis=1)]
        header = np.where(rows == NOTHING, NOTHING, news.header_at[rows])
        agreeing = [(header == header[:, [one]]).sum(axis=1) for one in self._pair]
        for race in rows[np.argsort(np.minimum(*agreeing), kind="stable")[:MOST_WITNESSES]]:
            told = [int(race[one]) for one in self._pair]
            hashes = [parse_header(news.headers[news.header_at[row]]).block_hash for row in told]
            times = [_clock(int(news.received_at_us[row])) for row in told]
            others = int((news.header_at[race[race != NOTHING]] == news.header_at[told[0]]).sum())
            words = f"height {news.height[told[0]]}: " + (
                f"both told block {hashes[0]} first, at {times[0]} and {times[1]}; {others} machines did"
                if hashes[0] == hashes[1]
                else f"told block {hashes[0]} first at {times[0]}, and {hashes[1]} at {times[1]}"
            )
            yield self._race(int(news.height[told[0]]), min(int(news.received_at_us[row]) for row in told), words)

    def _race(self, height: int, at_us: int, words: str) -> Witness:
        """Name a round in which both told a tip of that height, for their answers show it, if there was one."""
        both = np.flatnonzero((self._study.material.height[:, self._pair] == height).all(axis=1))
        if len(both):
            return self._witness(Signal.RACES, int(both[0]), words, Question.TIP)
        return Witness(signal=Signal.RACES, round_number=None, at_us=at_us, words=words)

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
        """Yield outages and stalls that began within a round of each other."""
        material = self._study.material
        begins = gaps_begin(material.up, material.height, material.window)[:, self._pair]
        second = np.flatnonzero(begins[:, 1])
        first = [moment for moment in np.flatnonzero(begins[:, 0]) if (np.abs(second - moment) <= 1).any()]
        for moment in first[:MOST_WITNESSES]:
            yield self._witness(Signal.GAPS, int(moment), "both gone or behind from here on, within a round", None)

    def contested(self) -> Iterator[Witness]:
        """Yield transactions on which the two agree and few others do, and those that one of them lists only."""
        if self._holders is None:
            return
        for fact in contested_facts(self._study.material, self._holders, self._pair, MOST_WITNESSES):
            first, last = (self._table.rounds[moment].number for moment in (fact.first, fact.last))
            words = f"{fact.words}; looked at from round {first} to {last}"
            yield self._witness(Signal.CONTESTED, fact.moment, words, Question.PENDING)

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


def _clock(at_us: int) -> str:
    """Return the time of day to the tenth of a second: two nodes' blocks are seconds apart."""
    return f"{datetime.fromtimestamp(at_us / 1e6, tz=UTC):%H:%M:%S.%f}"[:-5]


TELLERS: Mapping[Signal, Callable[[_Teller], Iterator[Witness]]] = MappingProxyType(
    {
        Signal.EQUAL: _Teller.equal,
        Signal.CLOSE: _Teller.close,
        Signal.CHANGE: _Teller.moving,
        Signal.LEVEL: _Teller.level,
        Signal.ESTIMATES: _Teller.estimates,
        Signal.MINIMUM: _Teller.minimum,
        Signal.POLICY: _Teller.policy,
        Signal.RACES: _Teller.races,
        Signal.DELAYS: _Teller.late,
        Signal.GAPS: _Teller.gaps,
        Signal.CONTESTED: _Teller.contested,
    }
)
"""How each signal opens to its witnesses."""

"""What callbacks have seen and the sink has not yet: kept for half a second, then handed over in one piece."""

from dataclasses import dataclass, replace

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.ports import Clock
from electrum_observatory.model.watch import Blindness, BlindSpell, TipNews
from electrum_observatory.model.watch_ports import WatchSink
from electrum_observatory.scanner.loop_lag import LoopLag
from electrum_observatory.scanner.watching.observer import MonitorObserver
from electrum_observatory.scanner.watching.tips import Tip

_TOUCHING_US = 1_000
"""Spells that are no farther apart are one time: both ends were reckoned from two clocks."""


@dataclass(frozen=True, slots=True)
class _Told:
    endpoint: Endpoint
    tip: Tip
    at_us: int
    at_ns: int
    first: bool


class Outbox:
    """Collects tip news and blind spells."""

    def __init__(self, *, sink: WatchSink, clock: Clock, lag: LoopLag, lag_every_s: float) -> None:
        """Take where they go, the clock, and how late the loop was at which moment."""
        self._sink = sink
        self._clock = clock
        self._lag = lag
        self._lag_every_s = lag_every_s
        self._news: list[_Told] = []
        self._spells: list[BlindSpell] = []
        self._latest: BlindSpell | None = None
        self._untold: BlindSpell | None = None

    def news(self, endpoint: Endpoint, tip: Tip, at_ns: int, *, first: bool) -> None:
        """Take a tip that somebody told of at a monotonic instant a moment ago."""
        at_us = self._clock.now_us() - (self._clock.monotonic_ns() - at_ns) // 1_000
        self._news.append(_Told(endpoint, tip, at_us, at_ns, first))

    def spell(self, spell: BlindSpell) -> None:
        """Take a time in which we saw nothing."""
        self._spells.append(spell)

    async def empty(self, observer: MonitorObserver, *, goes_on: bool = False) -> None:
        """Hand everything to the sink, and then tell the observer. Raises StoreError.

        A network that stays lost is told of once, and once more, as a whole, when it does not go on.
        """
        spells, self._spells = self._spells, []
        for spell in spells:
            await self._sink.record_blind(spell)
            if not self._continues(spell):
                self._tell_the_rest(observer)
                observer.was_blind(spell)
            self._latest = spell
        if not goes_on:
            self._tell_the_rest(observer)
        told, self._news = self._news, []
        if told:
            news = [self._news_of(one) for one in told]
            await self._sink.record_news(news)
            observer.news_came(news)

    def _continues(self, spell: BlindSpell) -> bool:
        """Whether a spell prolongs the latest; it is then kept for the observer."""
        latest = self._latest
        if latest is None or {spell.why, latest.why} != {Blindness.NO_NETWORK}:
            return False
        if abs(spell.from_us - latest.to_us) > _TOUCHING_US:
            return False
        self._untold = spell if self._untold is None else replace(self._untold, to_us=spell.to_us)
        return True

    def _tell_the_rest(self, observer: MonitorObserver) -> None:
        untold, self._untold = self._untold, None
        if untold is not None:
            observer.was_blind(untold)

    def _news_of(self, told: _Told) -> TipNews:
        at_s = told.at_ns / 1e9
        return TipNews(
            endpoint=told.endpoint,
            received_at_us=told.at_us,
            received_monotonic_ns=told.at_ns,
            boot_id=self._clock.boot_id,
            lag_us=self._lag.worst_between(at_s - self._lag_every_s, at_s),
            height=told.tip.height,
            header=told.tip.header,
            first=told.first,
        )

"""What callbacks have seen and the sink has not yet: kept for half a second, then handed over in one piece."""

from dataclasses import dataclass

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.ports import Clock
from electrum_observatory.model.watch import BlindSpell, TipNews
from electrum_observatory.model.watch_ports import WatchSink
from electrum_observatory.scanner.loop_lag import LoopLag
from electrum_observatory.scanner.watching.observer import MonitorObserver
from electrum_observatory.scanner.watching.tips import Tip


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

    def news(self, endpoint: Endpoint, tip: Tip, at_ns: int, *, first: bool) -> None:
        """Take a tip that somebody told of at a monotonic instant a moment ago."""
        at_us = self._clock.now_us() - (self._clock.monotonic_ns() - at_ns) // 1_000
        self._news.append(_Told(endpoint, tip, at_us, at_ns, first))

    def spell(self, spell: BlindSpell) -> None:
        """Take a time in which we saw nothing."""
        self._spells.append(spell)

    async def empty(self, observer: MonitorObserver) -> None:
        """Hand everything to the sink, and then tell the observer. Raises StoreError."""
        spells, self._spells = self._spells, []
        for spell in spells:
            await self._sink.record_blind(spell)
            observer.was_blind(spell)
        told, self._news = self._news, []
        if told:
            news = [self._news_of(one) for one in told]
            await self._sink.record_news(news)
            observer.news_came(news)

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

"""Held subscriptions: one connection per server, open for days, that tells of news the moment it arrives.

Thousands are held by one process, so none of them costs a task: after the dial, lines come by callback, and one timer
each carries the deadline of what was asked or the next sign of life. Servers are strangers here as everywhere: what
they may send has a size and a rate, and a strange line ends that one subscription, with its failure as data. Whether
and when to come back is for whoever holds them to decide.
"""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Failure
from electrum_observatory.net.connection import Connection
from electrum_observatory.net.limits import ConnectionLimits
from electrum_observatory.scanner.held_connections import HeldConnections
from electrum_observatory.scanner.ports import Dialing
from electrum_observatory.scanner.subscription import HEADERS, Notice, Subscription, SubscriptionRules, Topic

SUBSCRIPTION_LIMITS = ConnectionLimits(
    max_line_bytes=64_000,
    max_bytes=200_000_000,
    max_lines=1_000_000,
    max_lines_per_second=50,
    max_queued_bytes=64_000,
    max_bytes_together=10**12,
)
"""For the dialler of held connections: lines are short and few, but a connection may live for months. (A new block is
300 bytes; a padding server answers a ping with a kilobyte, one and a half megabytes a day.) What all have brought
together is no measure of what is held: every line is forgotten once it was told."""


class Watcher(Protocol):
    """Whom subscriptions tell; called from the event loop, so it must be quick and must not raise."""

    def told(self, notice: Notice) -> None:
        """A server answered a subscription for the first time, or sent news."""

    def ended(self, endpoint: Endpoint, failure: Failure) -> None:
        """A subscription is over, or never came about; called once for each that was added, except on removal."""


class Subscriptions:
    """Holds subscriptions while it is entered as an asynchronous context; leaving drops them all."""

    def __init__(
        self,
        *,
        dialer: Dialing,
        watcher: Watcher,
        rules: SubscriptionRules | None = None,
        topics: Sequence[Topic] = (HEADERS,),
        dials_at_once: int = 32,
    ) -> None:
        """Take the borders and the rules.

        Args:
            dialer: Opens the connections; to be made with ``SUBSCRIPTION_LIMITS``.
            watcher: Who is told.
            rules: Deadlines, rates and our name.
            topics: What is subscribed to at every server.
            dials_at_once: Connections that are under way at the same time.
        """
        self._watcher = watcher
        self._rules = rules or SubscriptionRules()
        self._topics = tuple(topics)
        self._connections = HeldConnections(
            dialer=dialer,
            hold=self._hold,
            failed=watcher.ended,
            dial_s=self._rules.dial_s,
            dials_at_once=dials_at_once,
        )

    @property
    def held(self) -> Mapping[str, Subscription]:
        """The subscriptions whose connection stands, by canonical endpoint."""
        return self._connections.held

    @property
    def dialling(self) -> int:
        """How many wait for their connection."""
        return self._connections.dialling

    async def __aenter__(self) -> Self:
        """Begin to hold."""
        await self._connections.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drop every connection and wait for the dials that this cuts short; the watcher is told nothing more."""
        await self._connections.__aexit__(kind, error, trace)

    def add(self, endpoint: Endpoint, *, legacy_tls: bool = False) -> None:
        """Dial a server and subscribe; ignored while it is held or dialled already."""
        self._connections.add(endpoint, legacy_tls=legacy_tls)

    def remove(self, endpoint: Endpoint) -> None:
        """Drop a server; the watcher hears nothing of it any more."""
        self._connections.remove(endpoint)

    def _hold(self, connection: Connection) -> Subscription:
        return Subscription(
            connection, topics=self._topics, rules=self._rules, told=self._watcher.told, ended=self._on_ended
        )

    def _on_ended(self, endpoint: Endpoint, failure: Failure) -> None:
        self._connections.forget(endpoint)
        self._watcher.ended(endpoint, failure)

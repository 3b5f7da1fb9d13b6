"""The monitor: keeps a watch, from the first dial to the last heartbeat."""

import random
from collections.abc import Callable, Iterable, Sequence

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.ports import Clock
from electrum_observatory.model.watch import Stint, Watch
from electrum_observatory.model.watch_ports import WatchSink
from electrum_observatory.scanner.ports import Dialing
from electrum_observatory.scanner.rules import Rules
from electrum_observatory.scanner.watching.config import WatchingConfig
from electrum_observatory.scanner.watching.observer import MonitorObserver, ServerView, Unobserved


class Monitor:
    """One stint of a watch."""

    def __init__(
        self,
        *,
        watch: Watch,
        stint: Stint,
        dialer: Dialing,
        sink: WatchSink,
        clock: Clock,
        rng: random.Random,
        config: WatchingConfig | None = None,
        rules: Rules | None = None,
        observer: MonitorObserver | None = None,
        first_round: int = 1,
        slept_ns: Callable[[], int] | None = None,
    ) -> None:
        """Take the borders.

        Args:
            watch: What is kept; its network's genesis is expected of every server.
            stint: This process, as the sink is told.
            dialer: Opens connections; to be made with ``config.WATCH_LIMITS``.
            sink: Where facts go.
            clock: Stamps.
            rng: Draws jitter and orders.
            config: Cadences and budgets, in real seconds: a lab's have gone through ``in_time_of``.
            rules: Who opted out or is left out; address and port policies are the dialler's.
            observer: Whom to tell what is seen.
            first_round: Number of the first round: one more than the watch has.
            slept_ns: How long this machine has slept since its boot; None where that cannot be told, and a sleep then
                looks like a step of the wall clock.
        """
        raise NotImplementedError

    @property
    def servers(self) -> Sequence[ServerView]:
        """Everybody who is watched, as known now, in the order in which they came."""
        raise NotImplementedError

    @property
    def next_round_us(self) -> int | None:
        """When the next round is due, UTC microseconds; None while none is planned."""
        raise NotImplementedError

    def set_watched(self, endpoints: Iterable[Endpoint]) -> None:
        """Watch these endpoints; to be called before :meth:`run` or :meth:`once`, and whenever there is a new list.

        New ones are dialled in their turn. Whoever is not on the list any more stays until it was missing and not up
        for ``forget_after_s``; no call drops more than a tenth. Whoever opted out since is dropped at once.
        """
        raise NotImplementedError

    async def run(self) -> None:
        """Keep the watch until cancelled; the stint is then ended in the sink.

        Raises:
            StoreError: The sink cannot keep what is seen.
        """
        raise NotImplementedError

    async def once(self) -> None:
        """Dial everybody, make one round, and end the stint. Raises StoreError as :meth:`run` does."""
        raise NotImplementedError

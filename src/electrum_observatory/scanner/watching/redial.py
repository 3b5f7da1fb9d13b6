"""When whom to dial: spaced by machine, never too many at once, and later after each failure."""

import asyncio
import random
from collections.abc import Callable

from electrum_observatory.scanner.budget import MachineBudget
from electrum_observatory.scanner.pace import Pace
from electrum_observatory.scanner.watching.config import Dials
from electrum_observatory.scanner.watching.roster import Server

_MOST_DOUBLINGS = 30


class Redialler:
    """Calls ``dial`` for each server whose turn has come. Servers are told apart by identity."""

    def __init__(
        self, dials: Dials, *, longest_backoff_s: float, rng: random.Random, dial: Callable[[Server], None]
    ) -> None:
        """Take the rules, the longest wait after a failure, and what begins a dial."""
        self._dials = dials
        self._longest_backoff_s = longest_backoff_s
        self._rng = rng
        self._dial = dial
        self._budget: MachineBudget[Server] = MachineBudget(at_once=dials.held_per_machine)
        self._pace = Pace(1 / dials.per_second, self._pump)
        self._timers: dict[Server, asyncio.TimerHandle] = {}
        self._cooling: set[asyncio.TimerHandle] = set()
        self._queued: set[Server] = set()
        self._open: set[Server] = set()
        self._under_way = 0

    def add(self, server: Server, after_s: float = 0.0) -> None:
        """Let it be dialled as soon as budgets allow, but not before ``after_s``."""
        if server in self._queued or server in self._open or server in self._timers:
            return
        self._timers[server] = asyncio.get_running_loop().call_later(after_s, self._put, server)

    def add_again(self, server: Server) -> None:
        """Let it be dialled again after its latest failure."""
        wait_s = min(
            self._dials.first_backoff_s * 2.0 ** min(server.failures - 1, _MOST_DOUBLINGS), self._longest_backoff_s
        )
        self.add(server, wait_s * self._rng.uniform(0.75, 1.0))

    def hurry(self) -> None:
        """Let everybody who waits out a failure be dialled within the spacing: the trouble was ours."""
        for server in tuple(self._timers):
            self._timers.pop(server).cancel()
            self.add(server, self._rng.uniform(0.0, self._dials.spacing_s))

    def scout(self) -> None:
        """Let one of those who wait out a failure be dialled now, whoever it is."""
        if self._timers and not self._under_way:
            server = self._rng.choice(tuple(self._timers))
            self._timers.pop(server).cancel()
            self.add(server)

    def connected(self) -> None:
        """Say that a dial led to a connection."""
        self._under_way -= 1
        self._pump()

    def ended(self, server: Server, *, dialling: bool) -> None:
        """Say that a server's connection, or its dial, is over."""
        self._under_way -= dialling
        self._open.discard(server)
        self._budget.ended(server.machine)
        self._pump()

    def remove(self, server: Server, *, dialling: bool) -> None:
        """Dial a server no more; its connection or dial is over."""
        self._queued.discard(server)
        timer = self._timers.pop(server, None)
        if timer is not None:
            timer.cancel()
        if server in self._open:
            self.ended(server, dialling=dialling)

    def close(self) -> None:
        """Dial nobody any more."""
        for timer in (*self._timers.values(), *self._cooling):
            timer.cancel()
        self._timers.clear()
        self._cooling.clear()
        self._budget.drop_waiting()
        self._pace.stop()

    def _put(self, server: Server) -> None:
        del self._timers[server]
        self._queued.add(server)
        self._budget.put(server.machine, server)
        self._pump()

    def _pump(self) -> None:
        """Begin what may begin now; whatever changes that calls this again."""
        while self._queued and self._under_way < self._dials.at_once and self._pace.take():
            taken = self._budget.take()
            if taken is None:
                return
            machine, server = taken
            self._cool_later(machine)
            if server not in self._queued:  # removed meanwhile
                self._budget.ended(machine)
                continue
            self._queued.discard(server)
            self._open.add(server)
            self._under_way += 1
            self._dial(server)

    def _cool_later(self, machine: str) -> None:
        def cooled() -> None:
            self._cooling.discard(timer)
            self._budget.cooled(machine)
            self._pump()

        timer = asyncio.get_running_loop().call_later(self._dials.spacing_s, cooled)
        self._cooling.add(timer)

"""The connections with all watched servers: opened in their turn, held, lost, opened again."""

import asyncio
import random
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.ports import Clock
from electrum_observatory.net.connection import Connection, ReceivedLine
from electrum_observatory.net.strangers import old_versions_may_help
from electrum_observatory.scanner.held_connections import HeldConnections
from electrum_observatory.scanner.ports import Dialing
from electrum_observatory.scanner.rules import Rules
from electrum_observatory.scanner.watching.blindness import Sight
from electrum_observatory.scanner.watching.config import WatchingConfig
from electrum_observatory.scanner.watching.held import HeldServer
from electrum_observatory.scanner.watching.membership import Membership
from electrum_observatory.scanner.watching.observer import MonitorObserver, Standing
from electrum_observatory.scanner.watching.outbox import Outbox
from electrum_observatory.scanner.watching.proof import Proof
from electrum_observatory.scanner.watching.redial import Redialler
from electrum_observatory.scanner.watching.roster import Look, Roster, Server
from electrum_observatory.scanner.watching.tips import Tip

_HANGS_UP_ON_RANGES = frozenset({FailureKind.UNEXPECTED_RESULT, FailureKind.EOF, FailureKind.CONNECTION_RESET})


class Fleet:
    """Holds a connection with everybody on its roster while it is entered as an asynchronous context."""

    def __init__(
        self,
        *,
        dialer: Dialing,
        clock: Clock,
        rng: random.Random,
        config: WatchingConfig,
        rules: Rules,
        genesis_hash: str,
        sight: Sight,
        outbox: Outbox,
        observer: MonitorObserver,
    ) -> None:
        """Take the borders, the rules, and where signs, news and spells go."""
        self.roster = Roster(config.dials.held_per_machine)
        self._clock = clock
        self._rng = rng
        self._manners = config.held_manners
        self._minute_s = config.minute_s
        self._genesis_hash = genesis_hash
        self._sight = sight
        self._outbox = outbox
        self._observer = observer
        self._membership = Membership(
            self.roster, rules=rules, forget_after_s=config.forget_after_s, left_out=observer.left_out
        )
        self._connections: HeldConnections[HeldServer] = HeldConnections(
            dialer=dialer,
            hold=self._hold,
            failed=self._dial_failed,
            dial_s=config.dials.dial_s,
            dials_at_once=config.dials.at_once,
        )
        self._redialler = Redialler(config.dials, longest_backoff_s=config.longest_backoff_s, rng=rng, dial=self._dial)
        self._running = False
        self._unseen: set[Server] = set()
        self._all_seen = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Begin to dial everybody."""
        await self._connections.__aenter__()
        self._running = True
        self._welcome(self.roster)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drop everybody."""
        self._running = False
        self._redialler.close()
        await self._connections.__aexit__(kind, error, trace)

    def set_watched(self, endpoints: Iterable[Endpoint]) -> None:
        """Bring the roster in step with a list."""
        joined, left = self._membership.update(endpoints, self._clock.monotonic_ns())
        if self._running:
            self._welcome(joined)
            for server in left:
                self._let_go(server)

    def held(self) -> list[Server]:
        """Return those who can be asked now."""
        return [server for server in self.roster if server.standing is Standing.HELD]

    def look_out(self) -> None:
        """While nobody can be reached, send for somebody: else all would wait out failures that were not theirs."""
        if self._sight.is_dark(self._clock.monotonic_ns()):
            self._redialler.scout()

    async def all_seen(self, seconds: float) -> None:
        """Wait until everybody has had a first look, but no longer than this."""
        try:
            async with asyncio.timeout(seconds):
                await self._all_seen.wait()
        except TimeoutError:
            return

    def proved(self, held: HeldServer) -> None:
        """Hold it."""
        server = self.roster.get(held.endpoint)
        assert server is not None, "whoever leaves the roster is dropped"
        server.standing = Standing.HELD
        server.software, server.protocol = held.proof.software, held.proof.protocol
        self._see(server, server.dialled_ns, None)

    def heard(self, held: HeldServer, line: ReceivedLine) -> None:  # noqa: ARG002
        """Take it for a sign that our network is there."""
        was_lost = self._sight.lost
        spell = self._sight.note_sign(line.received_monotonic_ns)
        if spell is not None:
            self._outbox.spell(spell)
        if spell is not None or was_lost:
            self._redialler.hurry()

    def told(self, held: HeldServer, tip: Tip, line: ReceivedLine, *, first: bool) -> None:
        """Keep the news of a tip."""
        server = self.roster.get(held.endpoint)
        if server is not None:
            server.height = tip.height
        self._outbox.news(held.endpoint, tip, line.received_monotonic_ns, first=first)

    def ended(self, held: HeldServer, failure: Failure) -> None:
        """Dial it again later."""
        server = self.roster.get(held.endpoint)
        assert server is not None, "whoever leaves the roster is dropped"
        self._connections.forget(held.endpoint)
        if held.proof.protocol is None and failure.kind in _HANGS_UP_ON_RANGES:
            server.plain = held.proof.offered_range
        server.held = None
        self._see(server, held.last_ns if held.proven else server.dialled_ns, failure)
        self._away(server, failure, dialling=False)

    def _welcome(self, servers: Iterable[Server]) -> None:
        for server in servers:
            self._unseen.add(server)
            self._redialler.add(server)
        self._note_seen()

    def _let_go(self, server: Server) -> None:
        dialling = server.standing is Standing.DIALLING and server.held is None
        self._connections.remove(server.endpoint)
        self._redialler.remove(server, dialling=dialling)
        self._unseen.discard(server)
        self._note_seen()

    def _dial(self, server: Server) -> None:
        server.standing = Standing.DIALLING
        server.dialled_ns = self._clock.monotonic_ns()
        self._connections.add(server.endpoint, legacy_tls=server.legacy_tls)

    def _hold(self, connection: Connection) -> HeldServer:
        server = self.roster.get(connection.facts.endpoint)
        assert server is not None, "whoever leaves the roster is not dialled any more"
        server.held = HeldServer(
            connection,
            manners=self._manners,
            proof=Proof(self._manners, plain=server.plain, genesis_hash=self._genesis_hash),
            keepalive_s=self._manners.keepalive_s * self._rng.uniform(0.5, 1.0),
            minute_s=self._minute_s,
            clock=self._clock,
            keeper=self,
        )
        self._redialler.connected()
        return server.held

    def _dial_failed(self, endpoint: Endpoint, failure: Failure) -> None:
        server = self.roster.get(endpoint)
        assert server is not None, "whoever leaves the roster is not dialled any more"
        if old_versions_may_help(failure):
            server.legacy_tls = not server.legacy_tls
        self._see(server, server.dialled_ns, failure)
        self._away(server, failure, dialling=True)

    def _see(self, server: Server, began_ns: int, failure: Failure | None) -> None:
        server.look = Look(began_ns=began_ns, ended_ns=self._clock.monotonic_ns(), failure=failure)
        server.failure = failure
        self._unseen.discard(server)
        self._note_seen()

    def _away(self, server: Server, failure: Failure, *, dialling: bool) -> None:
        server.standing = Standing.WAITING
        server.failures += 1
        self._redialler.ended(server, dialling=dialling)
        if failure.stage is Stage.POLICY:  # nothing that waiting would change
            self.roster.remove(server)
            why = failure.kind.replace("_", " ")
            self._observer.left_out(server.endpoint, f"{why}: {failure.detail}".removesuffix(": "))
        else:
            self._redialler.add_again(server)

    def _note_seen(self) -> None:
        if self._unseen:
            self._all_seen.clear()
        else:
            self._all_seen.set()

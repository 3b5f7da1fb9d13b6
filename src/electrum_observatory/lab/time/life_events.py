"""What happens to the servers of a world: hosts stop, nodes take servers down, operators upgrade, names move.

Every event is dated and says why, so that the truth can be told; what a watch sees of it are the times at which a
server is away, and whether its host refuses or is silent then.
"""

import math
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.time.plans import ServerPlan, WorldPlan
from electrum_observatory.lab.time.ranges import RANGES, draw, draw_log

DAY_S, WEEK_S, HOUR_S = 86_400.0, 604_800.0, 3600.0


class Why(StrEnum):
    """Why a server is away."""

    NIGHT = "night"
    SPORADIC = "sporadic"
    NOT_YET = "not_yet"
    GONE = "gone"
    HOST = "host"
    NODE = "node"
    UPGRADE = "upgrade"
    MOVE = "move"


class Pattern(StrEnum):
    """How a server is there."""

    ALWAYS = "always"
    DIURNAL = "diurnal"
    SPORADIC = "sporadic"
    CHURNING = "churning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """A time in which a server does not answer.

    Attributes:
        from_s: World time.
        to_s: World time; where the process is there again.
        why: What happened.
        refuses: Whether the host refuses connections then; otherwise nothing comes back.
    """

    from_s: float
    to_s: float
    why: Why
    refuses: bool


class Change(StrEnum):
    """What of a server changed for good."""

    VERSION = "version"
    KEY = "key"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A dated fact of the truth. A watch's rounds ask for neither: they see the restart, or the silence before it.

    Attributes:
        server_id: Whose.
        at_s: World time.
        change: Of what.
        together: Number of the decision behind it; servers that changed by one decision share it.
    """

    server_id: str
    at_s: float
    change: Change
    together: int


class Events:
    """All events of a world."""

    def __init__(self, plan: WorldPlan) -> None:
        self._plan = plan
        self._seconds = float(plan.seconds)
        self.patterns = {server.server_id: _pattern(plan, server) for server in plan.servers}
        self.hosts = _hosts(plan)
        self.changes: list[Changed] = []
        self.aways: dict[str, list[Away]] = {server.server_id: [] for server in plan.servers}
        self._decisions = 0
        for server in plan.servers:
            self.aways[server.server_id] += self._of_pattern(server)
        self._stop_hosts()
        self._follow_nodes()
        self._upgrade()
        self._rekey()
        self._move()
        self.changes.sort(key=lambda one: (one.at_s, one.server_id))

    def _of_pattern(self, server: ServerPlan) -> Iterator[Away]:
        rng = self._rng("pattern", server.server_id)
        match self.patterns[server.server_id]:
            case Pattern.DIURNAL:
                hours = RANGES["life.diurnal_hours"].draw(rng)
                begins = rng.uniform(0, 24)
                for day in range(-1, math.ceil(self._seconds / DAY_S) + 1):
                    stopped = (24 * day + begins + hours + rng.uniform(-0.5, 0.5)) * HOUR_S
                    back = (24 * (day + 1) + begins + rng.uniform(-0.5, 0.5)) * HOUR_S
                    yield Away(from_s=stopped, to_s=back, why=Why.NIGHT, refuses=False)
            case Pattern.SPORADIC:
                up = draw_log("life.sporadic_up", self._plan.seed, server.server_id)
                down = draw_log("life.sporadic_down", self._plan.seed, server.server_id)
                at = 0.0
                while (at := at + rng.expovariate(1 / (up * HOUR_S))) < self._seconds:
                    back = at + rng.expovariate(1 / (down * HOUR_S)) + 60
                    yield self._away(at, back, Why.SPORADIC, rng)
                    at = back
            case Pattern.CHURNING:
                at, comes = rng.uniform(0.05, 0.95) * self._seconds, rng.random() < 0.5
                span = (-DAY_S, at) if comes else (at, self._seconds + DAY_S)
                yield self._away(*span, Why.NOT_YET if comes else Why.GONE, rng)
            case Pattern.ALWAYS:
                return

    def _stop_hosts(self) -> None:
        for number, servers in enumerate(self.hosts):
            rng = self._rng("host", number)
            rate = RANGES["life.host_stops_per_week"].draw(rng) / WEEK_S
            for at in self._poisson(rate, rng):
                back = at + _log_uniform("life.host_down", rng)
                refuses = rng.random() < draw("life.refuses_share", self._plan.seed)
                for server in servers:
                    away = Away(from_s=at, to_s=back + rng.uniform(5, 60), why=Why.HOST, refuses=refuses)
                    self.aways[server.server_id].append(away)

    def _follow_nodes(self) -> None:
        """Let some servers stop and start together with their node: one service manager starts both."""
        nodes = {node.node_id: node for node in self._plan.nodes}
        for server in self._plan.servers:
            rng = self._rng("with node", server.server_id)
            falls = rng.random() < draw("life.falls_with_node_share", self._plan.seed)
            if falls and len(server.nodes) == 1:
                for restart in nodes[server.nodes[0]].restarts:
                    back = restart.at_s + restart.down_s + rng.uniform(5, 60)
                    away = Away(from_s=restart.at_s + rng.uniform(0, 5), to_s=back, why=Why.NODE, refuses=True)
                    self.aways[server.server_id].append(away)

    def _upgrade(self) -> None:
        rate = draw("life.releases_per_week", self._plan.seed) / WEEK_S
        for number, released in enumerate(self._poisson(rate, self._rng("releases"))):
            for operator, servers in self._by_operator().items():
                rng = self._rng("upgrade", number, operator)
                lag = rng.expovariate(1 / (_log_uniform("life.follows_after", rng) * HOUR_S))
                if rng.random() < draw("life.follows_share", self._plan.seed) and released + lag < self._seconds:
                    self._restart_all(servers, released + lag, Change.VERSION, rng)

    def _rekey(self) -> None:
        rate = draw("life.rekeys_per_week", self._plan.seed) / WEEK_S
        for operator, servers in self._by_operator().items():
            rng = self._rng("new key", operator)
            for at in self._poisson(rate, rng):
                self._restart_all(servers, at, Change.KEY, rng)

    def _restart_all(self, servers: Sequence[ServerPlan], at: float, change: Change, rng: random.Random) -> None:
        """Restart an operator's servers one after the other."""
        self._decisions += 1
        spread = RANGES["life.upgrade_spread"].draw(rng) * HOUR_S
        for server in servers:
            when = at + rng.uniform(0, spread)
            back = when + RANGES["life.upgrade_down"].draw(rng)
            self.aways[server.server_id].append(Away(from_s=when, to_s=back, why=Why.UPGRADE, refuses=True))
            self._note(server, when, change)

    def _move(self) -> None:
        rate = draw("life.moves_per_week", self._plan.seed) / WEEK_S
        for server in self._plan.servers:
            rng = self._rng("move", server.server_id)
            for at in self._poisson(rate, rng):
                back = at + RANGES["life.move_down"].draw(rng)
                self.aways[server.server_id].append(Away(from_s=at, to_s=back, why=Why.MOVE, refuses=False))
                self._decisions += 1
                self._note(server, at, Change.ADDRESS)

    def _note(self, server: ServerPlan, at: float, change: Change) -> None:
        self.changes.append(Changed(server_id=server.server_id, at_s=at, change=change, together=self._decisions))

    def _away(self, from_s: float, to_s: float, why: Why, rng: random.Random) -> Away:
        refuses = rng.random() < draw("life.refuses_share", self._plan.seed)
        return Away(from_s=from_s, to_s=to_s, why=why, refuses=refuses)

    def _poisson(self, rate: float, rng: random.Random) -> Iterator[float]:
        at = 0.0
        while rate and (at := at + rng.expovariate(rate)) < self._seconds:
            yield at

    def _by_operator(self) -> dict[str, list[ServerPlan]]:
        found: dict[str, list[ServerPlan]] = defaultdict(list)
        for server in self._plan.servers:
            found[server.operator].append(server)
        return found

    def _rng(self, *names: object) -> random.Random:
        return stream(self._plan.seed, "life", *names)


def _pattern(plan: WorldPlan, server: ServerPlan) -> Pattern:
    lot = stream(plan.seed, "life", "kind", server.server_id).random()
    for pattern in (Pattern.DIURNAL, Pattern.SPORADIC, Pattern.CHURNING):
        share = draw(f"life.{pattern}_share", plan.seed)
        if lot < share:
            return pattern
        lot -= share
    return Pattern.ALWAYS


def _hosts(plan: WorldPlan) -> tuple[tuple[ServerPlan, ...], ...]:
    """Put some of an operator's servers at one provider onto one host; everybody else has a host of his own."""
    together: dict[object, list[ServerPlan]] = defaultdict(list)
    share = draw("life.shares_host_share", plan.seed)
    for server in plan.servers:
        shares = stream(plan.seed, "life", "host of", server.server_id).random() < share
        key = (server.operator, server.provider) if shares else server.server_id
        together[key].append(server)
    return tuple(tuple(servers) for servers in together.values())


def _log_uniform(name: str, rng: random.Random) -> float:
    found = RANGES[name]
    return float(found.low * (found.high / found.low) ** rng.random())

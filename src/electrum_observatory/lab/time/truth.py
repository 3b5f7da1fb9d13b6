"""What is true of a world in time: who stands on which node, who runs what, and which cases are hard."""

from dataclasses import dataclass
from typing import Any

import msgspec

from electrum_observatory.lab.time.life_events import Changed, Events, Pattern
from electrum_observatory.lab.time.plans import HardKind, NodePlan, WorldPlan

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTruth:
    """One server.

    Attributes:
        server: Its name; also its machine's.
        endpoint: Canonical text.
        backends: The bitcoind behind it; two for a load balancer.
        operator: Who runs it.
        provider: Where it stands.
        implementation: The program.
        version: Of the program.
        personality: The build.
        pattern: How it comes and goes.
    """

    server: str
    endpoint: str
    backends: tuple[str, ...]
    operator: str
    provider: str
    implementation: str
    version: str
    personality: str
    pattern: Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTruth:
    """One hard case: see ``plans.HardKind``."""

    kind: HardKind
    backends: tuple[str, ...]
    servers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeTruth:
    """The whole truth.

    Attributes:
        world: Name of the plan.
        seed: Its chance.
        servers: Every server.
        backends: Every bitcoind, with all that was drawn of it.
        cases: What is hard.
        hosts: Servers that share a host, and so its stops; two and more each.
        changes: New versions, keys and addresses, by time.
    """

    world: str
    seed: int
    servers: tuple[ServerTruth, ...]
    backends: tuple[NodePlan, ...]
    cases: tuple[CaseTruth, ...]
    hosts: tuple[tuple[str, ...], ...]
    changes: tuple[Changed, ...]

    def to_json(self) -> Any:
        """Return it as plain JSON."""
        return {"schema_version": SCHEMA_VERSION, **msgspec.to_builtins(self)}


def truth_of(plan: WorldPlan) -> TimeTruth:
    """Write down what is true of a world."""
    events = Events(plan)
    hosts = tuple(tuple(server.server_id for server in host) for host in events.hosts)
    return TimeTruth(
        world=plan.name,
        seed=plan.seed,
        servers=tuple(
            ServerTruth(
                server=one.server_id,
                endpoint=one.endpoint.canonical,
                backends=one.nodes,
                operator=one.operator,
                provider=one.provider,
                implementation=one.implementation,
                version=one.version,
                personality=one.personality,
                pattern=events.patterns[one.server_id],
            )
            for one in plan.servers
        ),
        backends=plan.nodes,
        cases=tuple(CaseTruth(kind=one.kind, backends=one.nodes, servers=one.servers) for one in plan.hard_cases),
        hosts=tuple(host for host in hosts if len(host) > 1),
        changes=tuple(events.changes),
    )

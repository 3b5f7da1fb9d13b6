"""What is true of a world, for those who check a measurement against it: machines, operators, families, nodes."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from electrum_observatory.lab.certificates import Minted
from electrum_observatory.lab.machines import Machine
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.world import World
from electrum_observatory.lab.world_options import Fault, Modification
from electrum_observatory.model.endpoint import Endpoint, Transport

SCHEMA_VERSION = 1


class Fate(StrEnum):
    """What a visitor of an endpoint meets."""

    ANSWERS = "answers"
    ANSWERS_FOR_ANOTHER_CHAIN = "answers_for_another_chain"
    REFUSES = "refuses"
    DROPS = "drops"
    STAYS_MUTE = "stays_mute"
    SPEAKS_PLAIN_TEXT = "speaks_plain_text"
    SPEAKS_HTTP = "speaks_http"
    RESETS = "resets"
    PLAYS_FOUL = "plays_foul"


_FATES = {
    None: Fate.ANSWERS,
    Fault.SLOW: Fate.ANSWERS,
    Fault.DEAD: Fate.REFUSES,
    Fault.SILENT: Fate.DROPS,
    Fault.MUTE: Fate.STAYS_MUTE,
    Fault.HTTP: Fate.SPEAKS_HTTP,
    Fault.RESET: Fate.RESETS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointTruth:
    """One endpoint that exists.

    Attributes:
        endpoint: Canonical text ``ssl://host:port@address``.
        fate: What a visitor meets.
        announced: Whether its host and port can be learnt from other servers or from its own features.
    """

    endpoint: str
    fate: Fate
    announced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildTruth:
    """Which program a machine really runs, whatever it says.

    Attributes:
        implementation: The program ("electrumx", "romanz_electrs", …).
        version: The version that this build would truthfully call itself.
        checkout: Where it is an unreleased state of the source, the day from which it behaves so (ISO 8601); its
            version is then the label of the release before. None for a release.
    """

    implementation: str
    version: str
    checkout: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineTruth:
    """One machine.

    Attributes:
        machine: Its id in the world.
        operator: Who runs it.
        family: Deployment family, or None.
        node: Id of the bitcoind behind it.
        personality: Program.
        version: None where the personality's default is used.
        build: The program and its version; None for a machine that plays foul.
        balanced: The programs of further servers behind its address, where a load balancer deals out connections.
        modified: How it differs from that program; empty for an honest one.
        certificate_key: Number of its key in the world; equal numbers are equal keys. None without TLS.
        certificate_sha256: Digest of the certificate it shows; None without TLS.
        endpoints: Each of its names and addresses, on each address and port.
        branch: Name of the chain it serves, where that shares only the genesis of its network's; None for the latter.
    """

    machine: str
    operator: str
    family: str | None
    node: str
    personality: str
    version: str | None
    build: BuildTruth | None
    balanced: tuple[BuildTruth, ...]
    modified: tuple[Modification, ...]
    certificate_key: str | None
    certificate_sha256: str | None
    endpoints: tuple[EndpointTruth, ...]
    branch: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The whole truth of a world.

    Attributes:
        world: Its name.
        seed: Its chance.
        machines: Every machine.
        operators: Operator to its machines.
        families: Family to its machines.
        nodes: Node to the machines that stand on it.
        onions: Onion peers that are named and lead nowhere.
    """

    world: str
    seed: int
    machines: tuple[MachineTruth, ...]
    operators: dict[str, tuple[str, ...]]
    families: dict[str, tuple[str, ...]]
    nodes: dict[str, tuple[str, ...]]
    onions: tuple[str, ...]

    def endpoints(self, fate: Fate = Fate.ANSWERS, *, announced_only: bool = True) -> frozenset[str]:
        """Return the canonical endpoints that meet their visitors so."""
        return frozenset(
            one.endpoint
            for machine in self.machines
            for one in machine.endpoints
            if one.fate is fate and (one.announced or not announced_only)
        )

    def to_json(self) -> Any:
        """Return it as plain JSON."""
        return {"schema_version": SCHEMA_VERSION, **msgspec.to_builtins(self)}


def truth_of(world: World) -> Truth:
    """Write down what is true of a world."""
    return Truth(
        world=world.file.name,
        seed=world.seed,
        machines=tuple(
            _machine(machine, world.certificate(machine.machine_id), world.branch_of(machine))
            for machine in world.machines
        ),
        operators=_grouped([(machine.operator, machine) for machine in world.machines]),
        families=_grouped([(machine.family, machine) for machine in world.machines if machine.family]),
        nodes=_grouped([(machine.node, machine) for machine in world.machines]),
        onions=world.onions,
    )


def _machine(machine: Machine, minted: Minted | None, branch: str | None) -> MachineTruth:
    plan = machine.certificate
    return MachineTruth(
        machine=machine.machine_id,
        operator=machine.operator,
        family=machine.family,
        node=machine.node,
        personality=machine.personality,
        version=machine.version,
        build=_build(machine),
        balanced=tuple(build for one in machine.behind[1:] if (build := _build(one)) is not None),
        modified=machine.modified,
        certificate_key=None if plan is None else f"{plan.recipe}/{plan.key}",
        certificate_sha256=None if minted is None else hashlib.sha256(minted.chain[0]).hexdigest(),
        endpoints=tuple(_endpoints(machine)),
        branch=branch,
    )


def _build(machine: Machine) -> BuildTruth | None:
    personality = None if machine.hostile else PERSONALITIES[machine.personality]
    if personality is None:
        return None
    return BuildTruth(
        implementation=personality.implementation,
        version=machine.version or personality.default_version,
        checkout=personality.checkout,
    )


def _endpoints(machine: Machine) -> list[EndpointTruth]:
    found: list[EndpointTruth] = []
    places = [(name, address) for name in machine.names for address in machine.addresses]
    places += [(address, address) for address in machine.addresses]
    for host, address in places:
        for transport, port in machine.ports.items():
            endpoint = Endpoint(host=host, address=address, port=port, transport=transport)
            found.append(
                EndpointTruth(
                    endpoint=endpoint.canonical,
                    fate=_fate(machine, transport),
                    announced=host in machine.announced and _told(machine, transport),
                )
            )
    return found


def _told(machine: Machine, transport: Transport) -> bool:
    """Peer lists carry tcp and ssl ports; WebSocket ports stand in the server's own features only."""
    in_lists = machine.listed and transport in (Transport.TCP, Transport.SSL)
    return in_lists or machine.announce


def _fate(machine: Machine, transport: Transport) -> Fate:
    if machine.hostile and machine.fault is None:
        return Fate.PLAYS_FOUL
    if machine.fault is Fault.PLAIN_ON_SSL:
        return Fate.SPEAKS_PLAIN_TEXT if transport.encrypted else Fate.ANSWERS
    if machine.foreign and machine.fault is None:
        return Fate.ANSWERS_FOR_ANOTHER_CHAIN
    return _FATES[machine.fault]


def _grouped(pairs: list[tuple[str | None, Machine]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for key, machine in pairs:
        if key is not None:
            found.setdefault(key, []).append(machine.machine_id)
    return {key: tuple(machines) for key, machines in sorted(found.items())}

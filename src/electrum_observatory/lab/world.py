"""A world: pure and seeded. Given a file, a seed and a time it says who exists and what each server would know.

Time is in seconds of the world since its start. Nothing here has a clock, a socket or state that a caller could see:
what looks like memory is a cache, and the same question always gets the same answer. The wire rendering
(lab/wire.py) and later a virtual one both stand on this.
"""

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from electrum_observatory.bitcoin.reference import ChainReference
from electrum_observatory.lab import world_file
from electrum_observatory.lab.blocks import Branch
from electrum_observatory.lab.certificates import Minted, mint
from electrum_observatory.lab.chain import SyntheticChain
from electrum_observatory.lab.chance import stream, uniform
from electrum_observatory.lab.gossip import PeerGossip
from electrum_observatory.lab.machines import Machine
from electrum_observatory.lab.mempool import TransactionFlow
from electrum_observatory.lab.nodes import SyntheticNode
from electrum_observatory.lab.operators import build_machines
from electrum_observatory.lab.programs import habits_of
from electrum_observatory.lab.reference import reference_of
from electrum_observatory.lab.starting import LEARNING_S, still_learning
from electrum_observatory.lab.state import PeerState, ServerState
from electrum_observatory.lab.world_file import Latency, WorldFile
from electrum_observatory.model.endpoint import Transport

_AFTER_THE_POLL_S = 0.001
"""So late is a new tip told after the poll that saw it; also more than any rounding of world time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapEntry:
    """One line of the list a scanner starts from."""

    host: str
    port: int
    transport: Transport

    @property
    def line(self) -> str:
        """``host:port:t|s``, as lists have it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        letter = {Transport.TCP: "t", Transport.SSL: "s"}.get(self.transport, self.transport.value)
        return f"{host}:{self.port}:{letter}"


class World:
    """A simulated network.

    Attributes:
        file: What it was built from.
        seed: Its chance.
        start: World time zero, UTC.
        machines: Every machine, in the file's order.
    """

    def __init__(self, file: WorldFile, *, seed: int, start: datetime) -> None:
        """Build it; use :meth:`build` to take seed and start from the file."""
        self.file = file
        self.seed = seed
        self.start = start
        self.machines = build_machines(file, seed=seed, start=start)
        self._by_id: Mapping[str, Machine] = {machine.machine_id: machine for machine in self.machines}
        self._gossip = PeerGossip(self.machines, file.gossip, seed=seed)
        self._chains: dict[tuple[str, Branch | None], tuple[SyntheticChain, TransactionFlow]] = {}
        self._nodes: dict[str, SyntheticNode] = {}
        self._peers: dict[str, tuple[PeerState, ...]] = {}
        self._latest: dict[tuple[str, int], tuple[float, ServerState]] = {}

    @classmethod
    def build(cls, file: WorldFile, *, seed: int | None = None, now: datetime) -> Self:
        """Build the world of a file.

        Args:
            file: The file.
            seed: Instead of the file's own.
            now: The day it starts on where the file names none.

        Raises:
            InputError: An address block is unknown, unreadable or full, or a name pattern does not work.
        """
        start = file.start or now.replace(hour=0, minute=0, second=0, microsecond=0)
        start = start.replace(tzinfo=UTC) if start.tzinfo is None else start.astimezone(UTC)
        return cls(file, seed=file.seed if seed is None else seed, start=start)

    def machine(self, machine_id: str) -> Machine:
        """Return one machine. Raises KeyError."""
        return self._by_id[machine_id]

    def state(self, machine_id: str, at: float, *, backend: int = 0) -> ServerState:
        """Return what the server on a machine knows at a world time: its node as of its last poll, and its settings.

        Where a machine has several servers, ``backend`` counts them.

        Times before the start count as the start, so that programs may have been running for a while.
        """
        machine = self._by_id[machine_id].behind[backend]
        poll, phase = self._poll(machine)
        polled = max(0.0, ((at - phase) // poll) * poll + phase)
        latest = self._latest.get((machine_id, backend))
        if latest is not None and latest[0] == polled:
            return latest[1]
        state = self._state(machine, polled)
        self._latest[machine_id, backend] = (polled, state)
        return state

    def _poll(self, machine: Machine) -> tuple[float, float]:
        """Return the seconds between two polls of a server's bitcoind, and when the first is."""
        poll = habits_of(machine.personality).poll_s
        return poll, poll * uniform(self.seed, "poll", machine.machine_id)

    def _next_tip_at(self, machine: Machine, polled: float) -> float:
        poll, phase = self._poll(machine)
        noticed = math.ceil((self._node(machine.node).next_tip_at(polled) - phase) / poll) * poll + phase
        return noticed + _AFTER_THE_POLL_S

    def _state(self, machine: Machine, polled: float) -> ServerState:
        ports = dict(machine.ports)
        state = ServerState(
            node=self._node(machine.node).state(polled, shelf=machine.machine_id),
            banner=machine.banner,
            donation_address=machine.donation_address,
            hosts=dict.fromkeys(machine.announced, ports) if machine.announce else {},
            peers=self._peers_of(machine),
            local_address=machine.local_address,
            local_ports=ports,
            next_tip_at=self._next_tip_at(machine, polled),
        )
        return still_learning(state) if machine.just_started and polled < LEARNING_S else state

    def _peers_of(self, machine: Machine) -> tuple[PeerState, ...]:
        if machine.machine_id not in self._peers:
            self._peers[machine.machine_id] = self._gossip.known_to(machine)
        return self._peers[machine.machine_id]

    def certificate(self, machine_id: str) -> Minted | None:
        """Return a machine's certificate chain and key; None where it has no TLS port."""
        plan = self._by_id[machine_id].certificate
        return None if plan is None else mint(plan, self.seed)

    def round_trip_s(self, machine_id: str) -> float:
        """Return the path delay in real seconds."""
        if self.file.latency is Latency.NONE:
            return 0.0
        return self._by_id[machine_id].round_trip_ms / 1000

    @functools.cached_property
    def reference(self) -> ChainReference:
        """What is known beforehand of the world's own chain."""
        network = self.file.network
        branches = [
            branch
            for name, policy in sorted(self.file.nodes.items())
            if policy.network in (None, network) and (branch := _branch(name, policy)) is not None
        ]
        others = {branch: self._chain(network, branch)[0] for branch in branches}
        return reference_of(self._chain(network)[0], network, others)

    def branch_of(self, machine: Machine) -> str | None:
        """Return the name of the chain that a machine serves, where it only shares the genesis of its network's."""
        policy_id = machine.node.partition("/")[0]
        policy = self.file.nodes.get(policy_id)
        return policy_id if policy is not None and policy.forks_at is not None else None

    @property
    def onions(self) -> tuple[str, ...]:
        """Onion peers, which exist as names only."""
        return tuple(peer.host for peer in self._gossip.onions)

    @functools.cached_property
    def names(self) -> Mapping[str, tuple[str, ...]]:
        """The world's DNS: every host name with its addresses, names of reverse DNS included."""
        found = {name: machine.addresses for machine in self.machines for name in machine.names}
        for machine in self.machines:
            for address, pointers in machine.pointers.items():
                for pointer in pointers:
                    found.setdefault(pointer, (address,))
        return found

    @functools.cached_property
    def pointers(self) -> Mapping[str, tuple[str, ...]]:
        """The world's reverse DNS."""
        return {address: names for machine in self.machines for address, names in machine.pointers.items()}

    @functools.cached_property
    def bootstrap(self) -> tuple[BootstrapEntry, ...]:
        """Return the healthy machines that everybody knows, drawn by chance, named and listed ones first."""
        healthy = [machine for machine in self.machines if machine.healthy]
        stream(self.seed, "bootstrap").shuffle(healthy)
        healthy.sort(key=lambda machine: (not machine.listed, not machine.names))
        return tuple(
            BootstrapEntry(host=machine.announced[0], port=machine.ports[transport], transport=transport)
            for machine in healthy[: self.file.bootstrap.servers]
            for transport in sorted(machine.ports, key=lambda one: not one.encrypted)[:1]
        )

    @property
    def bootstrap_text(self) -> str:
        """The list a scanner starts from, as lines; the file's own lines come last."""
        return "".join(f"{line}\n" for line in (*(entry.line for entry in self.bootstrap), *self.file.bootstrap.lines))

    def _node(self, node_id: str) -> SyntheticNode:
        if node_id not in self._nodes:
            policy = self.file.nodes.get(node_id.partition("/")[0], world_file.Node())
            network = policy.network or self.file.network
            chain, flow = self._chain(network, _branch(node_id.partition("/")[0], policy))
            self._nodes[node_id] = SyntheticNode(node_id, policy, chain, flow, network=network, seed=self.seed)
        return self._nodes[node_id]

    def _chain(self, network: str, branch: Branch | None = None) -> tuple[SyntheticChain, TransactionFlow]:
        if (network, branch) not in self._chains:
            chain = SyntheticChain(
                network,
                seed=self.seed,
                height=self.file.chain.height,
                interval_s=self.file.chain.block_interval_s,
                start_s=int(self.start.timestamp()),
                exchange=self.file.chain.busiest_history,
                branch=branch,
            )
            self._chains[network, branch] = (chain, TransactionFlow(chain, self.file.mempool, seed=self.seed))
        return self._chains[network, branch]


def _branch(policy_id: str, policy: world_file.Node) -> Branch | None:
    return None if policy.forks_at is None else Branch(name=policy_id, forks_at=policy.forks_at)

"""Who knows whom in a world: the peers that each server would list."""

from collections.abc import Sequence

import numpy as np

from electrum_observatory.lab.chance import draws, marks, stream, uniform
from electrum_observatory.lab.machines import Machine
from electrum_observatory.lab.naming import onion
from electrum_observatory.lab.programs import habits_of
from electrum_observatory.lab.state import PeerState
from electrum_observatory.lab.world_file import Gossip
from electrum_observatory.model.endpoint import Transport

_SPREAD = 0.1
_ONION_PROTOCOL = "1.4.2"
_ONION_TCP_PORT = 50001


class PeerGossip:
    """The peer lists of a world, fixed for its whole life."""

    def __init__(self, machines: Sequence[Machine], settings: Gossip, *, seed: int) -> None:
        self._seed = seed
        self._settings = settings
        listed = [(machine.healthy, peer) for machine in machines if machine.listed for peer in _as_peers(machine)]
        rng = stream(seed, "onions")
        hosts = (*settings.onion_peers, *(onion(rng) for _ in range(settings.onions)))
        self.onions = tuple(_as_onion(host) for host in hosts)
        self._peers = [*(peer for _, peer in listed), *self.onions]
        self._healthy = np.array([*(healthy for healthy, _ in listed), *(True for _ in self.onions)], dtype=bool)
        self._marks = marks(peer.host for peer in self._peers)

    def known_to(self, machine: Machine) -> tuple[PeerState, ...]:
        """Return the peers that one server knows to be good, in a stable order."""
        mean = self._settings.known_share
        spread = min(_SPREAD, mean)
        lean = (uniform(self._seed, "sociable", machine.machine_id) - 0.5) * 2 * spread
        share = mean if mean in (0.0, 1.0) else min(1.0, mean + lean)
        drawn = draws(self._seed, "knows", machine.machine_id, among=self._marks)
        known = drawn < np.where(self._healthy, share, self._settings.stale_share)
        return tuple(self._peers[index] for index in np.flatnonzero(known))


def _as_peers(machine: Machine) -> list[PeerState]:
    tcp, ssl = machine.ports.get(Transport.TCP), machine.ports.get(Transport.SSL)
    if tcp is None and ssl is None:
        return []
    return [
        PeerState(
            host=host,
            address=host if host in machine.addresses else machine.addresses[0],
            protocol_max=habits_of(machine.personality).protocol_max,
            tcp_port=tcp,
            ssl_port=ssl,
        )
        for host in machine.announced
    ]


def _as_onion(host: str) -> PeerState:
    return PeerState(host=host, address=host, protocol_max=_ONION_PROTOCOL, tcp_port=_ONION_TCP_PORT, ssl_port=None)

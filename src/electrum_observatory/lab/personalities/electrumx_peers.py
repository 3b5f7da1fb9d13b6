"""Which peers ElectrumX lists: a random sample, at most two per IPv4 /16 or IPv6 /56, and few onions.

``server/peers.py`` ``on_peers_subscribe`` and ``lib/peer.py`` ``bucket_for_external_interface``, ``real_name``.
"""

import ipaddress
import random
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.lab.state import PeerState
from electrum_observatory.model.endpoint import is_onion
from electrum_observatory.model.observation import Json

_PER_BUCKET = 2
_ONIONS_AT_LEAST = 10


class PeerSampler:
    """One process's view of its peers: their order is that of a Python set, fixed per object and process."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._places: dict[tuple[str, str], float] = {}

    def sample(self, peers: Sequence[PeerState], network: Network) -> Json:
        """Return the result of one ``server.peers.subscribe``; each call draws anew."""
        buckets: dict[str, list[PeerState]] = defaultdict(list)
        onions: list[PeerState] = []
        for peer in peers:
            if is_onion(peer.host):
                onions.append(peer)
            else:
                buckets[_bucket(peer.address)].append(peer)
        chosen: list[PeerState] = []
        for bucket in buckets.values():
            self._rng.shuffle(bucket)
            chosen += bucket[:_PER_BUCKET]
        self._rng.shuffle(onions)
        chosen += onions[: max(_ONIONS_AT_LEAST, len(chosen) // 4)]
        chosen.sort(key=self._place)
        return [_listed(peer, network) for peer in chosen]

    def _place(self, peer: PeerState) -> float:
        return self._places.setdefault((peer.host, peer.address), self._rng.random())


@lru_cache(maxsize=10_000)
def _bucket(address: str) -> str:
    parsed = ipaddress.ip_address(address)
    return str(ipaddress.ip_network((parsed, 16 if parsed.version == 4 else 56), strict=False))


def _listed(peer: PeerState, network: Network) -> Json:
    details = [f"v{peer.protocol_max}"]
    for letter, port, default in (("s", peer.ssl_port, network.ssl_port), ("t", peer.tcp_port, network.tcp_port)):
        if port is not None:
            details.append(letter if port == default else f"{letter}{port}")
    return [peer.address, peer.host, details]

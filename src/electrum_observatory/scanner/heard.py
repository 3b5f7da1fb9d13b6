"""Which rows of peer lists need not be told to the frontier again.

All servers of a network list nearly the same peers. Once eight have named a target and it is on its way, the frontier
takes nothing from a ninth; not even making these statements saves a visit a fifth of its CPU time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.protocol.peers import SERVICES_READ, AdvertisedHost
from electrum_observatory.scanner.discovery.peers_subscribe import peer_sightings
from electrum_observatory.scanner.frontier import Frontier

_REMEMBERED = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one reply says of others.

    Attributes:
        sightings: As far as they may be followed.
        beyond: How many statements more there are, which nobody looked at.
    """

    sightings: list[Sighting]
    beyond: int


class Heard:
    """Leaves out what the frontier has heard often enough."""

    def __init__(self, frontier: Frontier, network: Network, *, most: int) -> None:
        """Take whom it is told, and how many statements of one list are looked at."""
        self._frontier = frontier
        self._network = network
        self._most = most
        # By identity: equal rows are one object (see PeerRows), and it lives as long as it stands here.
        self._enough: dict[int, AdvertisedHost] = {}

    def news(self, peers: Sequence[AdvertisedHost], *, told_by: str, seen_at_us: int | None) -> Told:
        """Return what a list says that may still be news; of a longer list its beginning, whether it is news or not."""
        news: list[Sighting] = []
        beyond = 0
        enough = () if self._is_longer(peers) else self._enough
        for peer in [peer for peer in peers if id(peer) not in enough]:
            if len(news) >= self._most:
                beyond += len(peer.services) or 2
                continue
            told = list(peer_sightings(peer, network=self._network, told_by=told_by, seen_at_us=seen_at_us))
            news += told
            if all(map(self._frontier.has_heard_enough, told)):
                self._remember(peer)
        return Told(sightings=news, beyond=beyond)

    def _is_longer(self, peers: Sequence[AdvertisedHost]) -> bool:
        """Whether a list makes more statements than are looked at; of a short one they need not be counted."""
        if len(peers) * SERVICES_READ <= self._most:
            return False
        services = [peer.services for peer in peers]
        return sum(map(len, services)) + 2 * services.count(()) > self._most

    def _remember(self, peer: AdvertisedHost) -> None:
        if len(self._enough) >= _REMEMBERED:
            self._enough.clear()
        self._enough[id(peer)] = peer

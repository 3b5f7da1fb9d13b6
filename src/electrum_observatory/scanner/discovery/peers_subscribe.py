"""What a server says of others: its peer list, turned into sightings. Hearsay, stale by hours or days."""

from collections.abc import Iterator, Mapping

from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.observation import Json
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.protocol.peers import AdvertisedHost, AdvertisedService
from electrum_observatory.scanner.discovery.base import default_port, default_services

ID = "peers_subscribe"


def peers_sightings(
    result: Mapping[str, Json], *, network: Network, told_by: str, seen_at_us: int | None
) -> Iterator[Sighting]:
    """Read the stored result of the ``peers`` probe."""
    for peer in result["peers"]:
        read = AdvertisedHost(
            host=peer["host"],
            address=peer["address"],
            services=tuple(
                AdvertisedService(transport=Transport(one["transport"]), port=one["port"]) for one in peer["services"]
            ),
            protocol_max=peer["protocol_max"],
        )
        yield from peer_sightings(read, network=network, told_by=told_by, seen_at_us=seen_at_us)


def peer_sightings(
    peer: AdvertisedHost, *, network: Network, told_by: str, seen_at_us: int | None
) -> Iterator[Sighting]:
    """Return what one row says.

    A bare ``s`` or ``t`` means the network's default port; a host without any service is tried on both default ports.
    """
    services = [(one.transport, one.port) for one in peer.services]
    for transport, port in services or [(transport, None) for transport, _ in default_services(network)]:
        meant = port or default_port(network, transport)
        if meant is not None:
            yield Sighting(
                host=peer.host,
                port=meant,
                transport=transport,
                source=ID,
                told_by=told_by,
                address_claimed=peer.address,
                protocol_claimed=peer.protocol_max,
                assumed_port=port is None,
                seen_at_us=seen_at_us,
            )

"""The hosts that a server says it goes by itself, turned into sightings."""

from collections.abc import Iterator, Mapping

from electrum_observatory.model.observation import Json
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.protocol.peers import claim, read_features_hosts

ID = "features_hosts"


def features_sightings(result: Mapping[str, Json], *, told_by: str, seen_at_us: int | None) -> Iterator[Sighting]:
    """Read the stored result of the ``features`` probe.

    A host without a port announces that it is not to be reached there, so no default port is tried. Private addresses
    are several programs' default and no deceit; the address policy refuses them later.
    """
    protocol = claim(result["protocol_max"] or "")
    for host in read_features_hosts(result["hosts"]):
        for service in host.services:
            if service.port is not None:
                yield Sighting(
                    host=host.host,
                    port=service.port,
                    transport=service.transport,
                    source=ID,
                    told_by=told_by,
                    address_claimed=host.address,
                    protocol_claimed=protocol,
                    seen_at_us=seen_at_us,
                )

"""What a visit told of other servers, and whether it is to be believed that far."""

from collections.abc import Iterator, Mapping, Sequence

from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.model.observation import Json, Observation
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.scanner.discovery.features_hosts import features_sightings
from electrum_observatory.scanner.discovery.peers_subscribe import peers_sightings
from electrum_observatory.scanner.probes.features import FeaturesProbe
from electrum_observatory.scanner.probes.genesis import GenesisProbe
from electrum_observatory.scanner.probes.peers import PeersProbe


def completed(observations: Sequence[Observation], probe: str) -> Mapping[str, Json] | None:
    """Return the result of a probe, or None where it did not complete."""
    return next((one.attempt.result for one in observations if one.probe == probe), None)


def genesis_of(observations: Sequence[Observation]) -> str | None:
    """Return the genesis block the visit computed, or else the one the server claimed; None where neither is known."""
    computed = completed(observations, GenesisProbe.id)
    if computed is not None and computed["block_hash"] is not None:
        return str(computed["block_hash"])
    claimed = completed(observations, FeaturesProbe.id)
    return None if claimed is None or claimed["genesis_hash"] is None else str(claimed["genesis_hash"])


def sightings_of(observations: Sequence[Observation], network: Network) -> Iterator[list[Sighting]]:
    """Yield what was told, one list per reply. The peers of another chain's server are no servers of this one."""
    if genesis_of(observations) not in (None, network.genesis_hash):
        return
    for one in observations:
        if one.attempt.result is None:
            continue
        told_by, seen_at_us, result = one.endpoint.endpoint_id, one.started_at_us, one.attempt.result
        if one.probe == PeersProbe.id:
            yield list(peers_sightings(result, network=network, told_by=told_by, seen_at_us=seen_at_us))
        elif one.probe == FeaturesProbe.id:
            yield list(features_sightings(result, told_by=told_by, seen_at_us=seen_at_us))

"""What a visit told of other servers, and whether it is to be believed that far."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from electrum_observatory.bitcoin.genesis import GenesisState, judge_genesis
from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.model.json_object import JsonObject
from electrum_observatory.model.observation import Json, Observation
from electrum_observatory.protocol.peers import MOST_READ
from electrum_observatory.scanner.discovery.features_hosts import features_sightings
from electrum_observatory.scanner.discovery.peers_subscribe import peers_sightings
from electrum_observatory.scanner.heard import Heard, Told
from electrum_observatory.scanner.probes.features import FeaturesProbe
from electrum_observatory.scanner.probes.genesis import GenesisProbe
from electrum_observatory.scanner.probes.peers import PeersProbe, PeersResult
from electrum_observatory.scanner.reading import text_in

_TELLERS = (PeersProbe.id, FeaturesProbe.id)


def completed(observations: Sequence[Observation], probe: str) -> Mapping[str, Json] | None:
    """Return the result of a probe, or None where it did not complete."""
    return next((one.attempt.result for one in observations if one.probe == probe), None)


def chain_of(observations: Sequence[Observation], network: Network) -> GenesisState:
    """Judge the chain that a visited endpoint serves, by the rule that the tables follow as well."""
    computed = completed(observations, GenesisProbe.id) or {}
    claimed = completed(observations, FeaturesProbe.id) or {}
    return judge_genesis(text_in(computed, "block_hash"), text_in(claimed, "genesis_hash"), network)


def sightings_of(observations: Sequence[Observation], network: Network, heard: Heard | None = None) -> Iterator[Told]:
    """Yield what was told, reply by reply, without what ``heard`` knows to be no news.

    The peers of another chain's server are no servers of this one.
    """
    if not observations or chain_of(observations, network) is GenesisState.OTHER:
        return
    told_by = observations[0].endpoint.endpoint_id
    for one in observations:
        result = one.attempt.result
        if result is None or one.probe not in _TELLERS:
            continue
        seen_at_us = one.started_at_us
        if heard is not None and type(result) is JsonObject and isinstance(result.of, PeersResult):
            told = heard.news(result.of.peers, told_by=told_by, seen_at_us=seen_at_us)
            unread = _unread(result.of.rows)
            yield replace(told, beyond=told.beyond + unread) if unread else told
        elif one.probe == PeersProbe.id:
            sightings = list(peers_sightings(result, network=network, told_by=told_by, seen_at_us=seen_at_us))
            yield Told(sightings=sightings, beyond=_unread(result["rows"]))
        else:
            sightings = list(features_sightings(result, told_by=told_by, seen_at_us=seen_at_us))
            hosts = result["hosts"]
            yield Told(sightings=sightings, beyond=_unread(len(hosts)) if isinstance(hosts, Mapping) else 0)


def _unread(sent: int) -> int:
    return max(0, sent - MOST_READ)

"""A whole campaign over real servers, through the real engine into the real store."""

from pathlib import Path

import pytest

from electrum_observatory.model.attempt import AttemptStatus
from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.scanner.discovery import features_hosts
from electrum_observatory.scanner.probes.registry import PROBE_IDS
from electrum_observatory.scanner.progress import ScanOutcome
from electrum_observatory.store.reader import StoreReader
from tests.servers.electrumx import REPORTED_HOST, REPORTS_SERVICES, SSL_PORT, TCP_PORT, ElectrumX
from tests.servers.visits import TRANSPORTS, endpoint_of


@pytest.fixture
def expected_endpoints(electrumx_servers: dict[str, ElectrumX]) -> set[Endpoint]:
    """What was named, and the two that one server advertises under its name."""
    address = electrumx_servers[REPORTS_SERVICES].address
    named = {endpoint_of(server, transport) for server in electrumx_servers.values() for transport in TRANSPORTS}
    advertised = {
        Endpoint(host=REPORTED_HOST, address=address, port=TCP_PORT, transport=Transport.TCP),
        Endpoint(host=REPORTED_HOST, address=address, port=SSL_PORT, transport=Transport.SSL),
    }
    return named | advertised


def test_a_campaign_over_real_servers_completes_without_a_failure(
    finished: tuple[ScanOutcome, Path], expected_endpoints: set[Endpoint]
) -> None:
    outcome, _ = finished

    failed = {name: count for name, count in outcome.counts.items() if name.startswith("failed") and count}
    assert outcome.state is CampaignState.COMPLETE
    assert outcome.source_errors == ()
    assert failed == {}
    assert outcome.counts["endpoints"] == outcome.counts["answered"] == len(expected_endpoints)
    assert outcome.counts["verified"] == len(expected_endpoints)


def test_the_store_has_every_probe_of_every_endpoint(
    finished: tuple[ScanOutcome, Path], expected_endpoints: set[Endpoint]
) -> None:
    _, data_dir = finished

    with StoreReader.open(data_dir) as reader:
        stored = reader.campaign("latest")
        observations = list(reader.observations(stored.campaign.campaign_id))

    assert stored.seal is not None
    assert {one.endpoint for one in observations} == expected_endpoints
    assert len(observations) == len(expected_endpoints) * (1 + len(PROBE_IDS))
    assert [one for one in observations if one.attempt.status is AttemptStatus.FAILED] == []
    # For want of TLS; and what the negotiated protocol lacks: the relay fee from 1.6 on, the mempool's limits before.
    assert {one.probe for one in observations if one.attempt.status is AttemptStatus.NOT_APPLICABLE} == {
        "tls_certificate",
        "relay_fee",
        "mempool_info",
    }


def test_the_store_gives_back_the_certificates_byte_for_byte(
    finished: tuple[ScanOutcome, Path], electrumx_servers: dict[str, ElectrumX]
) -> None:
    _, data_dir = finished

    with StoreReader.open(data_dir) as reader:
        campaign_id = reader.campaign("latest").campaign.campaign_id
        kept = {
            witness.data
            for one in reader.observations(campaign_id, probes=["tls_certificate"], with_witnesses=True)
            for witness in one.witnesses
        }

    assert kept == {server.certificate.der for server in electrumx_servers.values()}


def test_what_a_server_advertises_of_itself_is_found_and_visited(
    finished: tuple[ScanOutcome, Path], electrumx_servers: dict[str, ElectrumX]
) -> None:
    _, data_dir = finished

    with StoreReader.open(data_dir) as reader:
        sightings = list(reader.sightings(reader.campaign("latest").campaign.campaign_id))

    tellers = {endpoint_of(electrumx_servers[REPORTS_SERVICES], one).endpoint_id for one in TRANSPORTS}
    told = [one for one in sightings if one.source == features_hosts.ID]
    assert {(one.host, one.port, one.transport) for one in told} == {
        (REPORTED_HOST, TCP_PORT, Transport.TCP),
        (REPORTED_HOST, SSL_PORT, Transport.SSL),
    }
    assert tellers <= {one.told_by for one in told}

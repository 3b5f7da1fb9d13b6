import pytest

from electrum_observatory.datasets.facts import gather
from electrum_observatory.datasets.genesis import GenesisState
from electrum_observatory.datasets.servers import build
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.place import Place
from tests.factories import (
    GENESIS,
    make_campaign,
    make_endpoint,
    make_failed_observation,
    make_observation,
    make_visit,
)
from tests.unit.report.campaigns import Places


def row_of(*observations, places=None):
    [row] = build(gather(make_campaign(), None, observations, ()), places or Places())
    return row


def test_an_endpoint_that_answered():
    row = row_of(
        *make_visit(),
        make_observation("latency", {"pings_ms": [30.0, 31.0, 90.0], "min_ms": 30.0, "median_ms": 31.0}),
        make_observation("chain_tip", {"height": 900_000, "block_hash": "00" * 32, "timestamp": 1, "error": None}),
        make_observation("tls_certificate", {"sha256": "ab" * 32, "spki_sha256": "cd" * 32}),
        places=Places({"5.9.1.2": Place(country="DE", asn=24940, org="Hetzner Online GmbH", source="test 2026")}),
    )

    assert row.endpoint_id == make_endpoint().endpoint_id
    assert (row.reachable, row.answered, row.genesis) == (True, True, GenesisState.VERIFIED)
    assert (row.software, row.protocol, row.ping_median_ms, row.tip_height) == (
        "ElectrumX 1.16.0",
        "1.4.2",
        31.0,
        900_000,
    )
    assert (row.certificate_sha256, row.certificate_spki_sha256) == ("ab" * 32, "cd" * 32)
    assert (row.country, row.asn, row.place_source) == ("DE", 24940, "test 2026")
    assert row.failure_kind is None


def test_an_endpoint_that_did_not_answer_names_step_kind_and_side():
    row = row_of(make_failed_observation(detail="no route"))

    assert (row.reachable, row.answered) == (False, False)
    assert (row.failure_stage, row.failure_kind, row.failure_side) == ("connect", "connect_refused", "theirs")
    assert row.failure_detail == "no route"
    assert row.software is None


def test_no_donation_address_and_an_empty_one_are_different_facts():
    absent = make_observation("donation_address", {"address": None, "error": None})
    empty = make_observation("donation_address", {"address": "", "error": None})

    assert row_of(absent).donation_address is None
    assert row_of(empty).donation_address == ""


@pytest.mark.parametrize(
    ("hashed", "claimed", "state"),
    [
        (GENESIS, None, GenesisState.VERIFIED),
        (GENESIS, GENESIS, GenesisState.VERIFIED),
        (None, GENESIS, GenesisState.CLAIMED),
        (None, None, GenesisState.UNKNOWN),
        ("00" * 32, GENESIS, GenesisState.OTHER),
        (GENESIS, "00" * 32, GenesisState.OTHER),
    ],
)
def test_the_chain_is_verified_only_by_hashing_block_0(hashed, claimed, state):
    row = row_of(
        make_observation("genesis", {"block_hash": hashed, "error": None}),
        make_observation("features", {"genesis_hash": claimed, "error": None}),
    )

    assert row.genesis is state


def test_an_error_reply_is_an_answer():
    error = {"code": -32601, "message": "unknown method", "bare_string": False}

    row = row_of(*make_visit(), make_observation("relay_fee", {"btc_per_kvb": None, "text": None, "error": error}))

    assert row.answered_with_error == ("relay_fee",)
    assert row.failed_probes == ()
    assert row.relay_fee_btc_per_kvb is None


def test_histograms_that_were_spelled_differently_have_different_digests():
    spaced = {"bins": [[1.0, 100]], "texts": ["1.0"], "total_vsize": 100}
    compact = {"bins": [[1, 100]], "texts": ["1"], "total_vsize": 100}

    first, second = (row_of(make_observation("fee_histogram", result)) for result in (spaced, compact))

    assert first.fee_histogram_digest != second.fee_histogram_digest
    assert first.fee_histogram_bins == 1


def test_an_empty_mempool_is_no_bins_and_not_unknown():
    row = row_of(make_observation("fee_histogram", {"bins": [], "texts": [], "total_vsize": 0}))

    assert (row.fee_histogram_bins, row.fee_histogram_vsize) == (0, 0)


@pytest.mark.parametrize("host", ["203.0.113.7", "2001:db8::7"])
def test_an_address_literal_that_was_never_resolved_still_has_its_address(host):
    row = row_of(make_observation(endpoint=make_endpoint(host=host, address=None)))

    assert row.address == host


def test_an_onion_has_no_place():
    onion = make_endpoint(host="a" * 56 + ".onion", address=None, port=50001, transport=Transport.TCP)

    row = row_of(*make_visit(onion), places=Places(default=Place(country="DE")))

    assert (row.address, row.country) == (None, None)


def test_members_of_another_type_than_documented_count_as_absent():
    row = row_of(make_observation("server_version", {"software": 7, "protocol": ["1.4"], "retried_plain": "no"}))

    assert (row.software, row.protocol, row.retried_plain) == (None, None, None)

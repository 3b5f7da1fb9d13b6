from electrum_observatory.datasets import failures, fingerprints, sightings, tls
from electrum_observatory.datasets.facts import gather
from electrum_observatory.model.failure import FailureKind, Stage
from tests.factories import (
    make_campaign,
    make_connection_result,
    make_endpoint,
    make_failed_observation,
    make_observation,
    make_sighting,
    make_visit,
)
from tests.unit.report.campaigns import Places

SILENT = make_endpoint(host="silent.example.org", address="5.9.1.3")


def facts_of(*observations, seen=()):
    return gather(make_campaign(), None, observations, seen)


def test_tls_has_a_row_only_where_a_certificate_was_shown():
    shown = make_observation("tls_certificate", {"sha256": "ab" * 32, "san_dns": ["a.example", "b.example"]})

    [row] = tls.build(facts_of(*make_visit(), shown, make_failed_observation(endpoint=SILENT)), Places())

    assert (row.certificate_sha256, row.san_dns, row.issuer) == ("ab" * 32, ("a.example", "b.example"), None)


def test_fingerprints_have_a_row_per_endpoint_that_answered_and_say_not_asked():
    [row] = fingerprints.build(facts_of(*make_visit(), make_failed_observation(endpoint=SILENT)), Places())

    assert row.endpoint_id == make_endpoint().endpoint_id
    assert row.balance_response is None
    assert row.fingerprint_hash is None


def test_sightings_name_the_teller_and_whether_the_told_one_answered():
    teller = make_endpoint(host="teller.example.org", address="5.9.1.9")
    told = make_sighting(source="peers_subscribe", told_by=teller.endpoint_id)
    silent = make_sighting(host="silent.example.org")

    first, second = sightings.build(facts_of(*make_visit(), *make_visit(teller), seen=(told, silent)), Places())

    assert (first.told_by_host, first.answered) == ("teller.example.org", True)
    assert (second.told_by_host, second.answered) == (None, False)


def test_failures_tell_the_one_that_kept_an_endpoint_from_answering_from_the_rest():
    banner = make_failed_observation("banner", Stage.REQUEST, FailureKind.READ_TIMEOUT)
    handshake = make_failed_observation("server_version", Stage.NEGOTIATE, FailureKind.EOF, endpoint=SILENT)
    connection = make_observation("connection", make_connection_result(), endpoint=SILENT)

    rows = failures.build(facts_of(*make_visit(), banner, connection, handshake), Places())

    assert [(row.probe, row.side, row.kept_from_answering) for row in rows] == [
        ("banner", "theirs", False),
        ("server_version", "theirs", True),
    ]

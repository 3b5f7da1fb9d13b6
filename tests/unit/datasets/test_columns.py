"""Every column can be filled: a column that reads a member by a wrong name or as a wrong type is always empty."""

import json
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest

from electrum_observatory.datasets.load import load
from electrum_observatory.datasets.registry import DATASETS
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.place import Place
from tests.factories import (
    make_campaign,
    make_endpoint,
    make_failed_observation,
    make_observation,
    make_seal,
    make_sighting,
)
from tests.unit.report.campaigns import Places, Stored, hostile_campaign, network_campaign

SCHEMAS = Path(__file__).parents[3] / "schemas" / "probes"
READ_OFF_CONVERSATIONS = {
    "balance_response",
    "history_response",
    "rate_limit_triggered",
    "malformed_response",
    "fingerprint_hash",
    "fingerprint_coverage",
    "operator_hash",
    "implementation",
    "version_min",
    "version_max",
    "builds",
    "claimed",
    "confidence",
    "contradictions",
    "decided_by",
}
"""``report.tables`` joins them."""
PLACE = Place(
    country="DE",
    city="Falkenstein",
    latitude=50.5,
    longitude=12.4,
    asn=24940,
    org="Hetzner Online GmbH",
    cloud_provider="Hetzner",
    source="a test table of 2026-06",
)


def plausible():
    """A network, and what none of its servers says: pruning, a mempool, a curve, who told of whom."""
    [teller, *further] = list(network_campaign(machines=12)[0].observations("latest"))
    rare = make_endpoint(host="rare.example.org", address="5.9.1.8")
    seen = {
        "features": {"pruning": 1000},
        "donation_address": {"address": "bc1qdonate", "error": None},
        "mempool_info": {"fields": {"mempoolminfee": 0.00001}, "error": None},
        "reverse_dns": {"names": ["a.example"], "forward_confirmed": ["a.example"]},
        "tls_certificate": {
            "sha256": "ab" * 32,
            "san_ip": ["5.9.1.8"],
            "curve": "secp256r1",
            "is_ca": False,
            "warnings": ["a serial number of zero"],
        },
    }
    rare_visit = [make_observation(probe, result, endpoint=rare) for probe, result in seen.items()]
    broken = make_failed_observation("banner", Stage.REQUEST, FailureKind.READ_TIMEOUT, "no line", endpoint=rare)
    silent = make_failed_observation(detail="refused", endpoint=make_endpoint(address="5.9.1.9"))
    told = make_sighting(
        told_by=teller.endpoint.endpoint_id, address_claimed="5.9.1.8", protocol_claimed="1.4.2", assumed_port=True
    )
    observations = [teller, *further, *rare_visit, broken, silent]
    return load(Stored([(make_campaign(), make_seal(), observations, [told])]), "latest")


@pytest.mark.parametrize("make", [network_campaign, hostile_campaign])
def test_the_results_that_tables_are_tested_with_are_such_as_the_probes_make(make):
    results = {seen.probe: seen.attempt.result for seen in make()[0].observations("latest") if seen.attempt.result}

    for probe, result in results.items():
        schema = json.loads((SCHEMAS / f"{probe}.json").read_text(encoding="utf-8"))
        jsonschema.validate(json.loads(json.dumps(result)), schema)


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.id)
def test_every_column_is_filled_by_some_plausible_observation(dataset):
    rows = dataset.build(plausible(), Places(default=PLACE))

    filled = {field.name for field in fields(dataset.row_type) for row in rows if _told(getattr(row, field.name))}

    assert {field.name for field in fields(dataset.row_type)} - filled - READ_OFF_CONVERSATIONS == set()


def _told(value):
    return value is not None and value not in ((), "")

import csv
import unicodedata

import pytest

from electrum_observatory.report.tables import FINGERPRINTS_PROMISED, SERVERS_PROMISED, TLS_PROMISED, write_tables
from tests.factories import CAMPAIGN_ID, make_endpoint
from tests.unit.report.campaigns import Places, empty_campaign, hostile_campaign, network_campaign, silent_campaign

PROMISED = [
    "ip",
    "port",
    "ssl",
    "reachable",
    "latency_ms",
    "banner",
    "protocol_version",
    "server_version",
    "certificate_sha256",
    "issuer",
    "valid_from",
    "valid_to",
    "san_dns",
    "balance_response",
    "history_response",
    "rate_limit_triggered",
    "malformed_response",
    "timing_variance",
    "fingerprint_hash",
    "country",
    "city",
    "asn",
    "org",
    "cloud_provider",
    "honeypot_score",
    "cluster_id",
    "notes",
]


def read(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return rows[0], [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_the_promised_columns_come_first_in_the_promised_order(tmp_path):
    write_tables(empty_campaign(), CAMPAIGN_ID, tmp_path, Places())

    assert list(SERVERS_PROMISED) == PROMISED
    for name, promised in (
        ("servers", SERVERS_PROMISED),
        ("tls", TLS_PROMISED),
        ("fingerprints", FINGERPRINTS_PROMISED),
    ):
        columns, rows = read(tmp_path, name)
        assert tuple(columns[: len(promised)]) == promised
        assert {"machine_id", "endpoint_id", "campaign_id"} <= set(columns[len(promised) :])
        assert rows == []


def test_there_is_one_row_per_endpoint_and_it_names_its_machine(tmp_path):
    stored, places = network_campaign(machines=20)

    write_tables(stored, CAMPAIGN_ID, tmp_path, places)

    _, rows = read(tmp_path, "servers")
    endpoints = {observation.endpoint.endpoint_id for observation in stored.observations(CAMPAIGN_ID)}
    assert {row["endpoint_id"] for row in rows} == endpoints
    assert len(rows) == len(endpoints)
    assert len({row["machine_id"] for row in rows}) == 20


def test_an_answering_endpoint_fills_the_columns_of_facts_and_leaves_the_others_empty(tmp_path):
    stored, places = network_campaign(machines=20)

    write_tables(stored, CAMPAIGN_ID, tmp_path, places)

    _, rows = read(tmp_path, "servers")
    row = next(row for row in rows if row["reachable"] == "true" and row["ssl"] == "true")
    for column in ("ip", "latency_ms", "banner", "protocol_version", "server_version", "issuer", "valid_to", "country"):
        assert row[column] != ""
    for column in ("balance_response", "honeypot_score", "cluster_id", "notes"):
        assert row[column] == ""
    assert row["first_observed_at"].endswith("Z")
    assert float(row["latitude"]) < 90


def test_a_silent_endpoint_has_a_row_that_says_why(tmp_path):
    write_tables(silent_campaign(), CAMPAIGN_ID, tmp_path, Places())

    _, [row] = read(tmp_path, "servers")
    assert (row["ip"], row["reachable"], row["notes"]) == (
        make_endpoint().address,
        "false",
        "no answer: connect/connect_refused",
    )
    assert read(tmp_path, "fingerprints")[1] == []


@pytest.mark.parametrize("name", ["servers", "tls", "fingerprints", "sightings", "failures"])
def test_hostile_text_is_inert_in_every_cell_of_every_file(tmp_path, name):
    stored, places = hostile_campaign()

    write_tables(stored, CAMPAIGN_ID, tmp_path, places)

    raw = (tmp_path / f"{name}.csv").read_text(encoding="utf-8")
    assert {c for c in raw if unicodedata.category(c) in ("Cc", "Cf", "Cs")} == {"\n"}
    columns, rows = read(tmp_path, name)
    assert rows
    for row in rows:
        for column in set(columns) - {"latitude", "longitude"}:
            for part in row[column].replace("|", ";").split(";"):
                assert part.strip()[:1] not in set("=+-@"), column


def test_numbers_keep_their_sign(tmp_path):
    stored, places = hostile_campaign()

    write_tables(stored, CAMPAIGN_ID, tmp_path, places)

    assert read(tmp_path, "servers")[1][0]["longitude"] == "-77.4"


def test_writing_again_replaces_the_files_and_leaves_nothing_else(tmp_path):
    stored, places = network_campaign(machines=5)

    first = write_tables(stored, CAMPAIGN_ID, tmp_path, places)
    second = write_tables(stored, CAMPAIGN_ID, tmp_path, places)

    assert first == second
    assert sorted(tmp_path.iterdir()) == sorted(first)

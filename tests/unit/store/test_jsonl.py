"""The JSONL scan format: what anybody may write by hand, and our own export there and back."""

import base64
import functools
import io
import json
from pathlib import Path

import pytest

from electrum_observatory.model.attempt import AttemptStatus
from electrum_observatory.model.campaign import CampaignKind, CampaignState
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.errors import InputError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Observation
from electrum_observatory.store.exports.jsonl import export_jsonl
from electrum_observatory.store.importers.campaigns import Importer
from electrum_observatory.store.importers.jsonl import import_jsonl
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.reader import StoreReader
from tests.factories import (
    CAMPAIGN_ID,
    STARTED_AT_US,
    make_connection_result,
    make_endpoint,
    make_failed_observation,
    make_observation,
    make_seal,
    make_sighting,
    make_visit,
    make_witness,
)
from tests.unit.store.clock import StillClock

HEADER = '{"format":"electrum-observatory-scan","version":1}'
IMPORTER = Importer(now_us=STARTED_AT_US, nonce="ab12cd", tool_version="0.1.0")
BAD_PEER = {"host": "a.b", "services": [{"transport": "tcp", "port": 0}]}
DEEP = functools.reduce(lambda inner, _: {"a": inner}, range(600), "\ud800")
DER = base64.b64encode(b"not a certificate").decode()


def _read(tmp_path: Path, *lines: object) -> list[Observation]:
    data_dir = _import(tmp_path, *lines)
    with StoreReader.open(data_dir) as reader:
        return list(reader.observations(reader.campaign().campaign.campaign_id, with_witnesses=True))


def _import(tmp_path: Path, *lines: object, header: str = HEADER) -> Path:
    path = tmp_path / "scan.jsonl"
    spelled = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join([header, *spelled]) + "\n")
    with LiveStore.open(tmp_path / "data", StillClock()) as store:
        import_jsonl(store, path, IMPORTER)
    return tmp_path / "data"


def _refusal(tmp_path: Path, *lines: object, header: str = HEADER) -> str:
    with pytest.raises(InputError) as refused:
        _import(tmp_path, *lines, header=header)
    with StoreReader.open(tmp_path / "data") as reader:
        assert reader.campaigns() == []
    assert "\n" not in str(refused.value)
    return str(refused.value).removeprefix(f"{tmp_path / 'scan.jsonl'} ")


SIMPLE = {"host": "Electrum.Example.ORG.", "port": 50002, "transport": "ssl"}


def test_a_line_by_hand_becomes_what_our_probes_would_have_stored(tmp_path: Path) -> None:
    line = SIMPLE | {
        "address": "5.9.1.2",
        "time": "2026-11-01T10:00:00+01:00",
        "server_version": "Fulcrum 2.0.0",
        "protocol": "1.6",
        "features": {"genesis_hash": "00" * 32, "hosts": {}, "surprise": [1]},
        "banner": "hello",
        "donation_address": "",
        "latency_ms": 12.5,
        "certificate": {"sha256": "AB" * 32, "issuer_cn": "Me"},
    }

    seen = {one.probe: one for one in _read(tmp_path, line)}

    results = {probe: one.attempt.result for probe, one in seen.items()}
    assert set(seen["connection"].attempt.result) == set(make_connection_result())
    assert {one.endpoint for one in seen.values()} == {make_endpoint(address="5.9.1.2")}
    assert {one.started_at_us for one in seen.values()} == {1_793_523_600_000_000}
    assert results["server_version"]["software"] == "Fulcrum 2.0.0"
    assert results["server_version"]["protocol"] == "1.6"
    assert results["features"]["genesis_hash"] == "00" * 32
    assert results["features"]["keys"] == ["genesis_hash", "hosts", "surprise"]
    assert results["features"]["raw"]["surprise"] == [1]
    assert results["banner"] == {"text": "hello", "error": None}
    assert results["donation_address"] == {"address": "", "error": None}
    assert results["latency"] == {"pings_ms": [12.5], "min_ms": 12.5, "median_ms": 12.5}
    assert results["tls_certificate"]["sha256"] == "ab" * 32
    assert results["tls_certificate"]["issuer_cn"] == "Me"
    assert results["tls_certificate"]["self_signed"] is None


def test_missing_and_null_mean_not_known(tmp_path: Path) -> None:
    assert _read(tmp_path, SIMPLE | {"banner": None, "failure": None}) == []


@pytest.mark.parametrize(
    ("written", "stage", "kind", "detail"),
    [
        ("connect_refused", Stage.CONNECT, FailureKind.CONNECT_REFUSED, ""),
        ("it was raining", Stage.CONNECT, FailureKind.UNKNOWN, "it was raining"),
        ({"stage": "tls", "kind": "eof", "detail": "x"}, Stage.TLS, FailureKind.EOF, "x"),
    ],
)
def test_a_failure_by_hand(tmp_path: Path, written: object, stage: Stage, kind: FailureKind, detail: str) -> None:
    (seen,) = _read(tmp_path, SIMPLE | {"failure": written})

    assert (seen.probe, seen.attempt.status) == ("connection", AttemptStatus.FAILED)
    failure = seen.attempt.failure
    assert (failure.stage, failure.kind, failure.detail) == (stage, kind, detail)


def test_raw_replies_are_witnesses_and_fill_what_the_line_leaves_out(tmp_path: Path) -> None:
    reply = b'{"jsonrpc":"2.0","result":["ElectrumX 1.18.0","1.4"],"id":0   }\n'
    error = b'{"jsonrpc":"2.0","error":{"code":-32601,"message":"unknown"},"id":1}\n'
    raw = {"server_version": base64.b64encode(reply).decode(), "banner": base64.b64encode(error).decode()}

    seen = {one.probe: one for one in _read(tmp_path, SIMPLE | {"raw": raw})}

    assert seen["server_version"].attempt.result["software"] == "ElectrumX 1.18.0"
    assert seen["server_version"].witnesses[0].data == reply
    assert seen["banner"].attempt.result["error"]["code"] == -32601


def test_a_certificate_in_der_is_read_and_kept(tmp_path: Path) -> None:
    seen = {one.probe: one for one in _read(tmp_path, SIMPLE | {"certificate": {"der": DER}})}

    certificate = seen["tls_certificate"]
    assert certificate.witnesses[0].data == b"not a certificate"
    assert certificate.attempt.result["subject"] is None
    assert certificate.attempt.result["warnings"][0].startswith("not a certificate:")


def test_peers_by_hand_become_a_result_and_sightings(tmp_path: Path) -> None:
    rows = [["1.2.3.4", "Peer.example.org", ["v1.4.2", "s50002", "t"]], ["x"]]
    data_dir = _import(tmp_path, SIMPLE | {"peers": rows})

    with StoreReader.open(data_dir) as reader:
        campaign = reader.campaign().campaign.campaign_id
        (peers,) = reader.observations(campaign, {"peers"})
        told = list(reader.sightings(campaign))
    assert (peers.attempt.result["rows"], peers.attempt.result["malformed"]) == (2, 1)
    assert [(one.host, one.port, one.transport, one.assumed_port) for one in told] == [
        ("peer.example.org", 50001, Transport.TCP, True),
        ("peer.example.org", 50002, Transport.SSL, False),
    ]
    assert {one.told_by for one in told} == {peers.endpoint.endpoint_id}
    assert {one.address_claimed for one in told} == {"1.2.3.4"}


def test_a_line_that_only_names_an_endpoint_becomes_a_sighting_and_comes_out_again(tmp_path: Path) -> None:
    known = {"address": "5.9.1.2", "time": "2026-05-04T12:00:00Z"}
    bare, fuller = {"host": "A.b.", "port": 50002, "transport": "ssl"}, {"host": "c.d", "port": 1, "transport": "tcp"}
    data_dir = _import(tmp_path, bare, fuller | known)

    with StoreReader.open(data_dir) as reader:
        campaign_id = reader.campaign().campaign.campaign_id
        told = list(reader.sightings(campaign_id))
        text = io.StringIO()
        export_jsonl(reader, campaign_id, text)
        assert list(reader.observations(campaign_id)) == []

    assert [(one.host, one.port, one.source, one.told_by, one.address_claimed) for one in told] == [
        ("a.b", 50002, "imported_list", None, None),
        ("c.d", 1, "imported_list", None, "5.9.1.2"),
    ]
    assert [one.seen_at_us is None for one in told] == [True, False]
    again = [json.loads(line) for line in text.getvalue().splitlines()[1:]]
    assert [line["sightings"][0]["source"] for line in again] == ["imported_list"] * 2


def test_a_line_that_says_more_is_not_hearsay_about_itself(tmp_path: Path) -> None:
    line = {"host": "a.b", "port": 50002, "transport": "ssl"}
    data_dir = _import(tmp_path, line | {"banner": "hello"}, line | {"failure": "eof"}, line | {"observations": []})

    with StoreReader.open(data_dir) as reader:
        assert list(reader.sightings(reader.campaign().campaign.campaign_id)) == []


def test_unknown_members_are_kept_and_come_out_again(tmp_path: Path) -> None:
    data_dir = _import(tmp_path, SIMPLE | {"my_score": 3, "certificate": {"sha256": "ab" * 32, "jarm": "x"}})

    with StoreReader.open(data_dir) as reader:
        out = io.StringIO()
        export_jsonl(reader, "latest", out)
        (extra,) = reader.observations(reader.campaign().campaign.campaign_id, {"extra_fields"})
    assert extra.attempt.result == {"fields": {"my_score": 3, "certificate": {"jarm": "x"}}}
    assert json.loads(out.getvalue().splitlines()[1])["my_score"] == 3


def test_an_import_is_a_sealed_campaign_of_its_own_kind(tmp_path: Path) -> None:
    header = '{"format":"electrum-observatory-scan","version":1,"network":"testnet4","vantage":"fra","note":"mine"}'
    data_dir = _import(tmp_path, SIMPLE, SIMPLE | {"banner": "x"}, header=header)

    with StoreReader.open(data_dir) as reader:
        stored = reader.campaign()
    assert stored.campaign.campaign_id == "20261120T221500Z-fra-ab12cd"
    assert (stored.campaign.kind, stored.campaign.network) == (CampaignKind.IMPORT, "testnet4")
    assert (stored.state, stored.campaign.note) == (CampaignState.COMPLETE, "mine")
    assert (stored.seal.counts["rows"], stored.seal.counts["endpoints"]) == (2, 1)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["{"], "line 2: not JSON:"),
        ([SIMPLE, "[1]"], "line 3: not a JSON object"),
        (["[" * 100_000], "line 2: not JSON: nested too deeply"),
        ([{"host": "a.b", "port": 50002}], "line 2: transport: Field required"),
        ([SIMPLE | {"port": "50002"}], "line 2: port: Input should be a valid integer"),
        ([SIMPLE | {"port": 0}], "line 2: port: "),
        ([SIMPLE | {"transport": "udp"}], "line 2: transport: Input should be 'tcp', 'ssl', 'ws' or 'wss'"),
        ([SIMPLE | {"host": "a b"}], "line 2: 'a b' is not a host name"),
        ([SIMPLE | {"address": "1.2.3"}], "line 2: '1.2.3' does not appear to be an IPv4 or IPv6 address"),
        ([SIMPLE | {"time": "2026-11-01T10:00:00"}], "line 2: time: Input should have timezone info"),
        ([SIMPLE | {"raw": {"banner": "!"}}], "line 2: not base64:"),
        ([SIMPLE | {"raw": {"tea": "aGk="}}], "line 2: raw: 'tea' is none of"),
        ([SIMPLE | {"observations": [{"probe": "banner", "status": "completed"}]}], "line 2: a completed attempt with"),
        ([SIMPLE | {"features": {"$object": [[[1], 2]]}}], 'line 2: not JSON: "$object" is not a list of'),
        ([SIMPLE | {"features": {"$object": [1]}}], 'line 2: not JSON: "$object" is not a list of'),
        ([SIMPLE | {"features": {"$object": [["a", 1, 2]]}}], 'line 2: not JSON: "$object" is not a list of'),
        ([SIMPLE | {"banner": {"$text": "a!=="}}], 'line 2: not JSON: "$text" is not base64 of UTF-8:'),
        ([SIMPLE | {"banner": {"$text": "/w=="}}], 'line 2: not JSON: "$text" is not base64 of UTF-8:'),
        ([SIMPLE | {"features": {"a": {"$float": "abc"}}}], "line 2: not JSON: \"$float\" is 'abc', not one"),
        ([SIMPLE | {"features": {"$object": [["a", DEEP]]}}], "line 2: not JSON: nested too deeply"),
        ([SIMPLE | {"features": DEEP}], "line 2: nested deeper than 256"),
        (
            [SIMPLE | {"peers": [{"host": "a.b", "services": [{"transport": "tcp", "port": 0}]}]}],
            "line 2: peers: a port",
        ),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_stored(tmp_path: Path, lines: list[object], words: str) -> None:
    assert _refusal(tmp_path, *lines).startswith(words)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("", "is empty; the first line must be"),
        ('{"host":"a.b"}', "line 1: not a scan; the first line must be"),
        ('{"format":"electrum-observatory-scan","version":2}', "line 1: version 2 is not 1"),
        ('{"format":"electrum-observatory-scan","version":1,"network":"doge"}', "line 1: network 'doge' is none of"),
        ('{"format":"electrum-observatory-scan","version":1,"vantage":"../x"}', "line 1: vantage '../x' is not"),
    ],
)
def test_a_file_that_is_no_scan_is_refused(tmp_path: Path, header: str, words: str) -> None:
    assert _refusal(tmp_path, header=header).startswith(words)


def test_the_network_can_be_told_where_the_file_does_not_say(tmp_path: Path) -> None:
    silent, telling = tmp_path / "silent.jsonl", tmp_path / "telling.jsonl"
    silent.write_text(HEADER)
    telling.write_text(HEADER.replace("}", ',"network":"signet"}'))

    with LiveStore.open(tmp_path / "data", StillClock()) as store:
        import_jsonl(store, silent, IMPORTER, network="testnet4")
        with pytest.raises(InputError, match="a scan of signet, not of testnet4"):
            import_jsonl(store, telling, IMPORTER, network="testnet4")

    with StoreReader.open(tmp_path / "data") as reader:
        assert [one.campaign.network for one in reader.campaigns()] == ["testnet4"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with (
        LiveStore.open(tmp_path / "data", StillClock()) as store,
        pytest.raises(InputError, match=r"nowhere\.jsonl: No such file"),
    ):
        import_jsonl(store, tmp_path / "nowhere.jsonl", IMPORTER)


def test_an_export_read_back_is_the_same_campaign(store: LiveStore, data_dir: Path, tmp_path: Path) -> None:
    store.record_many(
        [
            *make_visit(),
            make_observation(
                "banner", {"text": "\ud800 \x1b[0m", "error": None}, witnesses=(make_witness(data=b"\xff"),)
            ),
            make_observation("features", {"raw": {"$object": float("inf")}, "error": None}),
            make_failed_observation(endpoint=make_endpoint(address="2001:db8::1"), started_at_us=None),
            make_observation("extra_fields", {"fields": {"my_score": 3, "host": "other"}}),
        ],
        [make_sighting(), make_sighting(), make_sighting(host="a.example.org"), make_sighting(host="z.example.org")],
    )
    store.end_campaign(make_seal())
    first, second = tmp_path / "first.jsonl", io.StringIO()
    with StoreReader.open(data_dir) as reader, first.open("w") as out:
        assert export_jsonl(reader, CAMPAIGN_ID, out) == 4
        told = list(reader.sightings(CAMPAIGN_ID))
        seen = list(reader.observations(CAMPAIGN_ID, with_witnesses=True))

    with LiveStore.open(tmp_path / "other", StillClock()) as other:
        import_jsonl(other, first, IMPORTER)
        with pytest.raises(InputError, match="exists already in this data folder"):
            import_jsonl(other, first, IMPORTER)

    with StoreReader.open(tmp_path / "other") as reader:
        export_jsonl(reader, CAMPAIGN_ID, second)
        assert reader.campaign().campaign.config == {"profile": "default"}
        assert reader.campaign().seal == make_seal()
        assert list(reader.sightings(CAMPAIGN_ID)) == told
        again = list(reader.observations(CAMPAIGN_ID, with_witnesses=True))
    assert repr(sorted(map(repr, again))) == repr(sorted(map(repr, seen)))
    assert second.getvalue() == first.read_text()
    assert first.read_text().isascii()


def test_an_interrupted_campaign_stays_open_on_the_way(store: LiveStore, data_dir: Path, tmp_path: Path) -> None:
    store.record_many(make_visit())
    with StoreReader.open(data_dir) as reader, (tmp_path / "open.jsonl").open("w") as out:
        export_jsonl(reader, CAMPAIGN_ID, out)

    with LiveStore.open(tmp_path / "other", StillClock()) as other:
        import_jsonl(other, tmp_path / "open.jsonl", IMPORTER)

    with StoreReader.open(tmp_path / "other") as reader:
        assert reader.campaign().state is CampaignState.OPEN

"""The crawl of December 2025: its figures, and what its faults must not turn into."""

import io
from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest

from electrum_observatory.model.attempt import AttemptStatus
from electrum_observatory.model.errors import InputError
from electrum_observatory.model.failure import FailureKind, Side
from electrum_observatory.model.observation import Observation
from electrum_observatory.scanner.probes.banner import BannerResult
from electrum_observatory.scanner.probes.connection import ConnectionResult
from electrum_observatory.scanner.probes.donation_address import DonationAddressResult
from electrum_observatory.scanner.probes.features import FeaturesResult
from electrum_observatory.scanner.probes.latency import LatencyResult
from electrum_observatory.scanner.probes.peers import PeersResult
from electrum_observatory.scanner.probes.server_version import ServerVersionResult
from electrum_observatory.scanner.probes.tls_certificate import TlsCertificateResult
from electrum_observatory.store.exports.jsonl import export_jsonl
from electrum_observatory.store.importers import results
from electrum_observatory.store.importers.campaigns import Importer
from electrum_observatory.store.importers.counts import ImportCounts
from electrum_observatory.store.importers.crawl_2025_12 import import_crawl, read_crawl
from electrum_observatory.store.importers.jsonl import import_jsonl
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.reader import StoreReader
from tests.factories import STARTED_AT_US
from tests.unit.store.clock import StillClock

IMPORTER = Importer(now_us=STARTED_AT_US, nonce="ab12cd", tool_version="0.1.0")


@pytest.fixture(scope="module")
def imported(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ImportCounts]:
    data_dir = tmp_path_factory.mktemp("crawl") / "data"
    with LiveStore.open(data_dir, StillClock()) as store:
        return data_dir, import_crawl(store, shared / "data" / "crawl-2025-12", IMPORTER)


@pytest.fixture(scope="module")
def observations(imported: tuple[Path, ImportCounts]) -> list[Observation]:
    data_dir, counts = imported
    with StoreReader.open(data_dir) as reader:
        return list(reader.observations(counts.campaign_id, with_witnesses=True))


def test_the_figures_of_the_crawl_without_its_repeats(imported: tuple[Path, ImportCounts]) -> None:
    _, counts = imported

    assert (counts.hosts, counts.peer_rows) == (291, 3828)
    assert (counts.endpoints, counts.asked_hosts, counts.online_rows) == (101, 100, 1665)
    assert (counts.certificates, counts.certificate_hosts, counts.shared_certificates) == (22, 22, 0)
    assert counts.rows == 3828 + 1665
    assert counts.answered == 101


def test_every_repeated_row_is_kept(observations: list[Observation], shared: Path) -> None:
    crawl = read_crawl(shared / "data" / "crawl-2025-12")
    probes = Counter(one.probe for one in observations)
    kept = [one.attempt.result for one in observations if one.probe == "crawl_2025_12_row"]
    replies = [w.data.decode() for one in observations if one.probe == "server_version" for w in one.witnesses]

    assert probes["server_version"] == probes["banner"] == probes["connection"] == 1665
    assert [one["latency_ms"] for one in kept] == [row["latency_ms"] for row in crawl.online]
    assert [one["score"]["honeypot_score"] for one in kept] == [row["honeypot_score"] for row in crawl.scores]
    assert replies == [row["version_raw"] for row in crawl.online if row["version_raw"]]


def test_what_was_not_recorded_is_our_lack_and_never_theirs(observations: list[Observation]) -> None:
    version = [one.attempt for one in observations if one.probe == "server_version"]
    failures = {attempt.failure.kind for attempt in version if attempt.failure is not None}

    assert Counter(attempt.status for attempt in version) == {AttemptStatus.COMPLETED: 870, AttemptStatus.FAILED: 795}
    assert failures == {FailureKind.NOT_RECORDED}
    assert FailureKind.NOT_RECORDED.side is Side.OURS
    assert {one.started_at_us for one in observations} == {None}
    assert not {one.probe for one in observations} & {"genesis", "features", "latency", "chain_tip"}


def test_error_replies_are_results_and_padding_is_kept(observations: list[Observation]) -> None:
    version = [one for one in observations if one.probe == "server_version" and one.attempt.result is not None]
    errors = [one.attempt.result["error"] for one in version if one.attempt.result["error"] is not None]
    padded = [one for one in version if len(one.witnesses[0].data) == 1023]

    assert len(errors) == 120
    assert {error["code"] for error in errors} == {-32600, -101}
    assert len(padded) == 151
    assert {one.attempt.result["offered"] for one in version} == {"1.4"}


def test_certificates_have_a_digest_and_nothing_else(observations: list[Observation]) -> None:
    shown = [one for one in observations if one.probe == "tls_certificate"]
    results_ = [one.attempt.result for one in shown if one.attempt.result is not None]

    assert len(results_) == 328
    assert all(result["issuer"] is None and result["self_signed"] is None for result in results_)
    assert all((one.attempt.result is not None) == one.endpoint.transport.encrypted for one in shown)


def test_peer_rows_are_read_from_the_untouched_tuple(imported: tuple[Path, ImportCounts], shared: Path) -> None:
    data_dir, counts = imported
    with StoreReader.open(data_dir) as reader:
        told = list(reader.sightings(counts.campaign_id))
    rows = read_crawl(shared / "data" / "crawl-2025-12").peers

    assert len({one.address_claimed or one.host for one in told}) == 291
    assert len(told) == sum(feature[0] in "st" for row in rows for feature in row["raw"][2])
    assert {one.port for one in told if one.host == "btc5.publicrypto.com"} == {60002}
    assert not any(one.assumed_port for one in told)
    assert {one.told_by for one in told} == {None}


def test_the_crawl_there_and_back_is_the_same(imported: tuple[Path, ImportCounts], tmp_path: Path) -> None:
    data_dir, counts = imported
    first, second = tmp_path / "crawl.jsonl", io.StringIO()
    with StoreReader.open(data_dir) as reader, first.open("w") as out:
        export_jsonl(reader, counts.campaign_id, out)

    with LiveStore.open(tmp_path / "data", StillClock()) as store:
        again = import_jsonl(store, first, IMPORTER)

    with StoreReader.open(tmp_path / "data") as reader:
        export_jsonl(reader, counts.campaign_id, second)
    assert second.getvalue() == first.read_text()
    for name in ("hosts", "endpoints", "certificates", "shared_certificates", "observations", "sightings"):
        assert getattr(again, name) == getattr(counts, name)


def test_its_places_are_there_to_compare_with(shared: Path) -> None:
    places = read_crawl(shared / "data" / "crawl-2025-12").places

    assert len([place for place in places.values() if place["status"] == "success"]) == 254
    assert places["137.184.244.174"]["countryCode"] == "US"


def test_a_folder_that_is_not_the_crawl_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"peers\.json: No such file or directory; the folder must hold peers, "):
        read_crawl(tmp_path)

    (tmp_path / "peers.json").write_text('{"a": 1}')
    with pytest.raises(InputError, match=r"peers\.json: not the peers of the December crawl"):
        read_crawl(tmp_path)


@pytest.mark.parametrize(
    ("made", "ours"),
    [
        (results.connection(), ConnectionResult),
        (results.server_version(["x", "1.4"], None, "1.4"), ServerVersionResult),
        (results.features({"x": 1}, None), FeaturesResult),
        (results.banner("x", None), BannerResult),
        (results.donation_address("x", None), DonationAddressResult),
        (results.peers([], None), PeersResult),
        (results.latency(1.0), LatencyResult),
        (results.certificate(b""), TlsCertificateResult),
        (results.certificate_from_members({"sha256": "00" * 32})[0], TlsCertificateResult),
    ],
)
def test_imported_results_have_the_members_of_our_probes(made: dict, ours: type) -> None:
    assert set(made) == {one.name for one in fields(ours)}

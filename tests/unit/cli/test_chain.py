"""Every command that reads, over one campaign that came through the whole chain."""

import csv
import io
import json
import os
import shutil
from pathlib import Path

import pytest

from electrum_observatory.net.overlay import Overlay
from electrum_observatory.report.tables import SERVERS_PROMISED
from tests.unit.cli.conftest import Imported


def test_the_demo_leaves_tables_raw_files_segments_and_a_page(measured: Path) -> None:
    campaign = next(iter((measured / "reports").iterdir()))
    rows = list(csv.DictReader((measured / "processed" / "servers.csv").read_text("utf-8").splitlines()))

    assert (campaign / "index.html").is_file()
    assert list(rows[0])[: len(SERVERS_PROMISED)] == list(SERVERS_PROMISED)
    assert sum(row["server_version"] != "" for row in rows) > 20
    assert list((measured / "raw").glob("*.json"))
    assert list((measured / "obs").rglob("*.parquet"))


def test_campaigns_are_listed_and_shown(observatory, measured: Path) -> None:
    listed = observatory("campaigns", "list", "--data", measured, "--json").json
    shown = observatory("campaigns", "show", "latest", "--data", measured, "--json").json
    words = observatory("campaigns", "show", "--data", measured)

    assert [one["state"] for one in listed] == ["complete"]
    assert shown["campaign_id"] == listed[0]["campaign_id"]
    assert shown["counts"]["verified"] > 10
    assert shown["overlay"]["name"] == "small"
    assert shown["config"]["budgets"]["spacing_s"] == 10
    assert listed[0]["campaign_id"] in words.out


def test_disk_use_names_every_part(observatory, measured: Path) -> None:
    use = observatory("campaigns", "disk-use", "--data", measured, "--json").json

    assert all(size >= 0 for size in use.values())
    assert sum(use.values()) > 100_000
    assert list(use)[-2:] == ["total", "free"]


def test_show_gives_facts_and_the_bytes_that_prove_them(observatory, measured: Path) -> None:
    facts = observatory("show", "electrum.alone.example", "--data", measured)
    raw = observatory("show", "electrum.alone.example", "--raw", "--data", measured)
    document = observatory("show", "88.198.43.21", "--data", measured, "--json").json

    assert "hello" in facts.out
    assert "server_version" in facts.out
    assert '"jsonrpc": "2.0"' in raw.out
    assert any(one["probe"] == "tls_certificate" for one in document["observations"])
    assert any("witnesses" in one for one in document["observations"])


def test_show_of_an_unknown_host_says_so(observatory, measured: Path) -> None:
    ended = observatory("show", "nobody.example", "--data", measured)

    assert ended.code == 3
    assert "nobody.example does not occur" in ended.err


def test_a_campaign_is_not_compared_with_itself(observatory, measured: Path) -> None:
    ended = observatory("diff", "latest", "--data", measured)

    assert ended.code == 2
    assert "are the same campaign: name two" in ended.err


def test_diff_tells_what_two_campaigns_saw_differently(observatory, tmp_path: Path) -> None:
    def imported(version: str) -> str:
        head = {"format": "electrum-observatory-scan", "version": 1}
        line = {"host": "a.example", "port": 50002, "transport": "ssl", "server_version": version}
        (tmp_path / "scan.jsonl").write_text(f"{json.dumps(head)}\n{json.dumps(line)}\n", encoding="utf-8")
        done = observatory("import", "jsonl", tmp_path / "scan.jsonl", "--data", tmp_path / "data", "--json")
        return done.json["campaign_id"]

    first, second = imported("ElectrumX 1.16.0"), imported("ElectrumX 1.20.0")

    ended = observatory("diff", first, second, "--data", tmp_path / "data", "--json")
    told = observatory("diff", first, second, "--data", tmp_path / "data")

    [change] = ended.json["changes"]
    assert (ended.json["before"], ended.json["after"]) == (first, second)
    assert (change["service"], change["field"]) == ("ssl://a.example:50002", "software")
    assert (change["before"], change["after"]) == ("ElectrumX 1.16.0", "ElectrumX 1.20.0")
    assert "1 changed" in told.err


def test_files_of_a_campaign_can_be_written_again(observatory, measured: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(measured, data)
    raw = {path.name: path.read_bytes() for path in (data / "raw").iterdir()}
    shutil.rmtree(data / "raw")
    shutil.rmtree(data / "obs")

    ended = observatory("campaigns", "files", "latest", "--data", data, "--json")

    assert ended.code == 0
    assert {path.name: path.read_bytes() for path in (data / "raw").iterdir()} == raw
    assert list((data / "obs").rglob("*.parquet"))


def test_a_deletion_needs_a_yes(observatory, measured: Path) -> None:
    ended = observatory("campaigns", "delete", "latest", "--data", measured)

    assert ended.code == 2
    assert "nobody is there to confirm: say --yes" in ended.err


@pytest.mark.parametrize(("typed", "code"), [("n\n", 2), ("", 130)])
def test_a_deletion_that_is_not_wanted_deletes_nothing_and_is_no_bug_of_ours(
    observatory, measured: Path, monkeypatch: pytest.MonkeyPatch, typed: str, code: int
) -> None:
    keyboard = io.StringIO(typed)
    monkeypatch.setattr(keyboard, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", keyboard)

    ended = observatory("campaigns", "delete", "latest", "--data", measured)

    assert ended.code == code
    assert "othing was deleted" in ended.err
    assert len(observatory("campaigns", "list", "--data", measured, "--json").json) == 1


def test_a_dry_run_of_the_demo_asks_nobody(observatory, small_world: Path, tmp_path: Path) -> None:
    ended = observatory("demo", "--world", small_world, "--dry-run", "--data", tmp_path / "data", "--json")

    assert ended.code == 0
    assert "gone.example" in {target["host"] for target in ended.json["targets"]}
    assert not (tmp_path / "data").exists()


def test_export_and_import_give_the_same_tables(observatory, measured: Path, tmp_path: Path) -> None:
    scan, copy = tmp_path / "scan.jsonl", tmp_path / "copy"
    exported = observatory("export", "jsonl", "--data", measured, "--out", scan)
    imported = observatory("import", "jsonl", scan, "--data", copy, "--json")
    reported = observatory("report", "--tables-only", "--data", copy)

    assert (exported.code, imported.code, reported.code) == (0, 0, 0)
    assert json.loads(scan.read_text("utf-8").splitlines()[0])["format"] == "electrum-observatory-scan"
    assert imported.json["endpoints"] > 20
    for name in ("servers", "tls", "fingerprints", "sightings", "failures", "findings"):
        ours, theirs = ((folder / "processed" / f"{name}.csv").read_text("utf-8") for folder in (measured, copy))
        assert ours == theirs, name


def test_export_without_a_file_goes_to_stdout(observatory, measured: Path) -> None:
    ended = observatory("export", "jsonl", "--data", measured)

    assert json.loads(ended.out.splitlines()[0])["version"] == 1


def test_a_deleted_campaign_is_gone(observatory, measured: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(measured, data)

    deleted = observatory("campaigns", "delete", "latest", "--yes", "--data", data, "--json")
    listed = observatory("campaigns", "list", "--data", data, "--json")

    assert deleted.json["observations"] > 0
    assert listed.json == []
    assert len(deleted.json["removed"]) == 7  # six tables and the pages
    for folder in ("raw", "reports", "processed"):
        assert os.listdir(data / folder) == []
    left = {path.name for path in data.rglob("*") if path.is_file() and b"alone.example" in path.read_bytes()}
    assert left == set()


def test_known_endpoints_are_a_source_for_the_next_scan_of_the_same_world(
    observatory, measured: Path, tmp_path: Path
) -> None:
    overlay = Overlay(name="small", sockets={("88.198.43.21", 50001): ("127.0.0.1", 1)})
    (tmp_path / "overlay.json").write_text(json.dumps(overlay.to_json()), encoding="utf-8")
    same = ("--overlay", tmp_path / "overlay.json")

    plan = observatory("scan", "--known", "--dry-run", *same, "--data", measured, "--json").json
    hosts = {target["host"] for target in plan["targets"]}

    assert "electrum.alone.example" in hosts
    assert all(target["tellers"] == ["known_endpoints"] for target in plan["targets"])


def test_of_an_import_the_names_are_a_source_and_the_addresses_are_not(
    observatory, measured: Path, tmp_path: Path
) -> None:
    overlay = Overlay(name="small", sockets={("88.198.43.21", 50001): ("127.0.0.1", 1)})
    (tmp_path / "overlay.json").write_text(json.dumps(overlay.to_json()), encoding="utf-8")
    observatory("export", "jsonl", "--data", measured, "--out", tmp_path / "scan.jsonl")
    observatory("import", "jsonl", tmp_path / "scan.jsonl", "--data", tmp_path / "data")

    plan = observatory(
        "scan", "--known", "--dry-run", "--overlay", tmp_path / "overlay.json", "--data", tmp_path / "data", "--json"
    ).json

    assert {tuple(target["tellers"]) for target in plan["targets"]} == {("imported_endpoints",)}


def test_the_identities_of_a_lab_are_never_taken_for_real_servers(observatory, measured: Path) -> None:
    """Lab machines have addresses that somebody owns: without the lab, nobody of it may be dialled."""
    known = observatory("scan", "--known", "--dry-run", "--data", measured)

    assert known.code == 2
    assert "nobody of bitcoin answered in an earlier campaign" in known.err


def test_the_december_crawl_is_imported_with_its_real_numbers(observatory, december: Imported, tmp_path: Path) -> None:
    """291 hosts, 101 endpoints on 100 hosts, 22 certificates on 22 hosts, none of them shared."""
    counts = december.counts
    report = observatory("report", "--data", december.data, "--out", tmp_path, "--json")

    assert (counts["peer_rows"], counts["online_rows"]) == (3_828, 1_665)
    assert (counts["hosts"], counts["asked_hosts"], counts["endpoints"]) == (291, 100, 101)
    assert (counts["certificates"], counts["certificate_hosts"], counts["shared_certificates"]) == (22, 22, 0)
    assert "Electrum Observatory" in Path(report.json["report"]).read_text("utf-8")

"""From a lab in another process to a reader: what modified servers say is named, shown and quoted; nobody else is."""

import csv
from pathlib import Path

from tests.unit.cli.examined_lab import Examined

SHOWN = {
    "omits": "history_omits",
    "adds": "balance_not_of_unspent",
    "writes": "error_with_address",
}


def test_exactly_the_machines_whose_answers_are_wrong_are_named_for_what_they_do(examined: Examined) -> None:
    flagged = examined.flagged(examined.told)

    assert flagged.keys() == SHOWN.keys()
    assert all(finding in flagged[machine] for machine, finding in SHOWN.items())


def test_each_finding_brings_its_bytes_and_an_innocent_explanation(examined: Examined) -> None:
    for server in examined.told["servers"]:
        for one in server["truth"]["findings"]:
            assert one["innocent"]
            assert one["visits"] >= 1
            first = one["witnesses"][0]
            assert first["server"] == server["server"] == one["subject"]
            assert first["witness_id"].startswith(f"{examined.told['campaign_id']}#")
            assert '"id"' in first["line"]


def test_stored_data_says_the_same_as_the_asking_did(examined: Examined, observatory) -> None:
    stored = observatory("fingerprint", "--data", examined.data, "--json")
    told = observatory("fingerprint", "--data", examined.data)

    assert stored.json["servers"] == examined.told["servers"]
    assert "\tdisproven\tits history of " in told.out
    assert "\theld\theaders and proof of work (" in told.out
    assert "\tinsufficient\ttips and forks" in told.out
    assert "an index that broke or is still being built" in told.out
    assert told.out.count("\tFulcrum\t2.1.0 to 2.1.1\t") == 4
    assert told.out.count("\tdifferent\tIn two independent batches, ") == 2
    assert told.out.count("\talike\t") == 6
    assert "8 endpoints of campaign" in told.err


def test_an_export_takes_along_what_is_known_of_the_chain(examined: Examined, observatory, tmp_path: Path) -> None:
    (tmp_path / "scan.jsonl").write_text(observatory("export", "jsonl", "--data", examined.data).out)
    assert observatory("import", "jsonl", tmp_path / "scan.jsonl", "--data", tmp_path / "copy").code == 0

    copied = observatory("truth", "--data", tmp_path / "copy", "--json").json

    flagged: dict[str, set[str]] = {}
    for one in copied["findings"]:
        if one["severity"] != "insufficient":
            flagged.setdefault(examined.machines[one["subject"]], set()).add(one["id"])
    assert flagged == examined.flagged(examined.told)
    assert len(copied["servers"]) == 8


def test_what_is_printed_and_what_the_tables_say_agree(examined: Examined, reported: Path) -> None:
    rows = {}
    for name in ("fingerprints", "findings"):
        with (examined.data / "processed" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows[name] = list(csv.DictReader(file))
    software = {row["endpoint_id"]: row for row in rows["fingerprints"]}

    for one in examined.told["servers"]:
        row = software[one["endpoint_id"]]
        for column in ("implementation", "version_min", "version_max", "fingerprint_hash", "fingerprint_coverage"):
            assert row[column] == one[column]
    told = [
        (one["endpoint_id"], found["id"], found["severity"], str(found["visits"]), found["words"])
        for one in examined.told["servers"]
        for found in one["truth"]["findings"]
    ]
    listed = [
        (row["endpoint_id"], row["finding"], row["level"], row["visits"], row["words"]) for row in rows["findings"]
    ]
    assert len(told) > len(SHOWN)
    assert sorted(listed) == sorted(told)


def test_the_report_lists_and_quotes_it(examined: Examined, reported: Path) -> None:
    with (examined.data / "processed" / "findings.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["level"] != "insufficient"]
    pages = {row["host"]: (reported / "machines" / f"{row['machine_id']}.html").read_text() for row in rows}
    assert len(pages) == len(SHOWN)
    assert all("Do its answers hold?" in page and "May also be: " in page for page in pages.values())
    assert sum("&lt;b&gt;x&lt;/b&gt; https://up.example" in page for page in pages.values()) == 1
    assert "Whether their answers hold" in (reported / "index.html").read_text()

"""From a lab in another process to a reader: what modified servers say is named, shown and quoted; nobody else is."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from electrum_observatory.cli.main import run
from tests.unit.cli.lab_process import Lab

PROFILE = Path(__file__).parents[3] / "experiments" / "config" / "lab.yaml"
_GROUP = """\
  - id: {id}
    machines: 1
    software: [{{{{personality: {personality}}}}}]
    providers: [{{{{provider: hetzner}}}}]
    listen: [{{{{tcp: 50001}}}}]
    modified: {modified}
"""
WORLD = """\
schema_version: 1
name: truths
time_scale: {time_scale}
chain: {{height: 200}}
mempool: {{initial: 300, transactions_per_s: 1}}
groups:
""" + "".join(
    _GROUP.format(id=name, personality=personality, modified=f"[{{{{{modified}}}}}]" if modified else "[]")
    for name, personality, modified in (
        ("ex", "electrumx_1_20", ""),
        ("fu", "fulcrum_2_1_1", ""),
        ("ro", "electrs_romanz", ""),
        ("omits", "fulcrum_2_1_1", "mutator: drop_history_item, dose: 0.6"),
        ("adds", "electrumx_1_20", "mutator: alter_balance, dose: 1"),
        ("writes", "fulcrum_2_1_1", 'mutator: inject_text, dose: 1, text: "<b>x</b> https://up.example"'),
    )
)
SHOWN = {
    "omits-1": "history_omits",
    "adds-1": "balance_not_of_unspent",
    "writes-1": "error_with_address",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What `fingerprint` said of the lab, and where it was kept.

    Attributes:
        data: The data folder.
        machines: Canonical endpoint to the machine that the world made it of.
        told: What it printed.
    """

    data: Path
    machines: Mapping[str, str]
    told: Any

    def flagged(self, told: Any) -> dict[str, set[str]]:
        """Machine to the findings that are more than a want of data."""
        found: dict[str, set[str]] = {}
        for server in told["servers"]:
            for one in server["truth"]["findings"]:
                if one["severity"] != "insufficient":
                    found.setdefault(self.machines[server["server"]], set()).add(one["id"])
        return found


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    folder = tmp_path_factory.mktemp("truths")
    profile, out = folder / "profile.yaml", folder / "told.json"
    profile.write_text(PROFILE.read_text().replace("profile: lab\n", "profile: lab\n  battery: [scripts, chain]\n"))
    lab = Lab(folder, 30, text=WORLD)
    try:
        with pytest.MonkeyPatch.context() as patch, out.open("w", encoding="utf-8") as file:
            patch.setattr("sys.stdout", file)
            with pytest.raises(SystemExit) as ending:
                run(
                    ["fingerprint", *lab.arguments, "--profile", str(profile), "--data", str(folder / "data"), "--json"]
                )
    finally:
        assert lab.end() == 0
    assert ending.value.code in (0, None)
    truth = json.loads((lab.folder / "truth.json").read_text())
    machines = {one["endpoint"]: machine["machine"] for machine in truth["machines"] for one in machine["endpoints"]}
    return Asked(data=folder / "data", machines=machines, told=json.loads(out.read_text()))


def test_exactly_the_modified_machines_are_named_for_what_they_do(asked: Asked) -> None:
    flagged = asked.flagged(asked.told)

    assert flagged.keys() == SHOWN.keys()
    assert all(finding in flagged[machine] for machine, finding in SHOWN.items())


def test_each_finding_brings_its_bytes_and_an_innocent_explanation(asked: Asked) -> None:
    for server in asked.told["servers"]:
        for one in server["truth"]["findings"]:
            assert one["innocent"]
            assert one["visits"] >= 1
            first = one["witnesses"][0]
            assert first["server"] == server["server"] == one["subject"]
            assert first["witness_id"].startswith(f"{asked.told['campaign_id']}#")
            assert '"id"' in first["line"]


def test_stored_data_says_the_same_when_the_lab_is_gone(asked: Asked, observatory) -> None:
    stored = observatory("fingerprint", "--data", asked.data, "--json")
    table = observatory("fingerprint", "--data", asked.data).out

    assert [one["truth"] for one in stored.json["servers"]] == [one["truth"] for one in asked.told["servers"]]
    assert "\tdisproven\tits history of " in table
    assert "\theld\theaders and proof of work (" in table
    assert "\tinsufficient\ttips and forks" in table
    assert "an index that broke or is still being built" in table


def test_an_export_takes_along_what_is_known_of_the_chain(asked: Asked, observatory, tmp_path: Path) -> None:
    (tmp_path / "scan.jsonl").write_text(observatory("export", "jsonl", "--data", asked.data).out)
    assert observatory("import", "jsonl", tmp_path / "scan.jsonl", "--data", tmp_path / "copy").code == 0

    copied = observatory("fingerprint", "--data", tmp_path / "copy", "--json").json

    assert asked.flagged(copied) == asked.flagged(asked.told)


def test_the_report_lists_and_quotes_it(asked: Asked, observatory, tmp_path: Path) -> None:
    observatory("report", "--data", asked.data, "--out", tmp_path)

    with (asked.data / "processed" / "findings.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["level"] != "insufficient"]
    pages = {row["host"]: (tmp_path / "machines" / f"{row['machine_id']}.html").read_text() for row in rows}
    assert len(pages) == len(SHOWN)
    assert all("Do its answers hold?" in page and "May also be: " in page for page in pages.values())
    assert sum("&lt;b&gt;x&lt;/b&gt; https://up.example" in page for page in pages.values()) == 1
    assert "Whether their answers hold" in (tmp_path / "index.html").read_text()

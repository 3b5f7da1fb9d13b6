"""`observatory fingerprint --treatment`: who answers wallets or kinds of address otherwise, and who does not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.lab_process import Lab

LIAR, LIMITER = "88.198.43.24", "88.198.43.25"
HONEST = {"88.198.43.21": "fulcrum_2_1_1", "88.198.43.22": "electrumx_1_16"}
ROUNDS = 10
WORLD = (
    """\
schema_version: 1
name: two-faced
seed: 730219
time_scale: {time_scale}
chain: {{height: 150, block_interval_s: 1000000}}
mempool: {{initial: 300, transactions_per_s: 0.1}}
servers:
"""
    + "".join(
        f"  - {{{{id: h-{address[-2:]}, software: {{{{personality: {program}}}}}, addresses: [{address}]}}}}\n"
        for address, program in HONEST.items()
    )
    + f"""\
  - id: liar
    software: {{{{personality: fulcrum_2}}}}
    addresses: [{LIAR}]
    modified: [{{{{mutator: treat_scanners_differently}}}}]
  - id: limiter
    software: {{{{personality: electrumx_1_16}}}}
    addresses: [{LIMITER}]
    modified: [{{{{mutator: rate_limit_taproot}}}}]
"""
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    running = Lab(tmp_path_factory.mktemp("lab"), time_scale=1, text=WORLD)
    yield running
    assert running.end() == 0


@pytest.fixture
def arguments(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.setenv("OBSERVATORY_SCAN__TREATMENT_ROUNDS", str(ROUNDS))
    servers = [f"{address}:50001:t" for address in (*HONEST, LIAR, LIMITER)]
    return [*servers, *lab.arguments[1:], "--profile", "lab", "--treatment", "--data", tmp_path / "data"]


def test_differences_are_told_and_honest_servers_are_not(observatory, arguments: list[Any]) -> None:
    asked = observatory("fingerprint", *arguments, "--json")
    table = observatory("fingerprint", *arguments[-2:])
    report = observatory("report", *arguments[-2:])

    assert asked.code == 0
    told = {one["server"].split("//")[1].split(":")[0]: one["treatment"] for one in asked.json["servers"]}
    assert {address: one["standing"] for address, one in told.items()} == {
        **dict.fromkeys(HONEST, "alike"),
        LIAR: "different",
        LIMITER: "different",
    }
    differ = {
        address: {(row["arm"], row["question"], row["worse"]) for row in one["questions"] if row["repeated"]}
        for address, one in told.items()
    }
    assert differ[LIAR] == {("bare_client", "fee.2", False), ("bare_client", "fee.25", False)}
    assert differ[LIMITER] == {("address_kind", "history.p2tr", True)}
    assert all(row["first"]["pairs"] == row["second"]["pairs"] == ROUNDS for row in told[LIAR]["questions"])
    assert {one["dialogues"] for one in asked.json["servers"]} == {1}, "arms say nothing of the software"
    assert {one["others"] for one in told.values()} == {3}
    assert table.out.count("\tdifferent\t") == 2
    assert report.code == 0
    pages = [page.read_text() for page in (arguments[-1] / "reports").glob("*/machines/*.html")]
    assert sum("Does it answer everybody alike?" in page for page in pages) == 4
    assert sum("<strong>Different.</strong>" in page for page in pages) == 2


def test_beforehand_it_says_how_many_visits_there_are_and_asks_nobody(observatory, arguments: list[Any]) -> None:
    plan = observatory("fingerprint", *arguments, "--batches", "3", "--dry-run")

    assert f"visits 1 to {2 * 3 * ROUNDS}: each at most 40 requests" in plan.err
    assert not (arguments[-1] / "observatory.sqlite3").exists()


def test_what_is_too_little_to_compare_is_called_so(observatory, arguments: list[Any]) -> None:
    asked = observatory("fingerprint", *arguments, "--batches", "1", "--limit", "1", "--json")

    (server,) = asked.json["servers"]
    assert server["treatment"]["standing"] == "insufficient"
    assert server["treatment"]["still_needed"] >= 6
    assert not any(row["repeated"] for row in server["treatment"]["questions"])


def test_batches_without_treatment_are_refused(observatory) -> None:
    refused = observatory("fingerprint", "--batches", "2")

    assert refused.code == 2
    assert "--treatment" in refused.err

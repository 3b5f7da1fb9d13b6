"""`observatory fingerprint --treatment`: who answers wallets or kinds of address otherwise, and who does not."""

from pathlib import Path

from tests.unit.cli.examined_lab import ROUNDS, Examined

DIFFERENT = {
    "liar": {("bare_client", "fee.2", False), ("bare_client", "fee.25", False)},
    "limiter": {("address_kind", "history.p2tr", True)},
}


def test_differences_are_told_and_other_servers_are_alike(examined: Examined, reported: Path) -> None:
    told = {machine: one["treatment"] for machine, one in examined.by_machine().items()}
    pages = [page.read_text() for page in (reported / "machines").glob("*.html")]

    assert {machine for machine, one in told.items() if one["standing"] == "different"} == DIFFERENT.keys()
    assert {one["standing"] for machine, one in told.items() if machine not in DIFFERENT} == {"alike"}
    for machine, differences in DIFFERENT.items():
        rows = [row for row in told[machine]["questions"] if row["repeated"]]
        assert {(row["arm"], row["question"], row["worse"]) for row in rows} == differences
    assert all(row["first"]["pairs"] == row["second"]["pairs"] == ROUNDS for row in told["liar"]["questions"])
    assert {one["others"] for one in told.values()} == {7}
    assert sum("Does it answer everybody alike?" in page for page in pages) == 8
    assert sum("<strong>Different.</strong>" in page for page in pages) == 2


def test_ways_of_asking_say_nothing_of_the_software(examined: Examined) -> None:
    """The routine visit and two visits of questions, over one or two connections each; no arm is among them."""
    assert {one["dialogues"] for one in examined.told["servers"]} == {4}


def test_beforehand_it_says_how_many_visits_there_are_and_asks_nobody(
    examined: Examined, observatory, tmp_path: Path
) -> None:
    ways = ("--batches", "3", "--dry-run", "--data", tmp_path / "data")

    plan = observatory("fingerprint", *examined.arguments, *ways)

    assert f"visits 3 to {2 + 2 * 3 * ROUNDS}: each at most 40 requests" in plan.err
    assert not (tmp_path / "data").exists()


def test_what_is_too_little_to_compare_is_called_so(examined: Examined) -> None:
    (server,) = examined.shortly["servers"]

    assert server["treatment"]["standing"] == "insufficient"
    assert server["treatment"]["still_needed"] >= 6
    assert not any(row["repeated"] for row in server["treatment"]["questions"])


def test_batches_without_treatment_are_refused(observatory) -> None:
    refused = observatory("fingerprint", "--batches", "2")

    assert refused.code == 2
    assert "--treatment" in refused.err

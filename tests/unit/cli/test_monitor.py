"""`observatory monitor` in this process, against a lab a hundred times as fast as life."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from electrum_observatory.cli.watch_stores import open_watch_source
from electrum_observatory.model.watch import USUAL_QUESTIONS, Availability, Blindness, Question
from electrum_observatory.model.watch_ports import AVAILABILITIES, NOTHING
from electrum_observatory.store.reader import StoreReader
from tests.unit.cli.conftest import Ended
from tests.unit.cli.lab_process import Lab

Observatory = Callable[..., Ended]
MACHINES = 4
GENESIS_ADDRESS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
GENESIS_HASH = "8b01df4e368ea28f8dc0423bcf7a4923e3a12d307c875e47a0cfbf90b5c39161"  # protocol page, "Script Hashes"


def lines(ended: Ended) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ended.out.splitlines()]


def monitor(observatory: Observatory, lab: Lab, data: Path, *options: str) -> Ended:
    return observatory("monitor", *lab.arguments, "--data", data, "--profile", "lab", *options)


def test_once_finds_who_is_there_asks_each_machine_once_and_ends(
    observatory: Observatory, quick_lab: Lab, tmp_path: Path
) -> None:
    ended = monitor(observatory, quick_lab, tmp_path, "--once", "--json")

    assert ended.code == 0, ended.err
    [made] = lines(ended)
    assert (made["round"], made["watched"], made["up"]) == (1, MACHINES, MACHINES)
    assert made["questions"] == [question.value for question in USUAL_QUESTIONS]
    with open_watch_source(tmp_path) as source:
        [watch] = source.watches()
        columns = source.readings(watch.watch_id)
    assert watch.watch_id in ended.err
    assert len(columns.rounds) == 1
    assert {one.transport.value for one in columns.endpoints} == {"ssl"}, "one endpoint per machine, TLS first"
    assert len({one.address for one in columns.endpoints}) == len(columns.endpoints) == MACHINES
    assert {AVAILABILITIES[found] for found in columns.availability.tolist()} == {Availability.UP}
    with StoreReader.open(tmp_path) as reader:
        assert [one.campaign.note for one in reader.campaigns()] == ["full, beside a watch"]


def test_who_is_named_is_asked_at_once_and_the_campaign_comes_with_the_next_call(
    observatory: Observatory, quick_lab: Lab, tmp_path: Path
) -> None:
    targets = (quick_lab.folder / "bootstrap.txt").read_text(encoding="utf-8").split()
    hosts = sorted({one.split(":")[0] for one in targets})
    options = (*quick_lab.arguments[1:], "--data", tmp_path, "--profile", "lab", "--once", "--json")

    first = observatory("monitor", *hosts, *options)
    assert _campaigns(tmp_path) == []
    then = observatory("monitor", *hosts, *options)

    assert [one["up"] for one in (*lines(first), *lines(then))] == [len(hosts), len(hosts)], first.err + then.err
    assert _campaigns(tmp_path) == ["full, beside a watch"]
    with open_watch_source(tmp_path) as source:
        columns = source.readings(source.watches()[0].watch_id)
    assert {one.transport.value for one in columns.endpoints} == {"ssl"}


def _campaigns(data: Path) -> list[str]:
    with StoreReader.open(data) as reader:
        return [one.campaign.note for one in reader.campaigns()]


def test_a_watch_goes_on_and_says_how_long_it_was_blind(
    observatory: Observatory, quick_lab: Lab, tmp_path: Path
) -> None:
    data, first = watched_until_a_round(observatory, quick_lab, tmp_path)
    scripts = ("--script", GENESIS_ADDRESS, "--script", "ab" * 32)
    then = monitor(observatory, quick_lab, data, "--once", "--json", *scripts)
    other = monitor(observatory, quick_lab, data, "--once", "--json", "--new")

    assert (first.code, then.code, other.code) == (0, 0, 0), first.err + then.err + other.err
    numbers = [one["round"] for one in lines(first)]
    assert numbers == [*range(1, len(numbers) + 1)]
    assert [one["round"] for one in lines(then)] == [len(numbers) + 1]
    assert [one["round"] for one in lines(other)] == [1]
    with open_watch_source(data) as source:
        old, new = source.watches()
        assert (len(source.stints(old.watch_id)), len(source.stints(new.watch_id))) == (2, 1)
        # A busy machine may hold us up besides: such a spell is true, and another test's.
        [gap] = [one for one in source.spells(old.watch_id) if one.why is Blindness.NOT_RUNNING]
        began, ended = source.stints(old.watch_id)
        assert began.started_at_us < gap.from_us < gap.to_us == ended.started_at_us
        assert Blindness.NOT_RUNNING not in {one.why for one in source.spells(new.watch_id)}
        columns = source.readings(old.watch_id)
    named = [one.config["settings"]["monitor"]["watching"]["scripts"] for one in (began, ended)]
    assert named == [[], [GENESIS_HASH, "ab" * 32]], "a later stint may name scripts"
    answers = {columns.texts[at] for at in columns.text_at[Question.PENDING].tolist() if at != NOTHING}
    replies = [json.loads(line) for answer in answers for line in answer.splitlines()]
    assert [(one["id"], one["result"]) for one in replies] == [(40, []), (41, [])], "nothing is pending at this lab's"
    assert f"goes on with round {len(numbers) + 1}" in then.err
    assert "sees you ask for 2 public scripts: never name your own or anybody's private address" in then.err
    assert first.err.count("begins") == 1


def watched_until_a_round(observatory: Observatory, lab: Lab, folder: Path) -> tuple[Path, Ended]:
    """Watch for some seconds, for more where the machine was too busy to make a round; say where and how it ended."""
    for seconds in (2, 8, 32):
        data = folder / f"{seconds}"
        ended = monitor(observatory, lab, data, "--for", f"{seconds}s", "--json", "--every", "histogram=100s")
        if lines(ended):
            return data, ended
    raise AssertionError(f"no round in so many seconds: {ended.err}")


def test_who_was_asked_a_moment_ago_is_left_in_peace_by_another_single_round(
    observatory: Observatory, quick_lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for rest_s in (2, 8, 32):  # more where the machine was so busy that they had rested when it had asked everybody
        monkeypatch.setenv("OBSERVATORY_SCAN__BUDGETS__REVISIT_S", str(100 * rest_s))
        data = tmp_path / f"{rest_s}"
        options = ("monitor", *quick_lab.arguments, "--data", data, "--once", "--json")  # the default profile spares
        first, again = observatory(*options), observatory(*options)
        if "The round begins" in first.err and not again.out:
            break

    assert [one["up"] for one in lines(first)] == [MACHINES]
    assert f"The round begins in {rest_s} s at the latest" in first.err
    assert (again.code, again.out) == (0, "")  # nobody was asked, so nobody failed to answer
    assert "4 servers asked a few minutes ago" in again.err


def test_a_dry_run_says_what_each_server_sees_in_a_day(
    observatory: Observatory, quick_lab: Lab, tmp_path: Path
) -> None:
    spoken = monitor(observatory, quick_lab, tmp_path / "none", "--dry-run")
    told = monitor(observatory, quick_lab, tmp_path / "none", "--dry-run", "--json", "--every", "histogram=10m").json

    assert "Dry run: nobody was asked." in spoken.err
    assert "Each server sees one connection that is held and, in a day, 3,168 requests" in spoken.err
    assert told["watch"]["per_server_and_day"]["requests"] == 3_168 - 144
    assert told["watch"]["every_s"]["histogram"] == 600
    assert told["campaign"]["targets"]
    assert not (tmp_path / "none").exists()


def test_nobody_there_is_an_exit_code_of_its_own(observatory: Observatory, quick_lab: Lab, tmp_path: Path) -> None:
    overlay = quick_lab.arguments[1:]
    ended = observatory(
        "monitor", "nobody.example:50001:t", *overlay, "--data", tmp_path, "--profile", "lab", "--once", "--json"
    )

    assert (ended.code, ended.out) == (4, "")
    assert "The full campaign came to nothing: nobody answered" in ended.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--every", "histogram=1s"], "may need"),
        (["--every", "weather=5m"], "WHAT is one of histogram"),
        (["--for", "soon"], "is no duration"),
        (["--store", "mysql://x"], "not a URL such as postgresql://"),
        (["--profile", "aggressive", "--depth", "2"], "operators agreed"),
        (["--every", "pending=10m"], "no public script is named"),
    ],
)
def test_wishes_that_make_no_sense_are_refused_in_words(
    options: list[str], words: str, observatory: Observatory, tmp_path: Path
) -> None:
    ended = observatory("monitor", "127.0.0.1:1:t", "--allow-private", "127.0.0.0/8", "--data", tmp_path, *options)

    assert ended.code == 2
    assert words in ended.err

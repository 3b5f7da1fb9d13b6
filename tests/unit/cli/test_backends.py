"""``observatory backends``: groups in words, and the evidence of a pair."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from electrum_observatory.store.live import LiveStore
from tests.unit.analysis.backends.planted import Planted, nodes_of, plant
from tests.unit.analysis.backends.told import told_columns, with_pending
from tests.unit.cli.conftest import Ended
from tests.unit.store.clock import StillClock
from tests.unit.store.watching.facts import DAY_US, MIDNIGHT_US, make_stint, make_watch
from tests.unit.store.watching.recorded import record

NODES = nodes_of(32, 4, 3)


def test_the_command_says_groups_and_opens_pairs(tmp_path: Path, observatory: Callable[..., Ended]) -> None:
    columns = told_columns(plant(Planted(nodes=NODES, rounds=80, told=1.0), 1))
    with LiveStore.open(tmp_path, StillClock()) as live:
        sink = live.watching()
        sink.begin_stint_now(make_watch(), make_stint())
        sink.record_columns(columns)

    told = observatory("backends", "--data", tmp_path)
    document: Any = observatory("backends", "--data", tmp_path, "--json").json
    pair = observatory("backends", "--data", tmp_path, "--pair", "s0.example", "s1.example")
    named = observatory("backends", "--data", tmp_path, "--pair", "ssl://s0.example:50002", "s1.example:50002")
    wrong = observatory("backends", "--data", tmp_path, "--pair", "s0.example", "alias.example")

    assert (told.code, pair.code, wrong.code) == (0, 0, 2)
    assert named.out == pair.out
    assert document["unrelated_nodes"] == "learned"
    assert told.out.count("consistent with one bitcoind") == 12
    assert "Expected share of false ones" in told.err
    assert "said too little to tell" in told.err
    assert document["sufficient"]
    assert len(document["groupings"]) == 9
    assert "histogram change" in pair.out
    assert "consistent with one bitcoind" in pair.err


def test_a_watch_that_asked_for_pending_transactions_says_what_came_of_it(
    tmp_path: Path, observatory: Callable[..., Ended]
) -> None:
    columns = with_pending(told_columns(plant(Planted(nodes=NODES, rounds=8, told=1.0), 1)), NODES)
    with LiveStore.open(tmp_path, StillClock()) as live:
        sink = live.watching()
        sink.begin_stint_now(make_watch(), make_stint())
        sink.record_columns(columns)

    told = observatory("backends", "--data", tmp_path)
    document: Any = observatory("backends", "--data", tmp_path, "--json").json
    pair: Any = observatory("backends", "--data", tmp_path, "--pair", "s0.example", "s3.example", "--json").json

    assert "8 rounds asked what is pending for public scripts: " in told.err
    assert " of 150 transactions that lasted were contested, by " in told.err
    assert document["contested"]["rounds"] == 8
    assert 0 < document["contested"]["patterns"] <= document["contested"]["contested"]
    assert any("only the first lists it" in one["words"] for one in pair["witnesses"])
    assert "contested transactions" in [one["signal"] for one in pair["signals"]]


def test_links_among_few_machines_are_called_leads(tmp_path: Path, observatory: Callable[..., Ended]) -> None:
    planted = Planted(nodes=(0, 0, 0, 1, 1, 1), rounds=60, told=1.0, ages_s=0, noise=1e-4, differing=0.05)
    with LiveStore.open(tmp_path, StillClock()) as live:
        sink = live.watching()
        sink.begin_stint_now(make_watch(), make_stint())
        sink.record_columns(told_columns(plant(planted, 10)))

    told = observatory("backends", "--data", tmp_path)
    document: Any = observatory("backends", "--data", tmp_path, "--json").json

    assert "Expected share of false ones" in told.err
    assert "it is assumed, not learned, what unrelated nodes have in common" in told.err
    assert document["unrelated_nodes"] == "assumed"


def test_of_a_long_watch_the_last_week_is_read_unless_a_beginning_is_named(
    tmp_path: Path, observatory: Callable[..., Ended]
) -> None:
    with LiveStore.open(tmp_path, StillClock()) as live:
        record(live, 9)

    told = observatory("backends", "--data", tmp_path, "--json")
    whole = observatory("backends", "--data", tmp_path, "--json", "--from", "2000-01-01")
    document: Any = told.json
    everything: Any = whole.json

    last_us = MIDNIGHT_US + 9 * DAY_US - DAY_US // 6
    assert "The last 7 days of 9: nodes change." in told.err
    assert document["from_us"] == last_us - 7 * DAY_US
    assert "The last 7 days" not in whole.err
    assert everything["from_us"] == MIDNIGHT_US

"""Recorded, real nodes behind simulated servers of every program: what is found of them is what is true of them."""

import json
from pathlib import Path

import numpy as np
import pytest

from electrum_observatory.analysis.backends.published_links import published_links
from electrum_observatory.analysis.backends.study import study
from electrum_observatory.cli.replayed_watch import START_US, bundled_recording
from electrum_observatory.datasets.watch.histograms import histograms_of
from electrum_observatory.datasets.watch.table import WatchTable, table_of
from electrum_observatory.lab.time.recorded import Recording, read_recording
from electrum_observatory.lab.time.replay import Replay, cast, replay
from electrum_observatory.model.errors import InputError
from electrum_observatory.model.watch import Question


@pytest.fixture(scope="module")
def recording() -> Recording:
    return bundled_recording()


def replayed(recording: Recording, seed: int) -> tuple[Replay, WatchTable]:
    asked = Replay(
        recording=recording, servers=cast(recording, seed), seed=seed, start_us=START_US, every_s=10.0, hasten=12.0
    )
    rendered = replay(asked)
    return asked, table_of(rendered.readings, rendered.news)


def test_the_recorded_nodes_are_real_and_differ(recording: Recording) -> None:
    one, other = (recording.moments[node][-1] for node in sorted(recording.moments))

    assert recording.program.startswith("/LitecoinCore:")
    assert one.relay != other.relay
    assert set(one.mempool) != set(other.mempool)
    assert all(len(moments) > 50 for moments in recording.moments.values())


@pytest.fixture(scope="module")
def watched(recording: Recording) -> tuple[Replay, WatchTable]:
    return replayed(recording, 71)


def test_servers_of_every_program_are_put_on_the_node_that_they_stand_on_and_on_no_other(
    watched: tuple[Replay, WatchTable],
) -> None:
    asked, table = watched
    node = {one.endpoint: one.nodes[0] for one in asked.servers}

    found = study(table)
    grouping = found.groups()

    of = [node[one.endpoint] for one in found.material.facts]
    linked = np.argwhere(np.triu(grouping.links))
    assert len(linked) >= len(of)
    assert [pair.tolist() for pair in linked if of[pair[0]] != of[pair[1]]] == []


def test_the_published_rule_puts_servers_of_both_nodes_together(watched: tuple[Replay, WatchTable]) -> None:
    asked, table = watched
    node = [one.nodes[0] for one in asked.servers]

    _, links, _ = published_links(histograms_of(table), np.arange(len(node)))

    assert any(node[one] != node[other] for one, other in np.argwhere(links))


def test_the_same_seed_says_the_same(recording: Recording) -> None:
    short = Recording(program=recording.program, moments=recording.moments, seconds=30.0)

    first, second = (replayed(short, 5)[1] for _ in range(2))

    assert first.texts == second.texts
    assert (first.text_at[Question.HISTOGRAM] == second.text_at[Question.HISTOGRAM]).all()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format":"else","version":1}',
        json.dumps({"format": "electrum-observatory-node-outputs", "version": 1}),
    ],
)
def test_what_is_no_recording_is_refused_in_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "nodes.jsonl"
    path.write_text(text)

    with pytest.raises(InputError, match="no recording of node outputs"):
        read_recording(path)

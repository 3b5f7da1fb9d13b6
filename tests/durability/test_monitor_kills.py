"""A few of the bench's kills of a monitor, and its polite end."""

import signal
from pathlib import Path
from random import Random

from bench import kill9_monitor
from electrum_observatory.model.watch import Blindness
from electrum_observatory.store.reader import StoreReader
from electrum_observatory.store.watching.source import WatchReader
from tests.durability.world import TIME_SCALE, Network, Sitting


async def test_no_acknowledged_round_is_lost_to_kills_and_each_gap_is_the_true_one(
    network: Network, tmp_path: Path
) -> None:
    left = await kill9_monitor.killed(network.folder, tmp_path, TIME_SCALE, Random(5), 2, while_starting=False)

    assert (left.kills, left.unreadable, left.missing, left.invented, left.misdated) == (2, 0, 0, 0, 0), left
    assert left.acknowledged
    assert left.spells


def test_a_terminated_monitor_ends_its_stint_and_the_next_one_goes_on(network: Network, tmp_path: Path) -> None:
    options = ["--data", tmp_path, "--profile", "lab", "--every", "histogram=40s", "--every", "discovery=40s", "--json"]
    sitting = Sitting(["monitor", *network.arguments, *options])
    sitting.tells("sealing", 2)  # the first campaign, and the one beside the watch
    sitting.tells('{"round"', 1)
    sitting.signal(signal.SIGTERM)
    stopped = sitting.end()

    assert stopped.code == 130
    assert "Stopping: the stint ends" in stopped.words
    again = Sitting(["monitor", *network.arguments, *options, "--once"]).end()
    assert again.code == 0, again.words
    with WatchReader.open(tmp_path) as reader:
        [watch] = reader.watches()
        rounds = reader.readings(watch.watch_id, questions=()).rounds
        [gap] = reader.spells(watch.watch_id)
        first, second = reader.stints(watch.watch_id)
    with StoreReader.open(tmp_path) as reader:
        campaigns = reader.campaigns()
    assert [one.campaign.note for one in campaigns[:2]] == ["full, beside a watch", "discovery, beside a watch"]
    assert not any(one.state.partial for one in campaigns[:2])
    assert f"goes on with round {rounds[-1].number}" in again.words
    assert gap.why is Blindness.NOT_RUNNING
    assert rounds[-2].started_at_us < gap.from_us < gap.to_us == second.started_at_us
    assert first.config == second.config

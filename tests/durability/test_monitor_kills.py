"""A few of the bench's kills of a monitor, and a polite end of the same watch."""

import signal
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from bench import kill9_monitor
from bench.monitor_killer import Left
from electrum_observatory.model.watch import Blindness
from electrum_observatory.net.loop import run
from electrum_observatory.store.reader import StoreReader
from electrum_observatory.store.watching.source import WatchReader
from tests.durability.world import TIME_SCALE, Network, Sitting

KILLS, SEED = 2, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """A watch whose monitors were killed: its data folder, and what the killer found there."""

    data: Path
    left: Left


@pytest.fixture(scope="module")
def killed(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Killed:
    data = tmp_path_factory.mktemp("killed")
    kills = kill9_monitor.killed(network.folder, data, TIME_SCALE, Random(SEED), KILLS, while_starting=False)
    return Killed(data=data, left=run(kills))


def test_no_acknowledged_round_is_lost_to_kills_and_each_gap_is_the_true_one(killed: Killed) -> None:
    left = killed.left

    assert (left.kills, left.unreadable, left.missing, left.invented, left.misdated) == (KILLS, 0, 0, 0, 0), left
    assert left.acknowledged >= KILLS
    assert left.spells == KILLS - 1


def test_the_watch_goes_on_makes_its_campaign_and_ends_politely(network: Network, killed: Killed) -> None:
    every = ("--every", "histogram=40s", "--every", "discovery=40s")
    sitting = Sitting(["monitor", *network.arguments, "--data", killed.data, "--profile", "lab", "--json", *every])
    sitting.tells('{"round"', 1)
    sitting.tells("sealing", 1)
    sitting.signal(signal.SIGTERM)
    stopped = sitting.end()

    assert stopped.code == 130
    assert "goes on with round" in stopped.words
    assert "Stopping: the stint ends" in stopped.words
    with WatchReader.open(killed.data) as reader:
        [watch] = reader.watches()
        gaps = [one for one in reader.spells(watch.watch_id) if one.why is Blindness.NOT_RUNNING]
        stints = reader.stints(watch.watch_id)
        rounds = [made.number for made in reader.readings(watch.watch_id, questions=()).rounds]
    assert [gap.to_us for gap in gaps] == [stint.started_at_us for stint in stints[1:]]
    assert rounds == [*range(1, len(rounds) + 1)]
    with StoreReader.open(killed.data) as reader:
        first, beside = reader.campaigns()[:2]
    assert (first.campaign.note, beside.campaign.note) == ("full, beside a watch", "discovery, beside a watch")
    assert not beside.state.partial

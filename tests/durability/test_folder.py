"""The data folder: two scanners in one, and one that is removed under way."""

import shutil
import signal
from collections import Counter
from pathlib import Path

from tests.durability.world import Network, Sitting, held, scan


def test_a_second_scanner_in_the_same_folder_is_sent_away_and_the_first_is_whole(
    network: Network, tmp_path: Path
) -> None:
    first = Sitting(["scan", *network.arguments, "--data", tmp_path])
    first.acknowledged(100)  # some have answered: whoever is under way while it stands still will time out
    first.signal(signal.SIGSTOP)

    second = scan(["scan", *network.arguments, "--data", tmp_path])
    resumer = scan(["scan", "--resume", "latest", "--data", tmp_path])
    first.signal(signal.SIGCONT)
    done = first.end()

    assert (second.code, resumer.code, done.code) == (5, 5, 0), (second.words, done.words)
    assert "is being written by process" in second.words
    assert "is being written by process" in resumer.words
    assert held(tmp_path).facts == Counter(done.told)


def test_a_folder_that_is_removed_under_way_stops_the_scan_and_nothing_more_is_acknowledged(
    network: Network, tmp_path: Path
) -> None:
    data, kept = tmp_path / "data", tmp_path / "kept"
    sitting = Sitting(["scan", *network.arguments, "--data", data])
    sitting.acknowledged(1)
    data.rename(kept)
    ended = sitting.end()
    visitors = network.visitors()

    assert ended.code == 5
    assert "live.db was removed or replaced while it was written" in ended.words
    assert not data.exists()

    shutil.move(kept, data)
    before = held(data)
    assert not Counter(ended.told) - before.facts
    gone_on = scan(["scan", "--resume", before.name, "--data", data])
    assert gone_on.code == 0, gone_on.words
    assert held(data).answered == network.alive
    assert not (network.visitors() - visitors).keys() & before.settled

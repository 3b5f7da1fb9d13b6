"""A disk that is full or turns read-only in mid-scan: what was acknowledged stays, and the scan is finished later."""

import shlex
from collections import Counter
from pathlib import Path

import pytest

from tests.durability.disks import real_disk, small_disk
from tests.durability.world import (
    Network,
    Sat,
    Sitting,
    assert_finished_without_asking_twice,
    assert_partial_with_all_of,
    held,
    scan,
)


def test_a_full_disk_ends_the_scan_in_words_and_with_room_made_resume_finishes_it(
    network: Network, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", "900k") as disk:
        data = disk.folder / "data"
        ended = scan(["scan", *network.arguments, "--data", data], disk.within)
        before, visitors = held(disk.copy_to(tmp_path / "before") / "data"), network.visitors()

        _assert_stopped_in_words(ended, before.name, "is full: free some space")
        assert_partial_with_all_of(ended.told, before)
        listed = scan(["campaigns", "show", "--data", data], disk.within)
        assert listed.code == 0, listed.words

        disk.mount("remount,size=64m")
        gone_on = scan(["scan", "--resume", before.name, "--data", data], disk.within)

        assert gone_on.code == 0, gone_on.words
        after = held(disk.copy_to(tmp_path / "after") / "data")
    assert_finished_without_asking_twice(network, before, visitors, after)


@pytest.mark.parametrize("size", ["8k", "20k", "60k"])
def test_a_disk_without_room_for_the_first_page_is_called_full(network: Network, tmp_path: Path, size: str) -> None:
    """SQLite calls some of these a disk I/O error, since it cannot make the index of its log."""
    with small_disk(tmp_path / "disk", size) as disk:
        data = disk.folder / "data"
        ended = scan(["scan", *network.arguments, "--data", data], disk.within)

    assert ended.code == 5, ended.words
    assert f"the disk that holds {data} is full: free some space" in ended.words
    assert f"observatory campaigns disk-use --data {data}" in ended.words


def test_a_file_that_may_not_grow_ends_the_scan_the_same_way(network: Network, tmp_path: Path) -> None:
    def limited(command: list[str]) -> list[str]:
        return ["sh", "-c", f"ulimit -f 1000 && exec {shlex.join(command)}"]

    ended = scan(["scan", *network.arguments, "--data", tmp_path], limited)
    before, visitors = held(tmp_path), network.visitors()

    _assert_stopped_in_words(ended, before.name, "check its permissions and its disk")
    assert_partial_with_all_of(ended.told, before)
    assert scan(["scan", "--resume", before.name, "--data", tmp_path]).code == 0
    assert_finished_without_asking_twice(network, before, visitors, held(tmp_path))


def test_a_disk_that_turns_read_only_ends_the_scan_in_words_and_resume_finishes_it(
    network: Network, tmp_path: Path
) -> None:
    with real_disk(tmp_path / "disk", tmp_path / "image") as disk:
        data = disk.folder / "data"
        sitting = Sitting(["scan", *network.arguments, "--data", data], disk.within)
        sitting.acknowledged(1)
        disk.mount("remount,abort")
        ended = sitting.end()
        before, visitors = held(disk.copy_to(tmp_path / "before") / "data"), network.visitors()

        _assert_stopped_in_words(ended, before.name, "check its permissions and its disk")
        assert_partial_with_all_of(ended.told, before)
        listed = scan(["campaigns", "show", "--data", data], disk.within)
        assert listed.code == 0, listed.words

    with real_disk(tmp_path / "disk", tmp_path / "image") as disk:
        gone_on = scan(["scan", "--resume", before.name, "--data", data], disk.within)
        assert gone_on.code == 0, gone_on.words
        after = held(disk.copy_to(tmp_path / "after") / "data")
    assert not Counter(ended.told) - after.facts
    assert_finished_without_asking_twice(network, before, visitors, after)


def _assert_stopped_in_words(ended: Sat, name: str, words: str) -> None:
    assert ended.code == 5, ended.words
    assert words in ended.words
    why, _, how = ended.words.partition("everything stored so far is kept")
    assert f"To go on: observatory scan --resume {name}" in how, why
    assert "Traceback" not in ended.words

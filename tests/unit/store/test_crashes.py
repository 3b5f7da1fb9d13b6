"""Whatever ends the process or the disk: what was acknowledged is there, and the folder opens."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.reader import StoreReader
from tests.factories import CAMPAIGN_ID, make_observation
from tests.unit.store.clock import StillClock

ROOT = Path(__file__).parents[3]
_SET_UP = """
import os, resource, sys
from pathlib import Path
from electrum_observatory.model.errors import StoreError
from electrum_observatory.store.live import LiveStore
from tests.factories import make_campaign, make_endpoint, make_observation, make_witness
from tests.unit.store.clock import StillClock

data_dir = Path(sys.argv[1])

def batch(number):
    data = number.to_bytes(4, "big") * 500
    return [
        make_observation(endpoint=make_endpoint(port=port), started_at_us=number, witnesses=(make_witness(data=data),))
        for port in (1, 2, 3)
    ]
"""


def _start(script: str, data_dir: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _SET_UP + textwrap.dedent(script), str(data_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    )


def _batches(data_dir: Path) -> dict[int | None, int]:
    found: dict[int | None, int] = {}
    with StoreReader.open(data_dir) as reader:
        for seen in reader.observations(CAMPAIGN_ID, with_witnesses=True):
            assert seen.witnesses[0].data == seen.started_at_us.to_bytes(4, "big") * 500
            found[seen.started_at_us] = found.get(seen.started_at_us, 0) + 1
        assert reader.campaign().state is CampaignState.OPEN
    return found


@pytest.mark.parametrize("acknowledged", [1, 25, 120])
def test_a_killed_writer_loses_nothing_that_it_acknowledged(data_dir: Path, acknowledged: int) -> None:
    script = """
        store = LiveStore.open(data_dir, StillClock())
        store.begin_campaign(make_campaign())
        for number in range(1, 100_000):
            store.record_many(batch(number))
            print(number, flush=True)
    """
    writer = _start(script, data_dir)
    try:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(acknowledged)]
    finally:
        os.kill(writer.pid, signal.SIGKILL)
        rest = writer.communicate()[0]
    last = int([*lines, *rest.splitlines()][-1])

    found = _batches(data_dir)

    assert set(found) >= set(range(1, last + 1))
    assert set(found.values()) == {3}
    connection = apsw.Connection(str(data_dir / "live.db"), flags=apsw.SQLITE_OPEN_READONLY)
    assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
    connection.close()
    with LiveStore.open(data_dir, StillClock()) as store:
        store.record_many([make_observation()])


def test_a_full_disk_is_one_clear_error_and_loses_nothing_before_it(data_dir: Path) -> None:
    script = """
        store = LiveStore.open(data_dir, StillClock())
        store.begin_campaign(make_campaign())
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
        done = 0
        try:
            for number in range(1, 10_000):
                store.record_many(batch(number))
                done = number
        except StoreError as error:
            print(error)
        store.close()
        print(done)
    """
    writer = _start(script, data_dir)
    words, done = writer.communicate(timeout=60)[0].strip().splitlines()

    assert words.startswith((f"the disk that holds {data_dir} is full", f"cannot write to {data_dir}"))
    assert "stored so far is kept" in words
    assert int(done) > 10
    assert _batches(data_dir) == dict.fromkeys(range(1, int(done) + 1), 3)
    with LiveStore.open(data_dir, StillClock()) as store:
        store.record_many([make_observation()])


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder whose parents anybody may enter, for processes that give up being root."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "data"


def test_an_unwritable_folder_is_one_clear_error(open_folder: Path) -> None:
    script = """
        data_dir.mkdir()
        data_dir.chmod(0o555)
        if os.geteuid() == 0:
            os.setegid(65534)
            os.seteuid(65534)
        try:
            LiveStore.open(data_dir, StillClock())
        except StoreError as error:
            print(error)
    """
    writer = _start(script, open_folder)
    words = writer.communicate(timeout=60)[0].strip()

    assert words.startswith(f"cannot write to {open_folder} (Permission denied): check its permissions")
    assert len(words.splitlines()) == 1


def test_an_archive_that_nobody_can_write_is_still_read(open_folder: Path) -> None:
    script = """
        from electrum_observatory.store.reader import StoreReader
        with LiveStore.open(data_dir, StillClock()) as store:
            store.begin_campaign(make_campaign())
            store.record_many(batch(1))
        data_dir.chmod(0o555)
        if os.geteuid() == 0:
            os.setegid(65534)
            os.seteuid(65534)
        with StoreReader.open(data_dir) as reader:
            print(reader.campaign().observations)
    """
    writer = _start(script, open_folder)

    assert writer.communicate(timeout=60)[0].strip() == "3"

"""What a watch does beside watching: a disk that runs low is told once, and each finished day is sealed once."""

import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path

from electrum_observatory.cli.monitor_housekeeping import Housekeeping, size_of, status_line
from electrum_observatory.cli.monitor_view import MonitorView
from electrum_observatory.model.errors import StoreError
from electrum_observatory.net.loop import run

NOON = 1_795_262_400_000_000
HOUR = 3_600_000_000


class Clock:
    boot_id = "b"

    def __init__(self) -> None:
        self.us = NOON

    def now_us(self) -> int:
        return self.us

    def monotonic_ns(self) -> int:
        return self.us * 1000

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody waits here, and not {seconds} s")


class House:
    def __init__(self, data: Path, *, disk_low_bytes: int = 0, breaks: bool = False) -> None:
        self.clock, self.told, self.sealed = Clock(), list[str](), list[int]()
        self.view = MonitorView(watch_id="w", began_us=NOON)
        self.breaks = breaks
        self.left_off = threading.Event()
        self.begun: threading.Event | None = None
        self.ended = False
        self.keeping = Housekeeping(
            data,
            clock=self.clock,
            view=self.view,
            warn=self.told.append,
            disk_low_bytes=disk_low_bytes,
            seal_days=self.seal,
            leave_off=self.left_off.set,
        )

    def seal(self, step_done: Callable[[str], None]) -> None:
        if self.breaks:
            raise StoreError("the disk is full")
        if self.begun is not None:
            self.begun.set()
            assert self.left_off.wait(20)
            self.ended = True
            raise StoreError("a process was ended")
        step_done("written")
        self.sealed.append(self.clock.us)


def test_a_low_disk_is_told_once(tmp_path: Path) -> None:
    house = House(tmp_path, disk_low_bytes=10**18)

    house.keeping.look_at_disk()
    house.keeping.look_at_disk()

    [told] = house.told
    assert f"free on the disk of {tmp_path}" in told
    assert house.view.free_bytes


def test_a_disk_with_room_is_no_news(tmp_path: Path) -> None:
    house = House(tmp_path, disk_low_bytes=1)

    house.keeping.look_at_disk()

    assert house.told == []


def test_days_are_sealed_at_the_start_and_some_minutes_after_each_midnight(tmp_path: Path) -> None:
    house = House(tmp_path)
    for hours in (0, 1, 11.9, 12.01, 12.1, 13, 36.2):
        house.clock.us = NOON + round(hours * HOUR)
        run(house.keeping.seal_when_due())

    assert [(one - NOON) / HOUR for one in house.sealed] == [0, 12.1, 36.2]


def test_a_day_that_cannot_be_sealed_is_told_and_holds_up_nothing(tmp_path: Path) -> None:
    house = House(tmp_path, breaks=True)

    run(house.keeping.seal_when_due())

    assert house.told == ["Finished days could not be sealed: the disk is full"]


def test_sealing_is_left_off_where_the_watch_ends(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.keeping.stop()

    run(house.keeping.seal_when_due())

    assert (house.sealed, house.told) == ([], [])


def test_a_step_of_sealing_that_is_under_way_is_ended_where_the_watch_ends(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.begun = threading.Event()

    async def stop_in_between() -> None:
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            tasks.create_task(house.keeping.run())
            await asyncio.to_thread(house.begun.wait)  # type: ignore[union-attr]
            house.keeping.stop()

    run(stop_in_between())

    assert (house.ended, house.told) == (True, []), "ended, and no trouble of the disk's"


def test_an_abort_waits_until_a_step_of_sealing_has_been_ended(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.begun = threading.Event()

    async def abort_in_between() -> bool:
        keeping = asyncio.ensure_future(house.keeping.run())
        await asyncio.to_thread(house.begun.wait)  # type: ignore[union-attr]
        keeping.cancel()
        await asyncio.wait([keeping], timeout=20)
        assert keeping.cancelled()
        return house.ended

    assert run(abort_in_between())
    assert house.left_off.is_set()


def test_the_size_of_a_folder_is_that_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(b"12345")
    (tmp_path / "c").write_bytes(b"67")
    os.symlink(tmp_path / "c", tmp_path / "d")

    assert size_of(tmp_path) == 7 + len(os.fspath(tmp_path / "c"))
    assert size_of(tmp_path / "missing") == 0


def test_a_supervisor_reads_how_the_watch_stands() -> None:
    assert status_line(MonitorView(watch_id="w", began_us=NOON, watched=3)) == "3 servers watched, no round yet"

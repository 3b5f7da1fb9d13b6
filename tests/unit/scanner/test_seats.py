"""Who waits for a silent stranger holds up nobody: seats, stepping aside, and the cap on what is open."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.scanner import engine
from electrum_observatory.scanner.config import Budgets, Deadlines
from electrum_observatory.scanner.seats import Seats
from tests.unit.scanner.capture import CaptureSink, Scan
from tests.unit.scanner.scripted import ScriptedResolver, server
from tests.unit.scanner.virtual_time import run_virtually

DEADLINES = Deadlines(dial_s=8, request_s=8, resolve_s=8)


def silent(_message: Any) -> list[Any]:
    return []


def hosts(number: int) -> list[str]:
    return [f"5.{place // 200}.{place % 200}.1" for place in range(number)]


def last_end(scan: Scan, endpoints: Sequence[str]) -> float:
    """Return when the last of their conversations was over."""
    rows = scan.sink.rows("connection")
    ends = [
        (row.started_monotonic_ns or 0) / 1e9 + (row.duration_us or 0) / 1e6 for row in map(rows.get, endpoints) if row
    ]
    assert len(ends) == len(endpoints)
    return max(ends)


async def seconds_of(scan: Scan) -> float:
    await scan.run()
    return asyncio.get_running_loop().time()


def test_300_silent_of_1000_hosts_delay_nobody_and_cost_their_own_timeout() -> None:
    addresses = hosts(1_000)
    answers = {(one, 50001): silent if place % 10 < 3 else server() for place, one in enumerate(addresses)}
    scan = Scan(
        answers,
        targets=[f"{one}:50001:t" for one in addresses],
        deadlines=DEADLINES,
        concurrency=64,
        probes=("server_version",),
    )

    seconds = run_virtually(seconds_of(scan))

    assert scan.sink.seal is not None
    assert scan.sink.seal.counts["answered"] == 700
    assert scan.sink.seal.counts["failed_read_timeout"] == 300
    honest = [f"tcp://{one}:50001@{one}" for one, answer in answers if answers[one, answer] is not silent]
    assert last_end(scan, honest) < 14, "64 seats, each held for a moment of two looks at most"
    assert seconds < 14 + 8 + 1


def test_hosts_that_drop_packets_hold_a_seat_for_a_moment_only() -> None:
    addresses = hosts(300)
    scan = Scan(
        {(one, 50001): server() for one in addresses},
        targets=[f"{one}:50001:t" for one in addresses],
        deadlines=DEADLINES,
        concurrency=30,
        connect_s=1e9,
    )

    assert run_virtually(seconds_of(scan)) == pytest.approx(9 + 8, abs=0.5)


def test_no_more_is_open_than_allowed_however_much_steps_aside() -> None:
    addresses = hosts(90)
    scan = Scan(
        dict.fromkeys(((one, 50001) for one in addresses), silent),
        targets=[f"{one}:50001:t" for one in addresses],
        deadlines=DEADLINES,
        concurrency=10,
        open_at_once=30,
    )

    run_virtually(scan.run())

    assert max(progress.in_flight for progress in scan.observer.seen) == 30


def test_names_whose_name_servers_are_silent_hold_up_no_other_name() -> None:
    class SlowResolver(ScriptedResolver):
        async def addresses(self, host: str) -> tuple[str, ...]:
            if host.startswith("mute"):
                await asyncio.sleep(8)
                raise VisitError(Stage.RESOLVE, FailureKind.DNS_TIMEOUT)
            return await super().addresses(host)

    names = {f"good{place}.org": [address] for place, address in enumerate(hosts(50))}
    mute = [f"mute{place}.org:50001:t" for place in range(100)]
    scan = Scan({}, targets=[*mute, *(f"{name}:50001:t" for name in names)], resolves_at_once=32)
    scan.engine._intake.resolver = SlowResolver(names)

    seconds = run_virtually(seconds_of(scan))

    assert max(at for at, _ in scan.dialer.dials) < 5
    assert seconds < 4 + 8 + 1


def test_a_server_that_keeps_talking_keeps_its_seat() -> None:
    async def run() -> bool:
        freed: list[bool] = []
        seats = Seats(seats=1, open_at_once=9, moment_s=1.0, freed=lambda: freed.append(True))
        lines = iter(range(100))
        seats.take(lambda: next(lines))
        await asyncio.sleep(20)
        return seats.free or bool(freed)

    assert run_virtually(run()) is False


def test_a_seat_is_given_back_once_whether_or_not_it_was_given_up_before() -> None:
    async def run() -> list[bool]:
        seats = Seats(seats=1, open_at_once=2, moment_s=1.0, freed=lambda: None)
        patient, states = seats.take(), [seats.free]
        await asyncio.sleep(1.5)
        states.append(seats.free)
        quick = seats.take()
        states.append(seats.free)
        quick.leave()
        patient.leave()
        first = seats.take()
        states.append(seats.free)
        first.leave()
        states.append(seats.free)
        return states

    assert run_virtually(run()) == [False, True, False, False, True]


def test_a_host_that_drops_packets_keeps_its_machine_s_turn_all_the_same() -> None:
    scan = Scan(
        {("5.9.1.2", port): silent for port in (50001, 50002, 50003)},
        targets=[f"5.9.1.2:{port}:t" for port in (50001, 50002, 50003)],
        deadlines=DEADLINES,
        budgets=Budgets(spacing_s=1, connections_at_once=2),
    )

    run_virtually(scan.run())

    assert [round(at) for at, _ in scan.dialer.dials] == [0, 1, 8]


def test_only_a_few_begin_in_one_turn_of_the_loop() -> None:
    scan = Scan(
        {(one, 50001): server() for one in hosts(64)},
        targets=[f"{one}:50001:t" for one in hosts(64)],
        concurrency=64,
    )
    turns: Counter[int] = Counter()

    async def run() -> list[float]:
        loop, turn = asyncio.get_running_loop(), [0]
        connect = scan.dialer.connect

        def next_turn() -> None:
            turn[0] += 1
            if turn[0] < 200:
                loop.call_soon(next_turn)

        async def counted(endpoint: Endpoint, **how: bool) -> Any:
            turns[turn[0]] += 1
            return await connect(endpoint, **how)

        scan.dialer.connect = counted  # type: ignore[method-assign]
        next_turn()
        await scan.run()
        return [at for at, _ in scan.dialer.dials]

    assert set(run_virtually(run())) == {0.0}, "all of them at once, as time goes"
    assert turns.total() == 64
    assert max(turns.values()) <= 8


class SlowSink(CaptureSink):
    """A disk that takes five seconds for every batch."""

    async def record(self, *batch: Any, **more: Any) -> None:
        await asyncio.sleep(5)
        await super().record(*batch, **more)


def test_a_slow_disk_holds_up_no_conversation() -> None:
    scan = Scan(
        {(one, 50001): server() for one in hosts(200)},
        targets=[f"{one}:50001:t" for one in hosts(200)],
        concurrency=20,
        sink=SlowSink(),
    )

    run_virtually(scan.run())

    assert max(at for at, _ in scan.dialer.dials) < 2
    assert len(scan.sink.rows("server_version")) == 200


def test_a_disk_that_cannot_keep_up_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_MOST_UNWRITTEN", 100)
    scan = Scan(
        {(one, 50001): server() for one in hosts(60)},
        targets=[f"{one}:50001:t" for one in hosts(60)],
        concurrency=5,
        sink=SlowSink(),
    )

    run_virtually(scan.run())

    assert max(at for at, _ in scan.dialer.dials) > 10
    assert len(scan.sink.rows("server_version")) == 60

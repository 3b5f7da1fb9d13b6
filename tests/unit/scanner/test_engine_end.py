"""How scans end: by themselves, by a stop at any moment, by a full disk, by sources that fail."""

import asyncio

import pytest

from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.model.errors import InputError, StoreError
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.scanner.config import Deadlines, ScanConfig
from electrum_observatory.scanner.discovery.typed_targets import typed_targets
from tests.unit.scanner.capture import BITCOIN, CaptureSink, Scan
from tests.unit.scanner.neighbours import NAMES, A, B, run, telling
from tests.unit.scanner.scripted import (
    CLOSE,
    Pause,
    server,
)
from tests.unit.scanner.virtual_time import run_virtually


def slowly(message):
    return [Pause(2.0), *server()(message)]


def test_a_polite_stop_starts_nothing_new_keeps_what_was_learned_and_seals_as_cancelled() -> None:
    targets = [f"88.{place}.1.1:50002:s" for place in range(30)]
    scan = Scan({(f"88.{place}.1.1", 50002): slowly for place in range(30)}, targets=targets, open_at_once=5)

    async def main():
        asyncio.get_running_loop().call_later(2.5, scan.engine.stop)
        outcome = await scan.run()
        return outcome, asyncio.get_running_loop().time()

    outcome, seconds = run_virtually(main())

    assert outcome.state is CampaignState.CANCELLED
    assert seconds <= 2.5 + ScanConfig().deadlines.stop_grace_s + 0.1
    assert len(scan.dialer.dials) == 5
    assert outcome.counts["answered"] == 5
    assert outcome.counts["unvisited"] == 25
    assert scan.sink.seal.state is CampaignState.CANCELLED
    assert all(connection.aborted for connection in scan.dialer.connections)
    assert {one.attempt.failure.kind for one in scan.sink.observations if one.attempt.failure} == {
        FailureKind.CANCELLED
    }
    assert scan.observer.seen[-1].stopping


def test_visits_that_end_within_the_grace_are_whole() -> None:
    scan = Scan(
        {(A, 50002): server(), (B, 50002): slowly},
        targets=["a.org:50002:s", "b.org:50002:s"],
        names=NAMES,
        deadlines=Deadlines(stop_grace_s=60),
    )

    async def main():
        asyncio.get_running_loop().call_later(1.0, scan.engine.stop)
        return await scan.run()

    outcome = run_virtually(main())

    assert outcome.state is CampaignState.CANCELLED
    assert outcome.counts["answered"] == outcome.counts["verified"] == 2
    assert outcome.counts["unvisited"] == 0


@pytest.mark.parametrize("stop_at_s", [0.0, 0.005, 0.015, 0.03, 5.0, 10.0, 10.03])
def test_a_stop_at_any_moment_ends_cleanly(stop_at_s: float) -> None:
    scan = Scan(
        {(A, 50002): lambda _message: [CLOSE], (A, 50001): slowly, (B, 50002): slowly},
        targets=["a.org", "b.org"],
        names=NAMES,
    )

    async def main():
        asyncio.get_running_loop().call_later(stop_at_s, scan.engine.stop)
        return await scan.run()

    outcome = run_virtually(main())

    assert outcome.state is CampaignState.CANCELLED
    scan.sink.rows("connection")


def test_a_stop_while_a_plain_retry_waits_keeps_the_first_visit_as_broken_off() -> None:
    """Whoever goes on with the campaign then asks again; how the first try failed stays readable."""
    scan = Scan({(A, 50002): lambda _message: [CLOSE]}, targets=["a.org:50002:s"], names=NAMES)

    async def main():
        asyncio.get_running_loop().call_later(5, scan.engine.stop)
        return await scan.run()

    run_virtually(main())

    assert len(scan.dialer.dials) == 1
    row = scan.sink.rows("server_version")[f"ssl://a.org:50002@{A}"]
    assert row.attempt.failure.kind is FailureKind.CANCELLED
    assert row.attempt.failure.detail.startswith("eof")
    assert row.attempt.failure.detail.endswith("stopped before the second try ended")


def test_a_second_cancellation_aborts_at_once_and_leaves_the_campaign_open() -> None:
    scan = Scan({(A, 50002): slowly}, targets=["a.org:50002:s"], names=NAMES)

    async def main():
        task = asyncio.get_running_loop().create_task(scan.run())
        await asyncio.sleep(1)
        scan.engine.stop()
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled(), asyncio.get_running_loop().time()

    assert run_virtually(main()) == (True, pytest.approx(1.1))
    assert scan.sink.seal is None
    assert scan.dialer.connections[0].aborted


def test_a_full_disk_ends_the_scan_with_the_stores_own_error() -> None:
    scan = Scan(
        {(A, 50002): telling([B, "b.org", ["s"]]), (B, 50002): slowly},
        targets=["a.org:50002:s"],
        names=NAMES,
        sink=CaptureSink(full_at_batch=2),
    )

    with pytest.raises(StoreError, match="no space left"):
        run(scan)

    assert all(connection.aborted for connection in scan.dialer.connections)
    assert len(scan.sink.sightings) == 1, "what was committed before stays"


class BrokenSource:
    id = "broken"
    touches_network = True

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def sightings(self):
        raise self._error
        yield


def test_a_source_that_cannot_be_read_is_told_and_the_others_are_used() -> None:
    sources = [BrokenSource(InputError("https://example.org: HTTP 404")), typed_targets([f"{A}:50002:s"], BITCOIN)]
    scan = Scan({(A, 50002): server()}, sources=sources)

    outcome = run(scan)

    assert outcome.source_errors == ("https://example.org: HTTP 404",)
    assert (outcome.counts["sources_failed"], outcome.counts["answered"]) == (1, 1)
    assert outcome.state is CampaignState.COMPLETE


def test_a_scan_whose_every_source_fails_has_failed() -> None:
    outcome = run(Scan({}, sources=[BrokenSource(InputError("x"))]))

    assert outcome.state is CampaignState.FAILED


def test_a_bug_in_a_source_seals_the_campaign_as_failed_and_rises_as_itself() -> None:
    scan = Scan({}, sources=[BrokenSource(ZeroDivisionError("oops"))])

    with pytest.raises(ZeroDivisionError, match="oops"):
        run(scan)

    assert scan.sink.seal.state is CampaignState.FAILED

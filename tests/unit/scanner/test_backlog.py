"""Where servers send faster than the disk writes, nobody new is asked; nothing is lost and nobody is forgotten."""

import asyncio
from collections.abc import Sequence
from typing import Any

from electrum_observatory.model.campaign import CampaignState
from tests.unit.scanner.capture import CaptureSink, Scan
from tests.unit.scanner.scripted import ScriptedDialer, server
from tests.unit.scanner.virtual_time import run_virtually

HOSTS = [f"{first}.9.1.2" for first in range(11, 51)]
BANNER = "x" * 1_900_000
A_WRITE_S = 100


class SlowSink(CaptureSink):
    """Writes at a snail's pace, and remembers how many connections there were when it began and ended."""

    def __init__(self) -> None:
        super().__init__()
        self.dialer: ScriptedDialer | None = None
        self.dials: list[tuple[int, int]] = []

    async def record(self, observations: Sequence[Any], sightings: Sequence[Any] = (), counts: Any = None) -> None:
        assert self.dialer is not None
        before = len(self.dialer.dials)
        await asyncio.sleep(A_WRITE_S)
        self.dials.append((before, len(self.dialer.dials)))
        await super().record(observations, sightings, counts)


def scanned(banner: str) -> tuple[SlowSink, Any]:
    sink = SlowSink()
    scan = Scan(
        {(host, 50001): server(**{"server.banner": banner}) for host in HOSTS},
        targets=[f"{host}:50001:t" for host in HOSTS],
        sink=sink,
        concurrency=8,
    )
    sink.dialer = scan.dialer
    return sink, run_virtually(scan.run())


def test_nobody_new_is_asked_while_much_waits_for_the_disk() -> None:
    sink, outcome = scanned(BANNER)

    assert outcome.state is CampaignState.COMPLETE
    assert len(sink.rows("banner")) == len(HOSTS)
    longest = max(after - before for before, after in sink.dials)
    assert longest <= 32_000_000 // len(BANNER) + 8, "what fits, and who was being asked already"


def test_a_slow_disk_holds_up_nobody_who_sends_little() -> None:
    sink, outcome = scanned("hello")

    assert outcome.state is CampaignState.COMPLETE
    assert len(sink.rows("banner")) == len(HOSTS)
    assert max(after for _, after in sink.dials[:2]) == len(HOSTS)

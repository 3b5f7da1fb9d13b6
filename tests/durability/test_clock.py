"""A clock that jumps under a scan: durations and spacing go on, and the step is a recorded fact of the campaign."""

import asyncio
from dataclasses import replace
from pathlib import Path

from electrum_observatory.cli import running
from electrum_observatory.cli.settings import load_settings
from electrum_observatory.cli.wiring import Selection, prepare, read_overlay
from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.loop import loop_factory
from electrum_observatory.store.reader import StoreReader
from tests.durability.world import Network, held

HOUR_US = 3_600_000_000


class JumpingClock(SystemClock):
    """The system's clocks, whose wall clock somebody sets back by an hour."""

    jump_us = 0

    def now_us(self) -> int:
        """UTC, as it is set."""
        return super().now_us() + self.jump_us


def test_a_clock_set_back_in_mid_scan_is_recorded_and_nothing_else_changes(network: Network, tmp_path: Path) -> None:
    targets, _, overlay = network.arguments
    scanned = prepare(
        load_settings("lab"), Selection(targets=(targets,)), tmp_path, overlay=read_overlay(Path(overlay))
    )
    clock = JumpingClock(scanned.clock.time_scale)

    def set_back(*_batch: object) -> None:
        clock.jump_us = -HOUR_US

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        outcome = runner.run(running.scan_into(replace(scanned, clock=clock), tmp_path, quiet=True, on_commit=set_back))

    found = held(tmp_path)
    with StoreReader.open(tmp_path) as reader:
        [step] = reader.clock_steps(found.name)
        observations = list(reader.observations(found.name))
    assert outcome.state is CampaignState.COMPLETE
    assert found.answered == network.alive
    assert abs(step.step_us + HOUR_US) < 1_000_000
    assert all(one.duration_us is not None and 0 <= one.duration_us < 60_000_000 for one in observations)

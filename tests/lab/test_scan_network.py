"""A whole scan of a simulated network through the code paths of the default profile: all that lives, nothing else."""

import asyncio
import contextlib
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from electrum_observatory.cli import running
from electrum_observatory.cli.lab import present
from electrum_observatory.cli.settings import load_settings
from electrum_observatory.cli.wiring import Scan, Selection, prepare
from electrum_observatory.lab.process import RunningLab, run_lab
from electrum_observatory.lab.scenarios import Scenario, load_scenario
from electrum_observatory.lab.truth import Fate
from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.model.failure import Stage
from electrum_observatory.model.observation import Observation
from electrum_observatory.net.descriptors import raise_descriptor_limit
from electrum_observatory.net.loop import loop_factory
from electrum_observatory.scanner.progress import ScanOutcome
from electrum_observatory.store.reader import StoreReader

BAIT = {
    "1.1.1.1": ("not_in_overlay", ""),
    "2606:4700:4700::1111": ("not_in_overlay", ""),
    "10.0.0.1": ("address_refused", "private"),
    "127.0.0.1": ("address_refused", "loopback"),
    "169.254.169.254": ("address_refused", "link_local"),
}
"""What the world's bootstrap list names outside of it, and how each is to be refused."""

_watchers: list[list[tuple[str, int]]] = []


def _audit(event: str, arguments: tuple) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        for seen in _watchers:
            seen.append(arguments[1][:2])


sys.addaudithook(_audit)  # an audit hook stays for good; without a watcher it does nothing


@contextlib.contextmanager
def watched_connections() -> Iterator[list[tuple[str, int]]]:
    """Yield the list of every internet address that this process connects to meanwhile, as the interpreter sees it."""
    seen: list[tuple[str, int]] = []
    _watchers.append(seen)
    try:
        yield seen
    finally:
        _watchers.remove(seen)


TIMER_NS = 1_000_000
"""uvloop counts whole milliseconds and may wake a sleeper up to one early."""


class Scanned:
    """One finished scan of a lab, and what the lab saw of it."""

    def __init__(
        self, lab: RunningLab, outcome: ScanOutcome, observations: list[Observation], arrivals: list, dialled: list
    ) -> None:
        self.lab = lab
        self.outcome = outcome
        self.observations = observations
        self.arrivals = arrivals
        self.dialled = dialled

    def outcomes(self, probe: str) -> dict[str, Observation]:
        """Endpoint to its observation of one probe."""
        return {one.endpoint.canonical: one for one in self.observations if one.probe == probe}


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    """The 300-machine world, scanned once for all tests of this file."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_scan(tmp_path_factory.mktemp("network")))


async def _scan(folder: Path) -> Scanned:
    raise_descriptor_limit()
    data = folder / "data"
    async with run_lab(load_scenario(Scenario.NETWORK_300), now=present(), folder=folder) as lab:
        scan = _prepared(folder, data, lab)
        with watched_connections() as dialled:
            outcome = await running.scan_into(scan, data, quiet=True)
        arrivals = list(await lab.arrivals())
    with StoreReader.open(data) as reader:
        observations = list(reader.observations(scan.campaign.campaign_id))
    return Scanned(lab, outcome, observations, arrivals, dialled)


PATIENT = {"tls": 1_500.0, "websocket": 1_500.0}
"""Divided by the world's time scale: fifteen seconds, which nobody here uses up, however busy the machine is."""


def _prepared(folder: Path, data: Path, lab: RunningLab) -> Scan:
    selection = Selection(targets=(str(folder / "bootstrap.txt"),))
    return prepare(load_settings("default", dialling=PATIENT), selection, data, overlay=lab.overlay)


def test_every_live_endpoint_is_found_and_answers(scanned: Scanned) -> None:
    """Whatever the world announces and keeps alive completes a handshake, on every transport and address."""
    answered = {name for name, one in scanned.outcomes("server_version").items() if one.attempt.result is not None}

    assert len(scanned.lab.world.machines) == 300
    assert scanned.outcome.state is CampaignState.COMPLETE
    assert scanned.lab.truth.endpoints(Fate.ANSWERS) - answered == set()


def test_nothing_answers_that_is_not_alive(scanned: Scanned) -> None:
    """No endpoint that the world declares dead, silent or broken is recorded as answering."""
    answered = {name for name, one in scanned.outcomes("server_version").items() if one.attempt.result is not None}
    every = {fate for fate in Fate if fate is not Fate.ANSWERS}
    broken = {name for fate in every for name in scanned.lab.truth.endpoints(fate, announced_only=False)}

    assert broken
    assert answered & broken == set()


def test_no_address_outside_the_lab_is_dialled(scanned: Scanned) -> None:
    """The list holds bait outside the lab; the operating system saw connections to the lab's loopback sockets only."""
    real = {tuple(socket) for socket in scanned.lab.overlay.sockets.values()}
    reached = [one for one in scanned.outcomes("connection").values() if one.attempt.result is not None]
    bait = {one.endpoint.host: one.attempt.failure for one in scanned.observations if one.endpoint.host in BAIT}

    assert {host: (failure.kind.value, failure.detail.split(";")[0]) for host, failure in bait.items()} == BAIT
    assert len(scanned.dialled) >= len(reached) > 500
    assert set(scanned.dialled) <= real
    assert all(address.startswith("127.") for address, _ in scanned.dialled)


def test_no_failure_is_our_own_bug(scanned: Scanned) -> None:
    """Failures are the network's, the servers' or our policy's, never a defect of ours."""
    failures = [one.attempt.failure for one in scanned.observations if one.attempt.failure is not None]

    assert failures
    assert [failure for failure in failures if failure.kind == "bug_in_observatory"] == []


def test_the_default_spacing_between_connections_to_one_machine_is_kept(scanned: Scanned) -> None:
    """Visits of one address start at least the default profile's spacing apart, in the time of this world."""
    spacing_ns = load_settings("default").scan.budgets.spacing_s * 1e9 / scanned.lab.overlay.time_scale
    starts: dict[str | None, list[int]] = {}
    for one in scanned.outcomes("connection").values():
        if one.attempt.failure is None or one.attempt.failure.stage is not Stage.POLICY:
            starts.setdefault(one.endpoint.address, []).append(one.started_monotonic_ns or 0)
    gaps = [
        later - earlier
        for moments in starts.values()
        for earlier, later in itertools.pairwise(sorted(moments))
        if len(moments) > 1
    ]

    assert len(gaps) > 100
    assert min(gaps) >= spacing_ns - TIMER_NS

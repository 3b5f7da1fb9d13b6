"""A running lab as a person runs it, and scans of it that are interrupted, resumed and filtered."""

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from electrum_observatory.model.errors import InputError
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.store.reader import StoreReader
from tests.unit.cli.lab_process import OBSERVATORY, PATIENCE_S, Lab


@pytest.fixture(scope="module")
def slow_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Four machines with two ports each: the default spacing makes a scan last five seconds here."""
    lab = Lab(tmp_path_factory.mktemp("slow"), time_scale=2)
    yield lab
    assert lab.end() == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """A campaign that one Ctrl-C ended: its data folder, and how its process ended."""

    data: Path
    process: subprocess.CompletedProcess[str]

    @property
    def campaign_id(self) -> str:
        """Its id."""
        return json.loads(self.process.stdout)["campaign_id"]


@pytest.fixture(scope="module")
def interrupted(slow_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Interrupted:
    """Scan the lab and end that early; whoever goes on with it takes a copy."""
    data = tmp_path_factory.mktemp("interrupted") / "data"
    return Interrupted(data=data, process=_interrupted(slow_lab, data, signals=1))


def _interrupted(lab: Lab, data: Path, *, signals: int) -> subprocess.CompletedProcess[str]:
    with subprocess.Popen(
        [*OBSERVATORY, "scan", *lab.arguments, "--data", str(data), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as scan:
        _wait_for_an_answer(data)
        assert scan.stdout is not None
        assert scan.stderr is not None
        heard = ""
        for _ in range(signals):
            os.kill(scan.pid, signal.SIGINT)
            while "Stopping" not in heard:  # two signals at once would count as one
                line = scan.stderr.readline()
                assert line, f"it ended before it could be stopped: {heard}"
                heard += line
        scan.wait(timeout=PATIENCE_S)  # what it says fits into a pipe; a line may have brought along what came after it
        return subprocess.CompletedProcess(scan.args, scan.returncode, scan.stdout.read(), heard + scan.stderr.read())


def _wait_for_an_answer(data: Path) -> None:
    """Look into the data folder, beside its writer, until the first machines are recorded."""
    pause, deadline = threading.Event(), time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if _recorded(data) >= 4:
            return
        pause.wait(0.05)
    raise AssertionError("nothing was recorded in time")


def _recorded(data: Path) -> int:
    try:
        with StoreReader.open(data) as reader:
            return max((stored.endpoints for stored in reader.campaigns()), default=0)
    except InputError:
        return 0  # the scan has not made it yet


def test_ctrl_c_seals_the_campaign_and_resume_asks_only_the_rest(
    interrupted: Interrupted, tmp_path: Path, observatory
) -> None:
    data = shutil.copytree(interrupted.data, tmp_path / "data")
    first = interrupted.process
    ended = json.loads(first.stdout)

    assert first.returncode == 130, first.stderr
    assert ended["state"] == "cancelled"
    assert "Stopping" in first.stderr

    second = observatory("scan", "--resume", ended["campaign_id"], "--data", data, "--json")

    assert second.code == 0
    assert (second.json["campaign_id"], second.json["state"]) == (ended["campaign_id"], "complete")
    assert second.json["counts"]["answered"] == second.json["counts"]["endpoints"] == 8
    assert _asked(data) == [8]

    third = observatory("scan", "--resume", "latest", "--data", data)

    assert third.code == 0
    assert "Nothing is left to do" in third.err


def test_options_that_would_ask_others_are_refused(interrupted: Interrupted, observatory) -> None:
    data, first = interrupted.data, interrupted.campaign_id

    for wrong, words in (
        (("--network", "testnet4"), "measured the lab 'slow'"),
        (("--vantage", "elsewhere"), "another vantage scans anew"),
    ):
        refused = observatory("scan", "--resume", first, *wrong, "--data", data)
        assert refused.code == 2
        assert words in refused.err
    with StoreReader.open(data) as reader:
        assert reader.campaign(first).state == "cancelled"


def _asked(data: Path) -> list[int]:
    """Return the number of endpoints asked to an end in each campaign, each of them once."""
    asked = []
    with StoreReader.open(data) as reader:
        for stored in reader.campaigns():
            dials = [
                one.endpoint.canonical
                for one in reader.observations(stored.campaign.campaign_id, {"connection"}, broken_off=True)
                if one.attempt.failure is None or one.attempt.failure.kind is not FailureKind.CANCELLED
            ]
            assert len(dials) == len(set(dials))
            asked.append(len(dials))
    return asked


def test_terminated_twice_it_aborts_and_what_was_recorded_stays(slow_lab: Lab, tmp_path: Path) -> None:
    data = tmp_path / "data"

    aborted = _interrupted(slow_lab, data, signals=2)

    assert aborted.returncode in (130, -signal.SIGINT), aborted.stderr  # a shell says 130 of both
    assert f"--data {data}" in aborted.stderr.split("To go on: observatory scan --resume ")[1]
    with StoreReader.open(data) as reader:
        [stored] = reader.campaigns()
    assert stored.state in ("open", "cancelled")
    assert stored.endpoints >= 4


def test_a_lab_tells_how_to_scan_it_and_discover_lists_what_scan_takes(
    quick_lab: Lab, tmp_path: Path, observatory, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = observatory("discover", *quick_lab.arguments, "--data", tmp_path / "data")
    (tmp_path / "found.txt").write_text(found.out, encoding="utf-8")
    monkeypatch.setenv("OBSERVATORY_SCAN__BUDGETS__REVISIT_S", "360000")  # an hour in this lab
    overlay = quick_lab.arguments[1:]
    words = (tmp_path / "found.txt", *overlay, "--only", "ssl", "--data", tmp_path / "data", "--json")
    too_soon, only = observatory("scan", *words), observatory("scan", *words, "--again")

    assert "observatory scan" in quick_lab.words[1]
    assert "--overlay" in quick_lab.words[1]
    assert len(found.out.splitlines()) == 8
    assert {line.rsplit(":", 1)[1] for line in found.out.splitlines()} == {"t", "s"}
    assert (too_soon.code, too_soon.json["counts"]["refused_too_soon"], too_soon.json["counts"]["dialled"]) == (4, 4, 0)
    assert only.json["counts"]["answered"] == 4

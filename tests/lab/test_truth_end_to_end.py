"""Truth from the wire to the finding: a simulated network is scanned over sockets, stored, read back and judged."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from electrum_observatory.analysis.truth.campaigns import heard_in
from electrum_observatory.analysis.truth.finding import Severity, flags
from electrum_observatory.analysis.truth.judge import Judgement, judge
from electrum_observatory.cli import running
from electrum_observatory.cli.lab import present
from electrum_observatory.cli.main import run
from electrum_observatory.cli.settings import load_settings
from electrum_observatory.cli.wiring import Selection, prepare
from electrum_observatory.lab.process import RunningLab, run_lab
from electrum_observatory.lab.world_yaml import parse_world
from electrum_observatory.net.loop import loop_factory
from electrum_observatory.store.reader import StoreReader

PROFILE = Path(__file__).parents[2] / "experiments" / "config" / "lab.yaml"
WORLD = """\
schema_version: 1
name: truths
time_scale: 30
chain: {height: 200}
mempool: {initial: 300, transactions_per_s: 1}
groups:
  - {id: ex, machines: 2, software: [{personality: electrumx_1_20}], providers: [{provider: hetzner}]}
  - {id: fu, machines: 2, software: [{personality: fulcrum_2_1_1}], providers: [{provider: hetzner}]}
  - {id: ro, machines: 1, software: [{personality: electrs_romanz}], providers: [{provider: hetzner}]}
  - id: liar
    machines: 1
    software: [{personality: fulcrum_2_1_1}]
    providers: [{provider: hetzner}]
    modified: [{mutator: drop_history_item, dose: 0.6}]
"""


def machine_of(lab: RunningLab) -> Mapping[str, str]:
    """Return canonical endpoint to the machine that the world made it of."""
    return {one.endpoint: machine.machine for machine in lab.truth.machines for one in machine.endpoints}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What a scan of the world left behind.

    Attributes:
        folder: With the data folder and the lab's files.
        machines: Canonical endpoint to the machine that the world made it of.
        judgement: What the truth tests say of it.
    """

    folder: Path
    machines: Mapping[str, str]
    judgement: Judgement


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_scan_and_judge(tmp_path_factory.mktemp("truth")))


async def _scan_and_judge(folder: Path) -> Scanned:
    data, profile = folder / "data", folder / "profile.yaml"
    profile.write_text(
        PROFILE.read_text().replace("profile: lab\n", "profile: lab\n  battery: [scripts, chain, fees]\n")
    )
    async with run_lab(parse_world(WORLD, "truths"), now=present(), folder=folder) as lab:
        selection = Selection(targets=(str(folder / "bootstrap.txt"),))
        scan = prepare(load_settings(str(profile)), selection, data, overlay=lab.overlay)
        await running.scan_into(scan, data, quiet=True)
    with StoreReader.open(data) as reader:
        heard = list(heard_in(reader, [scan.campaign.campaign_id]))
    assert lab.overlay.reference is not None
    judgement = judge(heard, lab.overlay.reference, backends=machine_of(lab))
    return Scanned(folder=folder, machines=machine_of(lab), judgement=judgement)


def test_only_the_modified_machine_is_named_and_by_its_own_bytes(scanned: Scanned) -> None:
    named = flags(scanned.judgement.findings)

    assert {scanned.machines[one.subject] for one in named} == {"liar-1"}
    assert {one.id for one in named} >= {"history_omits"}
    assert all(one.witnesses[0].server == one.subject and one.witnesses[0].line for one in named)


def test_every_machine_was_heard(scanned: Scanned) -> None:
    heard = {scanned.machines[server] for server in scanned.judgement.servers}

    assert heard == set(scanned.machines.values())
    assert len(heard) == 6
    assert {one.severity for one in scanned.judgement.findings} >= {Severity.DISPROVEN}


def _truth(scanned: Scanned, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ending:
        run(["truth", "--data", str(scanned.folder / "data"), *arguments])
    return int(ending.value.code or 0)


def test_the_command_says_what_does_not_fit_and_shows_the_bytes(
    scanned: Scanned, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _truth(scanned, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["id"] for one in told["findings"]] == [one.id for one in scanned.judgement.findings]
    omitted = next(one for one in told["findings"] if one["id"] == "history_omits")
    assert '"result"' in omitted["witnesses"][0]["line"]
    assert omitted["severity"] == "disproven"

    assert _truth(scanned) == 0
    table, words = capsys.readouterr()
    assert "history_omits\tdisproven" in table
    assert "history_omits: may also be an index that broke" in words

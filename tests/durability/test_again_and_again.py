"""One campaign that is stopped, killed, stopped and killed, on a network with every fault: in the end it is whole.

But for mute servers: the five seconds that each is waited for are no shorter in a lab.
"""

import asyncio
import signal
from collections import Counter
from pathlib import Path

import pytest

from electrum_observatory.lab.process import run_lab
from electrum_observatory.lab.truth import Fate
from electrum_observatory.lab.world_yaml import parse_world
from electrum_observatory.model.campaign import CampaignState
from tests.durability.world import Sitting, held, scan
from tests.lab.world_files import NOON, SMALL

ENDS = ((signal.SIGINT, 10), (signal.SIGKILL, 3), (signal.SIGINT, 40), (signal.SIGKILL, 20))


@pytest.fixture
async def fates(tmp_path: Path):
    """The small world with old TLS, strangers and silent machines, while it runs; yields who answers."""
    world = "".join(line for line in SMALL.splitlines(keepends=True) if "fault: mute" not in line)
    async with run_lab(parse_world(world, "small.yaml"), now=NOON, folder=tmp_path / "lab") as lab:
        yield lab.truth.endpoints(Fate.ANSWERS) | lab.truth.endpoints(Fate.ANSWERS_FOR_ANOTHER_CHAIN)


async def test_whatever_order_the_interruptions_come_in(fates: frozenset[str], tmp_path: Path) -> None:
    await asyncio.to_thread(_interrupt_over_and_over, fates, tmp_path)


def _interrupt_over_and_over(answers: frozenset[str], folder: Path) -> None:
    data, told = folder / "data", Counter[str]()
    targets = (folder / "lab/bootstrap.txt", "--overlay", folder / "lab/overlay.json")
    for number, (end, acknowledged) in enumerate(ENDS):
        sitting = Sitting(["scan", *(("--resume", "latest") if number else targets), "--data", data])
        sitting.acknowledged(acknowledged)
        sitting.signal(end)
        told.update(sitting.end().told)
        assert not told - held(data).facts

    last = scan(["scan", "--resume", "latest", "--data", data])
    told.update(last.told)

    whole = held(data)
    assert last.code == 0, last.words
    assert whole.stored.state is CampaignState.COMPLETE
    assert not told - whole.facts
    assert whole.answered == answers
    assert whole.stored.seal is not None
    counts = whole.stored.seal.counts
    assert len(whole.dials) == len(set(whole.dials)) == counts["endpoints"]
    assert counts["answered"] == len(answers)
    assert counts["endpoints"] == counts["answered"] + sum(counts[one] for one in ("failed", "refused", "unresolved"))

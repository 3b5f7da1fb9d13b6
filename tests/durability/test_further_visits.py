"""A campaign with further visits that is killed and stopped in the middle of them, and finished afterwards."""

import signal
from collections import Counter
from pathlib import Path

from electrum_observatory.model.attempt import AttemptStatus
from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.model.observation import Observation
from electrum_observatory.scanner.probes.registry import APART, battery
from electrum_observatory.store.reader import StoreReader
from tests.durability.world import MACHINES, Network, Sitting, held, scan

PROFILE = """
scan:
  profile: two further visits
  battery: [core]
  visits: 2
  depth: 0
  budgets: {revisit_s: 40}
"""
_LINES_OF_ROUTINE = MACHINES * 15
"""Observations of the routine visits to one port of each machine, give or take."""


def further(data: Path) -> list[Observation]:
    """Every outcome of a further visit that was not cut short."""
    with StoreReader.open(data) as reader:
        (stored,) = reader.campaigns()
        found = list(reader.observations(stored.campaign.campaign_id, APART, with_witnesses=True))
    return [one for one in found if not (one.attempt.failure and one.attempt.failure.kind is FailureKind.CANCELLED)]


def test_further_visits_that_are_stored_are_not_made_again_and_all_others_are(network: Network, tmp_path: Path) -> None:
    profile, data, told = tmp_path / "two.yaml", tmp_path / "data", Counter[str]()
    profile.write_text(PROFILE)
    first = ["scan", *network.arguments, "--profile", profile, "--data", data]
    ends = ((signal.SIGKILL, _LINES_OF_ROUTINE + 20, first), (signal.SIGINT, 12, None))
    for end, acknowledged, arguments in ends:
        sitting = Sitting(arguments or ["scan", "--resume", "latest", "--data", data])
        sitting.acknowledged(acknowledged)
        sitting.signal(end)
        told.update(sitting.end().told)
        between = further(data)
        assert between, "it was in the middle of them"
        assert not told - held(data).facts

    last = scan(["scan", "--resume", "latest", "--data", data])

    whole = held(data)
    assert last.code == 0, last.words
    assert whole.stored.state is CampaignState.COMPLETE
    assert not (told + Counter(last.told)) - whole.facts
    assert whole.answered == {one for one in network.alive if one.startswith("ssl:")}, "those on the list"
    assert len(whole.dials) == len(set(whole.dials)), "nobody's routine visit was made twice"
    outcomes = Counter((one.endpoint.canonical, one.probe) for one in further(data) if one.probe != "opening")
    assert set(outcomes.values()) == {1}, "nothing was put twice"
    examined = {endpoint for endpoint, _ in outcomes}
    assert len(examined) == MACHINES
    assert set(outcomes) == {(endpoint, probe.id) for endpoint in examined for probe in battery(["core"])}
    left_out = {one.attempt.reason for one in further(data) if one.attempt.status is AttemptStatus.NOT_SCHEDULED}
    assert "it would take more visits than 2" in left_out

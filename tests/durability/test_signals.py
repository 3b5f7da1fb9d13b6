"""Ctrl-C, SIGTERM and an abort: what was recorded stays, and the campaign is finished without asking anybody twice."""

import signal
from pathlib import Path

from electrum_observatory.model.campaign import CampaignState
from tests.durability.world import (
    Network,
    Sitting,
    assert_finished_without_asking_twice,
    assert_partial_with_all_of,
    held,
    scan,
)


def test_ctrl_c_seals_the_campaign_and_resume_finishes_it(network: Network, tmp_path: Path) -> None:
    sitting = Sitting(["scan", *network.arguments, "--data", tmp_path])
    sitting.acknowledged(100)  # some have answered, and told of others
    sitting.signal(signal.SIGINT)
    stopped = sitting.end()

    before, visitors = held(tmp_path), network.visitors()

    assert stopped.code == 130
    assert f"To go on: observatory scan --resume {before.name} --data {tmp_path}" in stopped.words
    assert " not yet asked." in stopped.words
    assert before.stored.state is CampaignState.CANCELLED
    assert_partial_with_all_of(stopped.told, before)

    gone_on = scan(["scan", "--resume", before.name, "--data", tmp_path])

    assert gone_on.code == 0, gone_on.words
    assert_finished_without_asking_twice(network, before, visitors, held(tmp_path))


def test_terminated_and_then_aborted_it_stays_open_and_resume_finishes_it(network: Network, tmp_path: Path) -> None:
    sitting = Sitting(["scan", *network.arguments, "--data", tmp_path])
    sitting.acknowledged(1)
    sitting.signal(signal.SIGTERM)
    sitting.says("Stopping")
    sitting.signal(signal.SIGINT)
    aborted = sitting.end()

    before, visitors = held(tmp_path), network.visitors()

    assert aborted.code in (130, -signal.SIGINT), "it was over just then, of which a shell says 130 too"
    assert f"scan --resume {before.name}" in aborted.words
    assert_partial_with_all_of(aborted.told, before)
    assert scan(["scan", "--resume", "latest", "--data", tmp_path]).code == 0
    assert_finished_without_asking_twice(network, before, visitors, held(tmp_path))

"""Differential treatment is found where it is planted, and nowhere else."""

import functools
import random
from collections.abc import Sequence

import pytest

from bench.rounds import Round, treatment
from bench.treatment import ask_round, asked, questions_of
from electrum_observatory.analysis.differential import Arm
from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.lab.cast import Role, cast_of
from electrum_observatory.lab.world_options import Modification
from tests.lab.mutated_worlds import started, world_of

SEED = 20261
ROUNDS = 22
BETWEEN_ROUNDS_S = 2000.0
CAST = cast_of(SEED, NETWORKS["bitcoin"])
KINDS = (AddressKind.P2PKH, AddressKind.P2WPKH, AddressKind.P2TR)
QUESTIONS = questions_of({kind.value: CAST[Role.FROZEN, kind].scripthash for kind in KINDS})
BURST = tuple(f"{number:064x}" for number in range(1, 21))


@functools.cache
def rounds_of(personality: str, *modified: Modification) -> list[Round]:
    program = started(world_of(personality, *modified, seed=SEED, per_s=0.05))
    rng = random.Random(f"{SEED} {personality}")
    return [
        ask_round(
            program,
            QUESTIONS,
            at=100.0 + number * BETWEEN_ROUNDS_S,
            rng=rng,
            client_name="electrum-observatory/test",
            burst_scripts=BURST,
        )
        for number in range(ROUNDS)
    ]


@functools.cache
def panel() -> Sequence[Sequence[Round]]:
    """Three honest servers, each on a bitcoind of its own."""
    honest = [rounds_of(personality) for personality in ("electrumx_1_16", "fulcrum_2", "electrumx_1_17")]
    return list(zip(*honest, strict=True))


def arms_that_differ(personality: str, *modified: Modification) -> set[Arm]:
    found = treatment(rounds_of(personality, *modified), panel(), asked(QUESTIONS))
    return {one.arm for one in found.differences}


@pytest.mark.parametrize("personality", ["electrumx_1_16", "electrumx_1_17", "fulcrum_2"])
def test_an_honest_server_treats_nobody_differently(personality: str) -> None:
    assert arms_that_differ(personality) == set()


def test_fees_that_only_wallets_are_told_show_between_wallet_and_bare_client() -> None:
    found = treatment(
        rounds_of("fulcrum_2", Modification(mutator="treat_scanners_differently")), panel(), asked(QUESTIONS)
    )

    assert {one.arm for one in found.differences} == {Arm.BARE_CLIENT}
    assert not any(one.worse for one in found.differences), "it is the wallet that fares worse"


def test_a_limit_for_taproot_alone_shows_between_kinds_of_address() -> None:
    assert arms_that_differ("electrumx_1_20", Modification(mutator="rate_limit_taproot")) == {Arm.ADDRESS_KIND}


def test_patience_that_ends_after_many_scripts_shows_after_a_burst() -> None:
    assert arms_that_differ("fulcrum_2", Modification(mutator="delay_sweeps", dose=0.4)) == {Arm.AFTER_BURST}

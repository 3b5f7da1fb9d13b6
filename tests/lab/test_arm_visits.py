"""The arms on real connections: a server that lies to wallets alone, and two honest ones beside it."""

import random

from bench.treatment import asked, questions_of
from electrum_observatory.analysis.differential import Arm
from electrum_observatory.analysis.treatment import pairs_of, read_round
from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.lab.process import RunningLab, run_lab
from electrum_observatory.lab.world_yaml import parse_world
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.dial import Dialer
from electrum_observatory.net.limits import Deadlines
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.scanner.arm_visits import ArmStudy, ArmVisit, by_arm, visit_arms
from electrum_observatory.scanner.arms import ARMS
from electrum_observatory.scanner.conversation import ConversationLimits
from tests.lab.world_files import NOON

HONEST = ("88.198.43.21", "88.198.43.22", "88.198.43.23")
TWO_FACED = "88.198.43.24"
DEAD = "88.198.43.25"
ROUNDS = 2
SPACING_S = 600.0
WORLD = (
    """\
schema_version: 1
name: arms
time_scale: 5000
chain: {height: 130, block_interval_s: 1000000}
mempool: {initial: 300, transactions_per_s: 0}
servers:
"""
    + "".join(
        f"  - {{id: h{number}, software: {{personality: fulcrum_2}}, addresses: [{address}], node: shared}}\n"
        for number, address in enumerate(HONEST)
    )
    + f"""\
  - id: two-faced
    software: {{personality: fulcrum_2}}
    addresses: [{TWO_FACED}]
    node: shared
    modified: [{{mutator: alter_fee, dose: 0.6}}, {{mutator: treat_scanners_differently}}]
  - {{id: dead, software: {{personality: fulcrum_2}}, addresses: [{DEAD}], fault: dead}}
nodes: {{shared: {{}}}}
"""
)


def a_study(lab: RunningLab) -> ArmStudy:
    scripts = {
        one.kind.value: one.scripthash
        for one in lab.world.reference.frozen_scripts
        if one.kind in (AddressKind.P2WPKH, AddressKind.P2TR) and one.name.startswith("frozen")
    }
    return ArmStudy(
        endpoints=[Endpoint.parse(f"tcp://{one}:50001@{one}") for one in (*HONEST, TWO_FACED, DEAD)],
        questions=questions_of(scripts),
        rounds=ROUNDS,
        client_name="electrum-observatory/test",
        burst_scripts=[f"{number:064x}" for number in range(20)],
        rest_s=SPACING_S,
        dial_s=20,
        limits=ConversationLimits(request_s=10, silence_s=10, messages=200, bytes_per_probe=10_000_000),
    )


async def test_a_server_that_lies_to_wallets_differs_between_the_arms_and_honest_ones_do_not() -> None:
    async with run_lab(parse_world(WORLD, "arms"), now=NOON, workers=1) as lab:
        clock = SystemClock(lab.overlay.time_scale)
        dialer = Dialer(clock=clock, policy=AddressPolicy(), overlay=lab.overlay, deadlines=Deadlines(connect=20))
        study = a_study(lab)
        places = [place async for place in visit_arms(study, dialer=dialer, clock=clock, rng=random.Random(5))]
        arrivals = await lab.arrivals()

    questions = asked(study.questions)
    assert len(places) == ROUNDS * len(ARMS)
    assert all(visit.failure is not None and visit.dialogue is None for *_, visit in places)
    rounds = [
        [read_round(by_arm(_of_server(places, server, number)), questions) for number in range(ROUNDS)]
        for server in range(len(study.endpoints))
    ]
    others = list(zip(*rounds[: len(HONEST)], strict=True))
    discordant = {
        server: {
            (pair.arm, pair.question.split()[0])
            for pair in pairs_of(rounds[server], others, questions)
            if pair.usual is not pair.other
        }
        for server in range(len(HONEST) + 1)
    }
    assert discordant == {0: set(), 1: set(), 2: set(), 3: {(Arm.BARE_CLIENT, "fee")}}
    asked_most = max(arrival.requests for arrival in arrivals)
    assert asked_most <= 40
    assert len(arrivals) == 4 * ROUNDS * len(ARMS)


def _of_server(places: list[tuple[ArmVisit, ...]], server: int, number: int) -> list[ArmVisit]:
    return [place[server] for place in places if place[server].number == number]

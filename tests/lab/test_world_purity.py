"""A world is a function of file, seed and time."""

import json

from electrum_observatory.lab.cast import cast_of
from electrum_observatory.lab.state import ServerState
from electrum_observatory.lab.truth import truth_of
from electrum_observatory.lab.world import World
from tests.lab.world_files import NOON, small_file, small_world

MOMENTS = (-500.0, 0.0, 17.5, 600.0, 1234.0)


def answers(world: World, at: float) -> list[object]:
    """Everything a personality could learn, as plain values."""
    return [_plain(world.state(machine.machine_id, at)) for machine in world.machines]


def _plain(state: ServerState) -> object:
    node = state.node
    headers = [node.header(height) for height in (0, 1, node.height - 1, node.height)]
    estimates = [node.estimate(target) for target in (1, 2, 6, 25, 144, 1008)]
    ledger, scripts = node.ledger, [actor.scripthash for actor in cast_of(1, node.network).values()]
    histories = [(ledger.balance(one), ledger.confirmed(one), ledger.unconfirmed(one)) for one in scripts]
    coins = [ledger.unspent(one) for one in scripts]
    settings = (state.banner, state.donation_address, state.hosts, tuple(state.peers), state.local_address)
    money = (list(node.mempool), estimates, node.relay_fee, histories, coins)
    return (node.height, headers, money, settings, state.local_ports)


def test_the_same_seed_gives_the_same_answers_in_any_order_of_asking() -> None:
    one, other = small_world(), small_world()

    forward = [answers(one, at) for at in MOMENTS]
    backward = [answers(other, at) for at in reversed(MOMENTS)]

    assert forward == backward[::-1]
    assert truth_of(one) == truth_of(other)


def test_the_same_seed_gives_the_same_certificates() -> None:
    one, other = small_world(), small_world()

    for machine in one.machines:
        assert one.certificate(machine.machine_id) == other.certificate(machine.machine_id)


def test_another_seed_gives_another_world() -> None:
    one, other = small_world(1), small_world(2)

    assert answers(one, 100.0) != answers(other, 100.0)
    assert {m.addresses for m in one.machines[2:]}.isdisjoint(m.addresses for m in other.machines[2:])


def test_a_file_without_a_start_starts_on_the_day_it_is_run() -> None:
    world = World.build(small_file(), now=NOON)

    assert world.start == NOON.replace(hour=0, minute=0)


def test_time_brings_blocks_and_transactions() -> None:
    world = small_world()

    early, late = world.state("alone", 10.0).node, world.state("alone", 5_000.0).node

    assert late.height > early.height
    assert set(late.mempool).isdisjoint(early.mempool) or list(late.mempool) != list(early.mempool)


def test_truth_is_json_and_knows_who_is_who() -> None:
    truth = truth_of(small_world())

    assert json.loads(json.dumps(truth.to_json()))["operators"]["farm"] == [f"farm-{i}" for i in range(1, 6)]
    assert truth.families == {"farm": tuple(f"farm-{i}" for i in range(1, 6))}
    assert truth.nodes["low"] == tuple(f"farm-{i}" for i in range(1, 6))
    assert truth.operators["friends-1"] == ("friends-1",)
    assert len(truth.onions) == 3

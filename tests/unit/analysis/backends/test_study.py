"""Planted networks: who must be put together, who must not, and when nothing may be said."""

from dataclasses import replace

import numpy as np
import pytest

from electrum_observatory.analysis.backends.block import Signal
from electrum_observatory.analysis.backends.material import Material, material_of
from electrum_observatory.analysis.backends.study import BackendStudy, study_material
from electrum_observatory.analysis.backends.words import Verdict, verdict_of, verdict_of_group
from electrum_observatory.datasets.watch.table import table_of
from electrum_observatory.model.watch_ports import NOTHING
from tests.unit.analysis.backends.planted import FIVE_MINUTES_US, Planted, nodes_of, plant
from tests.unit.analysis.backends.told import news_of, told_columns

NODES = nodes_of(60, 8, 3)


def _told_right(study: BackendStudy, nodes: tuple[int, ...]) -> tuple[float, float]:
    """Return precision and recall over pairs at the default threshold."""
    same = np.array(nodes)[:, None] == np.array(nodes)[None, :]
    same[np.diag_indices(len(nodes))] = False
    links = study.groups().links
    return float((links & same).sum() / max(links.sum(), 1)), float((links & same).sum() / same.sum())


def test_servers_on_one_node_are_put_together_whatever_their_program_and_refresh() -> None:
    study = study_material(plant(Planted(nodes=NODES), 1))

    assert study.sufficient
    assert _told_right(study, NODES) == (1.0, 1.0)
    assert study.groups().false_discovery < 0.02


def test_peered_nodes_with_nearly_one_mempool_stay_two() -> None:
    study = study_material(plant(Planted(nodes=NODES, peered=((0, 1), (10, 11))), 3))

    assert _told_right(study, NODES) == (1.0, 1.0)
    assert study.weighed[Signal.CHANGE].bits[0, 3] > 5  # their mempools do move together


def test_a_policy_that_many_nodes_share_makes_no_group() -> None:
    filtering = tuple(int(node % 3 == 0) for node in range(max(NODES) + 1))

    study = study_material(plant(Planted(nodes=NODES, classes=filtering), 4))

    assert _told_right(study, NODES)[0] == 1.0


def test_a_quiet_mempool_is_insufficient() -> None:
    study = study_material(plant(Planted(nodes=NODES, differing=1e-6, unclamped=False), 5))

    assert not study.sufficient
    assert study.groups().declared == 0
    assert verdict_of(study, 0, 1) is Verdict.INSUFFICIENT


def test_servers_each_on_a_node_of_its_own_are_not_linked() -> None:
    nodes = tuple(range(60))

    study = study_material(plant(Planted(nodes=nodes), 6))

    assert study.sufficient
    assert study.groups().declared == 0
    assert verdict_of(study, 0, 1) is Verdict.NOTHING_UNUSUAL


def test_another_relay_fee_speaks_against_one_node_unless_it_may_be_stale() -> None:
    relay = tuple(1000 if node % 2 else 100 for node in range(max(NODES) + 1))

    bits = study_material(plant(Planted(nodes=NODES, relay=relay, rounds=60), 7)).weighed[Signal.POLICY].bits

    assert bits[0, 4] < -5  # two ElectrumX, nodes 0 and 1
    assert bits[1, 4] == 0  # Fulcrum tells what held when it connected
    assert 0 < bits[0, 2] < 2.1


def test_a_hundred_clones_change_no_unrelated_pair() -> None:
    material = plant(Planted(nodes=NODES, rounds=150), 8)
    cloned = _with_clones(material, of=50, number=100)

    before, after = study_material(material), study_material(cloned)

    others = [one for one in range(60) if one != 50]
    change = after.bits[np.ix_(others, others)] - before.bits[np.ix_(others, others)]
    assert np.abs(change).max() < 0.2
    assert after.prior == pytest.approx(before.prior)


def test_a_balancer_is_consistent_with_both_of_its_nodes() -> None:
    nodes = (*([0] * 4), *([1] * 4), *range(2, 40))
    material = plant(Planted(nodes=nodes, rounds=300), 9)
    balancing = _balanced(material, machine=0, other=4)

    study = study_material(balancing)

    (bridge,) = study.groups().bridges
    assert bridge.machine == 0
    assert study.groups().links[0, 1:8].all()
    assert not study.groups().links[1, 4]


def test_six_servers_on_two_nodes_are_told_apart_without_a_population() -> None:
    nodes = (0, 0, 0, 1, 1, 1)
    material = plant(Planted(nodes=nodes, rounds=60, ages_s=0, noise=1e-4, differing=0.05, relay=(1000, 2000)), 10)

    study = study_material(material)

    assert _told_right(study, nodes) == (1.0, 1.0)


def test_a_fork_race_tells_few_machines_a_bit_at_most() -> None:
    nodes = (0, 0, 1, 2, 3, 4)
    columns = told_columns(plant(Planted(nodes=nodes, rounds=20, told=1.0), 1))

    study = study_material(material_of(table_of(columns, news_of(columns, nodes, races=3))))

    assert 1.0 < study.weighed[Signal.RACES].bits[0, 1] <= 3.0


def test_however_many_bits_few_machines_are_never_strongly_linked() -> None:
    few = study_material(plant(Planted(nodes=(0, 0, 0, 1, 1, 1), rounds=60, ages_s=0, noise=1e-4), 10))
    many = study_material(plant(Planted(nodes=nodes_of(30, 5, 3), rounds=20), 1))

    few, many = (replace(one, bits=np.full_like(one.bits, 24.0)) for one in (few, many))

    assert (few.learned, verdict_of(few, 0, 1), verdict_of_group(few, (0, 1))) == (
        False,
        Verdict.CONSISTENT,
        Verdict.CONSISTENT,
    )
    assert (many.learned, verdict_of(many, 0, 1), verdict_of_group(many, (0, 1))) == (
        True,
        Verdict.STRONG,
        Verdict.STRONG,
    )


def _with_clones(material: Material, *, of: int, number: int) -> Material:
    columns = [*range(len(material.facts)), *([of] * number)]
    clones = tuple(replace(material.facts[of], machine=f"clone {one}") for one in range(number))
    return replace(
        material,
        facts=(*material.facts, *clones),
        aliases=(*material.aliases, *((one,) for one in clones)),
        servers=np.arange(len(columns)),
        up=material.up[:, columns],
        curves=material.curves[:, columns],
        content=material.content[:, columns],
        estimates=material.estimates[:, :, columns],
        minimum=material.minimum[:, columns],
        height=material.height[:, columns],
    )


def _balanced(material: Material, *, machine: int, other: int) -> Material:
    """Let a machine say what another one's node says, every second half hour."""
    curves, estimates = material.curves.copy(), material.estimates.copy()
    turn = np.arange(len(curves)) // 6 % 2 == 1
    curves[turn, machine] = curves[turn, other]
    estimates[:, turn, machine] = estimates[:, turn, other]
    return replace(material, curves=curves, estimates=estimates)


def test_nothing_at_all_is_insufficient_and_no_error() -> None:
    material = plant(Planted(nodes=(0, 0, 1), rounds=3), 11)
    empty = replace(
        material,
        at_us=np.arange(3) * FIVE_MINUTES_US,
        curves=np.full_like(material.curves, np.nan),
        content=np.full_like(material.content, NOTHING),
        estimates=np.full_like(material.estimates, NOTHING),
        up=np.zeros_like(material.up),
    )

    study = study_material(empty)

    assert not study.sufficient
    assert study.groups().groups == ()

"""Curves between two refreshes: a node seen through servers that refresh at moments of their own."""

import numpy as np

from electrum_observatory.analysis.backends.agreement import agreement_bits, agreements
from electrum_observatory.analysis.backends.closeness import close_moments, refreshes
from electrum_observatory.model.watch_ports import NOTHING

EDGES = 8


def watched(
    phases: list[tuple[int, int]],
    *,
    rounds: int = 40,
    refresh: int = 6,
    growth: float = 3_000,
    apart: float = 100_000,
    seed: int = 3,
) -> np.ndarray:
    """Curves of servers on growing mempools, each shown as of its last refresh; phases are (node, rounds late)."""
    chance = np.random.default_rng(seed)
    arrivals = chance.uniform(growth / 6, growth, (rounds + refresh, EDGES)).cumsum(axis=0)  # which everybody hears of
    starts = {node: (5e5 + chance.uniform(0, apart, EDGES)).cumsum() for node in range(10)}
    nodes = {node: start + arrivals for node, start in starts.items()}
    shown = [((np.arange(rounds) - late) // refresh) * refresh + late for _, late in phases]
    curves = [nodes[node][np.maximum(at, 0)] for (node, _), at in zip(phases, shown, strict=True)]
    return np.stack(curves, axis=1).astype(np.float32)


def share(curves: np.ndarray, one: int, other: int, *, between: bool) -> float:
    return float(np.mean([near[one, other] for _, _, near in close_moments(curves, between=between)]))


def test_servers_of_one_node_lie_between_each_others_refreshes_though_they_never_show_the_same() -> None:
    curves = watched([(0, 0), (0, 3), (1, 0)])

    assert share(curves, 0, 1, between=False) < 0.1
    assert share(curves, 0, 1, between=True) > 0.9


def test_servers_of_two_nodes_do_not() -> None:
    curves = watched([(0, 0), (0, 3), (1, 0), (1, 2)])

    assert max(share(curves, one, other, between=True) for one in (0, 1) for other in (2, 3)) < 0.1


def test_where_unrelated_nodes_lie_between_each_others_refreshes_too_it_weighs_nothing() -> None:
    curves = watched([(node, node % 5) for node in range(8)], growth=30_000, apart=5_000)

    assert share(curves, 0, 1, between=True) > 0.3
    found = agreements(close_moments(curves, between=True), refreshes(curves), np.ones(8, bool))
    bits = agreement_bits(found, np.ones(8, bool), chance_meeting=True).bits
    assert bits[np.triu_indices(8, 1)].max() < 3


def test_an_edge_that_only_one_of_the_two_knows_says_nothing() -> None:
    curves = watched([(0, 0), (0, 3)])
    curves[:, 0, : EDGES - 3] = np.nan

    assert [bool(common[0, 1]) for _, common, _ in close_moments(curves, between=True)] == [False] * len(curves)


def test_refreshes_are_told_by_the_round_that_first_showed_them() -> None:
    curves = watched([(0, 0)], rounds=12)
    curves[6:, 0] = np.nan

    assert refreshes(curves)[:, 0].tolist() == [0] * 6 + [NOTHING] * 6

"""How often unrelated servers agree, and servers on one node, as learned from the network itself."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.backends.agreement import Agreement, agreement_bits
from electrum_observatory.analysis.backends.agreement_null import unrelated_agreement
from electrum_observatory.analysis.backends.block import Signal
from electrum_observatory.analysis.backends.study import study_material
from tests.unit.analysis.backends.planted import Planted, nodes_of, plant

MACHINES = 60


def _shares(seed: int) -> NDArray[np.float64]:
    """Return shares of unrelated pairs of two kinds: a third of the machines hardly agree with any, the others half."""
    chance = np.random.default_rng(seed)
    odd = np.arange(MACHINES) % 3 == 0
    apart = odd[:, None] | odd[None, :]
    share = np.where(apart, chance.beta(1, 40, apart.shape), chance.beta(30, 30, apart.shape))
    share = np.triu(share, 1)
    return np.asarray(share + share.T)


def _agreement(share: NDArray[np.float64]) -> Agreement:
    moments = np.full(share.shape, 24.0)
    return Agreement(share=share, moments=moments, rarity=np.zeros(0), stability=np.full(len(share), 0.99))


def test_unrelated_pairs_of_two_kinds_keep_their_gap_and_their_tails() -> None:
    share = _shares(1)

    null = unrelated_agreement(share[np.triu_indices(MACHINES, 1)], MACHINES)

    means = sorted(a / (a + b) for _, a, b in null.kinds)
    assert means[0] < 0.1
    assert 0.4 < means[-1] < 0.55
    assert sum(weight for weight, _, _ in null.kinds) > 0.999
    assert all(a * b / ((a + b) ** 2 * (a + b + 1)) < 0.15**2 for _, a, b in null.kinds)


def test_a_pair_beyond_both_kinds_earns_what_the_pairs_can_show() -> None:
    share = _shares(2)
    share[1, 2] = share[2, 1] = 0.99

    found = agreement_bits(_agreement(share), np.ones(MACHINES, bool))
    bits, expected = found.bits, found.expected

    assert bits[1, 2] > 8
    assert expected[1, 2] > 8
    assert np.median(bits[np.triu_indices(MACHINES, 1)]) < -5


def test_nodes_that_agree_nearly_always_are_told_from_one_by_pairs_that_always_do() -> None:
    share = _shares(3)
    nearly, always = (1, 2), [(one, one + 1) for one in range(4, 40, 3)]
    for one, other in (nearly, *always):
        share[one, other] = share[other, one] = 0.87 if (one, other) == nearly else 0.999
    confirmed = np.zeros(share.shape, bool)
    for one, other in always:
        confirmed[one, other] = confirmed[other, one] = True
    found, voters = _agreement(share), np.ones(MACHINES, bool)

    modelled = agreement_bits(found, voters).bits
    learned = agreement_bits(found, voters, confirmed=confirmed).bits

    assert modelled[nearly] > 5
    assert learned[nearly] < modelled[nearly] - 1.5
    assert learned[always[0]] > modelled[always[0]] - 0.5


def test_agreement_at_the_slow_horizons_alone_is_no_agreement() -> None:
    nodes = nodes_of(40, 5, 3)
    material = plant(Planted(nodes=nodes), 12)
    estimates = material.estimates.copy()
    estimates[1:, :, 39] = estimates[1:, :, 38]
    near = np.arange(estimates.shape[1]) // 8 % 2 == 0
    estimates[0, near, 39] = estimates[0, near, 38]

    bits = study_material(replace(material, estimates=estimates)).weighed[Signal.ESTIMATES].bits

    assert bits[38, 39] < 3
    assert bits[0, 1] > 8

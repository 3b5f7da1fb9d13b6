"""Machines against the profile of a group."""

import numpy as np

from electrum_observatory.analysis.backends.groups import group_at
from electrum_observatory.analysis.backends.profiles import joined, with_profiles

PRIOR = 8.0


def _groups_of_bits(bits: float, between: float, sizes: tuple[int, ...]) -> np.ndarray:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    out = np.where(labels[:, None] == labels[None, :], bits, between)
    np.fill_diagonal(out, 0.0)
    return np.asarray(out)


def _with(bits: np.ndarray, one: int, other: int, value: float) -> np.ndarray:
    out = bits.copy()
    out[one, other] = out[other, one] = value
    return out


def test_two_that_never_met_are_linked_through_the_rest_of_their_group() -> None:
    bits = _with(_groups_of_bits(16.0, -4.0, (3, 3)), 0, 1, 0.0)

    found = group_at(bits, bits != 0, PRIOR, 0.9)

    assert found.links[0, 1]
    assert 0.9 < found.likely[0, 1] < 1
    assert found.likely[0, 3] < 0.01


def test_what_speaks_against_a_pair_is_not_outvoted_by_its_group() -> None:
    bits = _with(_groups_of_bits(16.0, -4.0, (5, 3)), 0, 1, -10.0)

    found = group_at(bits, bits != 0, PRIOR, 0.9)

    assert not found.links[0, 1]


def test_a_larger_group_claims_a_machine_with_fewer_bits() -> None:
    told = np.ones((9, 9), bool)
    np.fill_diagonal(told, False)

    def claims(members: int, bits: float) -> bool:
        every = np.zeros((9, 9))
        every[8, :members] = every[:members, 8] = bits
        (group,) = joined([tuple(range(members))], every, told, PRIOR, 0.9)
        return 8 in group

    needed = PRIOR + np.log2(9)
    assert claims(2, needed + 0.1)
    assert not claims(2, needed - 0.1)
    assert claims(8, needed - 1.9)
    assert not claims(8, needed - 2.1)


def test_whom_two_groups_claim_is_in_neither() -> None:
    bits = _groups_of_bits(16.0, -4.0, (3, 3, 1))
    bits[6, :6] = bits[:6, 6] = 12.0

    groups = joined([(0, 1, 2), (3, 4, 5)], bits, bits != 0, PRIOR, 0.9)

    assert groups == [(0, 1, 2), (3, 4, 5)]


def test_pairs_that_cannot_tell_do_not_dilute_a_profile() -> None:
    bits = _groups_of_bits(16.0, 0.0, (3, 1))
    bits[3, 0] = bits[0, 3] = 14.0  # its mean over all three members would be under five
    telling = np.abs(bits) > 1

    assert joined([(0, 1, 2)], bits, telling, PRIOR, 0.9) == [(0, 1, 2, 3)]
    assert joined([(0, 1, 2)], bits, np.ones_like(telling), PRIOR, 0.9) == [(0, 1, 2)]


def test_a_group_of_two_adds_nothing_to_its_only_pair() -> None:
    bits = _groups_of_bits(9.0, 0.0, (2, 1))

    likely = with_profiles(np.full((3, 3), 0.25), [(0, 1)], bits, bits != 0, PRIOR)

    assert (likely == 0.25).all()

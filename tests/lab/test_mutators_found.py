"""Small twins of the bench's rows on false alarms and power: what is planted is found, and nobody else is accused.

Lies that only differential treatment shows are in test_treatment, which is their twin.
"""

import functools

import pytest

from bench.false_alarms import ROUNDS, alarms_of, upper_bound
from bench.fleet import CALM
from bench.power import Curve, power
from bench.power_plan import LIES, Lie
from electrum_observatory.lab.mutators.registry import MUTATORS

SEED = 4242
NEEDS_TWO_BATTERIES = {"rate_limit_taproot"}
PLANTED = tuple(lie for lie in LIES if not lie.arms and lie.mutator not in NEEDS_TWO_BATTERIES)


@functools.cache
def curve() -> Curve:
    return power(PLANTED, servers=1, elsewhere=0, seed=SEED, looked_after=(8,), batteries=1, mempool=CALM)


@pytest.mark.parametrize("lie", PLANTED, ids=[lie.slug for lie in PLANTED])
def test_a_lie_at_its_documented_dose_is_found_after_eight_rounds(lie: Lie) -> None:
    (one,) = (one for one in curve().at_documented() if one.lie is lie)

    assert (one.found, one.of) == (1, 1)


def test_nobody_honest_is_accused_beside_them() -> None:
    assert curve().accused == ()


def test_honest_servers_of_every_program_raise_nothing() -> None:
    alarms, visits = alarms_of(machines=1, rounds=ROUNDS, seed=SEED, batteries=1, mempool=CALM)

    assert alarms == {}
    assert visits > 500
    assert upper_bound(0, visits) < 0.006


def test_every_mutator_has_its_place_on_the_power_curve() -> None:
    assert {lie.mutator for lie in LIES} == set(MUTATORS)
    assert all(lie.documented in lie.doses for lie in LIES)


def test_the_upper_bound_is_clopper_and_pearsons() -> None:
    assert upper_bound(0, 3000) == pytest.approx(1 - 0.05 ** (1 / 3000), rel=1e-6)
    assert upper_bound(3, 100) == pytest.approx(0.0757, abs=1e-4)

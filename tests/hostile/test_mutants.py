"""A handful of the mutants that ``python -m bench mutations`` tries: a missing defence is noticed."""

import pytest

from bench.mutations import SMALL, verdict
from tests.hostile.stage import Stage


@pytest.mark.parametrize(("act", "defence"), SMALL)
def test_a_missing_defence_is_noticed(stage: Stage, act: str, defence: str) -> None:
    assert verdict(stage, act, defence) != ""

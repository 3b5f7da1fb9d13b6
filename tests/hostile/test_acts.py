"""Every hostile act is survived and recorded as what it is, and costs nobody else anything.

What must hold for all is in ``case.judged``; what is recorded of each act stands in the files of cases.
"""

import pytest

from tests.hostile.case import Case, judged
from tests.hostile.cases import CASES
from tests.hostile.stage import Stage


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_hostile_server_is_recorded_and_costs_its_own_visit_only(stage: Stage, case: Case) -> None:
    judged(case, stage.scan(case))

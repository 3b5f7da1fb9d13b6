"""Every hostile act is survived and recorded as what it is, and costs nobody else anything.

What must hold for all is in ``case.judged``; what is recorded of each act stands in the files of cases. Each act has a
scan of its own, a few of them at a time; those whose deadline is waited out wait for it together in one.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.hostile.case import HURRY, Case, judged
from tests.hostile.cases import CASES
from tests.hostile.orders import Record
from tests.hostile.stage import AT_ONCE, Stage, targets_of

WAITED_OUT = tuple(case for case in CASES.values() if case.settings is HURRY)


@pytest.fixture(scope="module")
def scans(stage: Stage, request: pytest.FixtureRequest) -> Iterator[Mapping[str, Future[Record]]]:
    """The scan of each act that a test asks for, by the act's name: under way or done."""
    wanted = [
        item.callspec.params["case"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.module is request.module and "scans" in item.fixturenames
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {case.act: pool.submit(stage.scan, case) for case in wanted}
        pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="module")
def waited_out(stage: Stage) -> Record:
    """One scan of all acts that only a deadline ends."""
    first, *others = WAITED_OUT
    return stage.scan(replace(first, targets=tuple(line for one in others for line in targets_of(one))))


@pytest.mark.parametrize("case", [one for one in CASES.values() if one not in WAITED_OUT], ids=lambda case: case.act)
def test_a_hostile_server_is_recorded_and_costs_its_own_visit_only(
    scans: Mapping[str, Future[Record]], case: Case
) -> None:
    judged(case, scans[case.act].result())


@pytest.mark.parametrize("case", WAITED_OUT, ids=lambda case: case.act)
def test_a_server_that_only_a_deadline_ends_is_recorded_and_costs_its_own_visit_only(
    waited_out: Record, case: Case
) -> None:
    judged(case, waited_out)

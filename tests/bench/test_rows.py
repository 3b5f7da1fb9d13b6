"""The small twins of the bench's rows: the same code in small worlds, judged by what must hold at any size.

They run side by side, since they wait more than they work; the one that forks goes first. The kills and the mutations
have theirs in tests/durability and tests/hostile; builds, identification, false alarms and power, which work without
waiting, theirs in tests/lab; what visits cost real servers and how they are wired have theirs in tests/servers, the
arms theirs in tests/unit/cli.
"""

import asyncio
from collections.abc import Mapping

import pytest
import pytest_asyncio

from bench.rows import ROWS
from bench.running import Outcome, run_row

ELSEWHERE = {
    "builds",
    "identification",
    "kill9",
    "kill9_monitor",
    "mutations",
    "false_alarms",
    "power",
    "arms",
    "visit_cost",
    "wiring",
}
HERE = [row for row in ROWS if row.name not in ELSEWHERE]
FORKING = {"virtual_month"}
"""Fork this process, which is safe only while no other row's thread works: a lock it holds would stay locked there."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def outcomes() -> Mapping[str, Outcome]:
    alone = {row.name: await run_row(row, small=True) for row in HERE if row.name in FORKING}
    async with asyncio.TaskGroup() as rows:
        running = {row.name: rows.create_task(run_row(row, small=True)) for row in HERE if row.name not in FORKING}
    return alone | {name: task.result() for name, task in running.items()}


@pytest.mark.parametrize("name", [row.name for row in HERE])
async def test_the_small_twin_meets_what_holds_at_any_size(name: str, outcomes: Mapping[str, Outcome]) -> None:
    outcome = outcomes[name]

    assert not outcome.error, outcome.error
    assert outcome.missed() == []
    assert outcome.result is not None
    assert outcome.result.figures


async def test_every_row_has_a_name_of_its_own_and_a_twin_somewhere() -> None:
    names = [row.name for row in ROWS]

    assert len(set(names)) == len(names)
    assert set(names) >= ELSEWHERE

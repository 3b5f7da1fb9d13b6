"""The whole zoo in one scan: what each act is worth alone it is not worth more in company."""

from dataclasses import replace

from electrum_observatory.lab.hostile.registry import HOSTILE
from tests.hostile.case import judged
from tests.hostile.cases import CASES
from tests.hostile.orders import Record, Seen
from tests.hostile.places import host_of
from tests.hostile.stage import Stage, targets_of

MOST_GROWTH_MB = 250.0


def everybody_is_recorded(record: Record, seen: list[Seen]) -> None:
    assert [act for act in HOSTILE if not record.of(host_of(act))] == []


def test_all_hostile_servers_at_once_leave_the_honest_one_measured_whole(stage: Stage) -> None:
    """Everything that holds of one act (see ``case.judged``) holds of all together."""
    first, *others = CASES.values()
    together = replace(
        first,
        judge=everybody_is_recorded,
        settings={},
        targets=tuple(line for case in others for line in targets_of(case)),
        growth_mb=MOST_GROWTH_MB,
        seconds=60,
    )

    judged(together, stage.scan(together))

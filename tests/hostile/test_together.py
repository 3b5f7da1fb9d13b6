"""All hostile servers at once, and one honest neighbour among them: they cost no more together than one by one."""

from collections import Counter

from electrum_observatory.lab.hostile.peers import FORBIDDEN, FOREIGN_PORTS
from tests.hostile.case import Case, judged
from tests.hostile.cases import CASES
from tests.hostile.orders import Record
from tests.hostile.places import host_of
from tests.hostile.stage import Stage, targets_of

PATIENT = {"scan": {"deadlines": {"request_s": 5.0, "probe_s": 12.0, "session_s": 12.0}}}
"""The neighbour is measured whole even where the machine is busy with everybody else."""

MOST_GROWTH_MB = 200.0


def all_at_once() -> Case:
    """Every act on every transport of its case, with all the names that they need."""
    return Case(
        act="subdomain_flood",  # whose lie is told once more, by the same socket
        recorded="what each act has by itself",
        judge=lambda record, seen: None,
        defences=(),
        settings=PATIENT,
        names={host: answers for case in CASES.values() for host, answers in case.names.items()},
        targets=tuple(line for case in CASES.values() for line in targets_of(case)),
        growth_mb=MOST_GROWTH_MB,
        seconds=90,
    )


def test_all_hostile_servers_at_once_harm_neither_the_neighbour_nor_us(stage: Stage) -> None:
    record = stage.scan(all_at_once())

    judged(all_at_once(), record)
    assert_refusals_are_those_of_each(record)
    assert [act for act in CASES if not record.of(host_of(act))] == [], "somebody was passed over"


def assert_refusals_are_those_of_each(record: Record) -> None:
    """Every forbidden address and port was named by somebody, and every one is counted."""
    refused = Counter(one.detail.partition(";")[0] for one in record.seen if one.stage == "policy")
    assert refused["foreign_service"] >= len(FOREIGN_PORTS)
    for reason, addresses in FORBIDDEN.items():
        assert refused[reason] >= len(addresses), reason
        assert record.counts[f"refused_{reason}"] == refused[reason], reason

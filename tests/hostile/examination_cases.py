"""What adds up over further visits."""

from collections.abc import Sequence

from electrum_observatory.model.endpoint import Transport
from tests.hostile.case import Case
from tests.hostile.judging import every
from tests.hostile.orders import Record, Seen

ENOUGH = 3_000_000
ABOUT_SCRIPTS = ("scripthash_balance", "scripthash_history", "scripthash_unspent")
LATER = ("unknown_method", "mempool_info_anyhow", "batch_of_two_pings")
EXAMINED = {
    "depth": 0,
    "budgets": {"spacing_s": 0.0, "revisit_s": 0.0},
    "deadlines": {"dial_s": 6.0, "request_s": 4.0, "probe_s": 5.0, "session_s": 6.0, "battery_s": 15.0},
}


def enough_is_enough(record: Record, seen: Sequence[Seen]) -> None:
    heard = [one for probe in ABOUT_SCRIPTS for one in every(seen, probe)]
    assert {one.status for one in heard} == {"completed"}
    left = [one for one in seen if one.reason == f"more than {ENOUGH} bytes in answer to further questions"]
    assert {one.probe for one in left} == set(LATER) - {one.probe for one in seen if one.status == "completed"}
    assert len(left) == 2, "they were to follow on further connections"


def versions_are_in_no_other_result(record: Record, seen: Sequence[Seen]) -> None:
    questions = [*every(seen, LATER[0]), *every(seen, "opening")]
    assert {one.status for one in questions} == {"completed"}
    assert [(one.result or {}).get("negotiated", "much") for one in questions] == [None] * len(questions)


EXAMINATION_CASES: tuple[Case, ...] = (
    Case(
        act="megabytes_when_examined",
        recorded="everything answered until one connection has brought more than the cap; no further one is made",
        judge=enough_is_enough,
        defences=("bytes_of_an_examination",),
        transports=(Transport.TCP,),
        settings={"scan": {**EXAMINED, "battery": [*ABOUT_SCRIPTS, *LATER], "caps": {"bytes_per_examination": ENOUGH}}},
    ),
    Case(
        act="novel_version",
        recorded="everything answered; in the results of further visits the version is null, and its bytes are kept",
        judge=versions_are_in_no_other_result,
        defences=("versions_are_short",),
        transports=(Transport.TCP,),
        settings={"scan": {**EXAMINED, "battery": list(LATER[:1])}},
    ),
)

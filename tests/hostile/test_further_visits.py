"""Further visits among hostile servers: all caps hold there too, and every question has its outcome.

Whoever has a conversation waited out to its end is left out: that takes as long as there are connections, and is tried
in virtual time (``tests/unit/scanner/test_sheet.py``).
"""

from collections import Counter
from collections.abc import Sequence

from electrum_observatory.scanner.probes.registry import APART, battery
from tests.hostile.case import Case, judged
from tests.hostile.cases import CASES
from tests.hostile.orders import Record, Seen
from tests.hostile.places import NEIGHBOUR, host_of
from tests.hostile.stage import Stage, targets_of

ACTS = (
    *("newline_flood", "gigabyte_line", "gigabyte_of_lines", "byte_drip", "reset_mid_reply"),
    *("reset_after_version", "wrong_ids", "string_ids", "float_ids", "missing_ids", "duplicate_replies"),
    *("early_replies", "batch_replies", "notification_storm", "null_results", "errors_after_handshake"),
    *("invalid_utf8", "lone_surrogates", "hostile_errors", "fat_answers", "wide_json", "banner_10_mb"),
    *("megabytes_when_examined", "novel_version", "half_close", "long_integer"),
)
ASKED = [
    *("ping_with_float_id", "header_beyond_tip", "unknown_method", "version_without_jsonrpc"),
    *("batch_of_two_pings", "ping_with_odd_ids"),
]
QUESTIONS = {probe.id for probe in battery(ASKED)}
EXAMINED = {
    "scan": {
        "depth": 0,
        "battery": ASKED,
        "budgets": {"spacing_s": 0.0, "revisit_s": 0.0},
        "deadlines": {"silence_s": 0.5, "session_s": 8.0, "battery_s": 6.0},
    }
}


def every_question_has_an_outcome(record: Record, seen: Sequence[Seen]) -> None:
    examined = {one.endpoint for one in record.seen if one.probe == "opening"}
    assert len(examined) >= len(ACTS) // 2, "most of them shake hands, and are then examined"
    for endpoint in examined:
        here = [one for one in record.seen if one.endpoint == endpoint and one.probe in APART]
        outcomes = Counter(one.probe for one in here if one.probe != "opening")
        assert set(outcomes) == QUESTIONS, endpoint
        assert set(outcomes.values()) == {1}, endpoint
        assert {one.status for one in here} <= {"completed", "failed", "not_scheduled"}
        assert {one.kind for one in here} <= {
            *(None, "not_json", "http_reply", "bad_message", "too_many_messages", "too_many_bytes", "line_too_long"),
            *("session_timeout", "connect_timeout", "connection_reset", "eof", "read_timeout"),
        }, [one for one in here if one.kind]
    neighbour = [one for one in record.of(NEIGHBOUR) if one.probe in QUESTIONS]
    assert {one.status for one in neighbour} == {"completed"}
    assert {one.probe for one in neighbour} == QUESTIONS


def among_the_hostile() -> Case:
    """These acts in one scan that examines everybody."""
    return Case(
        act=ACTS[0],
        recorded="an outcome for every question",
        judge=every_question_has_an_outcome,
        defences=(),
        settings=EXAMINED,
        targets=tuple(line for act in ACTS[1:] for line in targets_of(CASES[act])),
        growth_mb=200.0,
        seconds=90,
    )


def test_further_visits_to_hostile_servers_break_nothing(stage: Stage) -> None:
    case = among_the_hostile()

    record = stage.scan(case)

    judged(case, record)
    assert {one.endpoint.partition("//")[2].partition(":")[0] for one in record.seen} >= {host_of(act) for act in ACTS}

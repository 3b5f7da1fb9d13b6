"""Whatever a server sends, a connection of a battery visit ends in time, with one outcome for each question."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from electrum_observatory.model.failure import FailureKind
from electrum_observatory.scanner.probes.registry import battery
from tests.unit.scanner.battery_harness import VERSION, Called
from tests.unit.scanner.scripted import CLOSE, Pause

QUESTIONS = battery(["ping_with_null_id", "height_oddities", "batch_of_two_pings", "xpub_sweep_one", "unknown_method"])
IDS = st.sampled_from([b"null", b"0", b"901", b"1030", b"1490", b"1491", b"-1", b'"x"', b"1.5", b"[1]", b"1e400"])
REPLIES = st.builds(lambda one: b'{"id":' + one + b',"result":[]}\n', IDS)
ERRORS = st.builds(lambda one: b'{"error":{"code":1,"message":"no"},"id":' + one + b"}\n", IDS)
OTHERS = st.sampled_from(
    [
        *(b"\n", b"[]\n", b"5\n", b"null\n", b'{"method":"x"}\n', b"{}\n", b"[{},[],5]\n", b"\xff\xfe\n", b"<html>\n"),
        *(b'{"error":"text","id":1030}\n', b'{"id":1030,"id":1490,"result":null}\n', CLOSE, Pause(3), Pause(30)),
    ]
)
ANSWERS = st.lists(
    st.lists(REPLIES | ERRORS | OTHERS | st.binary(max_size=60).map(lambda one: one + b"\n"), max_size=4)
)


@settings(max_examples=60, deadline=None)
@given(answers=ANSWERS, greeting=st.lists(REPLIES | ERRORS, max_size=2))
def test_every_question_has_one_outcome_and_no_line_breaks_anything(
    answers: list[list[Any]], greeting: list[bytes]
) -> None:
    left = list(answers)

    def script(line: bytes) -> Sequence[Any]:
        if b"server.version" in line:
            return [VERSION]
        return left.pop(0) if left else [b'{"id":null,"result":null}\n']

    called = Called(*QUESTIONS, script=script, greeting=greeting)

    rows = Counter(one.probe for one in called.notebook.observations)
    assert rows == Counter({"opening": 1, **{probe.id: 1 for probe in QUESTIONS}})
    kinds = {one.attempt.failure.kind for one in called.notebook.observations if one.attempt.failure is not None}
    assert FailureKind.BUG_IN_OBSERVATORY not in kinds
    assert called.seconds <= 180
    assert len(called.sent) <= 40
    for one in called.notebook.observations:
        labels = [label for told in (one.attempt.result or {}).get("exchanges", ()) for label in told["lines"]]
        own = [witness.label for witness in one.witnesses if not witness.label.startswith("before.")]
        assert one.attempt.result is None or labels == own, "every line kept is told of, and the other way round"

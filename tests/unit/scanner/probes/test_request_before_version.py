"""An ordinary reply, as before ElectrumX 1.19."""

from electrum_observatory.scanner.probes.request_before_version import RequestBeforeVersionProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1210,"method":"server.ping","params":[]}\n',
]
ANSWERS = [
    b'{"jsonrpc":"2.0","result":null,"id":1210}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(RequestBeforeVersionProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = RequestBeforeVersionProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

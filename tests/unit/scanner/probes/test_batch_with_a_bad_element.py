"""The order of the request, as Fulcrum answers."""

from electrum_observatory.scanner.probes.batch_with_a_bad_element import BatchWithABadElementProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (
        b'[{"jsonrpc":"2.0","id":1620,"method":"server.ping","params":[]},5,{"jsonrpc":"2.0","id":16'
        b'21,"method":"no.such","params":[]}]\n'
    ),
]
ANSWERS = [
    (
        b'[{"id":1620,"jsonrpc":"2.0","result":null},{"error":{"code":-32600,"message":"Invalid requ'
        b'est"},"id":null,"jsonrpc":"2.0"},{"error":{"code":-32601,"message":"Unsupported request: n'
        b'o.such"},"id":1621,"jsonrpc":"2.0"}]\r\n'
    ),
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(BatchWithABadElementProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = BatchWithABadElementProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

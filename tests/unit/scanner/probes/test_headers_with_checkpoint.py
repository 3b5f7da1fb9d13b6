"""The refusal of romanz electrs."""

from electrum_observatory.scanner.probes.headers_with_checkpoint import HeadersWithCheckpointProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1240,"method":"blockchain.block.headers","params":[1,4,15]}\n',
]
ANSWERS = [
    b'{"error":{"code":-32602,"message":"invalid params"},"id":1240,"jsonrpc":"2.0"}\r\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(HeadersWithCheckpointProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = HeadersWithCheckpointProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

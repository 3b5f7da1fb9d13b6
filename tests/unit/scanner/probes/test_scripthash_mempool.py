"""The refusal of romanz electrs."""

from electrum_observatory.scanner.probes.scripthash_mempool import ScripthashMempoolProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (
        b'{"jsonrpc":"2.0","id":1340,"method":"blockchain.scripthash.get_mempool","params":["8131e31'
        b'b9b2da6ddb7cca24c537869c94320f19e80fc2ee72c9558e5a9296978"]}\n'
    ),
]
ANSWERS = [
    b'{"error":{"code":-32601,"message":"method not found"},"id":1340,"jsonrpc":"2.0"}\r\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(ScripthashMempoolProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = ScripthashMempoolProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

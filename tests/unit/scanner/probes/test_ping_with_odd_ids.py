"""The Rust programs echo them all."""

from electrum_observatory.scanner.probes.ping_with_odd_ids import PingWithOddIdsProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":true,"method":"server.ping","params":[]}\n',
    b'{"jsonrpc":"2.0","id":7.5,"method":"server.ping","params":[]}\n',
    b'{"jsonrpc":"2.0","id":9223372036854775808,"method":"server.ping","params":[]}\n',
    b'{"jsonrpc":"2.0","id":[1],"method":"server.ping","params":[]}\n',
    b'{"jsonrpc":"2.0","id":{"a":1},"method":"server.ping","params":[]}\n',
]
ANSWERS = [
    b'{"id":true,"jsonrpc":"2.0","result":null}\r\n',
    b'{"id":7.5,"jsonrpc":"2.0","result":null}\r\n',
    b'{"id":9223372036854775808,"jsonrpc":"2.0","result":null}\r\n',
    b'{"id":[1],"jsonrpc":"2.0","result":null}\r\n',
    b'{"id":{"a":1},"jsonrpc":"2.0","result":null}\r\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(PingWithOddIdsProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = PingWithOddIdsProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

"""Everybody echoes these."""

from electrum_observatory.scanner.probes.ping_with_plain_ids import PingWithPlainIdsProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":"text","method":"server.ping","params":[]}\n',
    b'{"jsonrpc":"2.0","id":-3,"method":"server.ping","params":[]}\n',
    b'{"jsonrpc":"2.0","id":"","method":"server.ping","params":[]}\n',
]
ANSWERS = [
    b'{"id":"text","jsonrpc":"2.0","result":null}\r\n',
    b'{"id":-3,"jsonrpc":"2.0","result":null}\r\n',
    b'{"id":"","jsonrpc":"2.0","result":null}\r\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(PingWithPlainIdsProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = PingWithPlainIdsProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

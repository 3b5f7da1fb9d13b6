"""The text of ElectrumX."""

from electrum_observatory.scanner.probes.malformed_address import MalformedAddressProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (b'{"jsonrpc":"2.0","id":1390,"method":"blockchain.address.get_balance","params":["not-an-address"]}\n'),
]
ANSWERS = [
    (
        b'{"jsonrpc":"2.0","error":{"code":-32601,"message":"unknown method \\"blockchain.address.get'
        b'_balance\\""},"id":1390}\n'
    ),
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(MalformedAddressProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = MalformedAddressProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

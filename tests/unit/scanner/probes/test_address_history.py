"""The text of ElectrumX."""

from electrum_observatory.scanner.probes.address_history import AddressHistoryProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (
        b'{"jsonrpc":"2.0","id":1380,"method":"blockchain.address.get_history","params":["1Jq6MksXQV'
        b'WzrznvZzxkV6oY57oWXD9TXB"]}\n'
    ),
]
ANSWERS = [
    (
        b'{"jsonrpc":"2.0","error":{"code":-32601,"message":"unknown method \\"blockchain.address.get'
        b'_history\\""},"id":1380}\n'
    ),
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(AddressHistoryProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = AddressHistoryProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

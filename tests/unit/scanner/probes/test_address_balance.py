"""The text of Fulcrum on Bitcoin."""

from electrum_observatory.scanner.probes.address_balance import AddressBalanceProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (
        b'{"jsonrpc":"2.0","id":1370,"method":"blockchain.address.get_balance","params":["1Jq6MksXQV'
        b'WzrznvZzxkV6oY57oWXD9TXB"]}\n'
    ),
]
ANSWERS = [
    (
        b'{"error":{"code":-32601,"message":"blockchain.address.* methods are only available on BCH"'
        b'},"id":1370,"jsonrpc":"2.0"}\r\n'
    ),
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(AddressBalanceProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = AddressBalanceProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

"""Fulcrum takes the first 64 digits of 66."""

from electrum_observatory.scanner.probes.scripthash_oddities import ScripthashOdditiesProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (
        b'{"jsonrpc":"2.0","id":1480,"method":"blockchain.scripthash.get_balance","params":["5eed5ee'
        b'd5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eedab"]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1481,"method":"blockchain.scripthash.get_balance","params":["5EED5EE'
        b'D5EED5EED5EED5EED5EED5EED5EED5EED5EED5EED5EED5EED5EED5EED"]}\n'
    ),
    b'{"jsonrpc":"2.0","id":1482,"method":"blockchain.scripthash.get_balance","params":[123]}\n',
    b'{"jsonrpc":"2.0","id":1483,"method":"blockchain.scripthash.get_balance","params":[null]}\n',
]
ANSWERS = [
    b'{"id":1480,"jsonrpc":"2.0","result":{"confirmed":0,"unconfirmed":0}}\r\n',
    b'{"id":1481,"jsonrpc":"2.0","result":{"confirmed":0,"unconfirmed":0}}\r\n',
    b'{"error":{"code":1,"message":"Invalid scripthash"},"id":1482,"jsonrpc":"2.0"}\r\n',
    b'{"error":{"code":1,"message":"Invalid scripthash"},"id":1483,"jsonrpc":"2.0"}\r\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(ScripthashOdditiesProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = ScripthashOdditiesProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

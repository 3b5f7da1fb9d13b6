"""The texts of ElectrumX."""

from electrum_observatory.scanner.probes.methods_of_later_releases import MethodsOfLaterReleasesProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (
        b'{"jsonrpc":"2.0","id":1540,"method":"blockchain.utxo.get_info","params":["0000000000000000'
        b'000000000000000000000000000000000000000000000000",0]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1541,"method":"blockchain.transaction.get_height","params":["0000000'
        b'000000000000000000000000000000000000000000000000000000000"]}\n'
    ),
    b'{"jsonrpc":"2.0","id":1542,"method":"blockchain.transaction.dsproof.list","params":[]}\n',
    b'{"jsonrpc":"2.0","id":1543,"method":"blockchain.headers.get_tip","params":[]}\n',
    (
        b'{"jsonrpc":"2.0","id":1544,"method":"blockchain.scripthash.get_status","params":["5eed5eed'
        b'5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed"]}\n'
    ),
]
ANSWERS = [
    b'{"jsonrpc":"2.0","error":{"code":-32601,"message":"unknown method"},"id":1540}\n',
    b'{"jsonrpc":"2.0","error":{"code":-32601,"message":"unknown method"},"id":1541}\n',
    b'{"jsonrpc":"2.0","error":{"code":-32601,"message":"unknown method"},"id":1542}\n',
    b'{"jsonrpc":"2.0","error":{"code":-32601,"message":"unknown method"},"id":1543}\n',
    b'{"jsonrpc":"2.0","error":{"code":-32601,"message":"unknown method"},"id":1544}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(MethodsOfLaterReleasesProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = MethodsOfLaterReleasesProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

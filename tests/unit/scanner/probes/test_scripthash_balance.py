"""Balances."""

from electrum_observatory.scanner.probes.scripthash_balance import ScripthashBalanceProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (
        b'{"jsonrpc":"2.0","id":1300,"method":"blockchain.scripthash.get_balance","params":["8131e31'
        b'b9b2da6ddb7cca24c537869c94320f19e80fc2ee72c9558e5a9296978"]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1301,"method":"blockchain.scripthash.get_balance","params":["53136c0'
        b'8309b74e0051941045bcaa2cf8f2e4982394317c2ba6a9a731a09a1b5"]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1302,"method":"blockchain.scripthash.get_balance","params":["ac81fcb'
        b'9ac07b98afa6f7201e0ae939ffad27ab1cc4f533c7b26e8edcbf7d40b"]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1303,"method":"blockchain.scripthash.get_balance","params":["4cf03e4'
        b'9607028a594d7b03c0c33225939c0c2afeb69ecb7bcdec34bf99bca74"]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1304,"method":"blockchain.scripthash.get_balance","params":["4f480ab'
        b'6a47a07b3e3b3cf61505f0298940ea9d2e9f999b08300994ca02cc0be"]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1305,"method":"blockchain.scripthash.get_balance","params":["116c168'
        b'991a7b9a6e8fb8dca8d09857a6c92aed79af7661e6184e2b1b1f93a03"]}\n'
    ),
]
ANSWERS = [
    b'{"jsonrpc":"2.0","result":{"confirmed":0,"unconfirmed":0},"id":1300}\n',
    b'{"jsonrpc":"2.0","result":{"confirmed":0,"unconfirmed":0},"id":1301}\n',
    b'{"jsonrpc":"2.0","result":{"confirmed":0,"unconfirmed":0},"id":1302}\n',
    b'{"jsonrpc":"2.0","result":{"confirmed":0,"unconfirmed":0},"id":1303}\n',
    b'{"jsonrpc":"2.0","result":{"confirmed":0,"unconfirmed":0},"id":1304}\n',
    b'{"jsonrpc":"2.0","result":{"confirmed":0,"unconfirmed":0},"id":1305}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(ScripthashBalanceProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = ScripthashBalanceProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

"""Statuses."""

from electrum_observatory.scanner.probes.scripthash_subscribe import ScripthashSubscribeProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (
        b'{"jsonrpc":"2.0","id":1330,"method":"blockchain.scripthash.subscribe","params":["8131e31b9'
        b'b2da6ddb7cca24c537869c94320f19e80fc2ee72c9558e5a9296978"]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1331,"method":"blockchain.scripthash.subscribe","params":["53136c083'
        b'09b74e0051941045bcaa2cf8f2e4982394317c2ba6a9a731a09a1b5"]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1332,"method":"blockchain.scripthash.subscribe","params":["ac81fcb9a'
        b'c07b98afa6f7201e0ae939ffad27ab1cc4f533c7b26e8edcbf7d40b"]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1333,"method":"blockchain.scripthash.subscribe","params":["4cf03e496'
        b'07028a594d7b03c0c33225939c0c2afeb69ecb7bcdec34bf99bca74"]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1334,"method":"blockchain.scripthash.subscribe","params":["4f480ab6a'
        b'47a07b3e3b3cf61505f0298940ea9d2e9f999b08300994ca02cc0be"]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1335,"method":"blockchain.scripthash.subscribe","params":["116c16899'
        b'1a7b9a6e8fb8dca8d09857a6c92aed79af7661e6184e2b1b1f93a03"]}\n'
    ),
]
ANSWERS = [
    b'{"jsonrpc":"2.0","result":null,"id":1330}\n',
    b'{"jsonrpc":"2.0","result":null,"id":1331}\n',
    b'{"jsonrpc":"2.0","result":null,"id":1332}\n',
    b'{"jsonrpc":"2.0","result":null,"id":1333}\n',
    b'{"jsonrpc":"2.0","result":null,"id":1334}\n',
    b'{"jsonrpc":"2.0","result":null,"id":1335}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(ScripthashSubscribeProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = ScripthashSubscribeProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

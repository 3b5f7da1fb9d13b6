"""False, as Fulcrum answers at any protocol version."""

from electrum_observatory.scanner.probes.scripthash_unsubscribe import ScripthashUnsubscribeProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (
        b'{"jsonrpc":"2.0","id":1180,"method":"blockchain.scripthash.unsubscribe","params":["5eed5ee'
        b'd5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed"]}\n'
    ),
]
ANSWERS = [
    b'{"id":1180,"jsonrpc":"2.0","result":false}\r\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(ScripthashUnsubscribeProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = ScripthashUnsubscribeProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

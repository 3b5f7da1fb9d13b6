"""Null, as Fulcrum answers for a script that nobody used."""

from electrum_observatory.scanner.probes.scripthash_first_use import ScripthashFirstUseProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (
        b'{"jsonrpc":"2.0","id":1170,"method":"blockchain.scripthash.get_first_use","params":["5eed5'
        b'eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed"]}\n'
    ),
]
ANSWERS = [
    b'{"id":1170,"jsonrpc":"2.0","result":null}\r\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(ScripthashFirstUseProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = ScripthashFirstUseProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

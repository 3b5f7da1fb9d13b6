"""The bare string of old Blockstream builds."""

from electrum_observatory.scanner.probes.scripthash_not_hex import ScripthashNotHexProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1100,"method":"blockchain.scripthash.get_balance","params":["zz"]}\n',
]
ANSWERS = [
    b'{"error":"bad script_hash","id":1100,"jsonrpc":"2.0"}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(ScripthashNotHexProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = ScripthashNotHexProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

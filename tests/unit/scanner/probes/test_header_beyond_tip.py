"""The text of ElectrumX, commas included."""

from electrum_observatory.scanner.probes.header_beyond_tip import HeaderBeyondTipProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1040,"method":"blockchain.block.header","params":[99999999]}\n',
]
ANSWERS = [
    b'{"jsonrpc":"2.0","error":{"code":1,"message":"height 99,999,999 out of range"},"id":1040}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(HeaderBeyondTipProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = HeaderBeyondTipProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

"""Fulcrum wraps round to block 0."""

from electrum_observatory.scanner.probes.header_beyond_32_bits import HeaderBeyond32BitsProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1130,"method":"blockchain.block.header","params":[4294967296]}\n',
]
ANSWERS = [
    (
        b'{"id":1130,"jsonrpc":"2.0","result":"00000000000000000000000000000000000000000000000000000'
        b"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        b'00000000000000000"}\r\n'
    ),
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(HeaderBeyond32BitsProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = HeaderBeyond32BitsProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

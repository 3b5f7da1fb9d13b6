"""The members in ElectrumX's order."""

from electrum_observatory.scanner.probes.header_proof import HeaderProofProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1250,"method":"blockchain.block.header","params":[1,15]}\n',
]
ANSWERS = [
    b'{"jsonrpc":"2.0","result":{"header":"00","branch":[],"root":"00"},"id":1250}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(HeaderProofProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = HeaderProofProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

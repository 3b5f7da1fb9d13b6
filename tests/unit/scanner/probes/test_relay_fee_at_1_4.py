"""The number as Python writes it."""

from electrum_observatory.scanner.probes.relay_fee_at_1_4 import RelayFeeAt14Probe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1090,"method":"blockchain.relayfee","params":[]}\n',
]
ANSWERS = [
    b'{"jsonrpc":"2.0","result":1e-05,"id":1090}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(RelayFeeAt14Probe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = RelayFeeAt14Probe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

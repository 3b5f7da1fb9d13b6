"""An empty history."""

from electrum_observatory.scanner.probes.xpub_sweep_one import XpubSweepOneProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (
        b'{"jsonrpc":"2.0","id":1700,"method":"blockchain.scripthash.get_history","params":["a196ae6'
        b'2a6117ac56e2224a016a6f0aa91bf462b3f386c4a39138158de309526"]}\n'
    ),
]
ANSWERS = [
    b'{"jsonrpc":"2.0","result":[],"id":1700}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(XpubSweepOneProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = XpubSweepOneProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

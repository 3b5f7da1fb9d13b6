"""Empty histories."""

from electrum_observatory.scanner.probes.xpub_sweep_twenty_nested import XpubSweepTwentyNestedProbe
from tests.unit.scanner.battery_harness import put, question_lines

FIRST_ID, COUNT = 1750, 20
ANSWERS = [b'{"jsonrpc":"2.0","result":[],"id":%d}\n' % one for one in range(FIRST_ID, FIRST_ID + COUNT)]
FIRST_LINE = (
    b'{"jsonrpc":"2.0","id":1750,"method":"blockchain.scripthash.get_history","params":["9839d6a'
    b'4f17c5c2916bd50dabdd27590fe19f8e53ffd339d6a35b999cffe07d7"]}\n'
)
LAST_LINE = (
    b'{"jsonrpc":"2.0","id":1769,"method":"blockchain.scripthash.get_history","params":["3423bb1'
    b'8c3f90ddf53281c5e994c885e4378954d66f48e674dd5350bfb84e562"]}\n'
)


def test_so_many_are_asked_in_this_order() -> None:
    lines = question_lines(put(XpubSweepTwentyNestedProbe(), *ANSWERS))

    assert len(set(lines)) == len(lines) == COUNT
    assert (lines[0], lines[-1]) == (FIRST_LINE, LAST_LINE)


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = XpubSweepTwentyNestedProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

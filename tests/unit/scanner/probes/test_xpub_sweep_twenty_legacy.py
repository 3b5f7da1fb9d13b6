"""Empty histories."""

from electrum_observatory.scanner.probes.xpub_sweep_twenty_legacy import XpubSweepTwentyLegacyProbe
from tests.unit.scanner.battery_harness import put, question_lines

FIRST_ID, COUNT = 1730, 20
ANSWERS = [b'{"jsonrpc":"2.0","result":[],"id":%d}\n' % one for one in range(FIRST_ID, FIRST_ID + COUNT)]
FIRST_LINE = (
    b'{"jsonrpc":"2.0","id":1730,"method":"blockchain.scripthash.get_history","params":["80524ac'
    b'1dd7189be8205d071fc495c51cd5ff787d12b78843ed8a14952c677a6"]}\n'
)
LAST_LINE = (
    b'{"jsonrpc":"2.0","id":1749,"method":"blockchain.scripthash.get_history","params":["bc21d57'
    b'ffda92908231aa550e087c7c87bcaf9cb59bec137fd2677ac43ff3e8e"]}\n'
)


def test_so_many_are_asked_in_this_order() -> None:
    lines = question_lines(put(XpubSweepTwentyLegacyProbe(), *ANSWERS))

    assert len(set(lines)) == len(lines) == COUNT
    assert (lines[0], lines[-1]) == (FIRST_LINE, LAST_LINE)


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = XpubSweepTwentyLegacyProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

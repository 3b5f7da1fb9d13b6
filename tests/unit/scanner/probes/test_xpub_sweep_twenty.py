"""Empty histories."""

from electrum_observatory.scanner.probes.xpub_sweep_twenty import XpubSweepTwentyProbe
from tests.unit.scanner.battery_harness import put, question_lines

FIRST_ID, COUNT = 1710, 20
ANSWERS = [b'{"jsonrpc":"2.0","result":[],"id":%d}\n' % one for one in range(FIRST_ID, FIRST_ID + COUNT)]
FIRST_LINE = (
    b'{"jsonrpc":"2.0","id":1710,"method":"blockchain.scripthash.get_history","params":["a196ae6'
    b'2a6117ac56e2224a016a6f0aa91bf462b3f386c4a39138158de309526"]}\n'
)
LAST_LINE = (
    b'{"jsonrpc":"2.0","id":1729,"method":"blockchain.scripthash.get_history","params":["e296127'
    b'9189c7a5cde2ff6a17bd5e487c91dbe9ad0330209a771ecfc820a4f27"]}\n'
)


def test_so_many_are_asked_in_this_order() -> None:
    lines = question_lines(put(XpubSweepTwentyProbe(), *ANSWERS))

    assert len(set(lines)) == len(lines) == COUNT
    assert (lines[0], lines[-1]) == (FIRST_LINE, LAST_LINE)


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = XpubSweepTwentyProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

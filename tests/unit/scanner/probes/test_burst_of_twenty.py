"""Replies in the order of the requests."""

from electrum_observatory.scanner.probes.burst_of_twenty import BurstOfTwentyProbe
from tests.unit.scanner.battery_harness import put, question_lines

FIRST_ID, COUNT = 2220, 20
ANSWERS = [b'{"jsonrpc":"2.0","result":null,"id":%d}\n' % one for one in range(FIRST_ID, FIRST_ID + COUNT)]
FIRST_LINE = b'{"jsonrpc":"2.0","id":2220,"method":"server.ping","params":[]}\n'
LAST_LINE = b'{"jsonrpc":"2.0","id":2239,"method":"server.ping","params":[]}\n'


def test_so_many_are_asked_in_this_order() -> None:
    lines = question_lines(put(BurstOfTwentyProbe(), *ANSWERS))

    assert len(set(lines)) == len(lines) == COUNT
    assert (lines[0], lines[-1]) == (FIRST_LINE, LAST_LINE)


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = BurstOfTwentyProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

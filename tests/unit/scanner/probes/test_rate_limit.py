"""A server without a limit that is met."""

from electrum_observatory.scanner.probes.rate_limit import RateLimitProbe
from tests.unit.scanner.battery_harness import put, question_lines

FIRST_ID, COUNT = 2100, 120
ANSWERS = [b'{"jsonrpc":"2.0","result":[],"id":%d}\n' % one for one in range(FIRST_ID, FIRST_ID + COUNT)]
FIRST_LINE = (
    b'{"jsonrpc":"2.0","id":2100,"method":"blockchain.scripthash.get_history","params":["34bf85e'
    b'f0d112a3f0b699df256ed691d377cfcb47eb9fbdf0876766862bedbc9"]}\n'
)
LAST_LINE = (
    b'{"jsonrpc":"2.0","id":2219,"method":"blockchain.scripthash.get_history","params":["34bf85e'
    b'f0d112a3f0b699df256ed691d377cfcb47eb9fbdf0876766862bedbc9"]}\n'
)


def test_so_many_are_asked_in_this_order() -> None:
    lines = question_lines(put(RateLimitProbe(), *ANSWERS))

    assert len(set(lines)) == len(lines) == COUNT
    assert (lines[0], lines[-1]) == (FIRST_LINE, LAST_LINE)


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = RateLimitProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

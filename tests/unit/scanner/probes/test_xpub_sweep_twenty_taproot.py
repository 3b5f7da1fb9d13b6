"""Empty histories."""

from electrum_observatory.scanner.probes.xpub_sweep_twenty_taproot import XpubSweepTwentyTaprootProbe
from tests.unit.scanner.battery_harness import put, question_lines

FIRST_ID, COUNT = 1770, 20
ANSWERS = [b'{"jsonrpc":"2.0","result":[],"id":%d}\n' % one for one in range(FIRST_ID, FIRST_ID + COUNT)]
FIRST_LINE = (
    b'{"jsonrpc":"2.0","id":1770,"method":"blockchain.scripthash.get_history","params":["c793810'
    b'285b2bbae174d4cf8df2b5c9bb98d5a9639cc2969d27ef4825dc21c8f"]}\n'
)
LAST_LINE = (
    b'{"jsonrpc":"2.0","id":1789,"method":"blockchain.scripthash.get_history","params":["bd927fb'
    b'ccc40e11e80f0fb52f9e262b4afa4baad1cb8b2ebf176312b4a3d6112"]}\n'
)


def test_so_many_are_asked_in_this_order() -> None:
    lines = question_lines(put(XpubSweepTwentyTaprootProbe(), *ANSWERS))

    assert len(set(lines)) == len(lines) == COUNT
    assert (lines[0], lines[-1]) == (FIRST_LINE, LAST_LINE)


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = XpubSweepTwentyTaprootProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

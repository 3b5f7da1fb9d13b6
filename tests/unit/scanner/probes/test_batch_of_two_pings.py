"""The array of ElectrumX, with a comma and a space."""

from electrum_observatory.scanner.probes.batch_of_two_pings import BatchOfTwoPingsProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (
        b'[{"jsonrpc":"2.0","id":1190,"method":"server.ping","params":[]},{"jsonrpc":"2.0","id":1191'
        b',"method":"server.ping","params":[]}]\n'
    ),
]
ANSWERS = [
    b'[{"jsonrpc":"2.0","result":null,"id":1190}, {"jsonrpc":"2.0","result":null,"id":1191}]\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(BatchOfTwoPingsProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = BatchOfTwoPingsProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

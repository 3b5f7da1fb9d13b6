"""The reply of aiorpcX in the dialect of 1.0."""

from electrum_observatory.scanner.probes.first_message_of_1_0 import FirstMessageOf10Probe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (b'{"jsonrpc":"1.0","id":1220,"method":"server.version","params":["electrum-observatory/0.1.0","1.4"]}\n'),
]
ANSWERS = [
    b'{"result":["ElectrumX 1.20.0","1.4"],"error":null,"id":1220}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(FirstMessageOf10Probe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = FirstMessageOf10Probe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

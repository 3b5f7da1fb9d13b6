"""The texts of ElectrumX."""

from electrum_observatory.scanner.probes.parameters_of_other_types import ParametersOfOtherTypesProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1470,"method":"server.banner","params":"x"}\n',
    b'{"jsonrpc":"2.0","id":1471,"method":"server.banner","params":5}\n',
    b'{"jsonrpc":"2.0","id":1472,"method":"server.banner","params":null}\n',
]
ANSWERS = [
    b'{"jsonrpc":"2.0","error":{"code":-32602,"message":"invalid request arguments: x"},"id":1470}\n',
    b'{"jsonrpc":"2.0","error":{"code":-32602,"message":"invalid request arguments: 5"},"id":1471}\n',
    b'{"jsonrpc":"2.0","error":{"code":-32602,"message":"invalid request arguments: None"},"id":1472}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(ParametersOfOtherTypesProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = ParametersOfOtherTypesProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

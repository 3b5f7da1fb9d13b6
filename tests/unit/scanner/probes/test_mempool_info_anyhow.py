"""The members of ElectrumX."""

from electrum_observatory.scanner.probes.mempool_info_anyhow import MempoolInfoAnyhowProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1160,"method":"mempool.get_info","params":[]}\n',
]
ANSWERS = [
    (
        b'{"jsonrpc":"2.0","result":{"mempoolminfee":1e-05,"minrelaytxfee":1e-05,"incrementalrelayfe'
        b'e":1e-05},"id":1160}\n'
    ),
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(MempoolInfoAnyhowProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = MempoolInfoAnyhowProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

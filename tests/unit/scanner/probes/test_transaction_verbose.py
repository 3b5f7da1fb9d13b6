"""The refusal of the esplora family."""

from electrum_observatory.scanner.probes.transaction_verbose import TransactionVerboseProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (
        b'{"jsonrpc":"2.0","id":1270,"method":"blockchain.transaction.get","params":["0e3e2357e806b6'
        b'cdb1f70b54c3a3a17b6714ee1f0e68bebb44a74b1efd512098",true]}\n'
    ),
]
ANSWERS = [
    b'{"error":"verbose transactions are currently unsupported","id":1270,"jsonrpc":"2.0"}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(TransactionVerboseProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = TransactionVerboseProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors

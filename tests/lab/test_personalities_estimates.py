"""What each program makes of a node without a fee estimator."""

from typing import Any

import pytest

from electrum_observatory.model.endpoint import Transport
from tests.lab.personality_worlds import call, make_state, start, with_node

DISABLED = with_node(make_state(), estimates_fees=False, estimate=lambda _target: None)
BARE = {"code": 2, "message": "Fee estimation disabled"}
PYTHONS = "daemon error: DaemonError({'code': -32603, 'message': 'Fee estimation disabled'})"


@pytest.mark.parametrize(
    ("personality_id", "answer"),
    [
        ("electrumx_1_15", {"error": {"code": 2, "message": PYTHONS}}),
        ("electrumx_1_17", {"error": {"code": 2, "message": PYTHONS}}),
        ("fulcrum_2_1_1", {"error": BARE}),
        ("electrs_romanz_0_10", {"error": BARE}),
        ("electrs_romanz_0_10_6", {"result": -1}),  # field reference §5.1: "0.10.6+ also when … disabled"
        ("electrs_esplora", {"error": "cannot estimate fee for 6 blocks"}),
        ("eps", {"result": 0.0001}),
        ("floresta", {"result": 0.0001}),
    ],
)
def test_a_node_without_an_estimator_shows_through_each_program_differently(
    personality_id: str, answer: dict[str, Any]
) -> None:
    reply = call(start(personality_id, DISABLED).connect(Transport.TCP), "blockchain.estimatefee", 6)

    assert {name: reply[name] for name in ("error", "result") if name in reply} == answer

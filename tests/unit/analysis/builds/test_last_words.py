"""What ElectrumX 1.18 says before it closes is lost, or not: that depends on the second, so neither speaks against it.

A real 1.18 on a busy machine answered a refused handshake that it mostly leaves unanswered (``tests/servers``).
"""

import json

import pytest

from electrum_observatory.analysis.builds.identify import identify
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Transport
from tests.unit.analysis.builds.scripted import ELECTRUMX_PADDED, error, exchange, hello, talk

ORDINARY = talk(
    ELECTRUMX_PADDED,
    hello("ElectrumX 1.18.0", "1.4.3"),
    ("blockchain.estimatefee", [2, "economical"], error(1, "unknown estimatefee mode: economical")),
)
REFUSED = error(1, "unsupported protocol version: 9.9")


def refused_handshake(*lines: bytes) -> Dialogue:
    sent = json.dumps({"jsonrpc": "2.0", "id": 0, "method": "server.version", "params": ["obs/1.0", "9.9"]})
    asked = exchange("server.version", sent.encode() + b"\n", *lines, closed=True, alive=False)
    return Dialogue(transport=Transport.TCP, exchanges=(asked,))


@pytest.mark.parametrize("lines", [(), (ELECTRUMX_PADDED.line(*REFUSED, request_id=0),)], ids=["lost", "came"])
def test_last_words_leave_1_18_possible_whether_they_came_or_not(lines: tuple[bytes, ...]) -> None:
    found = identify([ORDINARY, refused_handshake(*lines)])

    assert set(found.builds) == {"electrumx-git-2025-05-29", "electrumx-1.18.0"}
    assert not found.several_backends
    assert found.contradictions == ()

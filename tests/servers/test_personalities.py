"""Where the lab plays a program that runs here, both say the same to every line, byte for byte."""

import pytest

from electrum_observatory.lab.state import NodeState
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Transport
from tests.servers.electrumx import ElectrumX
from tests.servers.litecoin_node import LitecoinNode
from tests.servers.played import APART_S, play, stand_in, state_of

COMPARED_AT_LEAST = 70
LOSES_LAST_WORDS = "1.18.0"
"""It loses what it says before it closes, unless a busy machine let a second pass since it last sent."""


@pytest.fixture(scope="session")
def node_state(node: LitecoinNode) -> NodeState:
    return state_of(node)


def test_the_labs_stand_in_answers_as_the_real_server(
    electrumx: ElectrumX, dialogues: dict[tuple[str, Transport], list[Dialogue]], node_state: NodeState
):
    program = stand_in(electrumx, node_state)

    found = []
    for number, dialogue in enumerate(dialogues[electrumx.version, Transport.TCP], start=1):
        played = play(dialogue, program.connect(Transport.TCP), number * APART_S)
        for exchange, answer in zip(dialogue.exchanges, played, strict=True):
            real = b"".join(line.data for line in exchange.lines)
            if real != answer and not (electrumx.version == LOSES_LAST_WORDS and exchange.closed and not answer):
                found.append(f"{exchange.name} {exchange.sent[:120]!r}\n  real {real!r}\n  lab  {answer!r}")

    assert not found, "\n".join(found[:10])
    assert len(dialogues[electrumx.version, Transport.TCP]) >= COMPARED_AT_LEAST

"""The registry, the page that describes it, and the interface that the wire rendering relies on."""

import json
import re
from pathlib import Path

import pytest

from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.programs import habits_of
from electrum_observatory.model.endpoint import Transport
from tests.lab.personality_worlds import call, exchange, start

HELLO = '{"jsonrpc":"2.0","id":0,"method":"server.version","params":["test","1.4"]}'
FEATURES = '{"jsonrpc":"2.0","id":1,"method":"server.features","params":[]}'
SAYS_MORE_THAN_IT_SPEAKS = {"floresta": "1.5"}
WITHOUT_FEATURES = {
    *("electrs_esplora", "electrs_esplora_coded", "mempool_electrs", "mempool_electrs_coded", "eps", "bwt", "frigate")
}
PAGE = Path(__file__).parents[2] / "docs" / "lab" / "personalities.md"


def test_the_page_lists_every_personality_and_no_other():
    first_cells = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    documented = {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)}

    assert documented == set(PERSONALITIES)


@pytest.mark.parametrize("personality_id", sorted(PERSONALITIES))
@pytest.mark.parametrize("transport", list(Transport))
def test_every_personality_shakes_hands_on_every_transport(personality_id: str, transport: Transport):
    personality = PERSONALITIES[personality_id]

    reply = call(start(personality_id).connect(transport), "server.version", "test", "1.4")

    trims = personality.implementation == "fulcrum"
    name = personality.default_version.removesuffix(".0") if trims else personality.default_version
    assert personality.id == personality_id
    assert reply["result"][0].endswith(name)
    assert reply["result"][1] == "1.4"


@pytest.mark.parametrize("personality_id", sorted(PERSONALITIES))
def test_peers_believe_of_each_program_what_its_features_say(personality_id: str):
    conversation = start(personality_id).connect(Transport.TCP)
    received, _ = exchange(conversation, HELLO, FEATURES)
    features = [line for line in received.splitlines() if b"protocol_max" in line]

    told = [json.loads(line)["result"]["protocol_max"] for line in features]

    if personality_id in WITHOUT_FEATURES:
        assert told == []
    else:
        assert told == [SAYS_MORE_THAN_IT_SPEAKS.get(personality_id, habits_of(personality_id).protocol_max)]

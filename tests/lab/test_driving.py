"""The client without a socket hears what a real one would."""

from electrum_observatory.lab.driving import drive, request
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from tests.lab.personality_worlds import start

HELLO = request(0, "server.version", ["test", ["1.4", "1.6"]])
PLAIN_HELLO = request(0, "server.version", ["test", "1.4"])
"""Electrum Personal Server hangs up on a range of versions."""


def test_every_program_answers_a_ping_and_its_dialogue_keeps_the_bytes() -> None:
    for personality in PERSONALITIES:
        dialogue, over = drive(start(personality), [PLAIN_HELLO, request(1, "server.ping")], at=10.0)

        hello, ping = dialogue.exchanges
        assert hello.sent.endswith(b"\n")
        assert hello.alive_after is True
        assert len(ping.lines) == 1, personality
        assert b"result" in ping.lines[0].data
        assert over >= 10.0 + (ping.lines[0].after_ms or 0.0) / 1000


def test_answers_that_a_program_keeps_back_arrive_late() -> None:
    dialogue, _ = drive(start("electrumx_1_18"), [HELLO, request(1, "server.ping")], at=10.0)

    (late,) = dialogue.exchanges[1].lines
    assert late.after_ms is not None
    assert 900 <= late.after_ms <= 1100
    assert len(late.data) == 1024


def test_answers_in_one_breath_are_told_apart_by_id_whatever_their_order() -> None:
    breath = [request(number, "server.ping") for number in (1, 2)]
    fee = request(3, "blockchain.estimatefee", [2])
    together = [breath[0], *(type(one)(name=one.name, sent=one.sent, together=True) for one in (fee, breath[1]))]

    dialogue, _ = drive(start("fulcrum_2"), [HELLO, *together], at=10.0)

    assert [len(one.lines) for one in dialogue.exchanges] == [1, 1, 1, 1]
    assert [
        f'"id":{number}'.encode() in one.lines[0].data
        for number, one in zip((1, 3, 2), dialogue.exchanges[1:], strict=True)
    ]


def test_a_server_that_hangs_up_ends_the_dialogue_there() -> None:
    dialogue, _ = drive(start("electrs_esplora"), [HELLO, request(1, "no.such"), request(2, "server.ping")], at=10.0)

    assert [one.name for one in dialogue.exchanges] == ["server.version", "no.such"]
    assert (dialogue.exchanges[-1].closed, dialogue.exchanges[-1].alive_after) == (True, False)

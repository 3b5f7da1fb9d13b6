"""Replies find their requests, or stay without: a wrong match would be a false reading."""

from electrum_observatory.analysis.builds.turns import read_turns
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Transport
from tests.unit.analysis.builds.scripted import FULCRUM, exchange, hello, talk

PING = b'{"jsonrpc":"2.0","id":%d,"method":"server.ping","params":[]}\n'
PONG = b'{"id":%d,"jsonrpc":"2.0","result":null}\r\n'


def dialogue(*exchanges: object, from_start: bool = True, transport: Transport = Transport.TCP) -> Dialogue:
    return Dialogue(transport=transport, exchanges=tuple(exchanges), from_start=from_start)  # type: ignore[arg-type]


def test_replies_of_one_breath_are_matched_by_id_whatever_their_order() -> None:
    turns = read_turns(dialogue(exchange("both", PING % 1 + PING % 2, PONG % 2, PONG % 1))).turns

    assert [turn.reply is not None and turn.reply.value["id"] for turn in turns] == [1, 2]
    assert not any(turn.alone for turn in turns)


def test_replies_to_one_id_that_was_used_twice_are_left_alone() -> None:
    turns = read_turns(dialogue(exchange("twice", PING % 4 + PING % 4, PONG % 4, PONG % 4))).turns

    assert [turn.reply for turn in turns] == [None, None]


def test_a_late_reply_answers_its_own_request_and_no_other() -> None:
    turns = read_turns(
        dialogue(
            exchange("slow", PING % 1, alive=True), exchange("next", PING % 2, PONG % 1), exchange("end", PING % 3)
        )
    ).turns

    assert [turn.reply for turn in turns] == [None, None, None]
    assert not turns[0].silent, "its answer came, only later"


def test_a_request_in_pieces_is_read_where_the_pieces_fit() -> None:
    whole = PING % 8

    turns = read_turns(dialogue(exchange("one", whole[:20]), exchange("two", whole[20:], PONG % 8))).turns

    assert len(turns) == 1
    assert turns[0].request.method == "server.ping"
    assert turns[0].reply is not None


def test_after_a_message_that_was_cut_nothing_is_read_into_the_next() -> None:
    turns = read_turns(dialogue(exchange("cut", b'{"id":1,"meth'), exchange("next", PING % 2, PONG % 2))).turns

    assert turns == ()


def test_what_was_agreed_on_and_said_first_is_remembered() -> None:
    first, second = read_turns(talk(FULCRUM, hello("Fulcrum 2.1.1", "1.6"), ("server.ping", [], None))).turns

    assert (first.first, first.shaken, first.negotiated, first.after_v2) == (True, False, None, False)
    assert (second.first, second.shaken, second.negotiated, second.after_v2) == (False, True, "1.6", True)


def test_of_a_connection_that_was_joined_late_nothing_is_claimed() -> None:
    (turn,) = read_turns(dialogue(exchange("later", PING % 1, PONG % 1), from_start=False)).turns

    assert (turn.first, turn.shaken, turn.after_v2) == (None, None, None)


def test_a_websocket_message_is_a_whole_line() -> None:
    sent, reply = (PING % 1).rstrip(b"\n"), (PONG % 1).rstrip(b"\r\n")

    (turn,) = read_turns(dialogue(exchange("frame", sent, reply), transport=Transport.WSS)).turns

    assert turn.reply is not None

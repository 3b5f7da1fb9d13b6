"""Padded lines: packet sizes, where the spaces go, when a packet leaves."""

import pytest

from electrum_observatory.lab.personalities.base import Close, Send
from electrum_observatory.lab.personalities.padding import PaddedWire, PlainWire
from electrum_observatory.model.endpoint import Transport
from tests.lab.personality_worlds import exchange, make_state, start

PING = '{"jsonrpc":"2.0","id":1,"method":"server.ping"}'
VERSION = '{"jsonrpc":"2.0","id":0,"method":"server.version","params":["x","1.4"]}'


def message(size: int) -> bytes:
    """A JSON object that is ``size`` bytes long with its line end."""
    return b'{"x":"' + b"a" * (size - 9) + b'"}'


def wire(**overrides) -> PaddedWire:
    values = {"connected_at": 0.0, "delay": 1.0, "warm_up_bytes": 0, "flush_on_close": True}
    return PaddedWire(**(values | overrides))


def sizes(actions) -> list[int]:
    return [len(action.data) for action in actions if isinstance(action, Send)]


@pytest.mark.parametrize(("line", "packet"), [(10, 1024), (1023, 1024), (1025, 2048), (1500, 2048), (2049, 4096)])
def test_a_packet_is_the_next_power_of_two_above_its_lines(line: int, packet: int):
    assert sizes(wire().write(message(line), at=5.0)) == [packet]


def test_a_line_that_is_a_power_of_two_fills_its_packet_without_spaces():
    (packet,) = wire().write(message(1024), at=5.0)

    assert packet == Send(data=message(1024) + b"\n")


def test_the_spaces_go_before_the_last_bracket_of_the_packet():
    padded = wire()
    padded.write(b'{"a":1}', at=0.1)
    padded.write(b'[{"b":2}]', at=0.2)

    (packet,) = padded.wake(at=1.0)

    assert packet == Send(data=b'{"a":1}\n[{"b":2}' + b" " * (1024 - 18) + b"]\n")


def test_a_small_message_waits_until_a_second_after_the_last_packet():
    padded = wire()

    assert padded.write(message(50), at=0.4) == []
    assert padded.next_wake == 1.0
    assert padded.wake(at=0.9) == []
    assert sizes(padded.wake(at=1.0)) == [1024]
    assert padded.next_wake is None


def test_a_full_buffer_leaves_at_once():
    padded = wire()
    padded.write(message(600), at=0.1)

    assert sizes(padded.write(message(600), at=0.2)) == [1024]
    assert padded.wake(at=1.0) == []
    assert padded.next_wake == 1.2
    assert sizes(padded.wake(at=1.2)) == [1024]


def test_half_a_packet_of_whole_lines_goes_first_where_that_wastes_less():
    padded = wire()
    for number in range(4):
        padded.write(message(250), at=0.1 + number / 100)

    packets = padded.write(message(250), at=0.2)

    assert sizes(packets) == [1024]
    assert packets[0].data.count(b"\n") == 4


def test_the_warm_up_ends_with_the_message_that_crosses_its_budget():
    padded = wire(warm_up_bytes=1024)

    assert sizes(padded.write(message(1000), at=0.1)) == [1024]
    assert sizes(padded.write(message(500), at=0.1)) == [1024]
    assert padded.write(message(50), at=0.2) == []


def test_closing_flushes_the_buffer_or_loses_it():
    flushing, losing = wire(flush_on_close=True), wire(flush_on_close=False)
    flushing.write(message(50), at=0.1)
    losing.write(message(50), at=0.1)

    assert [type(action) for action in flushing.close()] == [Send, Close]
    assert losing.close() == [Close()]


def test_plain_wires_send_each_message_with_its_terminator():
    assert PlainWire(terminator=b"\r\n").write(b"{}", at=0.0) == [Send(data=b"{}\r\n")]


@pytest.mark.parametrize("transport", [Transport.WS, Transport.WSS])
def test_websocket_messages_are_neither_padded_nor_terminated(transport: Transport):
    conversation = start("electrumx_1_20").connect(transport)

    received, _ = exchange(conversation, VERSION)

    assert received == b'{"jsonrpc":"2.0","result":["ElectrumX 1.20.0","1.4"],"id":0}'


def test_the_delay_shrinks_with_the_time_scale():
    conversation = start("electrumx_1_18", make_state(time_scale=10.0)).connect(Transport.TCP)

    assert list(conversation.receive(PING.encode() + b"\n", 5.0)) == []

    assert conversation.next_wake == pytest.approx(5.1)


def test_1_18_loses_the_reply_before_a_disconnect_and_1_20_sends_it():
    line = '{"jsonrpc":"2.0","id":0,"method":"server.version","params":["x","9.9"]}'

    lost, lost_closed = exchange(start("electrumx_1_18").connect(Transport.SSL), line)
    sent, sent_closed = exchange(start("electrumx_1_20").connect(Transport.SSL), line)

    assert (lost, lost_closed) == (b"", True)
    assert (len(sent), sent_closed) == (1024, True)

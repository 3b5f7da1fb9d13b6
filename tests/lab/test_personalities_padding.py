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


def packet_of(line: bytes) -> Send:
    """A short line in a packet of its own."""
    return Send(data=line[:-1] + b" " * (1023 - len(line)) + line[-1:] + b"\n")


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


@pytest.mark.parametrize(("payload", "at_once"), [(1023, True), (1024, False)])
def test_pings_are_answered_at_once_until_exactly_1024_bytes_of_payload(payload: int, at_once: bool):
    """Field reference §1.2: at once while fewer than 1024 bytes, without padding and line ends, have been sent."""
    conversation = start("electrumx_1_20").connect(Transport.TCP)
    pongs = [b'{"jsonrpc":"2.0","result":null,"id":%d}' % number for number in range(10, 33)]
    handshake = b'{"jsonrpc":"2.0","result":["ElectrumX 1.20.0","1.4"],"id":0}'
    so_far = len(handshake) + sum(map(len, pongs))
    last_id = "x" * (payload - so_far - len(b'{"jsonrpc":"2.0","result":null,"id":""}'))
    crossing = b'{"jsonrpc":"2.0","result":null,"id":"%s"}' % last_id.encode()
    after = b'{"jsonrpc":"2.0","result":null,"id":34}'

    received = list(conversation.receive(VERSION.encode() + b"\n", 5.0))
    for number in (*range(10, 33), f'"{last_id}"'):
        received += conversation.receive(PING.replace("1,", f"{number},").encode() + b"\n", 5.0)

    assert received == [packet_of(line) for line in (handshake, *pongs, crossing)]
    answer = list(conversation.receive(PING.replace("1,", "34,").encode() + b"\n", 5.5))
    assert answer == ([packet_of(after)] if at_once else [])
    if not at_once:
        assert conversation.next_wake == 6.0
        assert list(conversation.wake(6.0)) == [packet_of(after)]


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

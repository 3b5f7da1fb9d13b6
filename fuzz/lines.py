"""From the bytes of a socket to what is stored of them, over newline framing: all that reads a server's words."""

from collections.abc import Iterator

from electrum_observatory.model.endpoint import normalise_host
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.observation import Witness, WitnessKind
from electrum_observatory.protocol.dialect import repad, unpad
from electrum_observatory.protocol.framing import LineSplitter
from electrum_observatory.protocol.limits import MAX_DEPTH, MAX_DIGITS, refusal
from electrum_observatory.protocol.messages import (
    Notification,
    Parser,
    Reply,
    ServerMessage,
    Unintelligible,
    decode_server_message,
    result_text,
)
from electrum_observatory.protocol.peers import read_features_hosts, read_peer_row
from electrum_observatory.protocol.requests import decode_client_message
from electrum_observatory.store.blobs import to_reference, to_witness
from fuzz.oracles import NotJson, alike, depth_and_digits, read_tolerantly
from fuzz.readings import check_readings

LONGEST_LINE = 4096


def check_lines(data: bytes) -> None:
    """Raise AssertionError where a promise of the codec is broken by these bytes."""
    lines = split(data, step=len(data) or 1)
    assert lines == split(data, step=1 + len(data) % 7), "lines depend on how the bytes were cut"
    for line in lines:
        check_line(line)


def split(data: bytes, *, step: int) -> list[bytes]:
    """The lines of a stream that comes in pieces of one size; those before one that is too long."""
    return list(_split(data, step))


def check_line(line: bytes) -> None:
    """Check one line, whatever it is."""
    _check_padding(line)
    _check_stored(line)
    why = refusal(line)
    depth, digits = depth_and_digits(line)
    assert (why is not None) == (depth > MAX_DEPTH or digits > MAX_DIGITS), f"{why}: {depth} deep, {digits} digits"
    message = decode_server_message(line)
    assert message.line == line
    _check_meaning(message, refused=why is not None)
    _check_requests(line)
    if isinstance(message, Reply):
        _check_peers(message)
        check_readings(message)


def _split(data: bytes, step: int) -> Iterator[bytes]:
    splitter = LineSplitter(LONGEST_LINE)
    for start in range(0, len(data), step):
        for piece in data[start : start + step].splitlines(keepends=True):
            try:
                yield from splitter.feed(piece)
            except VisitError:  # whatever else is raised breaks the promise
                return
            assert splitter.pending_bytes <= LONGEST_LINE


def _check_stored(line: bytes) -> None:
    witness = Witness(kind=WitnessKind.REPLY, data=line, label="0", received_monotonic_ns=1)
    kept = to_reference(witness)
    assert to_witness(kept) == witness
    if kept.result_span is not None:  # none is found where the key is spelled with escapes
        assert kept.data[slice(*kept.result_span)] == result_text(kept.data)


def _check_padding(line: bytes) -> None:
    unpadded = unpad(line)
    assert repad(unpadded) == line
    assert unpad(unpadded.line).pad_length == 0, "padding is left"
    if unpadded.pad_length:
        one, other = decode_server_message(line), decode_server_message(unpadded.line)
        assert type(one) is type(other), "padding changes the meaning"
        if isinstance(one, Reply) and isinstance(other, Reply):
            assert alike(one.result, other.result)
            assert one.result_text == other.result_text


def _check_meaning(message: ServerMessage, *, refused: bool) -> None:
    text = result_text(message.line)  # which does not look into the result: it may also find one that is no JSON
    assert text == message.result_text if isinstance(message, Reply) else text is None or text in message.line
    if refused:
        assert isinstance(message, Unintelligible)
        assert not message.is_json
        return
    try:
        members = read_tolerantly(message.line)
    except NotJson:  # the strict parser does not decode members that nobody reads
        assert not isinstance(message, Reply) or message.parser is Parser.STRICT
        return
    _check_agreement(message, members)


def _check_agreement(message: ServerMessage, members: object) -> None:
    """The tolerant parser accepts the line as well: both must mean the same."""
    match message:
        case Unintelligible():
            assert message.is_json
        case Notification():
            assert isinstance(members, dict)
            assert (message.method, members.get("error")) == (members["method"], None)
            assert alike(message.params, members.get("params"))
        case Reply():
            assert isinstance(members, dict)
            assert alike(message.request_id, members.get("id"))
            assert (message.error is None) == (members.get("error") is None)
            assert message.error is not None or alike(message.result, members["result"])
            assert message.result_text is None or message.result_text in message.line


def _check_requests(line: bytes) -> None:
    assert decode_client_message(line).line == line


def _check_peers(reply: Reply) -> None:
    rows = reply.result if isinstance(reply.result, list) else [reply.result]
    told = [*map(read_peer_row, rows), *read_features_hosts(reply.result)]
    for host in told:
        if host is not None:
            assert normalise_host(host.host) == host.host
            assert host.address is None or normalise_host(host.address)
            assert all(one.port is None or 1 <= one.port <= 65535 for one in host.services)

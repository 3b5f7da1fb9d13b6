"""From the bytes of a socket to what is stored of them, over newline framing: all that reads a server's words."""

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
from electrum_observatory.protocol.peers import PeerRows
from electrum_observatory.protocol.requests import decode_client_message
from electrum_observatory.store.blobs import to_reference, to_witness
from fuzz.oracles import NotJson, alike, depth_and_digits, lines_of, read_tolerantly
from fuzz.peers import check_peers
from fuzz.pieces import pieces
from fuzz.readings import check_readings

LONGEST_LINE = 1024
_LINES_CHECKED = 6  # of an input: fuzzers love inputs of many lines, of which each tells no more than the one before


def check_lines(data: bytes) -> None:
    """Raise AssertionError where a promise of the codec is broken by these bytes."""
    lines, _ = said = split(data)
    assert said == lines_of(data, LONGEST_LINE)
    rows = PeerRows()
    for line in lines[:_LINES_CHECKED]:
        check_line(line, rows)


def split(data: bytes) -> tuple[list[bytes], bool]:
    """The lines of a stream that comes in pieces, those before one that is too long, and whether there is one."""
    splitter = LineSplitter(LONGEST_LINE)
    lines: list[bytes] = []
    for piece in pieces(data):
        for words in piece.splitlines(keepends=True):  # what is told along with a line too long is lost
            try:
                lines += splitter.feed(words)
            except VisitError:  # whatever else is raised breaks the promise
                return lines, True
            assert splitter.pending_bytes <= LONGEST_LINE
    return lines, False


def check_line(line: bytes, rows: PeerRows | None = None) -> None:
    """Check one line, whatever it is; ``rows`` remember the peers of the lines before it."""
    why = refusal(line)
    depth, digits = depth_and_digits(line)
    assert (why is not None) == (depth > MAX_DEPTH or digits > MAX_DIGITS), f"{why}: {depth} deep, {digits} digits"
    message, text = decode_server_message(line), result_text(line)
    assert message.line == line
    _check_padding(message)
    _check_stored(line, text)
    _check_meaning(message, text, refused=why is not None)
    _check_requests(line)
    if isinstance(message, Reply):
        check_peers(message, rows or PeerRows())
        check_readings(message)


def _check_padding(message: ServerMessage) -> None:
    unpadded = unpad(message.line)
    assert repad(unpadded) == message.line
    assert unpad(unpadded.line).pad_length == 0, "padding is left"
    if unpadded.pad_length:
        other = decode_server_message(unpadded.line)
        assert type(message) is type(other), "padding changes the meaning"
        if isinstance(message, Reply) and isinstance(other, Reply):
            assert alike(message.result, other.result)
            assert message.result_text == other.result_text


def _check_stored(line: bytes, text: bytes | None) -> None:
    witness = Witness(kind=WitnessKind.REPLY, data=line, label="0", received_monotonic_ns=1)
    kept = to_reference(witness)
    assert to_witness(kept) == witness
    if kept.result_span is not None:  # none is found where the key is spelled with escapes
        assert kept.data[slice(*kept.result_span)] == text


def _check_meaning(message: ServerMessage, text: bytes | None, *, refused: bool) -> None:
    if isinstance(message, Reply):
        assert text == message.result_text
    else:  # the text is found without looking into it: it may also be one that is no JSON
        assert text is None or text in message.line
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
            if message.result_text is not None:
                assert message.result_text in message.line
                assert alike(message.result, read_tolerantly(message.result_text))


def _check_requests(line: bytes) -> None:
    assert decode_client_message(line).line == line

"""Defences against lines that are too long, too many or too late, and against connections that end or never do."""

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.net.connection import ReceivedLine
from electrum_observatory.net.line_connection import LineConnection
from electrum_observatory.scanner.session import Session
from tests.hostile.defence import Defence

_abort, _fail, _take = LineConnection.abort, Session.fail, Session._take


def fail_but_not_for_time(self: Session, error: VisitError) -> None:
    if error.failure.kind is not FailureKind.SESSION_TIMEOUT:
        _fail(self, error)


def fail_alone(self: Session, error: VisitError) -> None:
    self._failure = self._failure or error


def take_nonsense(self: Session, line: ReceivedLine) -> None:
    try:
        _take(self, line)
    except VisitError as error:
        if error.failure.kind not in (FailureKind.NOT_JSON, FailureKind.BAD_MESSAGE):
            raise


def say_goodbye(self: LineConnection) -> None:
    """Close TLS and wait for the peer to do the same."""
    tls, transport = self.wire.tls, self.wire.transport
    if tls is None or transport is None:
        _abort(self)
        return
    tls.close()
    transport.write(tls.outgoing())


LINE_DEFENCES: tuple[Defence, ...] = (
    Defence(
        id="line_cap",
        what="A line that grows past the cap ends the conversation before it is complete.",
        target="electrum_observatory.protocol.framing:LineSplitter._check",
        replacement=lambda self, size: None,
    ),
    Defence(
        id="byte_cap",
        what="All bytes of one connection are counted.",
        target="electrum_observatory.net.limits:Meter.count_bytes",
        replacement=lambda self, size: None,
    ),
    Defence(
        id="bytes_together",
        what="All bytes that the open connections have brought are counted; the greediest goes first.",
        target="electrum_observatory.net.together:Together.add",
        replacement=lambda self, who, size: None,
    ),
    Defence(
        id="oddity_cap",
        what="Lines that answered nothing are kept as witnesses up to the size of one long line.",
        target="electrum_observatory.scanner.oddities:_MOST_BYTES",
        replacement=10**12,
    ),
    Defence(
        id="request_deadline",
        what="A request whose time is up is given up.",
        target="electrum_observatory.scanner.session:Session._expire",
        replacement=lambda self, question: None,
    ),
    Defence(
        id="session_deadline",
        what="A conversation ends when its time is up, however timely each answer was.",
        target="electrum_observatory.scanner.session:Session.fail",
        replacement=fail_but_not_for_time,
    ),
    Defence(
        id="chatter_is_no_progress",
        what="Only replies to what was asked keep a conversation's seat.",
        target="electrum_observatory.scanner.session:Session.answered",
        replacement=lambda self: self._messages,
    ),
    Defence(
        id="nonsense_ends_it",
        what="A line that is no message ends the conversation.",
        target="electrum_observatory.scanner.session:Session._take",
        replacement=take_nonsense,
    ),
    Defence(
        id="one_failure_for_all",
        what="What breaks a conversation breaks it for every question, at once.",
        target="electrum_observatory.scanner.session:Session.fail",
        replacement=fail_alone,
    ),
    Defence(
        id="system_errors_named",
        what="The system's errors are failures of a kind of their own.",
        target="electrum_observatory.net.errors:_BY_ERRNO",
        replacement={},
    ),
    Defence(
        id="end_of_stream",
        what="A peer that sends no more has ended the conversation.",
        target="electrum_observatory.net.wire:Wire.eof_received",
        replacement=lambda self: True,
    ),
    Defence(
        id="drop_without_goodbye",
        what="A connection is dropped without waiting for the peer's closing alert.",
        target="electrum_observatory.net.line_connection:LineConnection.abort",
        replacement=say_goodbye,
    ),
)

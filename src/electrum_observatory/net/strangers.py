"""Who answers where an Electrum server was expected: told by the first bytes, before anything is parsed."""

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.net.errors import scrubbed

FIRST_BYTES = 80
"""How much of what came first is kept for the verdict."""

_NOT_TLS = "what came is no TLS record"

_HTTP = b"HTTP/"
_TLS_CONTENT_TYPES = range(20, 25)


def is_http(first_line: bytes) -> bool:
    """Whether a line is the status line of a web server."""
    return first_line.startswith(_HTTP)


def http_reply(first_line: bytes) -> VisitError:
    """Say that a web server answers here; its status line is the detail."""
    status_line = first_line.partition(b"\n")[0]
    return VisitError(Stage.NEGOTIATE, FailureKind.HTTP_REPLY, scrubbed(status_line.decode("latin-1")))


def is_tls_record(first_bytes: bytes) -> bool:
    """Whether bytes look like the start of a TLS record (content type, then major version 3)."""
    return bool(first_bytes) and first_bytes[0] in _TLS_CONTENT_TYPES and first_bytes[1:2] in (b"", b"\x03")


def instead_of_tls(first_bytes: bytes) -> VisitError | None:
    """Say who answered a TLS hello with something else; None where TLS (or nothing) came."""
    if not first_bytes or is_tls_record(first_bytes):
        return None
    if is_http(first_bytes):
        return VisitError(Stage.TLS, FailureKind.HTTP_REPLY, http_reply(first_bytes).failure.detail)
    if all(byte in b"\t\r\n" or 0x20 <= byte < 0x7F for byte in first_bytes):
        return VisitError(Stage.TLS, FailureKind.PLAIN_TEXT_ON_TLS)
    return VisitError(Stage.TLS, FailureKind.TLS_HANDSHAKE, _NOT_TLS)


def old_versions_may_help(failure: Failure) -> bool:
    """Whether a handshake failed as one with an old server does: by TLS itself, not by other bytes."""
    by_tls = failure.stage is Stage.TLS and failure.kind is FailureKind.TLS_HANDSHAKE
    return by_tls and failure.detail != _NOT_TLS

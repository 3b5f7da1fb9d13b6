"""The seam where the errors of the operating system and of libraries become failures as data.

One table per library; whatever is in none of them is a bug of ours and says so. Details carry the library's words
without addresses: they may be published, and in a lab they would name sockets instead of identities.
"""

import errno
import ipaddress
import os
import re
import ssl
from collections.abc import Mapping

from websockets.exceptions import InvalidMessage, InvalidStatus, PayloadTooBig, WebSocketException

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage

_MAX_DETAIL = 200
_MAX_SCRUBBED = 400  # addresses in it become shorter; a web server's status line may be megabytes
_SAFE_TO_CUT = _MAX_SCRUBBED - 64  # an address that the cut goes through begins behind this

_BY_ERRNO: Mapping[int, FailureKind] = {
    errno.ECONNREFUSED: FailureKind.CONNECT_REFUSED,
    errno.ENETUNREACH: FailureKind.NETWORK_UNREACHABLE,
    errno.EHOSTUNREACH: FailureKind.NETWORK_UNREACHABLE,
    errno.ENETDOWN: FailureKind.NETWORK_UNREACHABLE,
    errno.EHOSTDOWN: FailureKind.NETWORK_UNREACHABLE,
    # No IPv6 here, or a firewall of our own: the packet never left.
    errno.EADDRNOTAVAIL: FailureKind.NETWORK_UNREACHABLE,
    errno.EAFNOSUPPORT: FailureKind.NETWORK_UNREACHABLE,
    errno.EACCES: FailureKind.NETWORK_UNREACHABLE,
    errno.EPERM: FailureKind.NETWORK_UNREACHABLE,
    errno.ECONNRESET: FailureKind.CONNECTION_RESET,
    errno.ECONNABORTED: FailureKind.CONNECTION_RESET,
    errno.EPIPE: FailureKind.CONNECTION_RESET,
    errno.EMFILE: FailureKind.OUT_OF_DESCRIPTORS,
    errno.ENFILE: FailureKind.OUT_OF_DESCRIPTORS,
}

_TIMEOUTS: Mapping[Stage, FailureKind] = {
    Stage.RESOLVE: FailureKind.DNS_TIMEOUT,
    Stage.CONNECT: FailureKind.CONNECT_TIMEOUT,
    Stage.PROXY: FailureKind.CONNECT_TIMEOUT,
    Stage.TLS: FailureKind.TLS_TIMEOUT,
    Stage.NEGOTIATE: FailureKind.READ_TIMEOUT,
    Stage.REQUEST: FailureKind.READ_TIMEOUT,
}

_PERHAPS_ADDRESS = re.compile(r"(?<!\w)\[?([0-9a-fA-F:.]{2,})(?:%\w+)?\]?(?::\d{1,5})?(?!\w)")
_IN_ADDRESSES = "0123456789abcdefABCDEF:.[%"
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")


def visit_error(stage: Stage, error: BaseException) -> VisitError:
    """Say as a failure what went wrong in a stage. A VisitError is returned as it is."""
    if isinstance(error, VisitError):
        return error
    if isinstance(error, TimeoutError):
        return VisitError(stage, _TIMEOUTS.get(stage, FailureKind.READ_TIMEOUT), _words(error))
    if isinstance(error, ssl.SSLError):
        return VisitError(stage, FailureKind.TLS_HANDSHAKE, _tls_words(error))
    if isinstance(error, OSError):
        return VisitError(stage, _BY_ERRNO.get(error.errno or 0, FailureKind.UNKNOWN), _words(error))
    if isinstance(error, WebSocketException):
        return _websocket_error(stage, error)
    return VisitError(stage, FailureKind.BUG_IN_OBSERVATORY, f"{type(error).__name__}: {scrubbed(str(error))}")


def ended(stage: Stage, error: BaseException | None, detail: str = "") -> VisitError:
    """Say how a connection ended that was not ended by us: closed (None) or broken."""
    if error is None:
        return VisitError(stage, FailureKind.EOF, detail)
    return visit_error(stage, error)


def scrubbed(text: str) -> str:
    """Return one printable line of at most 200 characters in which no address is left, nor a part of one."""
    if len(text) > _MAX_SCRUBBED:
        text = text[:_SAFE_TO_CUT] + text[_SAFE_TO_CUT:_MAX_SCRUBBED].rstrip(_IN_ADDRESSES)
    return _PERHAPS_ADDRESS.sub(_without_address, _UNPRINTABLE.sub(" ", text))[:_MAX_DETAIL].strip()


def _without_address(match: re.Match[str]) -> str:
    candidate = match[1].rstrip(".:")
    for text in (match[1], candidate, candidate.rpartition(":")[0]):
        try:
            ipaddress.ip_address(text)
        except ValueError:
            continue
        return "<address>"
    return match[0]


def _words(error: OSError) -> str:
    # str() of asyncio's own errors names the peer's socket; the errno says the same without it.
    return os.strerror(error.errno) if error.errno else scrubbed(str(error))


def _tls_words(error: ssl.SSLError) -> str:
    return scrubbed((getattr(error, "reason", None) or str(error)).replace("_", " ").lower())


def _websocket_error(stage: Stage, error: WebSocketException) -> VisitError:
    if isinstance(error, PayloadTooBig):
        return VisitError(stage, FailureKind.LINE_TOO_LONG, scrubbed(str(error)))
    if isinstance(error, InvalidStatus):
        return VisitError(stage, FailureKind.WEBSOCKET_HANDSHAKE, f"HTTP status {error.response.status_code}")
    if isinstance(error, InvalidMessage) and error.__cause__ is not None:
        return VisitError(stage, FailureKind.WEBSOCKET_HANDSHAKE, scrubbed(f"{error}: {error.__cause__}"))
    return VisitError(stage, FailureKind.WEBSOCKET_HANDSHAKE, scrubbed(str(error)))

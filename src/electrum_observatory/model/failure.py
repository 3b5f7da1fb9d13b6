"""Failure as data: where a conversation broke, and how, from a closed list (documented in docs/failures.md)."""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """The step of a visit that failed."""

    RESOLVE = "resolve"
    POLICY = "policy"
    CONNECT = "connect"
    PROXY = "proxy"
    TLS = "tls"
    NEGOTIATE = "negotiate"
    REQUEST = "request"


class Side(StrEnum):
    """Whose trouble a failure kind is: theirs, the network's between us, or ours."""

    THEIRS = "theirs"
    NETWORK = "network"
    OURS = "ours"


class FailureKind(StrEnum):
    """The closed list of ways to fail. Ids never change their meaning; a new meaning gets a new id."""

    NAME_NOT_FOUND = "name_not_found"
    DNS_TIMEOUT = "dns_timeout"
    DNS_FAILURE = "dns_failure"
    ADDRESS_REFUSED = "address_refused"
    PORT_REFUSED = "port_refused"
    OPTED_OUT = "opted_out"
    TOO_SOON = "too_soon"
    BACKED_OFF = "backed_off"
    OTHER_NAMES_FAILED = "other_names_failed"
    NOT_IN_OVERLAY = "not_in_overlay"
    NEEDS_TOR = "needs_tor"
    CONNECT_REFUSED = "connect_refused"
    CONNECT_TIMEOUT = "connect_timeout"
    NETWORK_UNREACHABLE = "network_unreachable"
    CONNECTION_RESET = "connection_reset"
    PROXY_UNREACHABLE = "proxy_unreachable"
    PROXY_REFUSED = "proxy_refused"
    TLS_HANDSHAKE = "tls_handshake"
    TLS_TIMEOUT = "tls_timeout"
    PLAIN_TEXT_ON_TLS = "plain_text_on_tls"
    WEBSOCKET_HANDSHAKE = "websocket_handshake"
    HTTP_REPLY = "http_reply"
    EOF = "eof"
    READ_TIMEOUT = "read_timeout"
    SESSION_TIMEOUT = "session_timeout"
    LINE_TOO_LONG = "line_too_long"
    TOO_MANY_BYTES = "too_many_bytes"
    TOO_MANY_MESSAGES = "too_many_messages"
    NOT_JSON = "not_json"
    BAD_MESSAGE = "bad_message"
    UNEXPECTED_RESULT = "unexpected_result"
    WRONG_NETWORK = "wrong_network"
    BUDGET_SPENT = "budget_spent"
    CANCELLED = "cancelled"
    OUT_OF_DESCRIPTORS = "out_of_descriptors"
    BUG_IN_OBSERVATORY = "bug_in_observatory"
    NOT_RECORDED = "not_recorded"
    UNKNOWN = "unknown"

    @property
    def side(self) -> Side:
        """Whose trouble this is. Only *theirs* may ever say something about a server."""
        if self in _OURS:
            return Side.OURS
        return Side.NETWORK if self in _NETWORK else Side.THEIRS


_OURS = frozenset(
    {
        FailureKind.ADDRESS_REFUSED,
        FailureKind.PORT_REFUSED,
        FailureKind.OPTED_OUT,
        FailureKind.TOO_SOON,
        FailureKind.BACKED_OFF,
        FailureKind.OTHER_NAMES_FAILED,
        FailureKind.NOT_IN_OVERLAY,
        FailureKind.NEEDS_TOR,
        FailureKind.PROXY_UNREACHABLE,
        FailureKind.BUDGET_SPENT,
        FailureKind.CANCELLED,
        FailureKind.OUT_OF_DESCRIPTORS,
        FailureKind.BUG_IN_OBSERVATORY,
        FailureKind.NOT_RECORDED,
    }
)
_NETWORK = frozenset(
    {
        FailureKind.NAME_NOT_FOUND,
        FailureKind.DNS_TIMEOUT,
        FailureKind.DNS_FAILURE,
        FailureKind.CONNECT_TIMEOUT,
        FailureKind.NETWORK_UNREACHABLE,
        FailureKind.PROXY_REFUSED,
        FailureKind.UNKNOWN,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One failed step.

    Attributes:
        stage: The step that failed.
        kind: How, from the closed list.
        detail: One line for a person: the library's own words, with our addresses scrubbed; "" where the kind says it.
    """

    stage: Stage
    kind: FailureKind
    detail: str = ""

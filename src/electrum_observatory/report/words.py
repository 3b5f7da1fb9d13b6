"""Ids in words: what the pages call discovery sources and ways to fail. Tests hold both closed tables to the code."""

from collections.abc import Mapping
from types import MappingProxyType

from electrum_observatory.model.failure import FailureKind

SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "bundled_list": "the bundled list",
        "electrum_servers_json": "Electrum’s servers.json",
        "server_lines": "a list of servers",
        "typed_targets": "the command line",
        "url_list": "a list on the web",
        "known_endpoints": "earlier campaigns",
        "imported_endpoints": "imported campaigns",
        "peers_subscribe": "peer lists",
        "features_hosts": "servers’ own features",
        "imported_list": "the imported list",
    }
)
"""Discovery source, as sightings record it, to words."""

FAILURES: Mapping[FailureKind, str] = MappingProxyType(
    {
        FailureKind.NAME_NOT_FOUND: "name not found",
        FailureKind.DNS_TIMEOUT: "name lookup timed out",
        FailureKind.DNS_FAILURE: "trouble with the name lookup",
        FailureKind.ADDRESS_REFUSED: "an address that we do not dial",
        FailureKind.PORT_REFUSED: "a port that we do not dial",
        FailureKind.OPTED_OUT: "asked not to be measured",
        FailureKind.TOO_SOON: "asked a few minutes ago",
        FailureKind.BACKED_OFF: "left in peace after failed dials",
        FailureKind.OTHER_NAMES_FAILED: "not tried under one more name",
        FailureKind.NOT_IN_OVERLAY: "not part of the lab",
        FailureKind.NEEDS_TOR: "needs Tor",
        FailureKind.CONNECT_REFUSED: "connection refused",
        FailureKind.CONNECT_TIMEOUT: "connection timed out",
        FailureKind.NETWORK_UNREACHABLE: "network unreachable",
        FailureKind.CONNECTION_RESET: "connection reset",
        FailureKind.PROXY_UNREACHABLE: "our proxy was not there",
        FailureKind.PROXY_REFUSED: "the proxy could not reach it",
        FailureKind.TLS_HANDSHAKE: "no agreement on TLS",
        FailureKind.TLS_TIMEOUT: "TLS handshake timed out",
        FailureKind.PLAIN_TEXT_ON_TLS: "plain text on the TLS port",
        FailureKind.WEBSOCKET_HANDSHAKE: "no agreement on WebSocket",
        FailureKind.HTTP_REPLY: "a web server answered",
        FailureKind.EOF: "closed without an answer",
        FailureKind.READ_TIMEOUT: "answer timed out",
        FailureKind.SESSION_TIMEOUT: "the whole visit timed out",
        FailureKind.LINE_TOO_LONG: "a longer line than we take",
        FailureKind.TOO_MANY_BYTES: "more bytes than we take",
        FailureKind.TOO_MANY_MESSAGES: "more messages than we take",
        FailureKind.NOT_JSON: "an answer that is not JSON",
        FailureKind.BAD_MESSAGE: "an answer that fits no question",
        FailureKind.UNEXPECTED_RESULT: "a result of another shape",
        FailureKind.WRONG_NETWORK: "on another chain",
        FailureKind.BUDGET_SPENT: "our own limit for a visit",
        FailureKind.CANCELLED: "the campaign was stopped",
        FailureKind.OUT_OF_DESCRIPTORS: "too many open files here",
        FailureKind.BUG_IN_OBSERVATORY: "our own mistake",
        FailureKind.NOT_RECORDED: "not recorded how",
        FailureKind.UNKNOWN: "an error without a name",
    }
)
"""Way to fail to words; what each means stands in docs/failures.md."""


def source_words(source: str) -> str:
    """Return a discovery source in words; sources of other people's files keep their names."""
    return SOURCES.get(source, source.replace("_", " "))


def failure_words(kind: str) -> str:
    """Return a way to fail in words."""
    return FAILURES[FailureKind(kind)]


def many(number: int, noun: str) -> str:
    """Return a number with its noun, which takes an s unless there is one of it."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"

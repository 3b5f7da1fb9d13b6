"""Peer lists and hosts: what is remembered of one line must change nothing in how the next is read."""

from electrum_observatory.model.endpoint import normalise_host
from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.messages import Parser, Reply
from electrum_observatory.protocol.peers import (
    INTERNATIONAL_READ,
    AdvertisedHost,
    PeerRows,
    read_features_hosts,
    read_peer_row,
)


def check_peers(reply: Reply, rows: PeerRows) -> None:
    """Raise AssertionError where a host is told that nobody could dial, or a memory of rows misleads."""
    result = reply.result
    told = [read_peer_row(row) for row in (result if isinstance(result, list) else [result])]
    hosts = [host for host in told if host is not None]
    for host in (*hosts, *read_features_hosts(result)):
        _check_host(host, reply.line)
    if isinstance(result, list) and sum(map(_is_international, result)) <= INTERNATIONAL_READ:
        _check_memory(reply, rows, tuple(hosts))


def _is_international(row: Json) -> bool:
    """Whether a row's name counts among those of which only the first of a list are read."""
    return isinstance(row, list) and len(row) > 1 and isinstance(row[1], str) and not row[1].isascii()


def _check_memory(reply: Reply, rows: PeerRows, hosts: tuple[AdvertisedHost, ...]) -> None:
    text = reply.result_text or b""
    result = rows.decode(text) if reply.parser is Parser.STRICT else reply.result
    assert isinstance(result, list)
    assert rows.read(result, text) == hosts


def _check_host(host: AdvertisedHost, line: bytes) -> None:
    assert normalise_host(host.host) == host.host
    assert host.address is None or normalise_host(host.address)
    for port in (one.port for one in host.services if one.port is not None):
        assert type(port) is int
        assert 1 <= port <= 65535
        assert b"%d" % port in line or b"\\" in line, "nobody spelled that port"

"""Results in the shape of ``schemas/probes/*.json``, made from what other people wrote down.

Our probes make the same shapes from the wire; what was not recorded is null here, and never guessed.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import TypeAlias

import msgspec
from pydantic import TypeAdapter

from electrum_observatory.model.endpoint import normalise_host
from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.certificate import CertificateFields, read_certificate
from electrum_observatory.protocol.messages import RpcError
from electrum_observatory.protocol.peers import AdvertisedHost, read_peer_row

Result: TypeAlias = dict[str, Json]

_ADVERTISED = TypeAdapter(AdvertisedHost)
_MAX_PORT = 65535
_TLS_FACTS = ("chain_sha256", "chain_truncated", "tls_version", "cipher", "legacy")
_CERTIFICATE_MEMBERS = frozenset((*asdict(CertificateFields(sha256="")), *_TLS_FACTS))


def connection() -> Result:
    """A connection came about; nothing else was written down of it."""
    return {
        "connect_ms": None,
        "tls_ms": None,
        "websocket_ms": None,
        "tls_version": None,
        "tls_cipher": None,
        "tls_legacy": None,
        "via_proxy": False,
    }


def server_version(value: Json, error: RpcError | None, offered: str) -> Result:
    """Read ``[software, protocol]``, or the bare software text of very old servers."""
    parts: Sequence[Json] = value if isinstance(value, list) else [value]
    software, protocol = (*parts, None, None)[:2]
    return {
        "software": _text(software),
        "protocol": _text(protocol),
        "offered": offered,
        "retried_plain": False,
        "error": _error(error),
    }


def features(value: Json, error: RpcError | None) -> Result:
    """Read the object of ``server.features``."""
    raw = value if isinstance(value, Mapping) else None
    members = raw or {}
    texts = ("genesis_hash", "hash_function", "server_version", "protocol_min", "protocol_max")
    return {
        **{name: _text(members.get(name)) for name in texts},
        "pruning": members.get("pruning"),
        "hosts": members.get("hosts"),
        "services": members.get("services"),
        "keys": list(members),
        "raw": None if raw is None else dict(raw),
        "error": _error(error),
    }


def banner(value: Json, error: RpcError | None) -> Result:
    """Read the text of ``server.banner``."""
    return {"text": _text(value), "error": _error(error)}


def donation_address(value: Json, error: RpcError | None) -> Result:
    """Read the text of ``server.donation_address``."""
    return {"address": _text(value), "error": _error(error)}


def peers(value: Json, error: RpcError | None) -> Result:
    """Read rows as servers send them, or objects as our own results have them."""
    rows: Sequence[Json] = value if isinstance(value, list) else []
    found = [peer for row in rows if (peer := _peer(row)) is not None]
    return {"peers": found, "rows": len(rows), "malformed": len(rows) - len(found), "error": _error(error)}


def latency(milliseconds: float) -> Result:
    """One round trip."""
    return {"pings_ms": [milliseconds], "min_ms": milliseconds, "median_ms": milliseconds}


def certificate(der: bytes) -> Result:
    """Read DER bytes; of the handshake that brought them nothing is known."""
    members = _builtins(read_certificate(der))
    return _certificate({**members, "chain_sha256": [members["sha256"]]})


def certificate_from_members(members: Mapping[str, Json]) -> tuple[Result, dict[str, Json]]:
    """Take the members we know; return them as a result, and those we don't."""
    known = {name: value for name, value in members.items() if name in _CERTIFICATE_MEMBERS}
    sha256 = known.get("sha256")
    if sha256 is not None and (not isinstance(sha256, str) or len(sha256) != 64):
        raise ValueError("certificate: sha256 is not 64 hex digits")
    if isinstance(sha256, str):
        known = {"chain_sha256": [sha256.lower()], **known, "sha256": sha256.lower()}
    return _certificate(known), {name: value for name, value in members.items() if name not in known}


def _certificate(members: Mapping[str, Json]) -> Result:
    empty: Result = dict.fromkeys(sorted(_CERTIFICATE_MEMBERS))
    return {**empty, "chain_sha256": [], "warnings": [], **members}


def _peer(row: Json) -> Result | None:
    if not isinstance(row, Mapping):
        read = read_peer_row(row)
        return None if read is None else _builtins(read)
    peer = _ADVERTISED.validate_python(row)
    if any(service.port is not None and not 1 <= service.port <= _MAX_PORT for service in peer.services):
        raise ValueError(f"peers: a port of {peer.host!r} is not in 1–65535")
    address = None if peer.address is None else str(ipaddress.ip_address(peer.address))
    return _builtins(replace(peer, host=normalise_host(peer.host), address=address))


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _error(error: RpcError | None) -> Result | None:
    return None if error is None else _builtins(error)


def _builtins(value: object) -> Result:
    members: Result = msgspec.to_builtins(value)
    return members

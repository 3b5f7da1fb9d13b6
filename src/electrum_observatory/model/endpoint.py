"""An endpoint: what is dialled, and its one canonical spelling."""

import hashlib
import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Self
from unicodedata import ucd_3_2_0  # the tables that IDNA 2003, Python's own, goes by

from electrum_observatory.model.address import IpAddress, parse_address

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMERIC_LABEL = re.compile(r"\d+|0x[0-9a-f]*", re.ASCII)
_CANONICAL = re.compile(r"(tcp|ssl|ws|wss)://(\[[^\]]+\]|[^:@\[\]]+):(\d{1,5})(?:@(.+))?", re.ASCII)
_MAX_PORT = 65535
_HOSTS_REMEMBERED = 16_384  # peer lists repeat the same names
_MAX_NAME = 253
_MAX_TEXT = _MAX_NAME + 2  # no spelling is longer: a final dot, or the brackets of an address
_MAX_LABEL = 63
_DOT = re.compile("[.\u3002]")  # the full stops of IDNA that normalisation leaves
_SHOWN = 40


class Transport(StrEnum):
    """How Electrum lines travel: bare, in TLS, in WebSocket frames, or in WebSocket frames over TLS."""

    TCP = "tcp"
    SSL = "ssl"
    WS = "ws"
    WSS = "wss"

    @property
    def encrypted(self) -> bool:
        """Whether a TLS handshake comes first, so that there is a certificate to read."""
        return self in _ENCRYPTED


_ENCRYPTED = frozenset({Transport.SSL, Transport.WSS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One (host as advertised, resolved address, port, transport): what is dialled.

    Attributes:
        host: Canonical host as made by :func:`normalise_host`: lower-case A-label, onion name, or address literal
            without brackets.
        address: The address that was checked and is dialled, RFC 5952 text without brackets. None when the name was
            never resolved here: onion names, names resolved by a proxy, imported rows and names that do not resolve.
        port: 1–65535.
        transport: See :class:`Transport`.
    """

    host: str
    port: int
    transport: Transport
    address: str | None = None

    def __post_init__(self) -> None:
        """Refuse a port out of range, and a host or an address that is not spelled canonically."""
        if not 1 <= self.port <= _MAX_PORT:
            raise ValueError(f"port {self.port} is not in 1–65535")
        if self.host != normalise_host(self.host):
            raise ValueError(f"host {self.host!r} is not in canonical form")
        if self.address is not None and self.address != _literal(self.address):
            raise ValueError(f"address {self.address!r} is not in canonical form")

    @property
    def canonical(self) -> str:
        """``ssl://host:port@address``; IPv6 in brackets; without ``@…`` when no address is known."""
        return self.service if self.address is None else f"{self.service}@{bracketed(self.address)}"

    @property
    def service(self) -> str:
        """``ssl://host:port``, whatever address it was dialled at; IPv6 in brackets."""
        return f"{self.transport}://{bracketed(self.host)}:{self.port}"

    @property
    def endpoint_id(self) -> str:
        """First 16 hex digits of the SHA-256 of the canonical text."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()[:16]

    @property
    def known_address(self) -> str | None:
        """The address dialled, or the host where that is itself an address; None where neither is known."""
        return self.address if self.address is not None else _literal(self.host)

    @property
    def is_onion(self) -> bool:
        """Whether the host is a Tor hidden service, which only a proxy can reach."""
        return is_onion(self.host)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the canonical text back. Raises ValueError where it is not canonical."""
        match = _CANONICAL.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not an endpoint such as ssl://host:50002@192.0.2.1")
        transport, host, port, address = match.groups()
        return cls(
            host=host.strip("[]"),
            port=int(port),
            transport=Transport(transport),
            address=address.strip("[]") if address else None,
        )


def normalise_host(text: str) -> str:
    """Return the canonical spelling of a host name, onion name or address literal.

    Case is folded, a final dot and the brackets of an IPv6 literal go, international names become A-labels (IDNA), IPv6
    is compressed after RFC 5952, with IPv4 inside it in groups as well (``::ffff:7f00:1``). Raises ValueError for what
    cannot be a host (empty, white space, control characters, scoped addresses, numbers that some resolvers would take
    for an address, …).
    """
    if len(text) > _MAX_TEXT:  # before anything is remembered: strangers send megabytes
        raise ValueError(f"{text[:_SHOWN]!r}… is too long for a host name")
    host, why_not = _judged(text)
    if host is None:
        raise ValueError(why_not)
    return host


@lru_cache(maxsize=_HOSTS_REMEMBERED)
def _judged(text: str) -> tuple[str | None, str]:
    """Return the canonical spelling, or None and why there is none: both are asked for again."""
    try:
        return _normalised(text), ""
    except ValueError as error:
        return None, str(error)


def _normalised(text: str) -> str:
    if text.startswith("[") and text.endswith("]"):
        return _spelled(ipaddress.IPv6Address(_unscoped(text[1:-1])))
    host = text.removesuffix(".")
    literal = _literal(host)
    if literal is not None:
        return literal
    if len(host) > _MAX_NAME or not (host.isascii() or _may_fit(host)):
        raise ValueError(f"{text[:_SHOWN]!r}… is too long for a host name")
    try:
        name = host.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise ValueError(f"{text!r} is not a host name: {error}") from error
    labels = name.split(".")
    if len(name) > _MAX_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"{text!r} is not a host name")
    if _NUMERIC_LABEL.fullmatch(labels[-1]):
        raise ValueError(f"{text!r} is neither a host name nor an address")
    return name


def _may_fit(host: str) -> bool:
    """Whether an international name may become A-labels, which are longer than what they spell.

    One letter may stand for eighteen, and spelling thousands of them takes a time that grows with their square.
    """
    meant = ucd_3_2_0.normalize("NFKC", host)
    return len(meant) <= _MAX_NAME and all(len(label) <= _MAX_LABEL for label in _DOT.split(meant))


def is_onion(host: str) -> bool:
    """Whether a canonical host lies under .onion: only Tor may be asked for it, never a resolver (RFC 7686)."""
    return host.endswith(".onion")


@lru_cache(maxsize=_HOSTS_REMEMBERED)
def _literal(text: str) -> str | None:
    """Return the canonical text of an address literal; None for anything else."""
    address = parse_address(text)
    return None if address is None else _spelled(address)


def _spelled(address: IpAddress) -> str:
    """Spell an address; a mapped one in groups, as only Pythons before 3.13 do by themselves."""
    if address.version == 6 and address.ipv4_mapped is not None:
        high, low = divmod(int(address.ipv4_mapped), 0x10000)
        return f"::ffff:{high:x}:{low:x}"
    return str(address)


def _unscoped(text: str) -> str:
    """Refuse a scope ("fe80::1%eth0"): it names an interface of the teller, and may hold any character at all."""
    if "%" in text:
        raise ValueError(f"{text!r} is an address with a scope")
    return text


def bracketed(host: str) -> str:
    """Return the host as it stands before ``:port``: IPv6 literals in brackets, all else as it is."""
    return f"[{host}]" if ":" in host else host

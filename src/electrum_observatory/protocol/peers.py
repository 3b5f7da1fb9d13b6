"""Reading what servers say of others: ``server.peers.subscribe`` rows and the ``hosts`` of ``server.features``.

A row is ``[address, host, [features]]`` with features ``v<max protocol>``, ``p<pruning>``, ``s<port>``, ``t<port>``;
a bare ``s`` or ``t`` means the network's default port (ElectrumX docs, protocol-methods; field reference §3.3).
"""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import msgspec

from electrum_observatory.model.address import parse_address
from electrum_observatory.model.endpoint import Transport, normalise_host
from electrum_observatory.model.observation import Json

_TRANSPORT_LETTERS = {"t": Transport.TCP, "s": Transport.SSL}
_HOSTS_PORTS = {
    "tcp_port": Transport.TCP,
    "ssl_port": Transport.SSL,
    "ws_port": Transport.WS,
    "wss_port": Transport.WSS,
}
_MAX_PORT = 65535
_ROWS_REMEMBERED = 16_384  # every peer list repeats most of the last
_FEATURES_READ = 100  # honest rows have six
_FEATURES_REMEMBERED = 8  # a hostile row may hold thousands
_TEXT_REMEMBERED = 300  # characters of a row together; a hostile row may hold millions
_LONGEST_CLAIM = 16
_BETWEEN_ROWS = b"]],["
_ANY = msgspec.json.Decoder()

SERVICES_READ = 20
"""Ports of one row that are read; honest ones have four."""

MOST_READ = 5_000
"""Rows of one peer list, or hosts of one server, that are read: the longest honest lists have a few hundred.

Each costs some 30 µs in which nobody else is served, and a line of 2 MB holds 90,000 of them.
"""


INTERNATIONAL_READ = 50
"""Names of one reply that are read although they are not ASCII; real lists hold A-labels and none of these.

Each costs up to a millisecond: all rows of a reply would hold up everybody else for seconds.
"""

_LONGEST_INTERNATIONAL = 63  # letters


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvertisedService:
    """One port of an advertised host.

    Attributes:
        transport: How to speak to it.
        port: As advertised, or None where the teller named the transport only ("s"): the network's default is meant.
    """

    transport: Transport
    port: int | None


class _Remembered:
    """Room on a host for how our files spell it: no part of the fact, and only there where its row is remembered."""

    __slots__ = ("text",)
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvertisedHost(_Remembered):
    """One host as one server describes it.

    Attributes:
        host: Canonical host.
        address: The address given beside the name, canonical; None where it is missing, a name or an onion.
        services: Ports in the order given; empty where none was advertised.
        protocol_max: From the ``v`` feature; None where it is longer than any version.
        pruning: From the ``p`` feature; None where it is longer than any limit.
    """

    host: str
    address: str | None = None
    services: tuple[AdvertisedService, ...] = field(default=())
    protocol_max: str | None = None
    pruning: str | None = None


class KnownPeers(list[AdvertisedHost]):
    """A decoded peer list of which every row has been read before: the hosts stand in the place of their rows."""


class PeerRows:
    """Reads the rows of ``server.peers.subscribe`` and remembers them: every list repeats most of the last.

    Equal rows that are remembered become one and the same object.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[Json, ...], AdvertisedHost] = {}
        self._spelled: dict[bytes, AdvertisedHost] = {}

    def decode(self, text: bytes) -> Json:
        """Decode any JSON text; of a list of known rows in their known spelling, nothing is decoded again.

        A quarter of a millisecond less for 200 rows. A spelling is known only once it has been decoded by itself, so
        a text that falls into known spellings is the list of their rows. Raises what msgspec raises.
        """
        if text.startswith(b'[["') and text.endswith(b'"]]]'):
            try:
                return KnownPeers(map(self._spelled.__getitem__, text[2:-3].split(_BETWEEN_ROWS)))
            except KeyError:
                pass
        return _ANY.decode(text)

    def read(self, rows: Sequence[Json], text: bytes = b"") -> tuple[AdvertisedHost, ...]:
        """Return those of the first ``MOST_READ`` rows that can be read, in order; one bad row spoils no other.

        Of names that are not ASCII only the first ``INTERNATIONAL_READ`` are. ``text`` is how the list was spelled,
        where that is worth remembering.
        """
        if type(rows) is KnownPeers:
            return tuple(rows[:MOST_READ])
        known = self._known
        names = _Names()
        found: list[AdvertisedHost] = []
        for row in rows[:MOST_READ]:
            peer: AdvertisedHost | None
            try:
                address, host, features = row
                is_usual = type(features) is list
                peer = known[address, host, tuple(features)] if is_usual else self._read_anew(row, names)
            except (KeyError, TypeError, ValueError):  # not seen before, or of another shape
                peer = self._read_anew(row, names)
            if peer is not None:
                found.append(peer)
        if len(rows) <= MOST_READ:
            self._learn(rows, text)
        return tuple(found)

    def _read_anew(self, row: Json, names: "_Names") -> AdvertisedHost | None:
        peer = _read_row(row, names)
        if peer is not None and len(row) == 3 and type(row[2]) is list and _worth_remembering(*row):
            if len(self._known) >= _ROWS_REMEMBERED:
                self._known.clear()
                self._spelled.clear()
            self._known[row[0], row[1], tuple(row[2])] = peer
            object.__setattr__(peer, "text", None)
        return peer

    def _learn(self, rows: Sequence[Json], text: bytes) -> None:
        """Remember the spelling of remembered rows, each tried by itself."""
        pieces = text[2:-3].split(_BETWEEN_ROWS)
        if len(pieces) != len(rows):
            return
        for piece, row in zip(pieces, rows, strict=True):
            if piece in self._spelled or len(piece) > 2 * _TEXT_REMEMBERED:
                continue
            if type(row) is not list or len(row) != 3 or type(row[2]) is not list:
                continue
            with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
                if _ANY.decode(b"[%b]]" % piece) == row and len(self._spelled) < _ROWS_REMEMBERED:
                    self._spelled[piece] = self._known[row[0], row[1], tuple(row[2])]


PEER_ROWS = PeerRows()
"""The one memory of rows of this process."""


class _Names:
    """Reads the host names of one reply, of which few may be dear to read."""

    def __init__(self) -> None:
        self._international = 0

    def read(self, host: str) -> str:
        """Return the canonical spelling. Raises ValueError."""
        if not host.isascii():
            self._international += 1
            if len(host) > _LONGEST_INTERNATIONAL or self._international > INTERNATIONAL_READ:
                raise ValueError("an international name too many, or too long")
        return normalise_host(host)


def read_peer_row(row: Json) -> AdvertisedHost | None:
    """Read one row of a ``server.peers.subscribe`` reply by itself; None where it is malformed."""
    return _read_row(row, _Names())


def _read_row(row: Json, names: _Names) -> AdvertisedHost | None:
    if not isinstance(row, Sequence) or isinstance(row, str) or len(row) < 2:
        return None
    address, host = row[0], row[1]
    features = row[2] if len(row) > 2 else []
    if not isinstance(host, str) or not isinstance(features, Sequence) or isinstance(features, str):
        return None
    try:
        canonical = names.read(host)
    except ValueError:
        return None
    services: dict[AdvertisedService, None] = {}  # an ordered set: a hostile row may hold thousands
    protocol_max = pruning = None
    for feature in features[:_FEATURES_READ]:
        if not isinstance(feature, str) or not feature:
            continue
        letter, rest = feature[0].lower(), feature[1:]
        if letter == "v":
            protocol_max = claim(rest)
        elif letter == "p":
            pruning = claim(rest)
        elif letter in _TRANSPORT_LETTERS:
            service = _service(_TRANSPORT_LETTERS[letter], rest)
            if service is not None and len(services) < SERVICES_READ:
                services[service] = None
    return AdvertisedHost(
        host=canonical,
        address=_canonical_address(address) if isinstance(address, str) else None,
        services=tuple(services),
        protocol_max=protocol_max,
        pruning=pruning,
    )


def _worth_remembering(address: Json, host: str, features: Sequence[Json]) -> bool:
    """Whether a row is small, and all text: in a dictionary, 1 and true are one."""
    words = (host, *features) if address is None else (address, host, *features)
    if len(features) > _FEATURES_REMEMBERED or not all(isinstance(word, str) for word in words):
        return False
    return sum(map(len, words)) <= _TEXT_REMEMBERED


def read_features_hosts(hosts: Json) -> tuple[AdvertisedHost, ...]:
    """Read the ``hosts`` member of ``server.features``; malformed entries (romanz ≤ 0.11.1) are left out.

    No more than the first ``MOST_READ`` are read, nor more than ``INTERNATIONAL_READ`` names that are not ASCII.
    """
    if not isinstance(hosts, Mapping):
        return ()
    names = _Names()
    found: list[AdvertisedHost] = []
    for host, ports in islice(hosts.items(), MOST_READ):
        if not isinstance(ports, Mapping):
            continue
        try:
            canonical = names.read(host)
        except ValueError:
            continue
        services = tuple(
            AdvertisedService(transport=transport, port=port)
            for key, transport in _HOSTS_PORTS.items()
            if isinstance(port := ports.get(key), int) and not isinstance(port, bool) and 1 <= port <= _MAX_PORT
        )
        found.append(AdvertisedHost(host=canonical, address=_canonical_address(canonical), services=services))
    return tuple(found)


def claim(text: str) -> str | None:
    """Return a version or limit as claimed; None for what is longer than any: it is kept once for each host named."""
    return text if 0 < len(text) <= _LONGEST_CLAIM else None


def _service(transport: Transport, port: str) -> AdvertisedService | None:
    if not port:
        return AdvertisedService(transport=transport, port=None)
    if port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= _MAX_PORT:
        return AdvertisedService(transport=transport, port=int(port))
    return None


def _canonical_address(text: str) -> str | None:
    address = parse_address(text.removeprefix("[").removesuffix("]"))
    return None if address is None else str(address)

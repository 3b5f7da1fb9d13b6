"""Reading lists of servers: lines of ``host:port:t|s``, and Electrum's ``servers.json``."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from electrum_observatory.model.endpoint import Transport, normalise_host
from electrum_observatory.protocol.peers import claim

_LINE = re.compile(r"(?P<host>\[[^\]]+\]|[^:\s]+)(?::(?P<port>\d+))?(?::(?P<transport>\w+))?", re.ASCII)
_WORDS = {
    "t": Transport.TCP,
    "s": Transport.SSL,
    "w": Transport.WS,
    **{transport.value: transport for transport in Transport},
}
_MAX_PORT = 65535
_JSON_KEYS = {"t": Transport.TCP, "s": Transport.SSL}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedServer:
    """One entry of a list.

    Attributes:
        host: Canonical host.
        port: None where the list names none: the network's default ports are meant.
        transport: None where the list names none: every default transport is meant.
        protocol_max: The version the list gives beside the server, where it gives one.
    """

    host: str
    port: int | None = None
    transport: Transport | None = None
    protocol_max: str | None = None


def parse_target(text: str) -> ListedServer:
    """Read ``host``, ``host:port`` or ``host:port:t|s|ws|wss`` (IPv6 in brackets).

    Raises:
        ValueError: With words for a person.
    """
    match = _LINE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text.strip()!r} is not host, host:port or host:port:t|s")
    host = normalise_host(match["host"])
    port = _port(match["port"]) if match["port"] else None
    word = match["transport"]
    if word is not None and word.lower() not in _WORDS:
        raise ValueError(f"transport {word!r} is none of t, s, tcp, ssl, ws, wss")
    return ListedServer(host=host, port=port, transport=_WORDS[word.lower()] if word else None)


def parse_lines(text: str) -> Iterator[ListedServer]:
    """Read one server per line; blank lines and ``#`` comments are skipped.

    Raises:
        ValueError: Naming the line number.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.split("#", 1)[0].strip()
        if not stripped:
            continue
        try:
            yield parse_target(stripped)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error


def parse_servers_json(text: str) -> Iterator[ListedServer]:
    """Read Electrum's ``servers.json``: ``{host: {"t": "50001", "s": "50002", "version": "1.4.2"}}``.

    Raises:
        ValueError: Where it is not such a file.
    """
    try:
        servers = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(servers, Mapping):
        raise ValueError("not an object of hosts")
    for host, entry in servers.items():
        if not isinstance(entry, Mapping):
            raise ValueError(f"the entry of {host!r} is not an object")
        version = entry.get("version")
        ports = {letter: entry[letter] for letter in _JSON_KEYS if letter in entry}
        for letter, port in ports.items():
            yield ListedServer(
                host=normalise_host(host),
                port=_port(str(port)),
                transport=_JSON_KEYS[letter],
                protocol_max=claim(str(version)) if version else None,
            )


def _port(text: str) -> int:
    digits = text.lstrip("0")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 5 and int(digits) <= _MAX_PORT):
        raise ValueError(f"port {text[:20]} is not in 1–65535")
    return int(digits)

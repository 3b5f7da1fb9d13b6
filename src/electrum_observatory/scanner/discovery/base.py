"""What a source of servers is, and what they all need: the ports that are meant where none is named."""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.protocol.server_list import ListedServer


class Source(Protocol):
    """Somebody who names servers before anybody was asked.

    Attributes:
        id: Stable id, recorded with every sighting.
        touches_network: Whether it fetches something; a dry run then leaves it out.
    """

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def touches_network(self) -> bool: ...  # noqa: D102

    def sightings(self) -> AsyncIterator[Sighting]:
        """Yield all it knows, once; times may be left open. Raises ObservatoryError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSource:
    """A list that was read already, so that a mistake in it is known before anything is dialled.

    Attributes:
        id: Which kind of list.
        listed: Its entries.
        network: Whose default ports are meant where an entry names none.
        touches_network: Never does.
    """

    id: str
    listed: tuple[ListedServer, ...]
    network: Network
    touches_network: bool = False

    async def sightings(self) -> AsyncIterator[Sighting]:
        """Yield the entries in order."""
        for one in listed_sightings(self.listed, network=self.network, source=self.id):
            yield one


def default_services(network: Network) -> tuple[tuple[Transport, int], ...]:
    """Return what is tried where a host advertises no port at all."""
    return (Transport.SSL, network.ssl_port), (Transport.TCP, network.tcp_port)


def default_port(network: Network, transport: Transport) -> int | None:
    """Return the port that is meant by a transport alone; None for WebSocket, which has no known port."""
    return dict(default_services(network)).get(transport)


def listed_sightings(listed: Iterable[ListedServer], *, network: Network, source: str) -> Iterator[Sighting]:
    """Turn list entries into sightings, with the network's known ports where an entry names none.

    An entry with a port but no transport means what the port is known for; on any other port both are tried.
    """
    for one in listed:
        for transport, port, assumed in _services(one, network):
            yield Sighting(
                host=one.host,
                port=port,
                transport=transport,
                source=source,
                protocol_claimed=one.protocol_max,
                assumed_port=assumed,
            )


def _services(one: ListedServer, network: Network) -> Iterator[tuple[Transport, int, bool]]:
    for transport, port in default_services(network):
        if one.port is None and one.transport in (None, transport):
            yield transport, port, True
    if one.port is not None:
        known = {port: transport for transport, port in default_services(network)} | {443: Transport.SSL}
        meant = one.transport or known.get(one.port)
        for transport in (Transport.SSL, Transport.TCP) if meant is None else (meant,):
            yield transport, one.port, False

"""Servers that answered in earlier campaigns, handed in by whoever holds them."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Self

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.sighting import Sighting

ID = "known_endpoints"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEndpoints:
    """Endpoints from the store, each named once; their old addresses are looked up anew.

    Attributes:
        known: Sightings of this source.
        id: Which kind of source.
        touches_network: Never does.
    """

    known: tuple[Sighting, ...]
    id: str = ID
    touches_network: bool = False

    @classmethod
    def of(cls, endpoints: Iterable[Endpoint]) -> Self:
        """Take endpoints in the order given."""
        distinct = dict.fromkeys((one.host, one.port, one.transport) for one in endpoints)
        return cls(
            known=tuple(
                Sighting(host=host, port=port, transport=transport, source=ID) for host, port, transport in distinct
            )
        )

    async def sightings(self) -> AsyncIterator[Sighting]:
        """Yield them."""
        for one in self.known:
            yield one

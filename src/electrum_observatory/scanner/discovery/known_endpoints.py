"""Servers that answered in earlier campaigns, handed in by whoever holds them.

Most of them were strangers' hearsay once, and a name may lead elsewhere by now. So nobody chose them: the caps on
strangers hold for them, and an unusual port is dialled only at an address that answered there before.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Self

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.sighting import Sighting

ID = "known_endpoints"
IMPORTED_ID = "imported_endpoints"
"""Source of what an import says of others' measurements: hearsay, down to the addresses."""

NO_CHOICE = frozenset({ID, IMPORTED_ID})
"""Sources whose hosts nobody chose, though a person handed us the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEndpoints:
    """Endpoints from the store, each named once with each address that answered us; names are looked up anew.

    Attributes:
        known: Sightings of this source.
        id: Which kind of source.
        touches_network: Never does.
    """

    known: tuple[Sighting, ...]
    id: str = ID
    touches_network: bool = False

    @classmethod
    def of(cls, answered: Iterable[Endpoint], imported: Iterable[Endpoint] = ()) -> Self:
        """Take endpoints that answered us, and others that answered whoever made an import, in the order given."""
        ours = dict.fromkeys(_named(one, ID, one.known_address) for one in answered)
        theirs = dict.fromkeys(_named(one, IMPORTED_ID, None) for one in imported)
        return cls(known=(*ours, *theirs))

    async def sightings(self) -> AsyncIterator[Sighting]:
        """Yield them."""
        for one in self.known:
            yield one


def _named(endpoint: Endpoint, source: str, address: str | None) -> Sighting:
    return Sighting(
        host=endpoint.host,
        port=endpoint.port,
        transport=endpoint.transport,
        source=source,
        address_claimed=address,
    )

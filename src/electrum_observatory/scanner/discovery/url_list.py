"""A list behind a web address: Electrum's ``servers.json`` or lines, told apart by what comes."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.model.errors import InputError
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.protocol.server_list import parse_lines, parse_servers_json
from electrum_observatory.scanner.discovery.base import listed_sightings

ID = "url_list"


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlList:
    """A list that is fetched when it is read.

    Attributes:
        url: http or https.
        network: Whose default ports are meant where an entry names none.
        fetch: Returns the text behind a URL; raises InputError.
        id: Which kind of source.
        touches_network: It does.
    """

    url: str
    network: Network
    fetch: Callable[[str], Awaitable[str]]
    id: str = ID
    touches_network: bool = True

    async def sightings(self) -> AsyncIterator[Sighting]:
        """Fetch and read. Raises InputError."""
        text = await self.fetch(self.url)
        read = parse_servers_json if text.lstrip().startswith("{") else parse_lines
        try:
            listed = tuple(read(text))
        except ValueError as error:
            raise InputError(f"{self.url}: {error}") from error
        for one in listed_sightings(listed, network=self.network, source=self.id):
            yield one

"""Anybody's list, one ``host:port:t|s`` per line."""

from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.model.errors import InputError
from electrum_observatory.protocol.server_list import parse_lines
from electrum_observatory.scanner.discovery.base import ListSource

ID = "server_lines"


def server_lines(text: str, *, name: str, network: Network) -> ListSource:
    """Read the text of a list.

    Raises:
        InputError: Naming the list and the line, or saying that it names no server.
    """
    try:
        listed = tuple(parse_lines(text))
    except ValueError as error:
        raise InputError(f"{name}, {error}") from error
    if not listed:
        raise InputError(f"{name}: no server in it (one host:port:t or host:port:s per line)")
    return ListSource(id=ID, listed=listed, network=network)

"""Servers that a person named on the command line."""

from collections.abc import Iterable

from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.model.errors import UsageError
from electrum_observatory.protocol.server_list import ListedServer, parse_target
from electrum_observatory.scanner.discovery.base import ListSource

ID = "typed_targets"


def typed_targets(targets: Iterable[str], network: Network) -> ListSource:
    """Read targets such as ``host``, ``host:port`` and ``host:port:t|s|ws|wss``.

    Raises:
        UsageError: Quoting the target.
    """
    return ListSource(id=ID, listed=tuple(_read(target) for target in targets), network=network)


def _read(target: str) -> ListedServer:
    try:
        return parse_target(target)
    except ValueError as error:
        raise UsageError(str(error)) from error

"""Electrum's own ``servers.json``: handed in as a file, or found in an installed Electrum."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.model.errors import InputError
from electrum_observatory.protocol.server_list import parse_servers_json
from electrum_observatory.scanner.discovery.base import ListSource

ID = "electrum_servers_json"

_CHAINS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "bitcoin": ("mainnet", "servers"),
        "testnet3": ("testnet", "servers_testnet"),
        "testnet4": ("testnet4", "servers_testnet4"),
        "signet": ("signet", "servers_signet"),
        "regtest": ("regtest", "servers_regtest"),
    }
)
"""Network id to the names that Electrum gives it: a folder in newer versions, a file name in older ones."""


def electrum_servers_json(text: str, *, name: str, network: Network) -> ListSource:
    """Read the text of a ``servers.json``.

    Raises:
        InputError: Naming the file or address it came from.
    """
    try:
        return ListSource(id=ID, listed=tuple(parse_servers_json(text)), network=network)
    except ValueError as error:
        raise InputError(f"{name}: {error}") from error


def installed_servers_json(folders: Iterable[Path], network: Network) -> Path | None:
    """Return the first ``servers.json`` of an Electrum that is installed in one of the folders.

    Args:
        folders: Where Python packages lie (``sys.path``, Debian's ``/usr/lib/python3/dist-packages``).
        network: Whose list is wanted.
    """
    names = _CHAINS.get(network.network_id)
    if names is None:
        return None
    chain, old_name = names
    places = (f"chains/{chain}/servers.json", f"chains/{old_name}.json", f"{old_name}.json")
    candidates = (folder / "electrum" / place for folder in folders for place in places)
    return next((path for path in candidates if path.is_file()), None)

"""Every source of servers, and which of them a word on the command line means."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.model.errors import InputError
from electrum_observatory.scanner.discovery import (
    bundled_list,
    electrum_servers_json,
    features_hosts,
    known_endpoints,
    peers_subscribe,
    server_lines,
    typed_targets,
    url_list,
)
from electrum_observatory.scanner.discovery.base import Source

SOURCE_IDS = (
    bundled_list.ID,
    electrum_servers_json.ID,
    server_lines.ID,
    typed_targets.ID,
    url_list.ID,
    known_endpoints.ID,
    known_endpoints.IMPORTED_ID,
    peers_subscribe.ID,
    features_hosts.ID,
)
"""Ids of all sources, as recorded in sightings."""

_MAX_LIST_BYTES = 16_000_000


def sources_of_targets(
    targets: Sequence[str], *, network: Network, fetch: Callable[[str], Awaitable[str]]
) -> tuple[Source, ...]:
    """Return the sources that the targets of a command mean: hosts, list files and URLs; none = the bundled list.

    Raises:
        UsageError: A target is neither a server, a file nor a URL.
        InputError: A list cannot be read; the message names file and line.
    """
    if not targets:
        return (bundled_list.bundled_list(network),)
    typed: list[str] = []
    lists: list[Source] = []
    for target in targets:
        if target.startswith(("http://", "https://")):
            lists.append(url_list.UrlList(url=target, network=network, fetch=fetch))
        elif "/" in target or Path(target).is_file():
            lists.append(list_file(Path(target), network))
        else:
            typed.append(target)
    return (*((typed_targets.typed_targets(typed, network),) if typed else ()), *lists)


def list_file(path: Path, network: Network) -> Source:
    """Read a list of either form. Raises InputError."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_LIST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    if len(data) > _MAX_LIST_BYTES:
        raise InputError(f"{path}: larger than {_MAX_LIST_BYTES:,} bytes, which no list of servers is")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not text: {error}") from error
    if text.lstrip().startswith("{"):
        return electrum_servers_json.electrum_servers_json(text, name=str(path), network=network)
    return server_lines.server_lines(text, name=str(path), network=network)

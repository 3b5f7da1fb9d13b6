"""The shape of ordinary results: key order inside them, kinds of empty answers, how ids and peers are written."""

import re
from collections.abc import Iterator
from typing import Any

from electrum_observatory.analysis.builds.aspects.model import Observation
from electrum_observatory.analysis.builds.turns import Turn

_KEYED = {
    "blockchain.headers.subscribe": "keys_in_tip",
    "blockchain.block.headers": "keys_in_headers",
    "blockchain.block.header": "keys_in_header_proof",
    "blockchain.scripthash.get_history": "keys_in_history",
    "blockchain.scripthash.get_mempool": "keys_in_history",
    "blockchain.scripthash.listunspent": "keys_in_unspent",
    "blockchain.transaction.id_from_pos": "keys_in_position",
    "server.features": "keys_in_features",
    "mempool.get_info": "keys_in_mempool_info",
}
_BARE_PORT = re.compile(r"[st]")
_NUMBERED_PORT = re.compile(r"[st]\d+")
_PORTS_OF_OLD = {"s": "50002", "t": "50001"}


def results(turns: tuple[Turn, ...]) -> Iterator[Observation]:
    """Read the results of ordinary requests."""
    for turn in turns:
        if turn.reply is None or not isinstance(turn.reply.value, dict) or "result" not in turn.reply.value:
            continue
        for aspect, value in _shapes(turn, turn.reply.value["result"]):
            yield Observation(aspect, value, turn.exchange)


def _shapes(turn: Turn, result: Any) -> Iterator[tuple[str, str]]:
    method = turn.request.method or ""
    if turn.reply is not None and turn.reply.form.result_keys and method in _KEYED:
        yield _KEYED[method], _order(method, turn.reply.form.result_keys)
    if method == "server.features" and isinstance(result, dict):
        yield from _features(result, turn)
    elif method == "server.donation_address":
        yield "donation_kind", "null" if result is None else "empty" if result == "" else "text"
    elif method == "server.peers.subscribe" and isinstance(result, list) and result:
        yield "peers_told", "some"
        yield from _peers(result)
    elif method == "server.ping" and turn.ready:
        yield from _echo(turn)
    elif method == "blockchain.transaction.id_from_pos" and isinstance(result, str | dict):
        yield from _position(turn, result)


def _order(method: str, keys: tuple[str, ...]) -> str:
    """Return the order of keys; of features only whether it is by alphabet, since their set differs by version."""
    if method == "server.features":
        return "alphabetical" if list(keys) == sorted(keys) else ",".join(keys)
    return ",".join(keys)


def _features(features: dict[str, Any], turn: Turn) -> Iterator[tuple[str, str]]:
    for key in ("services", "dsproof", "broadcast_package", "hash_function"):
        if key != "hash_function" or turn.ready:
            yield f"features_{key}", "present" if key in features else "absent"
    maximum = features.get("protocol_max")
    if isinstance(maximum, str):
        yield "protocol_max", maximum
    hosts = features.get("hosts")
    if isinstance(hosts, dict) and hosts:
        yield "features_hosts", "named" if all(isinstance(ports, dict) for ports in hosts.values()) else "without hosts"


def _peers(rows: list[Any]) -> Iterator[tuple[str, str]]:
    """Tell whether usual ports are left out of the peers' service texts."""
    told = [row[2] for row in rows if isinstance(row, list) and len(row) == 3 and isinstance(row[2], list)]
    texts = [text for services in told for text in services if isinstance(text, str)]
    if any(_BARE_PORT.fullmatch(text) for text in texts):
        yield "peer_ports", "bare"
    elif any(text[1:] == _PORTS_OF_OLD[text[0]] for text in texts if _NUMBERED_PORT.fullmatch(text)):
        yield "peer_ports", "numbered"


def _echo(turn: Turn) -> Iterator[tuple[str, str]]:
    identity = turn.request.member("id")
    if isinstance(identity, float) and identity.is_integer() and turn.reply is not None and turn.reply.form.id_text:
        yield "id_whole_float", "integer" if turn.reply.form.id_text.lstrip("-").isdigit() else "float"


def _position(turn: Turn, result: str | dict[str, Any]) -> Iterator[tuple[str, str]]:
    if isinstance(turn.request.params, list) and turn.request.params[2:] in ([], [False]):
        yield "position_result", "text" if isinstance(result, str) else ",".join(sorted(result))

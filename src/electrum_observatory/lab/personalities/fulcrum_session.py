"""What one Fulcrum connection answers: the methods, their parameters and their error texts."""

from typing import TYPE_CHECKING

from embit import base58

from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.lab.merkle import branch_and_root, double_sha256
from electrum_observatory.lab.personalities.errors import ESTIMATION_DISABLED, MethodError
from electrum_observatory.lab.personalities.fulcrum_numbers import int32, negotiate, protocol_version, rounded
from electrum_observatory.lab.personalities.fulcrum_refusals import refused_method
from electrum_observatory.lab.personalities.fulcrum_releases import Release
from electrum_observatory.lab.personalities.fulcrum_rpc import Method
from electrum_observatory.lab.personalities.fulcrum_scripthash import ScripthashMethods
from electrum_observatory.lab.personalities.fulcrum_transactions import TransactionMethods
from electrum_observatory.lab.personalities.tip_watch import TipWatch
from electrum_observatory.lab.state import NodeState
from electrum_observatory.model.observation import Json

if TYPE_CHECKING:
    from electrum_observatory.lab.personalities.fulcrum import FulcrumProcess

_BAD_REQUEST, _DAEMON_ERROR = 1, 2
_PROTOCOL_MIN = (1, 4)
_MAX_HEADERS = 2016
_TARGETS = range(1, 1009)
_MODES = ("unset", "economical", "conservative")
_DEFAULT_DONATION_ADDRESS = "1Ca1inCimwRhhcpFX84TPRrPQSryTgKW6N"
"""Its author's, as an address of the Bitcoin main network."""
_PACKAGES_SINCE = 280_000


class Session:
    """One client."""

    def __init__(self, process: "FulcrumProcess") -> None:
        self._process = process
        self._version_seen = False
        self._protocol: tuple[int, ...] = _PROTOCOL_MIN
        self._tips = TipWatch(process.state)
        self._methods = {
            **self._table(process.release),
            **ScripthashMethods(process).table(process.release),
            **TransactionMethods(process).table(process.release),
        }

    def lookup(self, name: str) -> Method | None:
        """Return the method of this name, as this release has it."""
        return self._methods.get(name) or refused_method(name, self._process.release)

    @property
    def next_wake(self) -> float | None:
        """When the next block is told."""
        return self._tips.due

    def news(self, at: float) -> tuple[str, Json] | None:
        """Return method and parameter of the notification that is due; None where none is."""
        node = self._tips.news(at)
        return None if node is None else ("blockchain.headers.subscribe", _tip(node))

    def _table(self, release: Release) -> dict[str, Method]:
        table = {
            "blockchain.block.header": Method(call=self._block_header, least=1, most=2),
            "blockchain.block.headers": Method(call=self._block_headers, least=2, most=3),
            "blockchain.estimatefee": Method(call=self._estimate_fee, least=1, most=2, asks_bitcoind=True),
            "blockchain.headers.subscribe": Method(call=self._headers_subscribe),
            "blockchain.relayfee": Method(call=self._relay_fee),
            "mempool.get_fee_histogram": Method(call=self._fee_histogram),
            "server.add_peer": Method(call=self._add_peer, least=1, most=1),
            "server.banner": Method(call=self._banner),
            "server.donation_address": Method(call=self._donation_address),
            "server.features": Method(call=self._features),
            "server.peers.subscribe": Method(call=self._peers_subscribe),
            "server.ping": Method(call=self._ping),
            "server.version": Method(call=self._server_version, most=None if release.version_takes_more else 2),
        }
        if release.has_mempool_info:
            table["mempool.get_info"] = Method(call=self._mempool_info, asks_bitcoind=True)
        if release.has_header_methods:
            table["blockchain.header.get"] = Method(call=self._header_get, least=1, most=1)
        if release.has_tip_method:
            table["blockchain.headers.get_tip"] = Method(call=self._headers_get_tip)
            table["blockchain.headers.unsubscribe"] = Method(call=self._headers_unsubscribe)
        return table

    def _server_version(self, params: list[Json], at: float) -> Json:  # noqa: ARG002
        if self._version_seen:
            raise MethodError(_BAD_REQUEST, "server.version already sent")
        self._version_seen = True
        server_max = protocol_version(self._process.release.protocol_max) or _PROTOCOL_MIN
        self._protocol = negotiate(params[1] if len(params) > 1 else "1.4", _PROTOCOL_MIN, server_max)
        return [self._process.software, ".".join(str(part) for part in self._protocol)]

    def _features(self, params: list[Json], at: float) -> Json:  # noqa: ARG002
        state, release = self._process.state(at), self._process.release
        hosts = state.hosts or {state.local_address: state.local_ports}
        features: dict[str, Json] = {
            "genesis_hash": state.node.network.genesis_hash,
            "hash_function": "sha256",
            "hosts": {
                host: {f"{transport}_port": port for transport, port in ports.items()} for host, ports in hosts.items()
            },
            "protocol_max": release.protocol_max,
            "protocol_min": "1.4",
            "pruning": None,
            "server_version": self._process.software,
        }
        if release.tells_dsproof:
            features["dsproof"] = False
        if release.has_mempool_info and not _is_litecoin(state.node.network):
            features["broadcast_package"] = state.node.version >= _PACKAGES_SINCE
        return features

    def _banner(self, params: list[Json], at: float) -> Json:  # noqa: ARG002
        state = self._process.state(at)
        if state.banner is None:
            return f"Connected to a {self._process.software} server"
        number = state.node.version
        text = state.banner
        for variable, value in (
            ("$SERVER_VERSION", self._process.release.name),
            ("$SERVER_SUBVERSION", self._process.software),
            ("$DAEMON_VERSION", f"{number // 1_000_000}.{number // 10_000 % 100}.{number // 100 % 100}"),
            ("$DAEMON_SUBVERSION", state.node.subversion),
            ("$DONATION_ADDRESS", self._donation_address([], at)),
        ):
            text = text.replace(variable, value)
        return text

    def _donation_address(self, params: list[Json], at: float) -> str:  # noqa: ARG002
        state = self._process.state(at)
        if state.donation_address is not None:
            return state.donation_address
        hash160 = base58.decode_check(_DEFAULT_DONATION_ADDRESS)[1:]
        return str(base58.encode_check(bytes([state.node.network.p2pkh_prefix]) + hash160))

    def _peers_subscribe(self, params: list[Json], at: float) -> Json:  # noqa: ARG002
        return [
            [
                peer.address,
                peer.host,
                [
                    f"v{peer.protocol_max}",
                    *(f"{letter}{port}" for letter, port in (("s", peer.ssl_port), ("t", peer.tcp_port)) if port),
                ],
            ]
            for peer in self._process.peers(at)
        ]

    def _add_peer(self, params: list[Json], at: float) -> Json:  # noqa: ARG002
        """Peers come from the world, never from a client."""
        if not isinstance(params[0], dict) or not params[0]:
            raise MethodError(_BAD_REQUEST, "server.add_peer expected a non-empty dictionary argument")
        return False

    def _ping(self, params: list[Json], at: float) -> Json:  # noqa: ARG002
        return None

    def _headers_subscribe(self, params: list[Json], at: float) -> Json:  # noqa: ARG002
        return _tip(self._tips.subscribe(at))

    def _headers_get_tip(self, params: list[Json], at: float) -> Json:  # noqa: ARG002
        return _tip(self._process.state(at).node)

    def _headers_unsubscribe(self, params: list[Json], at: float) -> Json:  # noqa: ARG002
        return self._tips.unsubscribe()

    def _header_get(self, params: list[Json], at: float) -> Json:
        node = self._process.state(at).node
        height = _height(params[0], node)
        return {"height": height, "hex": node.header(height).hex()}

    def _block_header(self, params: list[Json], at: float) -> Json:
        node = self._process.state(at).node
        height = _height(params[0], node)
        checkpoint = int32(params[1], "cp_height") if len(params) > 1 else 0
        raw = node.header(height).hex()
        return {"header": raw, **_proof(node, checkpoint, height)} if checkpoint else raw

    def _block_headers(self, params: list[Json], at: float) -> Json:
        node = self._process.state(at).node
        start, wanted = int32(params[0], "height"), int32(params[1], "count")
        checkpoint = int32(params[2], "cp_height") if len(params) > 2 else 0
        available = max(0, min(wanted, _MAX_HEADERS, node.height + 1 - start))
        headers = [node.header(height).hex() for height in range(start, start + available)]
        result: dict[str, Json] = {"count": available, "max": _MAX_HEADERS}
        if self._protocol >= (1, 6):
            result["headers"] = headers
        else:
            result["hex"] = "".join(headers)
        if available and checkpoint:
            result.update(_proof(node, checkpoint, start + available - 1))
        return result

    def _relay_fee(self, params: list[Json], at: float) -> Json:  # noqa: ARG002
        return self._process.relay_fee

    def _mempool_info(self, params: list[Json], at: float) -> Json:  # noqa: ARG002
        node = self._process.mempool_info(at)
        fields: dict[str, Json] = {
            "fullrbf": node.full_rbf,
            "incrementalrelayfee": node.incremental_relay_fee,
            "mempoolminfee": node.mempool_min_fee,
            "minrelaytxfee": node.relay_fee,
            "unbroadcastcount": node.unbroadcast_count,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def _fee_histogram(self, params: list[Json], at: float) -> Json:  # noqa: ARG002
        return self._process.histogram(at)

    def _estimate_fee(self, params: list[Json], at: float) -> Json:
        target = rounded(params[0])
        if target is None or target < 0:
            text = "blockchain.estimatefee first parameter should be a non-negative integer"
            raise MethodError(_BAD_REQUEST, text)
        if target not in _TARGETS:
            raise MethodError(_DAEMON_ERROR, "Invalid conf_target, must be between 1 and 1008")
        if len(params) > 1 and str(params[1]).lower() not in _MODES:
            named = ", ".join(f'"{mode}"' for mode in _MODES)
            raise MethodError(_DAEMON_ERROR, f"Invalid estimate_mode parameter, must be one of: {named}")
        node = self._process.state(at).node
        if not node.estimates_fees:
            raise MethodError(_DAEMON_ERROR, ESTIMATION_DISABLED)
        estimate = node.estimate(target)
        return -1 if estimate is None else estimate


def _tip(node: NodeState) -> Json:
    return {"height": node.height, "hex": node.header(node.height).hex()}


def _height(value: Json, node: NodeState) -> int:
    height = int32(value, "height")
    if height > node.height:
        raise MethodError(_BAD_REQUEST, f"Height {height} is out of range")
    return height


def _proof(node: NodeState, checkpoint: int, height: int) -> dict[str, Json]:
    if not height <= checkpoint <= node.height:
        text = f"header height {height} must be <= cp_height {checkpoint} which must be <= chain height {node.height}"
        raise MethodError(_BAD_REQUEST, text)
    hashes = [double_sha256(node.header(below)) for below in range(checkpoint + 1)]
    branch, root = branch_and_root(hashes, height)
    return {"branch": [sibling[::-1].hex() for sibling in branch], "root": root[::-1].hex()}


def _is_litecoin(network: Network) -> bool:
    return network.network_id.startswith("litecoin")

"""What one ElectrumX session answers: the methods, their arguments and their error texts.

``server/session.py`` (``ElectrumX``). The tables are the whole list;
which methods a session may call depends on the protocol it negotiated.
"""

from typing import TYPE_CHECKING, Any

from electrum_observatory.lab.merkle import branch_and_root, double_sha256
from electrum_observatory.lab.personalities.aiorpcx import Connection, Handlers
from electrum_observatory.lab.personalities.aiorpcx_methods import Method
from electrum_observatory.lab.personalities.electrumx_arguments import non_negative
from electrum_observatory.lab.personalities.electrumx_fees import FeeMethods
from electrum_observatory.lab.personalities.electrumx_from_1_7 import checked_hex, from_1_7
from electrum_observatory.lab.personalities.electrumx_scripthash import ScripthashMethods
from electrum_observatory.lab.personalities.electrumx_transactions import TransactionMethods
from electrum_observatory.lab.personalities.electrumx_tsc import tsc_methods
from electrum_observatory.lab.personalities.electrumx_versions import (
    PROTOCOL_MIN,
    Version,
    dotted,
    negotiate,
    version_tuple,
)
from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.lab.personalities.tip_watch import TipWatch
from electrum_observatory.lab.state import NodeState
from electrum_observatory.model.observation import Json

if TYPE_CHECKING:
    from electrum_observatory.lab.personalities.electrumx import ElectrumXProcess

_BAD_REQUEST = 1
_MAX_HEADERS = 2016
_CRASHED_CLIENT = (3, 2, 3)


class Session(Handlers):
    """One client."""

    def __init__(self, process: "ElectrumXProcess") -> None:
        self._process = process
        self._release = process.release
        self._version_seen = False
        self._protocol = PROTOCOL_MIN
        self._client = ""
        self._connection: Connection | None = None
        self._scripthash = ScripthashMethods(process)
        self._transactions = TransactionMethods(process)
        self._fees = FeeMethods(process)
        self._tips = TipWatch(process.state)
        self._offered: tuple[Version, dict[str, Method]] | None = None

    def lookup(self, method: str) -> Method | None:
        """Return the handler that the negotiated protocol offers."""
        if self._offered is None or self._offered[0] != self._protocol:
            self._offered = (self._protocol, self._offer())
        return self._offered[1].get(method)

    def _offer(self) -> dict[str, Method]:
        return {
            **self._methods(),
            **self._scripts(),
            **self._transactions.table(self._protocol),
            **self._fees.table(self._protocol),
            **tsc_methods(self._process),
        }

    def before_request(self, method: str | None, connection: Connection, at: float) -> None:
        """Refuse whatever comes before ``server.version``, from 1.19 on."""
        self._connection = connection
        if self._release.version_first and not self._version_seen and method != "server.version":
            self._crash_old_client(at)
            raise MethodError(_BAD_REQUEST, "use server.version to identify client", disconnect=True)

    @property
    def look_ups(self) -> int:
        """How often the program has asked disk or bitcoind."""
        return self._process.look_ups

    @property
    def next_wake(self) -> float | None:
        """When the next block is told."""
        return self._tips.due

    def wake(self, connection: Connection, at: float) -> None:
        """Tell a new block to whoever subscribed to headers."""
        node = self._tips.news(at)
        if node is not None:
            connection.notify("blockchain.headers.subscribe", at, [_tip(node)])

    def _methods(self) -> dict[str, Method]:
        return {
            "blockchain.block.header": Method(call=self._block_header, required=("height",), optional=("cp_height",)),
            "blockchain.block.headers": Method(
                call=self._block_headers, required=("start_height", "count"), optional=("cp_height",)
            ),
            "blockchain.headers.subscribe": Method(call=self._headers_subscribe),
            "server.add_peer": Method(call=self._add_peer, required=("features",)),
            "server.banner": Method(call=self._banner),
            "server.donation_address": Method(call=self._donation_address),
            "server.features": Method(call=self._features),
            "server.peers.subscribe": Method(call=self._peers_subscribe),
            "server.ping": self._ping_method(),
            "server.version": Method(
                call=self._server_version,
                optional=("client_name", "protocol_version"),
                variadic=self._release.version_takes_more,
            ),
        }

    def _scripts(self) -> dict[str, Method]:
        """Protocol 1.7 asks by output script where the earlier ones ask by its hash."""
        by_hash = self._scripthash.table(self._protocol)
        return from_1_7(by_hash) if self._protocol >= (1, 7) else by_hash

    def _server_version(self, client_name: Json = "", protocol_version: Json = None, *, at: float) -> Json:
        if self._version_seen:
            raise MethodError(_BAD_REQUEST, "server.version already sent")
        self._version_seen = True
        if client_name:
            self._client = str(client_name)[:17]
        negotiated = negotiate(protocol_version, self._release.protocol_max)
        if negotiated is None:
            self._crash_if_old_client(at)
            text = f"unsupported protocol version: {protocol_version}"
            raise MethodError(_BAD_REQUEST, text, disconnect=True)
        self._protocol = negotiated
        return [self._process.software, dotted(negotiated)]

    def _crash_if_old_client(self, at: float) -> None:
        version = version_tuple(self._client)
        litecoin = self._process.state(at).node.network.network_id.startswith("litecoin")
        if not litecoin and version != (0,) and version <= _CRASHED_CLIENT:
            self._crash_old_client(at)

    def _crash_old_client(self, at: float) -> None:
        """Very old Electrum wallets crash on these two (``_do_crash_old_electrum_client``)."""
        if self._connection is not None:
            self._connection.notify("blockchain.relayfee", at)
            self._connection.notify("blockchain.estimatefee", at)

    def _features(self, *, at: float) -> Json:
        state = self._process.state(at)
        features: dict[str, Json] = {
            "hosts": {
                host: {f"{transport}_port": port for transport, port in ports.items()}
                for host, ports in state.hosts.items()
            },
            "pruning": None,
            "server_version": self._process.software,
            "protocol_min": dotted(PROTOCOL_MIN),
            "protocol_max": dotted(self._release.protocol_max),
            "genesis_hash": state.node.network.genesis_hash,
            "hash_function": "sha256",
            "services": [
                f"{transport}://{host}:{port}"
                for host, ports in state.hosts.items()
                for transport, port in ports.items()
            ],
        }
        if self._protocol >= (1, 7):
            del features["hash_function"]
        return features

    def _banner(self, *, at: float) -> Json:
        state = self._process.state(at)
        if state.banner is None:
            return f"You are connected to an {self._process.software} server."
        node = self._process.network_info(at)
        replacements = (
            ("$SERVER_VERSION", self._process.version),
            ("$SERVER_SUBVERSION", self._process.software),
            ("$DAEMON_VERSION", self._daemon_version(node.version)),
            ("$DAEMON_SUBVERSION", node.subversion),
            ("$DONATION_ADDRESS", state.donation_address or ""),
        )
        text = state.banner
        for variable, value in replacements:
            text = text.replace(variable, value)
        return text

    def _daemon_version(self, number: int) -> str:
        if self._release.daemon_version_fixed:
            return f"{number // 10_000}.{number // 100 % 100}.{number % 100}"
        return f"{number // 1_000_000}.{number // 10_000 % 100}.{number // 100 % 100}"

    def _donation_address(self, *, at: float) -> Json:
        return self._process.state(at).donation_address or ""

    def _peers_subscribe(self, *, at: float) -> Json:
        return self._process.peers(at)

    def _add_peer(self, features: Json, *, at: float) -> Json:  # noqa: ARG002 - the answer is the same for all
        """Peers come from the world, never from a client."""
        return False

    def _ping_method(self) -> Method:
        if self._release.ping_takes_arguments:
            return Method(call=self._ping, optional=("pong_len", "data"))
        return Method(call=self._ping)

    def _ping(self, pong_len: Json = 0, data: Json = "", *, at: float) -> Json:  # noqa: ARG002
        if self._protocol < (1, 7):
            return None
        checked_hex(data, odd_too=True)
        wanted = non_negative(pong_len)
        if wanted > self._release.max_send:
            raise MethodError(_BAD_REQUEST, "pong_len value too high")
        return {"data": "0" * wanted}

    def _headers_subscribe(self, *, at: float) -> Json:
        return _tip(self._tips.subscribe(at))

    def _block_header(self, height: Json, cp_height: Json = 0, *, at: float) -> Json:
        wanted, checkpoint = non_negative(height), non_negative(cp_height)
        node = self._process.look_up(at)
        if wanted > node.height:
            raise MethodError(_BAD_REQUEST, f"height {wanted:,d} out of range")
        raw = node.header(wanted).hex()
        return raw if checkpoint == 0 else {"header": raw, **_proof(node, checkpoint, wanted)}

    def _block_headers(self, start_height: Json, count: Json, cp_height: Json = 0, *, at: float) -> Json:
        start, wanted, checkpoint = non_negative(start_height), non_negative(count), non_negative(cp_height)
        node = self._process.look_up(at)
        available = max(0, min(wanted, _MAX_HEADERS, node.height + 1 - start))
        headers = [node.header(height).hex() for height in range(start, start + available)]
        if self._protocol >= (1, 6):
            result: dict[str, Any] = {"count": available, "max": _MAX_HEADERS, "headers": headers}
        else:
            result = {"hex": "".join(headers), "count": available, "max": _MAX_HEADERS}
        if available and checkpoint:
            result.update(_proof(node, checkpoint, start + available - 1))
        return result


def _tip(node: NodeState) -> Json:
    return {"hex": node.header(node.height).hex(), "height": node.height}


def _proof(node: NodeState, checkpoint: int, height: int) -> dict[str, Json]:
    if not height <= checkpoint <= node.height:
        text = f"require header height {height:,d} <= cp_height {checkpoint:,d} <= chain height {node.height:,d}"
        raise MethodError(_BAD_REQUEST, text)
    hashes = [double_sha256(node.header(below)) for below in range(checkpoint + 1)]
    branch, root = branch_and_root(hashes, height)
    return {"branch": [sibling[::-1].hex() for sibling in branch], "root": root[::-1].hex()}

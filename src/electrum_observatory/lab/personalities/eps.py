"""Electrum Personal Server 0.2: made for one wallet, and gone at the first question about another.

``electrumpersonalserver/server/electrumprotocol.py`` (``handle_query``), ``server/common.py``. Python's ``json`` with
its default spacing, so on the wire the twin of an old ElectrumX; but an unknown method gets no answer at all, and
whatever its handler does not expect ends the connection, a *range* of versions too.
"""

import datetime
from collections.abc import Callable
from typing import Any

from electrum_observatory.lab.merkle import transaction_branch
from electrum_observatory.lab.personalities.answering import MAX_HEADERS, Answering, HangUpError, headers_from, tip
from electrum_observatory.lab.personalities.json_reading import NotJsonError, read_python
from electrum_observatory.lab.personalities.json_text import python_json
from electrum_observatory.lab.personalities.personal_servers import PersonalProcess
from electrum_observatory.lab.state import NodeState
from electrum_observatory.model.observation import Json

DONATION_ADDRESS = "bc1qe74qzd256kxevq2gn7gmscs564lfk5tqrxqsuy"
_NO_ESTIMATE = 0.0001
_MAX_DEPTH = 960
_PROTOCOL_MIN, _PROTOCOL_MAX = 1.1, 1.4
_TARGETS = range(1, 1009)
_Call = Callable[[list[Any], float], Json]

_BANNER = """Welcome to Electrum Personal Server {version}

Monitoring 1 deterministic wallets, in total 200 addresses.

Connected bitcoin node: {subversion}
Uptime: {uptime}
Peers: 10
Download: 1.2 GB (300 MB per day)
Upload: 4.8 GB (1.2 GB per day)
Blocksonly: False
Pruning: False
Blockchain size: 700 GB

https://github.com/chris-belcher/electrum-personal-server

Donate to help improve Electrum Personal Server:
{donation}

"""
"""Its operator's private figures; those that a lab has no use for are fixed."""


class _NotFoundError(Exception):
    """An error reply; EPS gives some of them no code."""

    def __init__(self, **member: Json) -> None:
        super().__init__(member)
        self.member = member


class Session(Answering):
    """One client."""

    def __init__(self, process: PersonalProcess) -> None:
        super().__init__(process.state)
        self._process = process
        self._methods = self._table()

    def write(self, message: Json) -> bytes:
        """Write as Python does by default."""
        return python_json(message, compact=False)

    def answer(self, line: bytes, at: float) -> Json | None:
        """Answer a query; its exceptions are hang-ups."""
        try:
            query: Any = read_python(line, max_depth=_MAX_DEPTH)
            if "method" not in query:
                raise HangUpError
            method = query["method"]
            call = self._methods.get(method) if isinstance(method, str) else None
            if call is None:
                return None
            request_id = query["id"]
            result = call(query["params"] if method in _READS_PARAMS else [], at)
        except _NotFoundError as error:
            return {"error": error.member, "jsonrpc": "2.0", "id": request_id}
        except (NotJsonError, TypeError, KeyError, IndexError, ValueError) as error:
            raise HangUpError from error
        return {"jsonrpc": "2.0", "result": result, "id": request_id}

    def _table(self) -> dict[str, _Call]:
        return {
            "blockchain.block.header": self._block_header,
            "blockchain.block.headers": self._block_headers,
            "blockchain.estimatefee": self._estimate_fee,
            "blockchain.headers.subscribe": lambda _params, at: _tip(self.tips.subscribe(at)),
            "blockchain.relayfee": lambda _params, at: self._process.node(at).relay_fee,
            "blockchain.scripthash.get_balance": self._unknown_script,
            "blockchain.scripthash.get_history": self._unknown_script,
            "blockchain.scripthash.subscribe": self._unknown_script,
            "blockchain.transaction.get": self._unknown_transaction,
            "blockchain.transaction.get_merkle": self._unknown_transaction,
            "blockchain.transaction.id_from_pos": self._id_from_pos,
            "mempool.get_fee_histogram": lambda _params, at: self._process.histogram(at),
            "server.banner": self._banner,
            "server.donation_address": lambda _params, _at: DONATION_ADDRESS,
            "server.peers.subscribe": lambda _params, _at: [],
            "server.ping": lambda _params, _at: None,
            "server.version": self._server_version,
        }

    def notification(self, node: NodeState) -> Json:
        """A dict that gets its version last."""
        return {"method": "blockchain.headers.subscribe", "params": [_tip(node)], "jsonrpc": "2.0"}

    def _server_version(self, params: list[Any], at: float) -> Json:  # noqa: ARG002
        if not params:
            lowest, highest = _PROTOCOL_MIN, _PROTOCOL_MAX
        elif isinstance(params[1], list):
            raise HangUpError  # it looks at a variable that it has not set yet
        else:
            lowest = highest = float(params[1])
        protocol = min(highest, _PROTOCOL_MAX)
        if protocol < max(lowest, _PROTOCOL_MIN):
            raise HangUpError
        return [f"ElectrumPersonalServer {self._process.version}", str(protocol)]

    def _banner(self, params: list[Any], at: float) -> Json:  # noqa: ARG002
        uptime = datetime.timedelta(seconds=int(at - self._process.started_at))
        return _BANNER.format(
            version=self._process.version,
            subversion=self._process.node(at).subversion,
            uptime=uptime,
            donation=DONATION_ADDRESS,
        )

    def _block_header(self, params: list[Any], at: float) -> Json:
        height, node = params[0], self._process.node(at)
        if not _is_height(height, node):
            raise _NotFoundError(message=f"height {height} out of range", code=-1)
        return node.header(height).hex()

    def _block_headers(self, params: list[Any], at: float) -> Json:
        start, count, node = params[0], min(params[1], MAX_HEADERS), self._process.node(at)
        headers = headers_from(node, start, count) if _is_height(start, node) else []
        return {"hex": "".join(headers), "count": len(headers), "max": MAX_HEADERS}

    def _estimate_fee(self, params: list[Any], at: float) -> Json:
        target = params[0]
        is_target = isinstance(target, int) and target in _TARGETS
        estimate = self._process.node(at).estimate(target) if is_target else None
        return _NO_ESTIMATE if estimate is None else estimate

    def _unknown_script(self, params: list[Any], at: float) -> Json:  # noqa: ARG002
        """Its wallet is nobody's in the lab: each script is unknown, and that is the end of the connection."""
        raise HangUpError

    def _unknown_transaction(self, params: list[Any], at: float) -> Json:  # noqa: ARG002
        params[0]
        raise _NotFoundError(message="txid not found")

    def _id_from_pos(self, params: list[Any], at: float) -> Json:
        height, position, node = params[0], params[1], self._process.node(at)
        if not _is_height(height, node):
            raise _NotFoundError(message="JsonRpcError({'code': -8, 'message': 'Block height out of range'})")
        txids = node.ledger.block(height)
        txid = txids[position]
        return {"tx_hash": txid, "merkle": transaction_branch(txids, position)} if params[2:3] == [True] else txid


_READS_PARAMS = frozenset(
    {
        "blockchain.block.header",
        "blockchain.block.headers",
        "blockchain.estimatefee",
        "blockchain.scripthash.get_balance",
        "blockchain.scripthash.get_history",
        "blockchain.scripthash.subscribe",
        "blockchain.transaction.get",
        "blockchain.transaction.get_merkle",
        "blockchain.transaction.id_from_pos",
        "server.version",
    }
)
"""The others answer a query that has none."""


def _is_height(value: object, node: NodeState) -> bool:
    """Whether bitcoind has a block there; it takes whole numbers only."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= node.height


def _tip(node: NodeState) -> Json:
    told = tip(node)
    return {"hex": told["hex"], "height": told["height"]}

"""Fulcrum's ``blockchain.scripthash.*``: the ledger of its node, in the order of protocol 1.6, silent beyond its limit.

``src/Servers.cpp`` (``rpc_blockchain_scripthash_*``), ``src/Storage.cpp`` (``getHistory``, ``listUnspent``): a history
longer than ``max_history`` is logged there, and the client is told of none at all.
"""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from electrum_observatory.bitcoin.header import parse_header
from electrum_observatory.lab.ledger import Confirmed, Ledger, Unconfirmed, Unspent, in_canonical_order, status
from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.lab.personalities.fulcrum_numbers import rounded
from electrum_observatory.lab.personalities.fulcrum_releases import Release
from electrum_observatory.lab.personalities.fulcrum_rpc import Method
from electrum_observatory.model.observation import Json

if TYPE_CHECKING:
    from electrum_observatory.lab.personalities.fulcrum import FulcrumProcess

MAX_HISTORY = 125_000
"""The default of ``max_history``, for histories and for unspent outputs."""

_SCRIPTHASH = re.compile(r"^[0-9a-fA-F]{64}")
_BAD_REQUEST = 1
_Call = Callable[[list[Json], float], Json]


class ScripthashMethods:
    """The script methods of one connection, which remembers its subscriptions."""

    def __init__(self, process: "FulcrumProcess") -> None:
        self._process = process
        self._subscribed: set[str] = set()

    def table(self, release: Release) -> dict[str, Method]:
        """The methods of a release, with the most parameters each takes."""
        calls: dict[str, tuple[int, _Call]] = {
            "get_balance": (2, self._balance),
            "get_history": (3, self._history),
            "get_mempool": (1, self._mempool),
            "listunspent": (2, self._unspent),
            "subscribe": (1, self._subscribe),
            "unsubscribe": (1, self._unsubscribe),
        }
        if release.has_header_methods:
            calls["get_first_use"] = (1, self._first_use)
        if release.has_status_method:
            calls["get_status"] = (1, self._status)
        return {
            f"blockchain.scripthash.{name}": Method(
                call=call, least=1, most=most, asks_bitcoind=name not in ("subscribe", "unsubscribe")
            )
            for name, (most, call) in calls.items()
        }

    def _balance(self, params: list[Json], at: float) -> Json:
        balance = self._ledger(at).balance(_checked(params[0]))
        return {"confirmed": balance.confirmed, "unconfirmed": balance.unconfirmed}

    def _history(self, params: list[Json], at: float) -> Json:
        wanted = _checked(params[0])
        low = rounded(params[1]) if len(params) > 1 else 0
        high = rounded(params[2]) if len(params) > 2 else -1
        if low is None or high is None:
            raise MethodError(_BAD_REQUEST, "Invalid height argument; expected non-negative numeric value")
        confirmed, waiting = self._found(wanted, at)
        told: list[Json] = [
            {"height": one.height, "tx_hash": one.txid}
            for one in confirmed
            if low <= one.height and (high < 0 or one.height < high)
        ]
        return told + (_waiting(waiting) if high < 0 else [])

    def _mempool(self, params: list[Json], at: float) -> Json:
        return _waiting(in_canonical_order(self._ledger(at).unconfirmed(_checked(params[0]))))

    def _unspent(self, params: list[Json], at: float) -> Json:
        unspent = self._ledger(at).unspent(_checked(params[0]))
        if len(unspent) > MAX_HISTORY:
            return []
        deep, waiting = ([one for one in unspent if (one.height > 0) is mined] for mined in (True, False))
        return [
            {"height": max(0, one.height), "tx_hash": one.txid, "tx_pos": one.position, "value": one.value}
            for one in (*deep, *sorted(waiting, key=_place_of_waiting))
        ]

    def _first_use(self, params: list[Json], at: float) -> Json:
        wanted = _checked(params[0])
        node = self._process.state(at).node
        confirmed, waiting = node.ledger.confirmed(wanted), in_canonical_order(node.ledger.unconfirmed(wanted))
        if confirmed:
            block = parse_header(node.header(confirmed[0].height)).block_hash
            return {"block_hash": block, "height": confirmed[0].height, "tx_hash": confirmed[0].txid}
        return {"block_hash": "0" * 64, "height": 0, "tx_hash": waiting[0].txid} if waiting else None

    def _status(self, params: list[Json], at: float) -> Json:
        return status(*self._found(_checked(params[0]), at))

    def _subscribe(self, params: list[Json], at: float) -> Json:
        wanted = _checked(params[0])
        self._subscribed.add(wanted)
        return status(*self._found(wanted, at))

    def _unsubscribe(self, params: list[Json], at: float) -> Json:  # noqa: ARG002
        wanted = _checked(params[0])
        known = wanted in self._subscribed
        self._subscribed.discard(wanted)
        return known

    def _found(self, scripthash: str, at: float) -> tuple[Sequence[Confirmed], Sequence[Unconfirmed]]:
        """Return the whole history, or none at all of one that is too long."""
        ledger = self._ledger(at)
        confirmed, waiting = ledger.confirmed(scripthash), ledger.unconfirmed(scripthash)
        if len(confirmed) + len(waiting) > MAX_HISTORY:
            return (), ()
        return confirmed, in_canonical_order(waiting)

    def _ledger(self, at: float) -> Ledger:
        return self._process.state(at).node.ledger


def _checked(scripthash: Json) -> str:
    """Only the first 64 digits count; what follows is not looked at (recorded)."""
    match = _SCRIPTHASH.match(scripthash) if isinstance(scripthash, str) else None
    if match is None:
        raise MethodError(_BAD_REQUEST, "Invalid scripthash")
    return match.group().lower()


def _waiting(transactions: Sequence[Unconfirmed]) -> list[Json]:
    return [{"fee": one.fee_sat, "height": one.height, "tx_hash": one.txid} for one in transactions]


def _place_of_waiting(output: Unspent) -> tuple[bool, int, int, str]:
    """``UnspentItem::operator<``: among outputs of the mempool, by index, then by value (recorded)."""
    return (output.height < 0, output.position, output.value, output.txid)

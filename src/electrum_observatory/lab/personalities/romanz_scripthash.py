"""romanz electrs' ``blockchain.scripthash.*``: the whole history however long, and no ``get_mempool``.

``src/status.rs`` (``get_confirmed_history``, ``get_mempool_history``, ``Unspent``). Unconfirmed transactions are sorted
by the library's order of ids, which is that of their bytes and not of their text; unspent outputs come out of a hash
map.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from electrum_observatory.lab.ledger import Ledger, Unconfirmed, status
from electrum_observatory.lab.personalities.romanz_params import hash_of, tuple_of
from electrum_observatory.lab.personalities.rust_unspent import unspent_rows
from electrum_observatory.model.observation import Json

if TYPE_CHECKING:
    from electrum_observatory.lab.personalities.romanz import RomanzProcess

_Call = Callable[[Json, float], Json]


class ScripthashMethods:
    """The script methods of one connection, which remembers its subscriptions."""

    def __init__(self, process: "RomanzProcess") -> None:
        self._process = process
        self._subscribed: set[str] = set()

    def table(self) -> dict[str, _Call]:
        """The methods of this release."""
        calls: dict[str, _Call] = {
            "get_balance": self._balance,
            "get_history": self._history,
            "listunspent": self._unspent,
            "subscribe": self._subscribe,
        }
        if self._process.unsubscribes:
            calls["unsubscribe"] = self._unsubscribe
        return {f"blockchain.scripthash.{name}": call for name, call in calls.items()}

    def _balance(self, params: Json, at: float) -> Json:
        balance = self._ledger(at).balance(_scripthash(params))
        return {"confirmed": balance.confirmed, "unconfirmed": balance.unconfirmed}

    def _history(self, params: Json, at: float) -> Json:
        wanted, ledger = _scripthash(params), self._ledger(at)
        confirmed = [{"height": one.height, "tx_hash": one.txid} for one in ledger.confirmed(wanted)]
        return confirmed + [
            {"fee": one.fee_sat, "height": one.height, "tx_hash": one.txid} for one in _waiting(ledger, wanted)
        ]

    def _unspent(self, params: Json, at: float) -> Json:
        return unspent_rows(self._ledger(at).unspent(_scripthash(params)))

    def _subscribe(self, params: Json, at: float) -> Json:
        wanted, ledger = _scripthash(params), self._ledger(at)
        self._subscribed.add(wanted)
        return status(ledger.confirmed(wanted), _waiting(ledger, wanted))

    def _unsubscribe(self, params: Json, at: float) -> Json:  # noqa: ARG002
        wanted = _scripthash(params)
        known = wanted in self._subscribed
        self._subscribed.discard(wanted)
        return known

    def _ledger(self, at: float) -> Ledger:
        return self._process.state(at).node.ledger


def _scripthash(params: Json) -> str:
    (value,) = tuple_of(params, 1)
    return hash_of(value)


def _waiting(ledger: Ledger, scripthash: str) -> list[Unconfirmed]:
    return sorted(ledger.unconfirmed(scripthash), key=lambda one: (one.chained, bytes.fromhex(one.txid)[::-1]))

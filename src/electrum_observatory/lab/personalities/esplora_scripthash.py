"""electrs-esplora's ``blockchain.scripthash.*``: up to 500 transactions, and up to 500 unspent outputs.

``src/electrum/server.rs``, ``src/new_index/query.rs`` (``history_txids``, ``utxo``), ``src/errors.rs``. Balances are
kept as sums and have no limit. Unconfirmed transactions and unspent outputs come out of hash maps.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from electrum_observatory.lab.ledger import Confirmed, Ledger, Unconfirmed, status
from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.lab.personalities.esplora_params import hash_of
from electrum_observatory.lab.personalities.rust_unspent import unspent_rows
from electrum_observatory.model.observation import Json

if TYPE_CHECKING:
    from electrum_observatory.lab.personalities.esplora import EsploraProcess

MOST = 500
"""The default of ``electrum-txs-limit`` and ``utxos-limit``."""

_Call = Callable[[list[Json], float], Json]


class ScripthashMethods:
    """The script methods of one connection, which remembers its subscriptions."""

    def __init__(self, process: "EsploraProcess") -> None:
        self._process = process
        self._subscribed: set[str] = set()

    def table(self) -> dict[str, _Call]:
        """The methods of this build."""
        calls: dict[str, _Call] = {
            "get_balance": self._balance,
            "get_history": self._history,
            "listunspent": self._unspent,
            "subscribe": self._subscribe,
        }
        if self._process.build.lists_mempool:
            calls |= {"get_mempool": self._mempool, "unsubscribe": self._unsubscribe}
        return {f"blockchain.scripthash.{name}": call for name, call in calls.items()}

    def _balance(self, params: list[Json], at: float) -> Json:
        balance = self._ledger(at).balance(self._scripthash(params))
        return {"confirmed": balance.confirmed, "unconfirmed": balance.unconfirmed}

    def _history(self, params: list[Json], at: float) -> Json:
        confirmed, waiting = self._found(self._scripthash(params), at)
        return [{"height": one.height, "tx_hash": one.txid} for one in confirmed] + _waiting(waiting)

    def _mempool(self, params: list[Json], at: float) -> Json:
        return _waiting(self._ledger(at).unconfirmed(self._scripthash(params)))

    def _unspent(self, params: list[Json], at: float) -> Json:
        unspent = self._ledger(at).unspent(self._scripthash(params))
        if len(unspent) > MOST:
            text = f"Too many unspent transaction outputs (>{MOST}). Contact support to raise limits."
            raise MethodError(None, text)
        return unspent_rows(unspent)

    def _subscribe(self, params: list[Json], at: float) -> Json:
        wanted = self._scripthash(params)
        found = status(*self._found(wanted, at))
        self._subscribed.add(wanted)
        return found

    def _unsubscribe(self, params: list[Json], at: float) -> Json:  # noqa: ARG002
        wanted = self._scripthash(params)
        known = wanted in self._subscribed
        self._subscribed.discard(wanted)
        return known

    def _found(self, scripthash: str, at: float) -> tuple[Sequence[Confirmed], Sequence[Unconfirmed]]:
        ledger = self._ledger(at)
        confirmed, waiting = ledger.confirmed(scripthash), ledger.unconfirmed(scripthash)
        if len(confirmed) + len(waiting) > MOST:
            raise MethodError(None, f"Too many history transactions (>{MOST}). Contact support to raise limits.")
        return confirmed, waiting

    def _scripthash(self, params: list[Json]) -> str:
        return hash_of(params, self._process.build, "script_hash")

    def _ledger(self, at: float) -> Ledger:
        return self._process.state(at).node.ledger


def _waiting(transactions: Sequence[Unconfirmed]) -> list[Json]:
    return [{"fee": one.fee_sat, "height": one.height, "tx_hash": one.txid} for one in transactions]

"""ElectrumX's ``blockchain.scripthash.*``: the ledger of its node, in its order, up to its limit.

``server/session.py`` (``hashX_listunspent``, ``address_status``, ``limited_history``). Unconfirmed transactions come in
the order of a Python set before 1.19, and as protocol 1.6 demands from then on; unspent outputs stay in the set's.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from electrum_observatory.lab.ledger import Confirmed, Unconfirmed, in_canonical_order, status
from electrum_observatory.lab.personalities.aiorpcx_methods import Method
from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.model.observation import Json

if TYPE_CHECKING:
    from electrum_observatory.lab.personalities.electrumx import ElectrumXProcess

_HASH_BYTES = 32
_BAD_REQUEST = 1
_BYTES_PER_ITEM = 99
"""A history is refused where ``MAX_SEND`` could not hold it, reckoned with so many bytes for each entry."""


class ScripthashMethods:
    """The script methods of one session, which remembers its subscriptions."""

    def __init__(self, process: "ElectrumXProcess") -> None:
        self._process = process
        self._subscribed: set[str] = set()

    def table(self, protocol: tuple[int, ...]) -> dict[str, Method]:
        """The methods that a session of this protocol may call (``unsubscribe`` from 1.4.2 on)."""
        calls = {
            "get_balance": self._balance,
            "get_history": self._history,
            "get_mempool": self._mempool,
            "listunspent": self._unspent,
            "subscribe": self._subscribe,
        }
        if protocol >= (1, 4, 2):
            calls["unsubscribe"] = self._unsubscribe
        return {
            f"blockchain.scripthash.{name}": Method(call=call, required=("scripthash",)) for name, call in calls.items()
        }

    def _balance(self, scripthash: Json, *, at: float) -> Json:
        wanted = _checked(scripthash)
        balance = self._process.look_up(at).ledger.balance(wanted)
        return {"confirmed": balance.confirmed, "unconfirmed": balance.unconfirmed}

    def _history(self, scripthash: Json, *, at: float) -> Json:
        wanted = _checked(scripthash)
        confirmed = [{"tx_hash": one.txid, "height": one.height} for one in self._confirmed(wanted, at)]
        return confirmed + _waiting(self._unconfirmed(wanted, at))

    def _mempool(self, scripthash: Json, *, at: float) -> Json:
        return _waiting(self._unconfirmed(_checked(scripthash), at))

    def _unspent(self, scripthash: Json, *, at: float) -> Json:
        wanted = _checked(scripthash)
        return [
            {"tx_hash": one.txid, "tx_pos": one.position, "height": max(0, one.height), "value": one.value}
            for one in self._process.look_up(at).ledger.unspent(wanted)
        ]

    def _subscribe(self, scripthash: Json, *, at: float) -> Json:
        wanted = _checked(scripthash)
        found = status(self._confirmed(wanted, at), self._unconfirmed(wanted, at))
        self._subscribed.add(wanted)
        return found

    def _unsubscribe(self, scripthash: Json, *, at: float) -> Json:  # noqa: ARG002
        wanted = _checked(scripthash)
        known = wanted in self._subscribed
        self._subscribed.discard(wanted)
        return known

    def _confirmed(self, scripthash: str, at: float) -> Sequence[Confirmed]:
        confirmed = self._process.look_up(at).ledger.confirmed(scripthash)
        if len(confirmed) >= self._process.release.max_send // _BYTES_PER_ITEM:
            raise MethodError(self._process.release.history_error, "history too large")
        return confirmed

    def _unconfirmed(self, scripthash: str, at: float) -> Sequence[Unconfirmed]:
        waiting = self._process.state(at).node.ledger.unconfirmed(scripthash)
        return in_canonical_order(waiting) if self._process.release.canonical_order else waiting


def _checked(scripthash: Json) -> str:
    try:
        read = bytes.fromhex(scripthash) if isinstance(scripthash, str) else b""  # which skips white space
    except ValueError:
        read = b""
    if len(read) != _HASH_BYTES:
        raise MethodError(_BAD_REQUEST, f"{scripthash} is not a valid script hash")
    return read.hex()


def _waiting(transactions: Sequence[Unconfirmed]) -> list[Json]:
    return [{"tx_hash": one.txid, "height": one.height, "fee": one.fee_sat} for one in transactions]

"""ElectrumX's ``blockchain.scripthash.*`` over a world in which no script has a history."""

import re

from electrum_observatory.lab.personalities.aiorpcx_methods import Method
from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.model.observation import Json

_SCRIPTHASH = re.compile(r"^[0-9a-fA-F]{64}$")
_BAD_REQUEST = 1


class ScripthashMethods:
    """The script methods of one session, which remembers its subscriptions."""

    def __init__(self) -> None:
        self._subscribed: set[str] = set()

    def table(self, protocol: tuple[int, ...]) -> dict[str, Method]:
        """The methods that a session of this protocol may call (``unsubscribe`` from 1.4.2 on)."""
        calls = {
            "get_balance": self._balance,
            "get_history": self._no_items,
            "get_mempool": self._no_items,
            "listunspent": self._no_items,
            "subscribe": self._subscribe,
        }
        if protocol >= (1, 4, 2):
            calls["unsubscribe"] = self._unsubscribe
        return {
            f"blockchain.scripthash.{name}": Method(call=call, required=("scripthash",)) for name, call in calls.items()
        }

    def _balance(self, scripthash: Json, *, at: float) -> Json:  # noqa: ARG002
        _checked(scripthash)
        return {"confirmed": 0, "unconfirmed": 0}

    def _no_items(self, scripthash: Json, *, at: float) -> Json:  # noqa: ARG002
        _checked(scripthash)
        return []

    def _subscribe(self, scripthash: Json, *, at: float) -> Json:  # noqa: ARG002
        self._subscribed.add(_checked(scripthash))
        return None

    def _unsubscribe(self, scripthash: Json, *, at: float) -> Json:  # noqa: ARG002
        wanted = _checked(scripthash)
        known = wanted in self._subscribed
        self._subscribed.discard(wanted)
        return known


def _checked(scripthash: Json) -> str:
    if not isinstance(scripthash, str) or _SCRIPTHASH.match(scripthash) is None:
        raise MethodError(_BAD_REQUEST, f"{scripthash} is not a valid script hash")
    return scripthash.lower()

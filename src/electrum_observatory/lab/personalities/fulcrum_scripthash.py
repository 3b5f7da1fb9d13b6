"""Fulcrum's ``blockchain.scripthash.*`` over a world in which no script has a history."""

import re
from collections.abc import Callable

from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.lab.personalities.fulcrum_releases import Release
from electrum_observatory.lab.personalities.fulcrum_rpc import Method
from electrum_observatory.model.observation import Json

_SCRIPTHASH = re.compile(r"^[0-9a-fA-F]{64}")
_BAD_REQUEST = 1


class ScripthashMethods:
    """The script methods of one connection, which remembers its subscriptions."""

    def __init__(self) -> None:
        self._subscribed: set[str] = set()

    def table(self, release: Release) -> dict[str, Method]:
        """The methods of a release, with the most parameters each takes."""
        calls: dict[str, tuple[int, Callable[[list[Json], float], Json]]] = {
            "get_balance": (2, lambda params, _at: _after_check(params, {"confirmed": 0, "unconfirmed": 0})),
            "get_history": (3, lambda params, _at: _after_check(params, [])),
            "get_mempool": (1, lambda params, _at: _after_check(params, [])),
            "listunspent": (2, lambda params, _at: _after_check(params, [])),
            "subscribe": (1, self._subscribe),
            "unsubscribe": (1, self._unsubscribe),
        }
        if release.has_header_methods:
            calls["get_first_use"] = (1, lambda params, _at: _after_check(params, None))
        if release.has_status_method:
            calls["get_status"] = (1, lambda params, _at: _after_check(params, None))
        return {
            f"blockchain.scripthash.{name}": Method(call=call, least=1, most=most)
            for name, (most, call) in calls.items()
        }

    def _subscribe(self, params: list[Json], at: float) -> Json:  # noqa: ARG002
        self._subscribed.add(_checked(params[0]))
        return None

    def _unsubscribe(self, params: list[Json], at: float) -> Json:  # noqa: ARG002
        wanted = _checked(params[0])
        known = wanted in self._subscribed
        self._subscribed.discard(wanted)
        return known


def _after_check(params: list[Json], result: Json) -> Json:
    _checked(params[0])
    return result


def _checked(scripthash: Json) -> str:
    """Only the first 64 digits count; what follows is not looked at (recorded)."""
    match = _SCRIPTHASH.match(scripthash) if isinstance(scripthash, str) else None
    if match is None:
        raise MethodError(_BAD_REQUEST, "Invalid scripthash")
    return match.group().lower()

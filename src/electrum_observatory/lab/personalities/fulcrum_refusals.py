"""The methods that Fulcrum knows and refuses over a Bitcoin or Litecoin node, each with its own text."""

import re
from collections.abc import Callable

from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.lab.personalities.fulcrum_releases import Release, Version
from electrum_observatory.lab.personalities.fulcrum_rpc import Method
from electrum_observatory.model.observation import Json

_METHOD_NOT_FOUND = -32601
_ADDRESS = re.compile(
    r"^blockchain\.address\.(get_balance|get_first_use|get_history|get_mempool|get_scripthash|listunspent|subscribe|unsubscribe)$"
)
_RPA = re.compile(r"^blockchain\.(rpa|reusable)\.(get_history|get_mempool)$")
_DSPROOF = re.compile(r"^blockchain\.transaction\.dsproof\.(get|list|subscribe|unsubscribe)$")

_REFUSALS: tuple[tuple[re.Pattern[str], Version, str], ...] = (
    (_ADDRESS, (1, 0), "blockchain.address.* methods are only available on BCH"),
    (_DSPROOF, (1, 6), "This server lacks dsproof support"),
    (_RPA, (1, 10), "RPA support is disabled on this server"),
)


def refused_method(name: str, release: Release) -> Method | None:
    """Return the method that only says why not, or None where the release does not know the name at all."""
    if name == "daemon.passthrough" and release.has_header_methods:
        # Recorded: it counts its parameters before it refuses.
        return Method(call=_refusal("Method disabled for this client"))
    for pattern, since, text in _REFUSALS:
        if pattern.match(name) and release.version >= since:
            return Method(call=_refusal(text), most=None)
    return None


def _refusal(text: str) -> Callable[[list[Json], float], Json]:
    def refuse(params: list[Json], at: float) -> Json:  # noqa: ARG001 - every request gets the same answer
        raise MethodError(_METHOD_NOT_FOUND, text)

    return refuse

"""What one ElectrumX session says of fees: estimates, the relay fee, the histogram and the mempool's own minimum.

``server/session.py`` (``estimatefee``, ``relayfee``, ``mempool_info``, ``compact_fee_histogram``). In protocol 1.6
``mempool.get_info`` replaced the relay fee.
"""

from typing import TYPE_CHECKING

from electrum_observatory.lab.personalities.aiorpcx_methods import Method
from electrum_observatory.lab.personalities.electrumx_arguments import non_negative
from electrum_observatory.lab.personalities.errors import ESTIMATION_DISABLED, MethodError
from electrum_observatory.model.observation import Json

if TYPE_CHECKING:
    from electrum_observatory.lab.personalities.electrumx import ElectrumXProcess

_BAD_REQUEST, _DAEMON_ERROR, _INTERNAL_ERROR = 1, 2, -32603
_ESTIMATE_MODES = (None, "CONSERVATIVE", "ECONOMICAL")
_DAEMON_MODES = ("unset", "economical", "conservative")
_TARGETS = range(1, 1009)


class FeeMethods:
    """The methods of one session that tell of fees."""

    def __init__(self, process: "ElectrumXProcess") -> None:
        self._process = process
        self._release = process.release

    def table(self, protocol: tuple[int, ...]) -> dict[str, Method]:
        """The methods that a session of this protocol may call."""
        methods = {
            "blockchain.estimatefee": Method(call=self._estimate_fee, required=("number",), optional=("mode",)),
            "mempool.get_fee_histogram": Method(call=self._fee_histogram),
        }
        if protocol >= (1, 6):
            return methods | {"mempool.get_info": Method(call=self._mempool_info)}
        return methods | {"blockchain.relayfee": Method(call=self._relay_fee)}

    def _relay_fee(self, *, at: float) -> Json:
        return self._process.relay_fee(at)

    def _mempool_info(self, *, at: float) -> Json:
        node = self._process.mempool_info(at)
        if node.incremental_relay_fee is None:
            raise MethodError(_INTERNAL_ERROR, "internal server error")
        return {
            "mempoolminfee": node.mempool_min_fee,
            "minrelaytxfee": node.relay_fee,
            "incrementalrelayfee": node.incremental_relay_fee,
        }

    def _fee_histogram(self, *, at: float) -> Json:
        return self._process.histogram(at)

    def _estimate_fee(self, number: Json, mode: Json = None, *, at: float) -> Json:
        target = non_negative(number)
        if self._release.mode_in_any_case:
            mode = mode.upper() if isinstance(mode, str) else None
        if self._release.caches_estimates and mode not in _ESTIMATE_MODES:
            raise MethodError(_BAD_REQUEST, f"unknown estimatefee mode: {mode}")
        target = self._process.bucketed(target, self._process.state(at).node.network)
        if target not in _TARGETS:
            raise _daemon_error("Invalid conf_target, must be between 1 and 1008")
        if mode and str(mode).lower() not in _DAEMON_MODES:
            named = ", ".join(f'"{known}"' for known in _DAEMON_MODES)
            raise _daemon_error(f"Invalid estimate_mode parameter, must be one of: {named}")
        if not self._process.state(at).node.estimates_fees:
            raise _daemon_error(ESTIMATION_DISABLED, code=-32603)
        estimate = self._process.estimate(target, mode, at)
        return -1 if estimate is None else estimate


def _daemon_error(message: str, *, code: int = -8) -> MethodError:
    """What bitcoind refused, as Python writes the exception."""
    return MethodError(_DAEMON_ERROR, f"daemon error: DaemonError({ {'code': code, 'message': message} })")

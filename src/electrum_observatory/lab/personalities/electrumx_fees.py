"""What one ElectrumX session says of fees: estimates, the relay fee, the histogram and the mempool's own minimum.

``server/session.py`` (``estimatefee``, ``relayfee``, ``mempool_info``, ``compact_fee_histogram``). In protocol 1.6
``mempool.get_info`` replaced the relay fee.
"""

from typing import TYPE_CHECKING

from electrum_observatory.lab.personalities.aiorpcx_methods import Method
from electrum_observatory.lab.personalities.electrumx_arguments import internal_error, non_negative
from electrum_observatory.lab.personalities.errors import ESTIMATION_DISABLED, MethodError
from electrum_observatory.model.observation import Json

if TYPE_CHECKING:
    from electrum_observatory.lab.personalities.electrumx import ElectrumXProcess

_BAD_REQUEST, _DAEMON_ERROR = 1, 2
_ESTIMATE_MODES = (None, "CONSERVATIVE", "ECONOMICAL")
_DAEMON_MODES = ("unset", "economical", "conservative")
_TARGETS = range(1, 1009)
_INT32_MAX = 2**31 - 1


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
        return self._process.network_info(at).relay_fee

    def _mempool_info(self, *, at: float) -> Json:
        node = self._process.mempool_info(at)
        if node.incremental_relay_fee is None:
            raise internal_error()
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
        if target > _INT32_MAX:
            raise self._daemon_error("JSON integer out of range", at, code=-1)
        if target not in _TARGETS:
            raise self._daemon_error("Invalid conf_target, must be between 1 and 1008", at)
        if mode and str(mode).lower() not in _DAEMON_MODES:
            named = ", ".join(f'"{known}"' for known in _DAEMON_MODES)
            raise self._daemon_error(f"Invalid estimate_mode parameter, must be one of: {named}", at)
        if not self._process.state(at).node.estimates_fees:
            raise self._daemon_error(ESTIMATION_DISABLED, at, code=-32603)
        estimate = self._process.estimate(target, mode, at)
        return -1 if estimate is None else estimate

    def _daemon_error(self, message: str, at: float, *, code: int = -8) -> MethodError:
        """What bitcoind refused, as Python writes the exception."""
        self._process.look_up(at)
        return MethodError(_DAEMON_ERROR, f"daemon error: DaemonError({ {'code': code, 'message': message} })")

"""What a failure, or a reply, says of whether a server is there: three states, and silence where it says nothing."""

from electrum_observatory.model.failure import Failure, FailureKind, Side
from electrum_observatory.model.watch import Availability
from electrum_observatory.protocol.messages import RpcError

_NOTHING_CAME = frozenset({FailureKind.READ_TIMEOUT, FailureKind.TLS_TIMEOUT, FailureKind.SESSION_TIMEOUT})
_EXCESSIVE_CODE = -101
_EXCESSIVE_WORDS = "excessive resource usage"


def availability_after(failure: Failure) -> Availability | None:
    """Return how a server was found that failed in this way; None where the trouble was ours and says nothing of it.

    Whoever refuses, hangs up, breaks TLS or speaks another protocol is there and does not serve us. A wait that ended
    without a word may be the path's doing, also after the TCP handshake: some boxes on the way accept for others.
    """
    if failure.kind.side is Side.OURS:
        return None
    if failure.kind.side is Side.NETWORK or failure.kind in _NOTHING_CAME:
        return Availability.UNKNOWN
    return Availability.REFUSED


def says_full(error: RpcError | None) -> bool:
    """Whether an error reply says that we have used up what the server gives to one client.

    ElectrumX answers so at its hard limit (``aiorpcx`` ExcessiveSessionCostError, code -101), and then hangs up.
    """
    return error is not None and (error.code == _EXCESSIVE_CODE or _EXCESSIVE_WORDS in error.message[:200].lower())

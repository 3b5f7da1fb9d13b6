"""A client's subscription to headers: when its server will notice a new tip, and what it says then.

Every program tells subscribers of a new block once it has noticed it at a poll of its bitcoind; only the text differs.
"""

import math

from electrum_observatory.lab.personalities.base import StateSource
from electrum_observatory.lab.state import NodeState, ServerState


class TipWatch:
    """The subscription of one connection.

    Attributes:
        due: World time of the next notification; None while there is no subscription, or no block will ever come.
    """

    def __init__(self, state: StateSource) -> None:
        """Take what the world says of this server."""
        self.due: float | None = None
        self._state = state
        self._told = -1

    def subscribe(self, at: float) -> NodeState:
        """Begin, and return what the reply tells."""
        return self._tell(self._state(at))

    def unsubscribe(self) -> bool:
        """End, and say whether there was a subscription."""
        had, self._told, self.due = self._told >= 0, -1, None
        return had

    def news(self, at: float) -> NodeState | None:
        """Return what a notification must tell now; None where nothing is due or the tip is the one told last."""
        if self.due is None or at < self.due:
            return None
        told = self._told
        node = self._tell(self._state(at))
        return node if node.height != told else None

    def _tell(self, server: ServerState) -> NodeState:
        self._told = server.node.height
        self.due = server.next_tip_at if math.isfinite(server.next_tip_at) else None
        return server.node


def soonest(*times: float | None) -> float | None:
    """Return the earliest of some times that may be None."""
    return min((time for time in times if time is not None), default=None)

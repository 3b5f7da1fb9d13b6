"""What visitors cost a real ElectrumX, by its own books: the ``groups`` and ``sessions`` of its local RPC, and its log.

Sources: ``electrumx/server/session.py`` (``_group_data``, ``_session_data``, ``_recalc_concurrency``) and
``aiorpcx/session.py`` (``SessionBase.bump_cost``, ``recalc_concurrency``).
"""

import json
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.servers.electrumx import RPC_PORT, ElectrumX

SOFT_LIMIT, HARD_LIMIT = 1_000.0, 10_000.0
"""COST_SOFT_LIMIT and COST_HARD_LIMIT where nobody sets them: above the first, answers are slowed down."""
REFUND, REFUND_EVERY_S = 600.0, 300.0
"""What a group is forgiven of the cost of its closed sessions, and how often."""
AT_ONCE = 10
"""Requests of one session that are worked on at once while nothing is throttled (INITIAL_CONCURRENT)."""

_THROTTLED = re.compile(r"changing task concurrency.*|.*whilst throttled.*|.*excessive.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What a server had charged the visitors from one /24 at one moment.

    Attributes:
        open_sessions: Connections of visitors that were open.
        open_cost: Of these, until now.
        retained_cost: Of closed sessions, as far as it was not refunded.
        at_once: The lowest number of requests that any open session may have worked on at once; AT_ONCE where none is
            throttled or none is open.
    """

    open_sessions: int
    open_cost: float
    retained_cost: float
    at_once: int

    @property
    def cost(self) -> float:
        """What a further request is judged by."""
        return self.open_cost + self.retained_cost


def books_of(server: ElectrumX, visitor: str) -> Books:
    """Ask a running server about the /24 of a visitor's address. Raises OSError, ValueError."""
    network = f"{visitor.rpartition('.')[0]}."
    groups, sessions = _rpc(server, "groups"), _rpc(server, "sessions")
    ours = [group for group in groups if group[0].startswith(network)]
    flags = [session[1] for session in sessions if session[2].startswith(network)]
    return Books(
        open_sessions=sum(group[1] for group in ours),
        open_cost=sum(group[2] for group in ours),
        retained_cost=sum(group[3] for group in ours),
        at_once=min((int(re.sub(r"\D", "", flag)) for flag in flags), default=AT_ONCE),
    )


def retained_before_the_next(costs: Sequence[float], pause_s: float) -> list[float]:
    """Reckon what is left of visits with these costs when, each time, the next begins a pause later."""
    refunded = REFUND * (pause_s // REFUND_EVERY_S)
    left, found = 0.0, []
    for cost in costs:
        left = max(0.0, left + cost - refunded)
        found.append(left)
    return found


def throttling(server: ElectrumX) -> list[str]:
    """Return the lines of its log that tell of a visitor who was slowed down or turned out."""
    text = server.program.log.read_text(encoding="utf-8", errors="replace")
    return [match.group(0) for match in _THROTTLED.finditer(text)]


def _rpc(server: ElectrumX, method: str) -> Any:
    with socket.create_connection((server.rpc_address, RPC_PORT), timeout=10) as connection:
        lines = connection.makefile("rwb")
        lines.write(json.dumps({"jsonrpc": "2.0", "id": 0, "method": method, "params": []}).encode() + b"\n")
        lines.flush()
        return json.loads(lines.readline())["result"]
